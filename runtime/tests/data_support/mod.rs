//! Arbitrary values of the data model.

use arobase_runtime::data::{Blob, Bytes, Cid, CidLink, Map, Value};
use proptest::{collection::vec, prelude::*};

/// A CID of the blessed form, of either codec.
pub(crate) fn cid() -> impl Strategy<Value = Cid> {
    (any::<bool>(), any::<[u8; 4]>()).prop_map(|(raw, seed)| if raw { Cid::of_raw(&seed) } else { Cid::of_cbor(&seed) })
}

/// A link, sometimes with a codec and hash function that are not blessed.
pub(crate) fn link() -> impl Strategy<Value = CidLink> {
    let general = vec(any::<u8>(), 0..=60).prop_map(|digest| {
        let len = u8::try_from(digest.len()).unwrap();
        let bytes = [&[1, 0xf0, 0x01, 0x00, len], digest.as_slice()].concat();
        CidLink::from_bytes(&bytes).unwrap()
    });
    prop_oneof![4 => cid().prop_map(CidLink::from), 1 => general]
}

/// Text with everything that needs care in JSON.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let awkward = prop_oneof![
        any::<char>(),
        proptest::char::range('\0', '\u{1f}'),
        proptest::sample::select(vec!['"', '\\', '/', 'é', '✓', '\u{1f980}', '\u{7f}', '\u{2028}']),
        proptest::char::range(' ', '~'),
    ];
    vec(awkward, 0..20).prop_map(String::from_iter)
}

fn letters(most: usize) -> impl Strategy<Value = String> {
    vec(proptest::char::range('a', 'e'), 0..=most).prop_map(String::from_iter)
}

/// A key that no form of JSON reserves.
pub(crate) fn key() -> impl Strategy<Value = String> {
    let dollar = letters(3).prop_map(|name| format!("${name}"));
    prop_oneof![4 => letters(4), 1 => dollar, 1 => text()]
        .prop_filter("reserved", |key| !["$type", "$link", "$bytes"].contains(&key.as_str()))
}

fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-300_i64..300).prop_map(Value::from),
        text().prop_map(Value::from),
        vec(any::<u8>(), 0..40).prop_map(|bytes| Bytes::from(bytes).into()),
        link().prop_map(Value::from),
        (link(), letters(5), 0_u64..1 << 40)
            .prop_map(|(link, mime, size)| Blob::new(link, format!("a/{mime}"), size).into()),
    ]
}

/// Any value that strict readers accept.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(5, 40, 6, |part| {
        let map = (vec((key(), part.clone()), 0..6), any::<bool>());
        prop_oneof![
            vec(part, 0..6).prop_map(Value::from),
            map.prop_map(|(entries, typed)| {
                let mut map: Map = entries.into_iter().collect();
                if typed {
                    map.insert("$type".into(), "com.example.thing".into());
                }
                map.into()
            }),
        ]
    })
}
