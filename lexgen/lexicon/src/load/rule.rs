//! The ways in which a document can be invalid.

/// A rule of the Lexicon language that concerns one document by itself.
///
/// Rules about several documents (a reference that leads nowhere, an NSID that is taken) belong
/// to whoever holds them all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[expect(missing_docs, reason = "`expected` says it in a sentence")]
pub enum Rule {
    Json,
    DuplicateKey,
    NotAnObject,
    WrongType,
    MissingKey,
    LexiconVersion,
    Id,
    Defs,
    DefsEmpty,
    DefName,
    TypeMissing,
    TypeUnknown,
    TypeNotDefinable,
    PrimaryOutsideMain,
    TypeNotAllowed,
    RecordKey,
    RecordObject,
    PropertiesMissing,
    PropertyNameEmpty,
    RequiredUndeclared,
    NullableUndeclared,
    BoundsCrossed,
    LengthNegative,
    BlobMaxSize,
    DefaultAndConst,
    FormatUnknown,
    EnumEmpty,
    ValueConstraint,
    RefSyntax,
    ClosedUnionEmpty,
    BodyEncoding,
    BodySchema,
    MessageSchema,
    QueryInput,
    ErrorName,
    ErrorNameSpace,
    ErrorNameRepeated,
    LanguageTag,
    PermissionResource,
    PermissionField,
}

impl Rule {
    /// Every rule.
    pub const ALL: [Rule; 40] = [
        Rule::Json,
        Rule::DuplicateKey,
        Rule::NotAnObject,
        Rule::WrongType,
        Rule::MissingKey,
        Rule::LexiconVersion,
        Rule::Id,
        Rule::Defs,
        Rule::DefsEmpty,
        Rule::DefName,
        Rule::TypeMissing,
        Rule::TypeUnknown,
        Rule::TypeNotDefinable,
        Rule::PrimaryOutsideMain,
        Rule::TypeNotAllowed,
        Rule::RecordKey,
        Rule::RecordObject,
        Rule::PropertiesMissing,
        Rule::PropertyNameEmpty,
        Rule::RequiredUndeclared,
        Rule::NullableUndeclared,
        Rule::BoundsCrossed,
        Rule::LengthNegative,
        Rule::BlobMaxSize,
        Rule::DefaultAndConst,
        Rule::FormatUnknown,
        Rule::EnumEmpty,
        Rule::ValueConstraint,
        Rule::RefSyntax,
        Rule::ClosedUnionEmpty,
        Rule::BodyEncoding,
        Rule::BodySchema,
        Rule::MessageSchema,
        Rule::QueryInput,
        Rule::ErrorName,
        Rule::ErrorNameSpace,
        Rule::ErrorNameRepeated,
        Rule::LanguageTag,
        Rule::PermissionResource,
        Rule::PermissionField,
    ];

