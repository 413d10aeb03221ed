//! Permission sets.

use alloc::string::String;

use super::{At, Fields, Loaded, Loader, Rule, types::TypeName};
use crate::{
    document::{Map, Permission, PermissionSet},
    json::{Json, quote},
    syntax::Language,
};

impl Loader {
    pub(super) fn permission_set(&mut self, fields: &mut Fields<'_>) -> Loaded<PermissionSet> {
        let title = fields.optional(self, "title", Self::string);
        let title_lang = fields.optional(self, "title:lang", Self::translations);
        let detail = fields.optional(self, "detail", Self::string);
        let detail_lang = fields.optional(self, "detail:lang", Self::translations);
        let read = |loader: &mut Loader, at: &At<'_>| loader.list(at, Self::permission);
        let permissions = fields.required(self, "permissions", Rule::MissingKey, read);
        Ok(PermissionSet {
            title: title?,
            title_lang: title_lang?.unwrap_or_default(),
            detail: detail?,
            detail_lang: detail_lang?.unwrap_or_default(),
            permissions: permissions?,
        })
    }

    fn translations(&mut self, at: &At<'_>) -> Loaded<Map<String>> {
        self.map(at, Rule::WrongType, |loader, tag, at| {
            if tag.parse::<Language>().is_err() {
                loader.report(at, Rule::LanguageTag, "a language tag", &quote(tag));
            }
            loader.string(at)
        })
    }

    /// Reads what the language asks of a permission. What access control makes of it, up to
    /// ignoring it, is another question.
    fn permission(&mut self, at: &At<'_>) -> Loaded<Permission> {
        let mut fields = self.fields(at)?;
        self.only_type(&mut fields, TypeName::Permission)?;
        let description = fields.optional(self, "description", Self::string);
        let resource = fields.required(self, "resource", Rule::PermissionResource, Self::resource);
        for (key, json) in fields.untaken().filter(|(_, json)| !is_field(json)) {
            let expected = "a boolean, an integer, a string or a list of them";
            self.unexpected(&at.key(key, json), Rule::PermissionField, expected);
        }
        Ok(Permission { description: description?, resource: resource?, fields: fields.extra() })
    }

    fn resource(&mut self, at: &At<'_>) -> Loaded<String> {
        match at.json.as_str() {
            Some(resource) if !resource.is_empty() => Ok(resource.into()),
            _ => Err(self.unexpected(at, Rule::PermissionResource, "the name of a resource")),
        }
    }
}

fn is_field(json: &Json) -> bool {
    let is_scalar = |json: &Json| matches!(json, Json::Bool(_) | Json::Int(_) | Json::String(_));
    is_scalar(json) || json.as_array().is_some_and(|items| items.iter().all(is_scalar))
}
