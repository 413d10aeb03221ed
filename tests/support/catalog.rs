//! The official lexicons, compiled at run time.

use std::sync::LazyLock;

use arobase::__codegen::{Role, Schema};
use arobase_lexicon::{compile::Catalog, document::Document};

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let mut catalog = Catalog::new();
    for (nsid, text) in arobase_lexicons::DOCUMENTS {
        catalog.add(&Document::parse(text).unwrap_or_else(|errors| panic!("{nsid}: {errors}")));
    }
    catalog
});

/// All of them.
pub(crate) fn catalog() -> &'static Catalog {
    &CATALOG
}

/// The name of a static descriptor in the catalog. Parts of a method share the id of the method.
pub(crate) fn name(schema: &Schema) -> String {
    let part = match schema.role {
        Role::Params => "#main/params",
        Role::Input => "#main/input",
        Role::Output => "#main/output",
        Role::Message => "#main/message",
        Role::Record(_) | Role::Definition | Role::Inline => "",
    };
    format!("{}{part}", &*schema.id)
}
