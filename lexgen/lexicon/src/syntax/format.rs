use super::{
    AtIdentifier, AtUri, CidString, Datetime, Did, GenericAtUri, Handle, Language, Nsid, RecordKey, SyntaxError, Tid,
    Uri,
};

/// How strictly a text is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The grammar as it stands.
    #[default]
    Strict,
    /// Some old and sloppy forms too, for reading data that others made.
    Lenient,
}

/// A string format of the Lexicon language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// `at-identifier`: a handle or a DID
    AtIdentifier,
    /// `at-uri`
    AtUri,
    /// `cid`
    Cid,
    /// `datetime`
    Datetime,
    /// `did`
    Did,
    /// `handle`
    Handle,
    /// `language`
    Language,
    /// `nsid`
    Nsid,
    /// `record-key`
    RecordKey,
    /// `tid`
    Tid,
    /// `uri`
    Uri,
}

impl Format {
    /// All formats, by name.
    pub const ALL: [Self; 11] = [
        Self::AtIdentifier,
        Self::AtUri,
        Self::Cid,
        Self::Datetime,
        Self::Did,
        Self::Handle,
        Self::Language,
        Self::Nsid,
        Self::RecordKey,
        Self::Tid,
        Self::Uri,
    ];

    /// The name in a Lexicon document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AtIdentifier => "at-identifier",
            Self::AtUri => "at-uri",
            Self::Cid => "cid",
            Self::Datetime => "datetime",
            Self::Did => "did",
            Self::Handle => "handle",
            Self::Language => "language",
            Self::Nsid => "nsid",
            Self::RecordKey => "record-key",
            Self::Tid => "tid",
            Self::Uri => "uri",
        }
    }

    /// The format of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Checks a text.
    ///
    /// # Errors
    /// Says what is wrong with the text.
    pub fn check(self, text: &str, mode: Mode) -> Result<(), SyntaxError> {
        let result = match (self, mode) {
            (Self::AtIdentifier, _) => AtIdentifier::scan(text),
            (Self::AtUri, Mode::Strict) => AtUri::scan(text),
            (Self::AtUri, Mode::Lenient) => GenericAtUri::scan(text),
            (Self::Cid, _) => CidString::scan(text),
            (Self::Datetime, Mode::Strict) => Datetime::scan(text),
            (Self::Datetime, Mode::Lenient) => Datetime::scan_lenient(text),
            (Self::Did, _) => Did::scan(text),
            (Self::Handle, _) => Handle::scan(text),
            (Self::Language, Mode::Strict) => Language::scan(text),
            (Self::Language, Mode::Lenient) => Language::scan_lenient(text),
            (Self::Nsid, _) => Nsid::scan(text),
            (Self::RecordKey, _) => RecordKey::scan(text),
            (Self::Tid, _) => Tid::scan(text),
            (Self::Uri, Mode::Strict) => Uri::scan(text),
            (Self::Uri, Mode::Lenient) => Uri::scan_lenient(text),
        };
        result.map_err(|reason| SyntaxError::new(self, reason, text))
    }
}

impl core::fmt::Display for Format {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}
