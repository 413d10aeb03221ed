//! The document, its definitions, and records.

use alloc::string::String;

use super::{
    At, Fields, Loaded, Loader, Rule,
    types::{Place, Primary, TypeName},
};
use crate::{
    document::{Def, DefKind, Document, Map, Object, Record, RecordKeyType},
    json::{Json, quote},
    syntax::{Nsid, RecordKey},
};

impl Loader {
    pub(super) fn document(&mut self, at: &At<'_>) -> Loaded<Document> {
        let mut fields = self.fields(at)?;
        let version = fields.required(self, "lexicon", Rule::LexiconVersion, Self::version);
        let id = fields.required(self, "id", Rule::Id, Self::id);
        self.id = id.clone().ok();
        let revision = fields.optional(self, "revision", Self::integer);
        let description = fields.optional(self, "description", Self::string);
        let defs = fields.required(self, "defs", Rule::Defs, Self::defs);
        version?;
        Ok(Document { id: id?, revision: revision?, description: description?, defs: defs?, extra: fields.extra() })
    }

    fn version(&mut self, at: &At<'_>) -> Loaded<()> {
        match at.json {
            Json::Int(1) => Ok(()),
            _ => Err(self.unexpected(at, Rule::LexiconVersion, "the integer 1")),
        }
    }

    fn id(&mut self, at: &At<'_>) -> Loaded<Nsid> {
        let id = at.json.as_str().and_then(|text| text.parse().ok());
        id.ok_or_else(|| self.unexpected(at, Rule::Id, "an NSID"))
    }

    fn defs(&mut self, at: &At<'_>) -> Loaded<Map<Def>> {
        let defs = self.map(at, Rule::Defs, Self::def)?;
        if defs.is_empty() {
            return Err(self.report(at, Rule::DefsEmpty, "at least one definition", "none"));
        }
        Ok(defs)
    }

    fn def(&mut self, name: &str, at: &At<'_>) -> Loaded<Def> {
        if !is_def_name(name) {
            self.report(at, Rule::DefName, "a name without `#` and `.`", &quote(name));
        }
        let mut fields = self.fields(at)?;
        let description = fields.optional(self, "description", Self::string);
        let kind = self.def_kind(name, &mut fields);
        Ok(Def { description: description?, kind: kind?, extra: fields.extra() })
    }

    fn def_kind(&mut self, name: &str, fields: &mut Fields<'_>) -> Loaded<DefKind> {
        match self.type_name(fields)? {
            TypeName::Primary(primary) => {
                if name != "main" {
                    let expected = "this type under the name `main` only";
                    let place = fields.place("type");
                    self.report(&place, Rule::PrimaryOutsideMain, expected, &quote(name));
                }
                self.primary(primary, fields)
            }
            TypeName::Token => Ok(DefKind::Token),
            TypeName::Field(name) if Place::Definition.allows(name) => {
                Ok(DefKind::Type(self.kind(name, fields, Place::Definition)?))
            }
            _ => Err(self.not_allowed(fields, Place::Definition)),
        }
    }

    fn primary(&mut self, primary: Primary, fields: &mut Fields<'_>) -> Loaded<DefKind> {
        match primary {
            Primary::Record => self.record(fields).map(DefKind::Record),
            Primary::Query => self.query(fields).map(DefKind::Query),
            Primary::Procedure => self.procedure(fields).map(DefKind::Procedure),
            Primary::Subscription => self.subscription(fields).map(DefKind::Subscription),
            Primary::PermissionSet => self.permission_set(fields).map(DefKind::PermissionSet),
        }
    }

    fn record(&mut self, fields: &mut Fields<'_>) -> Loaded<Record> {
        let key = fields.required(self, "key", Rule::RecordKey, Self::record_key);
        let schema = fields.required(self, "record", Rule::RecordObject, Self::record_schema);
        let (record, record_description, record_extra) = schema?;
        Ok(Record { key: key?, record, record_description, record_extra })
    }

    fn record_key(&mut self, at: &At<'_>) -> Loaded<RecordKeyType> {
        let key = at.json.as_str().and_then(|text| match text {
            "tid" => Some(RecordKeyType::Tid),
            "nsid" => Some(RecordKeyType::Nsid),
            "any" => Some(RecordKeyType::Any),
            _ => {
                let value = text.strip_prefix("literal:")?;
                value.parse::<RecordKey>().ok()?;
                Some(RecordKeyType::Literal(value.into()))
            }
        });
        let expected = "`tid`, `nsid`, `any` or `literal:` and a record key";
        key.ok_or_else(|| self.unexpected(at, Rule::RecordKey, expected))
    }

    fn record_schema(&mut self, at: &At<'_>) -> Loaded<(Object, Option<String>, Map<Json>)> {
        let mut fields = self.fields(at)?;
        let description = fields.optional(self, "description", Self::string);
        self.field_type(&mut fields, Place::Record)?;
        let object = self.object(&mut fields);
        Ok((object?, description?, fields.extra()))
    }
}

/// A definition's name, also behind the `#` of a reference.
pub(super) fn is_def_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['#', '.'])
}
