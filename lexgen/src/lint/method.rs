//! Lints about definitions and their bodies.

use arobase_lexicon::{document::DefKind, json::Path};

use super::{Context, Finding};
use crate::walk::{Part, child};

pub(super) fn body_schema_ignored(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Body(body) = part else { return None };
    if body.schema.is_none() || body.encoding == "application/json" {
        return None;
    }
    let message = format!("nobody looks at the schema of a body of `{}`", body.encoding);
    Some(Finding::name(&child(path, "schema"), message, "remove it, and describe the body in words"))
}

pub(super) fn endpoint_output_undefined(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    let undefined = match &def.kind {
        DefKind::Query(query) => query.output.is_none(),
        DefKind::Procedure(procedure) => procedure.output.is_none(),
        _ => false,
    };
    let message = format!("this {} has no `output`", def.kind.type_name());
    undefined
        .then(|| Finding::new(path, message, "add an `output`, if only an empty object, so that fields can follow"))
}

pub(super) fn missing_primary_description(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    let primary =
        matches!(def.kind, DefKind::Record(_) | DefKind::Query(_) | DefKind::Procedure(_) | DefKind::Subscription(_));
    let message = format!("this {} has no `description`", def.kind.type_name());
    (primary && def.description.is_none()).then(|| Finding::new(path, message, "say what it is for"))
}

pub(super) fn subscription_no_messages(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Message(message) = part else { return None };
    let refs = child(&child(path, "schema"), "refs");
    message.schema.refs.is_empty().then(|| Finding::new(&refs, "no message is listed", "list what is sent"))
}

pub(super) fn undescribed_token(_: &Context<'_>, path: &Path, part: Part<'_>) -> Option<Finding> {
    let Part::Def { def, .. } = part else { return None };
    (def.kind == DefKind::Token && def.description.is_none())
        .then(|| Finding::new(path, "this token has no `description`", "say what it stands for"))
}
