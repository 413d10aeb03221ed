//! Conversions to and from the types of `ipld-core`.

use std::collections::BTreeMap;

use ipld_core::{
    cid::{self as ipld_cid, multihash::Multihash},
    ipld::Ipld,
};

use super::{Cid, CidError, CidLink, Error, Limits, Map, Value, cid::SHA_256};

impl TryFrom<&ipld_cid::Cid> for CidLink {
    type Error = CidError;

    fn try_from(cid: &ipld_cid::Cid) -> Result<Self, CidError> {
        Self::from_bytes(&cid.to_bytes())
    }
}

impl TryFrom<&ipld_cid::Cid> for Cid {
    type Error = CidError;

    fn try_from(cid: &ipld_cid::Cid) -> Result<Self, CidError> {
        Self::from_bytes(&cid.to_bytes())
    }
}

/// Fails only where the digest is longer than 64 bytes, which `ipld-core` cannot hold.
impl TryFrom<&CidLink> for ipld_cid::Cid {
    type Error = ipld_cid::Error;

    fn try_from(link: &CidLink) -> Result<Self, ipld_cid::Error> {
        link.with_bytes(|bytes| Self::try_from(bytes))
    }
}

impl From<Cid> for ipld_cid::Cid {
    fn from(cid: Cid) -> Self {
        let digest = Multihash::wrap(SHA_256.into(), cid.digest());
        let digest = digest.expect("32 bytes fit in a multihash of 64");
        Self::new_v1(cid.codec().number().into(), digest)
    }
}

/// Fails for floats, integers of more than 64 bits, links that are no CIDv1 of at most 100 bytes,
/// and what breaks the rules of [`Value::check`].
impl TryFrom<Ipld> for Value {
    type Error = Error;

    fn try_from(ipld: Ipld) -> Result<Self, Error> {
        let value = from_ipld(ipld, 0)?;
        value.check()?;
        Ok(value)
    }
}

/// Fails for [`Value::Invalid`] and for links that `ipld-core` cannot hold.
impl TryFrom<Value> for Ipld {
    type Error = Error;

    fn try_from(value: Value) -> Result<Self, Error> {
        value.check()?;
        to_ipld(value)
    }
}

/// The limit on the depth bounds the recursion.
fn from_ipld(ipld: Ipld, depth: usize) -> Result<Value, Error> {
    if depth > Limits::DEFAULT.max_depth {
        return Err(Error::limit("lists and maps are nested too deep"));
    }
    Ok(match ipld {
        Ipld::Null => Value::Null,
        Ipld::Bool(value) => Value::Bool(value),
        Ipld::Integer(value) => {
            Value::Int(i64::try_from(value).map_err(|_| Error::model("the integer does not fit in 64 bits"))?)
        }
        Ipld::Float(_) => return Err(Error::model("floats are not allowed")),
        Ipld::String(text) => Value::String(text),
        Ipld::Bytes(bytes) => Value::Bytes(bytes.into()),
        Ipld::Link(cid) => Value::Link(CidLink::try_from(&cid).map_err(|error| Error::model(error.to_string()))?),
        Ipld::List(items) => {
            let items = items.into_iter().enumerate();
            Value::List(
                items
                    .map(|(i, item)| from_ipld(item, depth + 1).map_err(|e| e.at_index(i)))
                    .collect::<Result<_, _>>()?,
            )
        }
        Ipld::Map(entries) => {
            let entries = entries.into_iter();
            let entries = entries.map(|(key, item)| match from_ipld(item, depth + 1) {
                Ok(value) => Ok((key, value)),
                Err(error) => Err(error.in_key(&key)),
            });
            Value::Map(entries.collect::<Result<Map, _>>()?)
        }
    })
}

/// The value has passed [`Value::check`], which bounds the recursion.
fn to_ipld(value: Value) -> Result<Ipld, Error> {
    Ok(match value {
        Value::Null => Ipld::Null,
        Value::Bool(value) => Ipld::Bool(value),
        Value::Int(value) => Ipld::Integer(value.into()),
        Value::String(text) => Ipld::String(text),
        Value::Bytes(bytes) => Ipld::Bytes(bytes.into()),
        Value::Link(link) => {
            Ipld::Link(ipld_cid::Cid::try_from(&link).map_err(|error| Error::unwritable(error.to_string()))?)
        }
        Value::List(items) => Ipld::List(items.into_iter().map(to_ipld).collect::<Result<_, _>>()?),
        Value::Map(map) => {
            let entries = map.into_iter();
            let entries = entries.map(|(key, value)| Ok((key, to_ipld(value)?)));
            Ipld::Map(entries.collect::<Result<BTreeMap<_, _>, Error>>()?)
        }
        Value::Invalid(_) => return Err(Error::unwritable("the value is outside the data model")),
    })
}
