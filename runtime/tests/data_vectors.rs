//! Fixed encodings: JSON, CBOR and CID of the same data.

use arobase_runtime::data::{Cid, Value, cbor, json};

fn hex(text: &str) -> Vec<u8> {
    let digit = |c: u8| char::from(c).to_digit(16).unwrap() as u8;
    let pairs = text.as_bytes().chunks(2);
    pairs.map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

const VECTORS: [(&str, &str, &str); 4] = [
    ("{}", "a0", "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"),
    (
        r#"{"z":true,"aa":null,"b":[0,23,24,255,256,65536,4294967296,9007199254740991,-1,-24,-25,-9007199254740991]}"#,
        "a361628c0017181818ff1901001a000100001b00000001000000001b001fffffffffffff203738183b001ffffffffffffe617af5626161f6",
        "bafyreievsfmh7yfps2f4idhi6d4fwy4vevm56m3q4ufmq3ea4zlh5v64qe",
    ),
    (
        r#"{"text":"héllo ✓","é":1,"zz":2}"#,
        "a3627a7a0262c3a90164746578746a68c3a96c6c6f20e29c93",
        "bafyreibj34d3bldb6jstbraqbynpdzk3v5ak5peqo7xh4hubdtusbpj72a",
    ),
    (
        r#"{"link":{"$link":"bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua"},"bytes":{"$bytes":"AP8"},"blob":{"$type":"blob","ref":{"$link":"bafkreie4chhrpfx6kqftmzfzk3eadtr3vsfqahzrcf3bcyzy3u6iunwc7u"},"mimeType":"text/plain","size":15}}"#,
        "a364626c6f62a463726566d82a582500015512209c11cf1796fe540b3664b956c801ce3bac8b001f311176116338dd3c8a36c2fd6473697a650f65247479706564626c6f62686d696d65547970656a746578742f706c61696e646c696e6bd82a58250001711220c19a797fa1fd590cd2e5b42d1cf5f246e29b91684e2f87404b81dc345c7a56a06562797465734200ff",
        "bafyreihi44vhxwsvunsav47je37ngow5bjgw5hxzl27f7ip4cdhsryme6u",
    ),
];

#[test]
fn json_becomes_the_known_cbor() {
    for (text, cbor, cid) in VECTORS {
        let value = json::parse(text.as_bytes()).unwrap();
        assert_eq!(value.to_cbor().unwrap(), hex(cbor), "{text}");
        assert_eq!(value.cid().unwrap().to_string(), cid, "{text}");
    }
}

#[test]
fn cbor_becomes_the_value_of_the_json() {
    for (text, cbor, cid) in VECTORS {
        let cbor = hex(cbor);
        let value = cbor::parse(&cbor).unwrap();
        assert_eq!(value, json::parse(text.as_bytes()).unwrap());
        assert!(cid.parse::<Cid>().unwrap().verify(&cbor));
        assert_eq!(Value::from_json(&value.to_json().unwrap()).unwrap(), value);
    }
}

#[test]
fn every_truncation_is_refused() {
    for (text, cbor, _) in VECTORS {
        for end in 0..text.len() {
            assert!(json::parse(&text.as_bytes()[..end]).is_err(), "{text} to {end}");
            let lenient = json::parse_lenient(&text.as_bytes()[..end], Default::default());
            assert!(lenient.is_err(), "{text} to {end}");
        }
        let cbor = hex(cbor);
        for end in 0..cbor.len() {
            assert!(cbor::parse(&cbor[..end]).is_err(), "{text} to {end}");
        }
    }
}

#[test]
fn json_is_written_without_spaces_and_with_the_type_first() {
    let value = json::parse(br#" { "b" : [ 1 , null ] , "a" : "x" , "$type" : "t.y.p" } "#).unwrap();
    assert_eq!(json::to_string(&value).unwrap(), r#"{"$type":"t.y.p","a":"x","b":[1,null]}"#);
}

#[test]
fn a_raw_cid_names_its_bytes() {
    let cid = Cid::of_raw(b"some file bytes");
    assert_eq!(cid.to_string(), "bafkreie4chhrpfx6kqftmzfzk3eadtr3vsfqahzrcf3bcyzy3u6iunwc7u");
    assert!(cid.verify(b"some file bytes"));
    assert!(!cid.verify(b"other file bytes"));
}
