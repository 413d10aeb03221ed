//! What numbers are told apart by. Strangers must not be able to make labels.

use std::{fmt, sync::Arc};

use arobase::syntax::Nsid;
use http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabel, EncodeLabelSet, LabelSetEncoder};

/// What stands for methods that there are not.
pub(crate) const UNKNOWN: &str = "unknown";

/// A method and the status that it answered with.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Answered {
    pub(super) method: Arc<str>,
    pub(super) status: u16,
}

impl EncodeLabelSet for Answered {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        ("method", &*self.method).encode(encoder.encode_label())?;
        ("status", self.status).encode(encoder.encode_label())
    }
}

/// One label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Label {
    pub(super) name: &'static str,
    pub(super) value: Arc<str>,
}

impl Label {
    pub(super) fn new(name: &'static str, value: &str) -> Self {
        Self { name, value: value.into() }
    }
}

impl EncodeLabelSet for Label {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> fmt::Result {
        (self.name, &*self.value).encode(encoder.encode_label())
    }
}

/// What stands for the method of a request: its NSID where it was served by something, a word elsewhere.
pub(crate) fn method_label(verb: &Method, path: &str, status: StatusCode) -> String {
    let Some(name) = path.strip_prefix("/xrpc/") else { return "web".into() };
    match name.strip_suffix('/').unwrap_or(name) {
        // Preflights are answered whatever they ask for.
        _ if verb == Method::OPTIONS => "preflight".into(),
        "_health" => "_health".into(),
        _ if status == StatusCode::NOT_IMPLEMENTED => UNKNOWN.into(),
        name => name.parse::<Nsid>().map_or_else(|_| UNKNOWN.into(), |nsid| nsid.normalize().into_string()),
    }
}
