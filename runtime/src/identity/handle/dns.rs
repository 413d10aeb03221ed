//! What DNS says of a handle.

use arobase_lexicon::syntax::{Did, Handle};

use crate::identity::DnsError;

/// The longest name in DNS.
const MAX_NAME: usize = 253;
/// What the records that count start with; others may be there for other purposes.
const PREFIX: &str = "did=";

/// What DNS says of a handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FromDns {
    /// One DID, once or several times, and nothing else.
    Did(Did),
    /// Different DIDs.
    Ambiguous,
    /// Something that is no DID.
    NotADid,
    /// That there is nothing.
    Nothing,
    /// It could not be asked.
    Failed(DnsError),
}

impl FromDns {
    /// Reads the TXT records.
    pub(super) fn read(records: &[String]) -> Self {
        let mut first: Option<Did> = None;
        let mut is_good = true;
        for value in records.iter().filter_map(|record| record.strip_prefix(PREFIX)) {
            match (value.parse::<Did>(), &first) {
                (Err(_), _) => is_good = false,
                (Ok(did), None) => first = Some(did),
                (Ok(did), Some(first)) if did == *first => {}
                (Ok(_), Some(_)) => return Self::Ambiguous,
            }
        }
        match first {
            _ if !is_good => Self::NotADid,
            Some(did) => Self::Did(did),
            None => Self::Nothing,
        }
    }
}

/// Where the records of a handle are; `None` if no name in DNS is that long.
pub(super) fn name(handle: &Handle) -> Option<String> {
    let name = format!("_atproto.{handle}");
    (name.len() <= MAX_NAME).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "did=did:plc:ewvi7nxzyoun6zhxrhs64oiz";
    const B: &str = "did=did:web:example.com";

    fn read(records: &[&str]) -> FromDns {
        FromDns::read(&records.iter().map(|&record| record.to_owned()).collect::<Vec<_>>())
    }

    fn did(record: &str) -> FromDns {
        FromDns::Did(record.strip_prefix(PREFIX).unwrap().parse().unwrap())
    }

    #[test]
    fn one_did_counts_however_often_it_is_there() {
        assert_eq!(read(&[A]), did(A));
        assert_eq!(read(&[B, B, B]), did(B));
        assert_eq!(read(&["v=spf1 -all", B, "DID=did:web:other.example"]), did(B));
    }

    #[test]
    fn different_dids_are_ambiguous_whatever_else_is_there() {
        assert_eq!(read(&[A, B]), FromDns::Ambiguous);
        assert_eq!(read(&["did=rubbish", A, A, B]), FromDns::Ambiguous);
    }

    #[test]
    fn a_value_that_is_no_did_spoils_the_others() {
        for value in ["did=", "did=did:plc:", "did= did:web:example.com", "did=did:web:example.com ", "did=x"] {
            assert_eq!(read(&[value]), FromDns::NotADid, "{value}");
            assert_eq!(read(&[A, value]), FromDns::NotADid, "{value}");
        }
    }

    #[test]
    fn records_of_others_say_nothing() {
        assert_eq!(read(&[]), FromDns::Nothing);
        assert_eq!(
            read(&["", "did", "did:plc:ewvi7nxzyoun6zhxrhs64oiz", " did=did:web:example.com"]),
            FromDns::Nothing
        );
    }

    #[test]
    fn a_handle_that_is_too_long_has_no_name_in_dns() {
        let handle = |last: usize| {
            let label = "a".repeat(60);
            format!("{label}.{label}.{label}.{}.com", "b".repeat(last)).parse::<Handle>().unwrap()
        };
        assert_eq!(name(&handle(57)).unwrap().len(), 253);
        assert_eq!(name(&handle(58)), None);
    }
}
