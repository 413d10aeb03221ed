//! Queries, procedures and subscriptions.

use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

use super::{
    At, Fields, Loaded, Loader, Rule,
    types::{Place, TypeName},
};
use crate::document::{Body, ErrorDef, Message, Params, Procedure, Query, Subscription};

impl Loader {
    pub(super) fn query(&mut self, fields: &mut Fields<'_>) -> Loaded<Query> {
        let parameters = fields.optional(self, "parameters", Self::params);
        if let Some(at) = fields.take("input") {
            self.report(&at, Rule::QueryInput, "no `input` in a query", "one");
        }
        let output = fields.optional(self, "output", Self::body);
        let errors = self.errors(fields);
        Ok(Query { parameters: parameters?, output: output?, errors: errors? })
    }

    pub(super) fn procedure(&mut self, fields: &mut Fields<'_>) -> Loaded<Procedure> {
        let parameters = fields.optional(self, "parameters", Self::params);
        let input = fields.optional(self, "input", Self::body);
        let output = fields.optional(self, "output", Self::body);
        let errors = self.errors(fields);
        Ok(Procedure { parameters: parameters?, input: input?, output: output?, errors: errors? })
    }

    pub(super) fn subscription(&mut self, fields: &mut Fields<'_>) -> Loaded<Subscription> {
        let parameters = fields.optional(self, "parameters", Self::params);
        let message = fields.required(self, "message", Rule::MessageSchema, Self::message);
        let errors = self.errors(fields);
        Ok(Subscription { parameters: parameters?, message: message?, errors: errors? })
    }

    fn params(&mut self, at: &At<'_>) -> Loaded<Params> {
        let mut fields = self.fields(at)?;
        self.only_type(&mut fields, TypeName::Params)?;
        let description = fields.optional(self, "description", Self::string);
        let properties = self.properties(&mut fields, Place::Param);
        let required = self.property_names(&mut fields, "required", Rule::RequiredUndeclared);
        Ok(Params { description: description?, properties: properties?, required: required?, extra: fields.extra() })
    }

    fn body(&mut self, at: &At<'_>) -> Loaded<Body> {
        let mut fields = self.fields(at)?;
        let description = fields.optional(self, "description", Self::string);
        let encoding = fields.required(self, "encoding", Rule::BodyEncoding, Self::encoding);
        let read = |loader: &mut Loader, at: &At<'_>| loader.node(at, Place::Body);
        let schema = fields.optional(self, "schema", read);
        Ok(Body { description: description?, encoding: encoding?, schema: schema?, extra: fields.extra() })
    }

    fn encoding(&mut self, at: &At<'_>) -> Loaded<String> {
        let outside = |c: char| c == ',' || c == ';' || c.is_whitespace();
        match at.json.as_str() {
            Some(text) if !text.is_empty() && !text.contains(outside) => Ok(text.into()),
            _ => Err(self.unexpected(at, Rule::BodyEncoding, "one MIME type without parameters")),
        }
    }

    fn message(&mut self, at: &At<'_>) -> Loaded<Message> {
        let mut fields = self.fields(at)?;
        let description = fields.optional(self, "description", Self::string);
        let Some(at) = fields.take("schema") else {
            return Err(self.missing(fields.at, Rule::MessageSchema, "schema"));
        };
        let mut schema_fields = self.fields(&at)?;
        self.field_type(&mut schema_fields, Place::Message)?;
        let schema_description = schema_fields.optional(self, "description", Self::string);
        let schema = self.union(&mut schema_fields);
        Ok(Message {
            description: description?,
            schema: schema?,
            schema_description: schema_description?,
            extra: fields.extra(),
            schema_extra: schema_fields.extra(),
        })
    }

    fn errors(&mut self, fields: &mut Fields<'_>) -> Loaded<Vec<ErrorDef>> {
        let Some(at) = fields.take("errors") else { return Ok(Vec::new()) };
        let mut seen = BTreeSet::new();
        self.list(&at, |loader, at| {
            let error = loader.error(at)?;
            if !seen.insert(error.name.clone()) {
                let place = at.json.get("name").map_or(*at, |name| at.key("name", name));
                let found = format!("{} again", place.json.describe());
                loader.report(&place, Rule::ErrorNameRepeated, "each error once", &found);
            }
            Ok(error)
        })
    }

    fn error(&mut self, at: &At<'_>) -> Loaded<ErrorDef> {
        let mut fields = self.fields(at)?;
        let name = fields.required(self, "name", Rule::ErrorName, Self::error_name);
        let description = fields.optional(self, "description", Self::string);
        Ok(ErrorDef { name: name?, description: description?, extra: fields.extra() })
    }

    fn error_name(&mut self, at: &At<'_>) -> Loaded<String> {
        let name = at.json.as_str().filter(|name| !name.is_empty());
        let Some(name) = name else {
            return Err(self.unexpected(at, Rule::ErrorName, "a name"));
        };
        if name.contains(char::is_whitespace) {
            return Err(self.unexpected(at, Rule::ErrorNameSpace, "a name without white space"));
        }
        Ok(name.into())
    }
}
