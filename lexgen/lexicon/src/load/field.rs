//! Field types: what stands in properties, arrays, parameters and bodies.

use alloc::{boxed::Box, collections::BTreeSet, string::String, vec::Vec};

use super::{
    At, Fields, Loaded, Loader, Rule,
    def::is_def_name,
    types::{FieldType, Place},
    value::merged,
};
use crate::{
    document::{Array, Blob, Boolean, Bytes, Integer, Kind, Map, Node, Object, Reference, Text, Union},
    json::{Json, quote},
    syntax::{Format, Nsid},
};

impl Loader {
    pub(super) fn node(&mut self, at: &At<'_>, place: Place) -> Loaded<Node> {
        let mut fields = self.fields(at)?;
        let description = fields.optional(self, "description", Self::string);
        let name = self.field_type(&mut fields, place)?;
        let kind = self.kind(name, &mut fields, place);
        Ok(Node { description: description?, kind: kind?, extra: fields.extra() })
    }

    pub(super) fn kind(&mut self, name: FieldType, fields: &mut Fields<'_>, place: Place) -> Loaded<Kind> {
        match name {
            FieldType::Boolean => self.boolean_type(fields).map(Kind::Boolean),
            FieldType::Integer => self.integer_type(fields).map(Kind::Integer),
            FieldType::String => self.text(fields).map(Kind::String),
            FieldType::Bytes => self.bytes(fields).map(Kind::Bytes),
            FieldType::CidLink => Ok(Kind::CidLink),
            FieldType::Blob => self.blob(fields).map(Kind::Blob),
            FieldType::Array => self.array(fields, place.items()).map(Kind::Array),
            FieldType::Object => self.object(fields).map(Kind::Object),
            FieldType::Unknown => Ok(Kind::Unknown),
            FieldType::Ref => fields.required(self, "ref", Rule::RefSyntax, Self::reference).map(Kind::Ref),
            FieldType::Union => self.union(fields).map(Kind::Union),
        }
    }

    fn boolean_type(&mut self, fields: &mut Fields<'_>) -> Loaded<Boolean> {
        let default = fields.optional(self, "default", Self::boolean);
        let constant = fields.optional(self, "const", Self::boolean);
        let boolean = Boolean { default: default?, constant: constant? };
        self.check_boolean(fields, &boolean);
        Ok(boolean)
    }

    fn integer_type(&mut self, fields: &mut Fields<'_>) -> Loaded<Integer> {
        let minimum = fields.optional(self, "minimum", Self::integer);
        let maximum = fields.optional(self, "maximum", Self::integer);
        let enumeration = fields.optional(self, "enum", Self::integers);
        let default = fields.optional(self, "default", Self::integer);
        let constant = fields.optional(self, "const", Self::integer);
        let integer = Integer {
            minimum: minimum?,
            maximum: maximum?,
            enumeration: enumeration?,
            default: default?,
            constant: constant?,
        };
        self.check_integer(fields, &integer);
        Ok(integer)
    }

    fn text(&mut self, fields: &mut Fields<'_>) -> Loaded<Text> {
        let format = fields.optional(self, "format", Self::format);
        let min_length = fields.optional(self, "minLength", Self::length);
        let max_length = fields.optional(self, "maxLength", Self::length);
        let min_graphemes = fields.optional(self, "minGraphemes", Self::length);
        let max_graphemes = fields.optional(self, "maxGraphemes", Self::length);
        let enumeration = fields.optional(self, "enum", Self::strings);
        let known_values = fields.optional(self, "knownValues", Self::strings);
        let default = fields.optional(self, "default", Self::string);
        let constant = fields.optional(self, "const", Self::string);
        let text = Text {
            format: format?,
            min_length: min_length?,
            max_length: max_length?,
            min_graphemes: min_graphemes?,
            max_graphemes: max_graphemes?,
            enumeration: enumeration?,
            known_values: known_values?,
            default: default?,
            constant: constant?,
        };
        self.check_text(fields, &text);
        Ok(text)
    }

    fn format(&mut self, at: &At<'_>) -> Loaded<Format> {
        let name = self.string(at)?;
        let format = Format::from_name(&name);
        format.ok_or_else(|| self.unexpected(at, Rule::FormatUnknown, "a string format"))
    }

    fn bytes(&mut self, fields: &mut Fields<'_>) -> Loaded<Bytes> {
        let min_length = fields.optional(self, "minLength", Self::length);
        let max_length = fields.optional(self, "maxLength", Self::length);
        let bytes = Bytes { min_length: min_length?, max_length: max_length? };
        self.check_lengths(fields, bytes.min_length, bytes.max_length);
        Ok(bytes)
    }

    fn blob(&mut self, fields: &mut Fields<'_>) -> Loaded<Blob> {
        let accept = fields.optional(self, "accept", Self::strings);
        let max_size = fields.optional(self, "maxSize", Self::blob_size);
        Ok(Blob { accept: accept?, max_size: max_size? })
    }