    /// A stable name in kebab-case, for tools and for searching.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.entry().0
    }

    /// What the rule asks for, in one sentence.
    #[must_use]
    pub fn expected(self) -> &'static str {
        self.entry().1
    }

    fn entry(self) -> (&'static str, &'static str) {
        match self {
            Rule::Json => (
                "json",
                "A document is JSON text in UTF-8, nested at most 127 levels deep, with numbers within 64 bits.",
            ),
            Rule::DuplicateKey => ("duplicate-key", "An object has each key once."),
            Rule::NotAnObject => (
                "not-an-object",
                "The document and every definition, schema, body, error and permission in it is a JSON object.",
            ),
            Rule::WrongType => ("wrong-type", "A key that the language knows has the JSON type that belongs to it."),
            Rule::MissingKey => {
                ("missing-key", "An array has `items`, a union has `refs`, a permission set has `permissions`.")
            }
            Rule::LexiconVersion => ("lexicon-version", "`lexicon` is the integer 1."),
            Rule::Id => ("id", "`id` is the document's NSID, without a fragment."),
            Rule::Defs => ("defs", "`defs` is an object that holds the definitions by name."),
            Rule::DefsEmpty => ("defs-empty", "A document has at least one definition."),
            Rule::DefName => ("def-name", "The name of a definition is not empty and contains neither `#` nor `.`."),
            Rule::TypeMissing => ("type-missing", "Every definition and field names its `type` with a string."),
            Rule::TypeUnknown => ("type-unknown", "`type` is one of the types of the language."),
            Rule::TypeNotDefinable => (
                "type-not-definable",
                "`ref`, `union`, `unknown`, `params` and `permission` are never definitions of their own.",
            ),
            Rule::PrimaryOutsideMain => (
                "primary-outside-main",
                "A record, query, procedure, subscription or permission set is the definition `main`.",
            ),
            Rule::TypeNotAllowed => ("type-not-allowed", "A type stands only where the language allows it."),
            Rule::RecordKey => {
                ("record-key", "A record has a `key`: `tid`, `nsid`, `any`, or `literal:` and a valid record key.")
            }
            Rule::RecordObject => ("record-object", "A record has a `record` of type `object`."),
            Rule::PropertiesMissing => {
                ("properties-missing", "An object and a params schema have `properties`, which may be empty.")
            }
            Rule::PropertyNameEmpty => ("property-name-empty", "The name of a property is not empty."),
            Rule::RequiredUndeclared => ("required-undeclared", "`required` names declared properties only."),
            Rule::NullableUndeclared => ("nullable-undeclared", "`nullable` names declared properties only."),
            Rule::BoundsCrossed => ("bounds-crossed", "A lower bound is not above its upper bound."),
            Rule::LengthNegative => ("length-negative", "A bound of a length is 0 or more."),
            Rule::BlobMaxSize => ("blob-max-size", "`maxSize` of a blob is more than 0."),
            Rule::DefaultAndConst => ("default-and-const", "A field has `default` or `const`, not both."),
            Rule::FormatUnknown => ("format-unknown", "`format` is one of the string formats."),
            Rule::EnumEmpty => ("enum-empty", "An `enum` lists at least one value."),
            Rule::ValueConstraint => {
                ("value-constraint", "`default`, `const` and the values of `enum` satisfy the field's own constraints.")
            }
            Rule::RefSyntax => {
                ("ref-syntax", "A reference is an NSID, an NSID with `#` and a name, or `#` and a name.")
            }
            Rule::ClosedUnionEmpty => ("closed-union-empty", "A closed union has at least one member."),
            Rule::BodyEncoding => {
                ("body-encoding", "A body has an `encoding`: one MIME type, without parameters, commas and spaces.")
            }
            Rule::BodySchema => ("body-schema", "The schema of a body is an `object`, a `ref` or a `union`."),
            Rule::MessageSchema => ("message-schema", "A subscription has a `message` whose `schema` is a `union`."),
            Rule::QueryInput => ("query-input", "A query has no `input`."),
            Rule::ErrorName => ("error-name", "A declared error has a `name` that is not empty."),
            Rule::ErrorNameSpace => ("error-name-space", "The name of an error contains no white space."),
            Rule::ErrorNameRepeated => ("error-name-repeated", "A method declares each error once."),
            Rule::LanguageTag => ("language-tag", "The keys of `title:lang` and `detail:lang` are language tags."),
            Rule::PermissionResource => ("permission-resource", "A permission has a `resource` that is not empty."),
            Rule::PermissionField => {
                ("permission-field", "A field of a permission is a boolean, an integer, a string, or a list of them.")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::collections::BTreeSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_in_kebab_case() {
        let codes: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')));
    }

    #[test]
    fn each_rule_expects_something_in_one_sentence() {
        for rule in Rule::ALL {
            let sentence = rule.expected();
            assert!(sentence.ends_with('.') && !sentence.contains(". "), "{}", rule.code());
        }
    }
}
