//! CIDs: the blessed form, and links in general.

use arobase_runtime::data::{Cid, CidError, CidLink, Codec};

const TEXT: &str = "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua";

fn cid_error(text: &str) -> CidError {
    text.parse::<Cid>().unwrap_err()
}

fn link_error(bytes: &[u8]) -> CidError {
    CidLink::from_bytes(bytes).unwrap_err()
}

#[test]
fn the_text_form_is_59_characters_of_lower_case_base32() {
    let cid: Cid = TEXT.parse().unwrap();
    assert_eq!(cid.codec(), Codec::DagCbor);
    assert_eq!(cid, Cid::of_cbor(&[0xa0]));
    assert_eq!(cid.to_string(), TEXT);
    assert_eq!(format!("{cid:?}"), format!("Cid({TEXT})"));
}

#[test]
fn the_binary_form_is_36_bytes() {
    let cid: Cid = TEXT.parse().unwrap();
    let bytes = cid.to_bytes();
    assert_eq!(bytes[..4], [0x01, 0x71, 0x12, 0x20]);
    assert_eq!(&bytes[4..], cid.digest());
    assert_eq!(Cid::from_bytes(&bytes), Ok(cid));
}

#[test]
fn a_cid_is_33_bytes_in_memory() {
    assert_eq!(size_of::<Cid>(), 33);
    assert_eq!(size_of::<CidLink>(), 40);
}

#[test]
fn cids_order_as_their_binary_form_does() {
    let mut cids: Vec<Cid> =
        (0..20_u8).map(|seed| if seed % 2 == 0 { Cid::of_raw(&[seed]) } else { Cid::of_cbor(&[seed]) }).collect();
    cids.sort();
    assert!(cids.iter().map(Cid::to_bytes).is_sorted());
}

#[test]
fn upper_case_is_refused() {
    assert_eq!(cid_error(&TEXT.to_uppercase()), CidError::Multibase);
    let upper = format!("b{}", TEXT[1..].to_uppercase());
    assert_eq!(cid_error(&upper), CidError::Symbol);
    assert_eq!(upper.parse::<CidLink>(), Err(CidError::Symbol));
}

#[test]
fn text_of_the_wrong_length_is_refused() {
    for end in 0..TEXT.len() {
        assert!(TEXT[..end].parse::<Cid>().is_err(), "{end}");
        assert!(TEXT[..end].parse::<CidLink>().is_err(), "{end}");
    }
    assert_eq!(cid_error(&format!("{TEXT}a")), CidError::TextLength);
    assert_eq!(cid_error(&format!("{TEXT}=")), CidError::TextLength);
    assert!(format!("{TEXT}aa").parse::<CidLink>().is_err());
}

#[test]
fn stray_bits_at_the_end_are_refused() {
    let stray = format!("{}b", &TEXT[..58]);
    assert_eq!(cid_error(&stray), CidError::TrailingBits);
    assert_eq!(stray.parse::<CidLink>(), Err(CidError::TrailingBits));
}

#[test]
fn other_multibases_and_version_0_are_refused() {
    for text in [
        "zdpuAyvkgEDQm9TenwGkd5eNaosSxjgEYd8QatfPetgB1CdEZ",
        "f01711220c19a797fa1fd590cd2e5b42d1cf5f246e29b91684e2f87404b81dc345c7a56a0",
        "mAXESIA",
        "",
    ] {
        assert_eq!(text.parse::<CidLink>(), Err(CidError::Multibase), "{text}");
    }
    let version_0 = "QmY7Yh4UquoXHLPFo2XbhXkhBvFoPwmQUSa92pxnxjQuPU";
    assert_eq!(version_0.parse::<CidLink>(), Err(CidError::Version0));
    let binary = [&[0x12, 0x20][..], &[7; 32]].concat();
    assert_eq!(link_error(&binary), CidError::Version0);
    assert_eq!(Cid::from_bytes(&binary), Err(CidError::Version0));
}

#[test]
fn another_codec_or_hash_is_a_link_but_no_blessed_cid() {
    for (bytes, error) in [
        ([&[1, 0x70, 0x12, 32][..], &[7; 32]].concat(), CidError::Codec(0x70)),
        ([&[1, 0x71, 0x1e, 32][..], &[7; 32]].concat(), CidError::Hash(0x1e)),
        ([&[1, 0x71, 0x13, 64][..], &[7; 64]].concat(), CidError::Hash(0x13)),
        ([&[1, 0x55, 0x12, 20][..], &[7; 20]].concat(), CidError::DigestLength),
        (vec![1, 0x55, 0x00, 0], CidError::Hash(0)),
        ([&[1, 0x81, 0x02, 0x12, 32][..], &[7; 32]].concat(), CidError::Codec(0x101)),
    ] {
        assert_eq!(Cid::from_bytes(&bytes), Err(error), "{bytes:?}");
        let link = CidLink::from_bytes(&bytes).unwrap();
        assert_eq!(link.as_cid(), None);
        assert_eq!(link.to_bytes(), bytes);
        assert_eq!(link.to_string().parse(), Ok(link));
    }
}

#[test]
fn a_blessed_link_is_the_cid() {
    let cid: Cid = TEXT.parse().unwrap();
    let link: CidLink = TEXT.parse().unwrap();
    assert_eq!(link, CidLink::from(cid));
    assert_eq!(link.as_cid(), Some(cid));
    assert_eq!(link.to_string(), TEXT);
    assert_eq!(CidLink::from_bytes(&cid.to_bytes()), Ok(link));
}

#[test]
fn bytes_that_do_not_fit_their_own_structure_are_refused() {
    let bytes = TEXT.parse::<Cid>().unwrap().to_bytes();
    for end in 0..bytes.len() {
        assert!(CidLink::from_bytes(&bytes[..end]).is_err(), "{end}");
    }
    assert_eq!(link_error(&bytes[..35]), CidError::DigestLength);
    assert_eq!(link_error(&[&bytes[..], &[0]].concat()), CidError::DigestLength);
    assert_eq!(link_error(&bytes[..2]), CidError::Truncated);
    assert_eq!(link_error(&[2, 0x71]), CidError::Version(2));
    assert_eq!(link_error(&[0x81, 0x00, 0x71]), CidError::Number);
    assert_eq!(link_error(&[1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), CidError::Number);
}

#[test]
fn a_link_has_at_most_100_bytes() {
    let most = [&[1, 0x55, 0x00, 96][..], &[7; 96]].concat();
    let text = CidLink::from_bytes(&most).unwrap().to_string();
    assert_eq!(text.parse::<CidLink>().unwrap().to_bytes(), most);
    let more = [&[1, 0x55, 0x00, 97][..], &[7; 97]].concat();
    assert_eq!(link_error(&more), CidError::TooLong);
    assert_eq!(format!("b{}", "a".repeat(4000)).parse::<CidLink>(), Err(CidError::TooLong));
}
