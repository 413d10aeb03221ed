use std::{fmt::Display, str::FromStr};

use arobase_lexicon::syntax::{Nsid, RecordKey, Tid};

use crate::data::Data;

/// A record type (Lexicon, record).
pub trait Record: Data {
    /// The collection in which such records are stored, and their `$type`.
    const NSID: &'static str;
    /// What their keys look like.
    type Key: RecordKeyOf;
}

/// A type of record keys: [`Tid`], [`Nsid`], [`RecordKey`], or a type for one literal.
pub trait RecordKeyOf: Display + FromStr {}

impl RecordKeyOf for Tid {}
impl RecordKeyOf for Nsid {}
impl RecordKeyOf for RecordKey {}
