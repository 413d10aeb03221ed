//! Who publishes the lexicons of a group (Lexicon, authority): a TXT record of DNS says it.

use arobase_lexicon::syntax::{Did, Nsid};

use super::LexiconError;
use crate::identity::{Dns, DnsError};

/// The most bytes of a domain name.
const MAX_NAME: usize = 253;

/// The DID of the authority of an NSID. It holds for the whole group, and neither for the groups above nor below it.
pub(super) async fn resolve(nsid: &Nsid, dns: &dyn Dns) -> Result<Did, LexiconError> {
    let name = format!("_lexicon.{}", nsid.authority());
    if name.len() > MAX_NAME {
        return Err(LexiconError::LongAuthority);
    }
    match dns.txt(&name).await {
        Ok(records) => choose(&records),
        Err(DnsError::NotFound) => Err(LexiconError::NotFound { authority: None }),
        Err(error) => Err(LexiconError::Dns(error)),
    }
}

/// Exactly one record says who it is.
fn choose(records: &[String]) -> Result<Did, LexiconError> {
    let mut values = records.iter().filter_map(|record| record.strip_prefix("did="));
    let value = values.next().ok_or(LexiconError::NotFound { authority: None })?;
    if values.next().is_some() {
        return Err(LexiconError::Ambiguous);
    }
    let did: Did = value.parse().map_err(|_| LexiconError::NotADid)?;
    did.check_method().map_err(LexiconError::Did)?;
    Ok(did)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(records: &[&str]) -> Result<String, LexiconError> {
        let records: Vec<String> = records.iter().map(|record| (*record).to_owned()).collect();
        choose(&records).map(|did| did.as_str().to_owned())
    }

    #[test]
    fn one_record_names_the_authority_whatever_stands_beside_it() {
        assert_eq!(
            chosen(&["v=spf1", "did=did:web:a.example.com", "DID=x", " did=y"]).unwrap(),
            "did:web:a.example.com"
        );
    }

    #[test]
    fn two_records_name_nobody_even_if_they_are_equal() {
        for records in [["did=did:web:a.example.com", "did=did:web:b.example.com"], ["did=did:web:a.example.com"; 2]] {
            assert!(matches!(chosen(&records), Err(LexiconError::Ambiguous)));
        }
    }

    #[test]
    fn without_a_record_of_that_form_there_is_no_authority() {
        for records in [&[][..], &["v=spf1"], &["did:web:a.example.com"]] {
            assert!(matches!(chosen(records), Err(LexiconError::NotFound { authority: None })));
        }
    }

    #[test]
    fn what_is_no_usable_did_names_nobody() {
        for record in ["did=", "did=a.example", "did= did:web:a.example.com", "did=did:web:a.example.com "] {
            assert!(matches!(chosen(&[record]), Err(LexiconError::NotADid)), "{record}");
        }
        for record in ["did=did:key:z6Mk", "did=did:plc:short", "did=did:web:a.example.com:path"] {
            assert!(matches!(chosen(&[record]), Err(LexiconError::Did(_))), "{record}");
        }
    }
}
