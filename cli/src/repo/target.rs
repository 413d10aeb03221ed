//! Which record is meant.

use std::{fmt, str::FromStr};

use arobase::{
    repo::RepoPath,
    syntax::{AtUri, Did},
};

/// A record: its path, and the account if an AT-URI named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The account that the repository must belong to.
    pub(crate) did: Option<Did>,
    /// The path in the repository.
    pub(crate) path: RepoPath,
}

impl FromStr for Target {
    type Err = String;

    /// Reads `collection/rkey` or `at://did/collection/rkey`.
    fn from_str(text: &str) -> Result<Self, String> {
        if !text.starts_with("at://") {
            let path = text.parse().map_err(|error| format!("{error}"))?;
            return Ok(Self { did: None, path });
        }
        let uri: AtUri = text.parse().map_err(|error| format!("{text:?} is no AT-URI: {error}"))?;
        let did = uri.authority_did();
        let did = did.ok_or_else(|| format!("{uri} names its account by a handle; a file can only be asked by DID"))?;
        let (Some(collection), Some(rkey)) = (uri.collection_nsid(), uri.record_key()) else {
            return Err(format!("{uri} is not the address of a record"));
        };
        let path = RepoPath::new(&collection, &rkey).map_err(|error| error.to_string())?;
        Ok(Self { did: Some(did), path })
    }
}

/// As it is written.
impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.did {
            Some(did) => write!(f, "at://{did}/{}", self.path),
            None => self.path.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DID: &str = "did:plc:abcdefghijklmnopqrstuvwx";

    #[test]
    fn a_record_is_named_by_path_or_by_address() {
        let path: Target = "com.example.note/a:b".parse().unwrap();
        assert_eq!((path.did.is_none(), path.path.as_str()), (true, "com.example.note/a:b"));
        let text = format!("at://{DID}/com.example.note/3jzfcijpj2z2a");
        let address: Target = text.parse().unwrap();
        assert_eq!(address.did.as_ref().map(Did::as_str), Some(DID));
        assert_eq!(address.path.as_str(), "com.example.note/3jzfcijpj2z2a");
        assert_eq!(address.to_string(), text);
    }

    #[test]
    fn what_names_no_record_is_refused() {
        let texts = [
            "com.example.note".to_owned(),
            "com.example.note/../a".to_owned(),
            "at://alice.example.com/com.example.note/a".to_owned(),
            format!("at://{DID}"),
            format!("at://{DID}/com.example.note"),
            format!("at://{DID}/com.example.note/a/b"),
            "at://".to_owned(),
        ];
        for text in texts {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