    fn blob_size(&mut self, at: &At<'_>) -> Loaded<u64> {
        match u64::try_from(self.integer(at)?) {
            Ok(size) if size > 0 => Ok(size),
            _ => Err(self.unexpected(at, Rule::BlobMaxSize, "1 or more")),
        }
    }

    fn array(&mut self, fields: &mut Fields<'_>, place: Place) -> Loaded<Array> {
        let read = |loader: &mut Loader, at: &At<'_>| loader.node(at, place);
        let items = fields.required(self, "items", Rule::MissingKey, read);
        let min_length = fields.optional(self, "minLength", Self::length);
        let max_length = fields.optional(self, "maxLength", Self::length);
        if let (Ok(min), Ok(max)) = (min_length, max_length) {
            self.check_lengths(fields, min, max);
        }
        Ok(Array { items: Box::new(items?), min_length: min_length?, max_length: max_length? })
    }

    pub(super) fn object(&mut self, fields: &mut Fields<'_>) -> Loaded<Object> {
        let properties = self.properties(fields, Place::Value);
        let required = self.property_names(fields, "required", Rule::RequiredUndeclared);
        let nullable = self.property_names(fields, "nullable", Rule::NullableUndeclared);
        Ok(Object { properties: properties?, required: required?, nullable: nullable? })
    }

    pub(super) fn properties(&mut self, fields: &mut Fields<'_>, place: Place) -> Loaded<Map<Node>> {
        match fields.take("properties") {
            Some(at) => self.map(&at, Rule::WrongType, |loader, name, at| {
                if name.is_empty() {
                    loader.report(at, Rule::PropertyNameEmpty, "a name", &quote(name));
                }
                loader.node(at, place)
            }),
            None if self.options.lenient => Ok(Vec::new()),
            None => Err(self.missing(fields.at, Rule::PropertiesMissing, "properties")),
        }
    }

    /// A list of names of properties, without repeats; `rule` says that they are declared.
    pub(super) fn property_names(
        &mut self,
        fields: &mut Fields<'_>,
        key: &'static str,
        rule: Rule,
    ) -> Loaded<Vec<String>> {
        let Some(at) = fields.take(key) else { return Ok(Vec::new()) };
        let declared = self.declared(fields);
        let names = self.list(&at, |loader, at| {
            let name = loader.string(at)?;
            match &declared {
                Some(declared) if !declared.contains(name.as_str()) => {
                    Err(loader.unexpected(at, rule, "a declared property"))
                }
                _ => Ok(name),
            }
        });
        names.map(merged)
    }

    /// The names of the properties, where they can be told.
    fn declared<'a>(&self, fields: &Fields<'a>) -> Option<BTreeSet<&'a str>> {
        match fields.peek("properties").map(|at| at.json) {
            Some(Json::Object(entries)) => Some(entries.iter().map(|(key, _)| &**key).collect()),
            None if self.options.lenient => Some(BTreeSet::new()),
            _ => None,
        }
    }

    fn reference(&mut self, at: &At<'_>) -> Loaded<Reference> {
        let target = at.json.as_str().and_then(Target::parse);
        let Some(Target { nsid, name }) = target else {
            let expected = "an NSID, an NSID with `#` and a name, or `#` and a name";
            return Err(self.unexpected(at, Rule::RefSyntax, expected));
        };
        // Without an NSID of its own the document is lost, and the reason is reported already.
        let nsid = nsid.or_else(|| self.id.clone()).ok_or(super::Reported(()))?;
        Ok(Reference { nsid, name: name.into() })
    }

    pub(super) fn union(&mut self, fields: &mut Fields<'_>) -> Loaded<Union> {
        let read = |loader: &mut Loader, at: &At<'_>| loader.list(at, Self::reference);
        let refs = fields.required(self, "refs", Rule::MissingKey, read);
        let closed = fields.optional(self, "closed", Self::boolean);
        let union = Union { refs: merged(refs?), closed: closed?.unwrap_or(false) };
        if union.closed && union.refs.is_empty() {
            let place = fields.place("closed");
            return Err(self.report(&place, Rule::ClosedUnionEmpty, "at least one ref", "none"));
        }
        Ok(union)
    }
}

/// A reference as it is written.
struct Target<'a> {
    /// `None` is the document that the reference stands in.
    nsid: Option<Nsid>,
    name: &'a str,
}

impl<'a> Target<'a> {
    fn parse(text: &'a str) -> Option<Target<'a>> {
        let (nsid, name) = text.split_once('#').unwrap_or((text, "main"));
        let local = text.starts_with('#');
        let nsid = if local { None } else { Some(nsid.parse().ok()?) };
        is_def_name(name).then_some(Target { nsid, name })
    }
}
