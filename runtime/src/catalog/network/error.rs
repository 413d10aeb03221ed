//! Why a lexicon is not known.

use std::{fmt, sync::Arc};

use arobase_lexicon::{
    load::{LoadError, Segment},
    syntax::{Did, DidMethodError, Tid},
};

use crate::{
    catalog::CatalogError,
    identity::{DnsError, FetchError, IdentityError},
    sync::Invalid,
};

/// Why a lexicon could not be had, or is not believed. Cheap to clone: all who waited for one look-up get the same.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LexiconError {
    /// There is none.
    NotFound {
        /// The authority, whose repository proves that it has no such record; `None` where DNS names no authority.
        authority: Option<Did>,
    },
    /// What was asked for is no NSID, but was read leniently. Nothing was asked.
    NotAnNsid,
    /// The domain name of the authority is longer than DNS allows. Nothing was asked.
    LongAuthority,
    /// DNS names more than one authority.
    Ambiguous,
    /// What DNS names as the authority is no DID.
    NotADid,
    /// The DID of the authority is of a method that is not supported, or breaks its rules.
    Did(DidMethodError),
    /// DNS could not say.
    Dns(DnsError),
    /// The identity of the authority could not be had.
    Identity(IdentityError),
    /// The PDS of the authority is not reached over https.
    Plaintext,
    /// It took too long.
    Timeout,
    /// The PDS of the authority could not be asked.
    Fetch(FetchError),
    /// The PDS of the authority refused, which proves nothing.
    Refused {
        /// The status.
        status: u16,
        /// The name of the error, if it said one: letters and digits.
        error: Option<Box<str>>,
    },
    /// What the PDS gave as a proof is none.
    Proof(Arc<Invalid>),
    /// The proof leads to a record that did not come along, or whose CID is no CID of a record.
    NoBlock,
    /// The record is not of the data model, or a lexicon of it would be many times as large.
    Data(Box<str>),
    /// The record has another `$type` than `com.atproto.lexicon.schema`.
    Type {
        /// The type, as far as it is a short text.
        found: Option<Box<str>>,
    },
    /// The record is of another version of the Lexicon language than 1.
    Version,
    /// The `id` of the lexicon is not the NSID under which it was published, also if only upper and lower case differ.
    Id {
        /// The `id`, as far as it is a short text.
        found: Option<Box<str>>,
    },
    /// The lexicon breaks rules of the Lexicon language: the first [`LexiconError::MAX_MISTAKES`] of all mistakes.
    Document(Arc<[LoadError]>),
    /// The proof is of an older state of the repository than one that was seen.
    Downgrade {
        /// The latest revision that was seen.
        seen: Tid,
        /// The revision of the proof.
        found: Tid,
    },
    /// The proof is of a revision that lies more than five minutes in the future.
    Future {
        /// The revision.
        rev: Tid,
    },
    /// The lexicon cannot stand beside others: NSIDs that differ in case alone, members of unions that cannot be any.
    Incompatible(Arc<CatalogError>),
}

impl LexiconError {
    /// How many mistakes of a lexicon are listed.
    pub const MAX_MISTAKES: usize = 100;

    /// Whether it is certain that there is no such lexicon.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether the answer is certain: another attempt gives the same until somebody changes something.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        match self {
            Self::Dns(_) | Self::Fetch(_) | Self::Timeout => false,
            Self::Identity(error) => error.is_permanent(),
            Self::Refused { status, .. } => (400..500).contains(status) && !matches!(status, 408 | 425 | 429),
            _ => true,
        }
    }

    /// About how many bytes of others it repeats.
    pub(super) fn bytes(&self) -> usize {
        let of_segment = |segment: &Segment| match segment {
            Segment::Key(key) => key.len(),
            Segment::Index(_) => 0,
        };
        let of_mistake =
            |mistake: &LoadError| mistake.message.len() + mistake.path.segments().iter().map(of_segment).sum::<usize>();
        match self {
            Self::Document(mistakes) => mistakes.iter().map(of_mistake).sum(),
            _ => 0,
        }
    }
}

impl fmt::Display for LexiconError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { authority: None } => f.write_str("DNS names no authority for it"),
            Self::NotFound { authority: Some(did) } => write!(f, "its authority, {did}, has not published it"),
            Self::NotAnNsid => f.write_str("this is no NSID"),
            Self::LongAuthority => f.write_str("its authority is longer than a domain name can be"),
            Self::Ambiguous => f.write_str("DNS names more than one authority for it"),
            Self::NotADid => f.write_str("what DNS names as its authority is no DID"),
            Self::Did(error) => write!(f, "DNS names as its authority {error}"),
            Self::Dns(error) => error.fmt(f),
            Self::Identity(error) => write!(f, "the identity of its authority: {error}"),
            Self::Plaintext => f.write_str("the PDS of its authority is not reached over https"),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Fetch(error) => write!(f, "the PDS of its authority: {error}"),
            Self::Refused { status, error: None } => write!(f, "the PDS of its authority answers {status}"),
            Self::Refused { status, error: Some(name) } => {
                write!(f, "the PDS of its authority answers {status}, {name}")
            }
            Self::Proof(invalid) => write!(f, "the proof of the PDS: {invalid}"),
            Self::NoBlock => f.write_str("the proof of the PDS lacks the record"),
            Self::Data(reason) => write!(f, "the record: {reason}"),
            Self::Type { found } => write!(f, "the record is no lexicon, but {}", Shown(found)),
            Self::Version => f.write_str("the record has another `lexicon` than 1"),
            Self::Id { found } => write!(f, "the lexicon has another `id`: {}", Shown(found)),
            Self::Document(mistakes) => write_lines(f, mistakes),
            Self::Downgrade { seen, found } => {
                write!(f, "the proof is of the revision {found}, which is older than {seen}, which was seen")
            }
            Self::Future { rev } => write!(f, "the revision {rev} lies in the future"),
            Self::Incompatible(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for LexiconError {}

/// A line for each.
fn write_lines(f: &mut fmt::Formatter<'_>, mistakes: &[LoadError]) -> fmt::Result {
    for (index, mistake) in mistakes.iter().enumerate() {
        let line_end = if index == 0 { "" } else { "\n" };
        write!(f, "{line_end}{mistake}")?;
    }
    Ok(())
}

/// A text of others.
struct Shown<'a>(&'a Option<Box<str>>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(text) => write!(f, "{text:?}"),
            None => f.write_str("something else"),
        }
    }
}
