//! Conversions to and from the types of `ipld-core`.
#![cfg(feature = "ipld")]

mod data_support;

use arobase_runtime::data::{Cid, CidLink, Value};
use ipld_core::{cid, ipld::Ipld};
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_value_comes_back(value in data_support::value()) {
        let ipld = Ipld::try_from(value.clone()).unwrap();
        prop_assert_eq!(Value::try_from(ipld).unwrap(), value);
    }

    #[test]
    fn a_cid_comes_back(cid in data_support::cid()) {
        let other = cid::Cid::from(cid);
        prop_assert_eq!(other.to_string(), cid.to_string());
        prop_assert_eq!(Cid::try_from(&other), Ok(cid));
    }

    #[test]
    fn a_link_comes_back(link in data_support::link()) {
        let other = cid::Cid::try_from(&link).unwrap();
        prop_assert_eq!(CidLink::try_from(&other), Ok(link));
    }
}

#[test]
fn what_the_data_model_has_not_is_refused() {
    assert!(Value::try_from(Ipld::Float(1.0)).is_err());
    assert!(Value::try_from(Ipld::Integer(1 << 64)).is_err());
    let untyped = Ipld::Map([("$type".to_owned(), Ipld::Null)].into());
    assert!(Value::try_from(untyped).is_err());
    let deep = (0..200).fold(Ipld::Null, |inner, _| Ipld::List(vec![inner]));
    assert!(Value::try_from(deep).is_err());
    assert!(Ipld::try_from(Value::Invalid("1.5".into())).is_err());
}
