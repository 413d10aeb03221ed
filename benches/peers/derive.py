#!/usr/bin/env python3
"""Writes a crate that types a folder of lexicons with plain serde derives, and nothing else.

    derive.py LEXICONS CRATE_DIR

Measures what derives cost to compile: one struct per object, one enum per union or set of strings
left as text, no flatten, no checks, no documentation, no endpoints beyond their bodies.
"""
import json
import pathlib
import re
import sys

HEADER = "use serde::{Deserialize, Serialize};\nuse serde_json::Value;\n"
DERIVE = "#[derive(Clone, Debug, Serialize, Deserialize)]\n"
PLAIN = {"string": "String", "integer": "i64", "boolean": "bool", "cid-link": "Value", "bytes": "Value", "blob": "Value"}
KEYWORDS = {"type", "ref", "match", "self", "use", "in", "as", "move", "for", "if", "mod", "pub", "enum", "struct", "where"}


def camel(*parts):
    words = [word for part in parts for word in re.split(r"[^A-Za-z0-9]+", part) if word]
    return "".join(word[0].upper() + word[1:] for word in words)


def snake(name):
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).replace("-", "_").lower()
    return f"r#{name}" if name in KEYWORDS - {"self"} else name


class Crate:
    def __init__(self, documents):
        self.documents = documents
        self.items = []

    def target(self, nsid, ref):
        """Identifier and definition that a reference names."""
        doc, _, name = ref.partition("#")
        doc, name = doc or nsid, name or "main"
        definition = self.documents.get(doc, {}).get("defs", {}).get(name)
        return (doc, name, definition.get("record", definition) if definition else None)

    def type_of(self, nsid, name, schema):
        kind = schema["type"]
        if kind == "array":
            return f"Vec<{self.type_of(nsid, name + '-item', schema['items'])}>"
        if kind == "object":
            self.object(nsid, name, schema)
            return camel(nsid, name)
        if kind == "union":
            return self.union(nsid, name, schema)
        if kind == "ref":
            doc, target, definition = self.target(nsid, schema["ref"])
            if definition is None:
                return "Value"
            if definition["type"] == "object":
                return f"Box<{camel(doc, target)}>"
            return self.type_of(doc, target, definition) if definition["type"] in ("array", "union") else PLAIN.get(definition["type"], "Value")
        return PLAIN.get(kind, "Value")

    def union(self, nsid, name, schema):
        members = []
        for ref in schema["refs"]:
            doc, target, definition = self.target(nsid, ref)
            if definition is None or definition["type"] != "object":
                continue
            tag = doc if target == "main" else f"{doc}#{target}"
            members.append(f'#[serde(rename = "{tag}")]\n{camel(doc, target)}(Box<{camel(doc, target)}>),\n')
        if not members:
            return "Value"
        union = camel(nsid, name, "union")
        self.add(union, f'{DERIVE}#[serde(tag = "$type")]\npub enum {union} {{\n{"".join(members)}}}\n')
        return union

    def object(self, nsid, name, schema):
        fields = []
        required, nullable = schema.get("required", []), schema.get("nullable", [])
        for key, value in schema.get("properties", {}).items():
            ty = self.type_of(nsid, f"{name}-{key}", value)
            if key in required and key not in nullable:
                fields.append(f'#[serde(rename = "{key}")]\npub {snake(key)}: {ty},\n')
            else:
                fields.append(f'#[serde(rename = "{key}", skip_serializing_if = "Option::is_none")]\npub {snake(key)}: Option<{ty}>,\n')
        self.add(camel(nsid, name), f"{DERIVE}pub struct {camel(nsid, name)} {{\n{''.join(fields)}}}\n")

    def add(self, name, text):
        if all(name != other for other, _ in self.items):
            self.items.append((name, text))

    def document(self, nsid):
        for name, definition in self.documents[nsid].get("defs", {}).items():
            kind = definition["type"]
            if kind == "object":
                self.object(nsid, name, definition)
            elif kind == "record":
                self.object(nsid, name, definition["record"])
            elif kind in ("query", "procedure", "subscription"):
                self.endpoint(nsid, definition)

    def endpoint(self, nsid, definition):
        if "parameters" in definition:
            self.object(nsid, "params", definition["parameters"])
        for part in ("input", "output", "message"):
            schema = definition.get(part, {}).get("schema")
            if schema:
                ty = self.type_of(nsid, part, schema)
                if schema["type"] != "object":
                    self.add(camel(nsid, part), f"pub type {camel(nsid, part)} = {ty};\n")


def main():
    lexicons, target = map(pathlib.Path, sys.argv[1:3])
    documents = {}
    for path in sorted(lexicons.rglob("*.json")):
        document = json.loads(path.read_text())
        if "lexicon" in document:
            documents[document["id"]] = document
    crate = Crate(documents)
    for nsid in documents:
        crate.document(nsid)
    (target / "src").mkdir(parents=True, exist_ok=True)
    (target / "src" / "lib.rs").write_text("#![allow(dead_code)]\n" + HEADER + "\n".join(text for _, text in crate.items))
    (target / "Cargo.toml").write_text(
        '[package]\nname = "plain_derive"\nversion = "0.0.0"\nedition = "2024"\npublish = false\n\n[workspace]\n\n'
        '[dependencies]\nserde = { version = "1", features = ["derive"] }\nserde_json = "1"\n'
    )
    print(f"{len(crate.items)} types from {len(documents)} documents", file=sys.stderr)


main()
