//! What there is to say of an identity.

use arobase::{
    identity::{Service, VerificationMethod},
    lexicon::json::Json,
};

use crate::output::{object, optional, string};

use super::{
    resolve::{Fault, Report},
    text::{Lines, printable},
};

/// As text.
pub(crate) fn to_text(report: &Report) -> String {
    let document = &report.document;
    let mut lines = Lines::default();
    lines.head(document.id().as_str());
    lines.line("handle", handle(report));
    let key = document.signing_key();
    lines.line("signing key", key.map_or_else(|| "none that can be used".to_owned(), |key| key.to_string()));
    lines.line("pds", report.pds.as_deref().map_or_else(|| "none that can be used".to_owned(), printable));
    for name in document.also_known_as() {
        lines.line("known as", printable(name));
    }
    for method in document.verification_methods() {
        lines.line("key", key_line(method));
    }
    for service in document.services() {
        let endpoint = service.endpoint.as_deref().unwrap_or("no endpoint");
        lines.line(
            "service",
            format_args!("{} {} {}", printable(&service.id), printable(&service.kind), printable(endpoint)),
        );
    }
    lines.0
}

fn handle(report: &Report) -> String {
    match (&report.handle, &report.fault) {
        (None, _) => "none".to_owned(),
        (Some(handle), None) => format!("{handle} (verified)"),
        (Some(handle), Some(Fault { reason, is_certain: true })) => format!("{handle} (does not hold: {reason})"),
        (Some(handle), Some(Fault { reason, is_certain: false })) => format!("{handle} (not checked: {reason})"),
    }
}

fn key_line(method: &VerificationMethod) -> String {
    let key = method.public_key();
    let key = key.map_or_else(|| "cannot be used".to_owned(), |key| key.to_string());
    format!("{} {} {key}", printable(&method.id), printable(&method.kind))
}

/// As JSON.
pub(crate) fn to_json(report: &Report) -> Json {
    let document = &report.document;
    let handle = |handle| {
        let verified = Json::Bool(report.fault.is_none());
        object([
            ("name", string(handle)),
            ("verified", verified),
            ("reason", optional(report.fault.as_ref(), |fault| Json::from(fault.reason.as_str()))),
        ])
    };
    object([
        ("did", Json::from(document.id().as_str())),
        ("handle", optional(report.handle.as_ref(), handle)),
        ("signingKey", optional(document.signing_key(), string)),
        ("pds", optional(report.pds.as_deref(), Json::from)),
        ("alsoKnownAs", document.also_known_as().iter().map(string).collect::<Vec<_>>().into()),
        ("keys", document.verification_methods().iter().map(key_json).collect::<Vec<_>>().into()),
        ("services", document.services().iter().map(service_json).collect::<Vec<_>>().into()),
    ])
}

fn key_json(method: &VerificationMethod) -> Json {
    object([
        ("id", Json::from(&*method.id)),
        ("type", Json::from(&*method.kind)),
        ("controller", Json::from(&*method.controller)),
        ("key", optional(method.public_key(), string)),
    ])
}

fn service_json(service: &Service) -> Json {
    object([
        ("id", Json::from(&*service.id)),
        ("type", Json::from(&*service.kind)),
        ("endpoint", optional(service.endpoint.as_deref(), Json::from)),
    ])
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arobase::identity::DidDocument;

    use super::*;

    #[test]
    fn a_handle_that_nobody_could_check_is_not_said_to_be_wrong() {
        let shown = |is_certain| {
            let document = Arc::new(DidDocument::new("did:web:a.example.com".parse().unwrap()));
            let fault = Some(Fault { reason: "why".to_owned(), is_certain });
            handle(&Report { document, handle: "alice.example.com".parse().ok(), fault, pds: None })
        };
        assert_eq!(shown(true), "alice.example.com (does not hold: why)");
        assert_eq!(shown(false), "alice.example.com (not checked: why)");
    }
}
