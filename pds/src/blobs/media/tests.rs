use proptest::prelude::*;

use super::{super::mime, Facts, HEAD, Probe};

/// What these bytes show, however they are cut.
fn look(bytes: &[u8], mime_type: &str) -> Facts {
    let whole = look_at_pieces(bytes, bytes.len().max(1), mime_type);
    assert_eq!(look_at_pieces(bytes, 1, mime_type), whole);
    assert_eq!(look_at_pieces(bytes, 7, mime_type), whole);
    whole
}

fn look_at_pieces(bytes: &[u8], piece: usize, mime_type: &str) -> Facts {
    let mut probe = Probe::default();
    for piece in bytes.chunks(piece) {
        probe.push(piece);
    }
    probe.finish(&bytes[..bytes.len().min(HEAD)], bytes.len() as u64, mime_type)
}

fn facts(width: u32, height: u32, duration: u64) -> Facts {
    Facts { width: Some(width), height: Some(height), duration: Some(duration) }
}

fn film(duration: u64) -> Facts {
    Facts { duration: Some(duration), ..Facts::default() }
}

fn boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let len = u32::try_from(content.len() + 8).unwrap();
    [len.to_be_bytes().as_slice(), name, content].concat()
}

fn long_boxed(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let len = content.len() as u64 + 16;
    [1_u32.to_be_bytes().as_slice(), name, &len.to_be_bytes(), content].concat()
}

fn mvhd(scale: u32, duration: u32) -> Vec<u8> {
    let content = [&[0; 12], scale.to_be_bytes().as_slice(), &duration.to_be_bytes(), &[0; 80]].concat();
    boxed(b"mvhd", &content)
}

fn long_mvhd(scale: u32, duration: u64) -> Vec<u8> {
    let content = [&[1], [0; 19].as_slice(), &scale.to_be_bytes(), &duration.to_be_bytes(), &[0; 80]].concat();
    boxed(b"mvhd", &content)
}

fn tkhd(width: u32, height: u32, is_turned: bool) -> Vec<u8> {
    let one = 0x1_0000_u32.to_be_bytes();
    let zero = [0; 4];
    let (a, b) = if is_turned { (zero, one) } else { (one, zero) };
    let matrix = [a, b, zero, b, a, zero, zero, zero, one].concat();
    let size = [(width << 16).to_be_bytes(), (height << 16).to_be_bytes()].concat();
    boxed(b"trak", &boxed(b"tkhd", &[[0; 40].as_slice(), &matrix, &size].concat()))
}

fn mp4(boxes: &[Vec<u8>]) -> Vec<u8> {
    [boxed(b"ftyp", b"isom\0\0\0\0"), boxes.concat()].concat()
}

#[test]
fn a_film_says_how_large_and_how_long_it_is() {
    let moov = boxed(b"moov", &[mvhd(600, 900), tkhd(0, 0, false), tkhd(1280, 720, false)].concat());
    let mdat = boxed(b"mdat", &[7; 5000]);
    assert_eq!(look(&mp4(&[moov.clone(), mdat.clone()]), "video/mp4"), facts(1280, 720, 1500));
    // What is wanted may stand at the end, behind a box of a long length, and without a first box.
    assert_eq!(look(&mp4(&[mdat, moov.clone()]), "video/mp4"), facts(1280, 720, 1500));
    let old = [long_boxed(b"mdat", &[7; 500_000]), moov].concat();
    assert_eq!(look_at_pieces(&old, 1000, "video/quicktime"), facts(1280, 720, 1500));
}

#[test]
fn a_film_that_is_turned_is_as_large_as_it_is_seen() {
    let moov = boxed(b"moov", &[long_mvhd(1000, 61_000), tkhd(1920, 1080, true)].concat());
    assert_eq!(look(&mp4(&[moov]), "video/mp4"), facts(1080, 1920, 61_000));
}

#[test]
fn a_film_in_fragments_may_say_how_long_all_of_them_are() {
    let mvex = boxed(b"mvex", &boxed(b"mehd", &[[0; 4], 2500_u32.to_be_bytes()].concat()));
    let moov = boxed(b"moov", &[mvhd(1000, 0), mvex].concat());
    assert_eq!(look(&mp4(&[moov]), "video/mp4"), film(2500));
    assert_eq!(look(&mp4(&[boxed(b"moov", &mvhd(1000, 0))]), "video/mp4"), Facts::default());
}

#[test]
fn of_several_lengths_the_longest_counts() {
    let moov = boxed(b"moov", &[mvhd(1000, 5000), mvhd(1, 100), mvhd(1000, 1)].concat());
    assert_eq!(look(&mp4(&[moov]), "video/mp4"), film(100_000));
}

#[test]
fn lengths_that_cannot_be_are_not_believed() {
    for moov in [
        mvhd(0, 5),
        mvhd(1000, u32::MAX),
        long_mvhd(1000, u64::MAX),
        boxed(b"mvhd", &[0; 10]),
        boxed(b"mvhd", b""),
        [3_u32.to_be_bytes().as_slice(), b"mvhd"].concat(),
        [1_u32.to_be_bytes().as_slice(), b"mvhd", &[0; 8]].concat(),
        [1_u32.to_be_bytes().as_slice(), b"mvhd", &[255; 8], &[255; 200]].concat(),
    ] {
        assert_eq!(look(&mp4(&[boxed(b"moov", &moov)]), "video/mp4").width, None);
    }
    assert_eq!(look(&mp4(&[boxed(b"moov", &mvhd(0, 5))]), "video/mp4"), Facts::default());
    // 2^64-1 of a second are more than a number holds in milliseconds.
    assert_eq!(look(&mp4(&[boxed(b"moov", &long_mvhd(1, u64::MAX - 1))]), "video/mp4"), Facts::default());
    assert_eq!(look(&boxed(b"text", &mvhd(1, 5)), "video/mp4"), Facts::default());
}

#[test]
fn the_last_box_may_go_on_to_the_end() {
    let moov = [0_u32.to_be_bytes().as_slice(), b"moov", &mvhd(10, 5)].concat();
    assert_eq!(look(&mp4(&[moov]), "video/mp4"), film(500));
}

#[test]
fn a_wave_says_how_long_it_is_by_what_is_there() {
    let rates = [8000_u32.to_le_bytes(), 16_000_u32.to_le_bytes()].concat();
    let fmt = [b"fmt \x10\0\0\0\x01\0\x01\0".as_slice(), &rates, b"\x02\0\x10\0"].concat();
    let odd = [b"LIST".as_slice(), &3_u32.to_le_bytes(), b"abc\0"].concat();
    let data = [b"data".as_slice(), &u32::MAX.to_le_bytes(), &[0; 8000]].concat();
    let wave = [b"RIFF\xff\xff\xff\xffWAVE".as_slice(), &odd, &fmt, &data].concat();
    assert_eq!(look(&wave, "audio/wav"), film(500));
    assert_eq!(look(&wave[..30], "audio/wav"), Facts::default());
}

#[test]
fn flac_says_how_many_samples_there_are() {
    let bits = 48_000_u64 << 44 | 1 << 41 | 15 << 36 | 96_000;
    let flac = [b"fLaC\0\0\0\x22".as_slice(), &[0; 10], &bits.to_be_bytes(), &[0; 16]].concat();
    assert_eq!(look(&flac, "audio/flac"), film(2000));
    assert_eq!(look(&flac[..20], "audio/flac"), Facts::default());
}

fn element(number: &[u8], content: &[u8]) -> Vec<u8> {
    let len = u16::try_from(content.len()).unwrap() | 0x4000;
    [number, &len.to_be_bytes(), content].concat()
}

#[test]
fn webm_says_how_large_and_how_long_it_is() {
    let info = [element(b"\x2a\xd7\xb1", &500_000_u32.to_be_bytes()), element(b"\x44\x89", &6000_f64.to_be_bytes())];
    let video = [element(b"\xb0", &640_u16.to_be_bytes()), element(b"\xba", &360_u16.to_be_bytes())];
    let track = element(b"\xae", &element(b"\xe0", &video.concat()));
    let inner = [element(b"\x15\x49\xa9\x66", &info.concat()), element(b"\x16\x54\xae\x6b", &track)].concat();
    // A segment of unknown length.
    let segment = [b"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff".as_slice(), &inner].concat();
    let webm = [element(b"\x1a\x45\xdf\xa3", b"\x42\x82\x84webm"), segment].concat();
    assert_eq!(look(&webm, "video/webm"), facts(640, 360, 3000));
    for end in 0..webm.len() {
        look(&webm[..end], "video/webm");
    }
}

#[test]
fn a_picture_says_how_large_it_is() {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0";
    assert_eq!(look(png, "image/png"), Facts { width: Some(3), height: Some(2), duration: None });
    assert_eq!(
        look(b"GIF89a\x05\0\x04\0\0\0\0", "image/gif"),
        Facts { width: Some(5), height: Some(4), duration: None }
    );
    assert_eq!(look(b"no picture", "image/png"), Facts::default());
    assert_eq!(look(b"", "image/png"), Facts::default());
}

/// How files begin that are looked into.
const MARKS: [&[u8]; 16] = [
    b"\0\0\0\x10ftypisom\0\0\0\0\0\0\0\x40moov",
    b"\0\0\0\x10ftypheic\0\0\0\0\0\0\0\x40meta\0\0\0\0",
    b"\0\0\0\x10ftypavif\0\0\0\0\0\0\0\x40meta\0\0\0\0",
    b"\x1a\x45\xdf\xa3\x80",
    b"RIFF\0\0\0\0WAVEfmt ",
    b"RIFF\0\0\0\0WEBPVP8 ",
    b"fLaC\0\0\0\x22",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff\xe0",
    b"GIF89a",
    b"BM",
    b"II*\0",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL \r\n\x87\n",
    b"8BPS",
    b"\0\0\x01\0",
];

const NAMES: [&[u8]; 10] =
    [b"moov", b"trak", b"mvhd", b"tkhd", b"mvex", b"mehd", b"mdat", b"data", b"\x18\x53\x80\x67", b"\x15\x49\xa9\x66"];

/// Bytes that look like a file for a while.
fn hostile() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        prop::sample::select(NAMES.as_slice()).prop_map(<[u8]>::to_vec),
        prop_oneof![Just(0), Just(1), Just(8), Just(u32::MAX), 0..200_u32].prop_map(|len| len.to_be_bytes().to_vec()),
        prop::collection::vec(any::<u8>(), 0..40),
    ];
    let parts = prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat());
    (prop::sample::select(MARKS.as_slice()), parts).prop_map(|(mark, parts)| [mark, &parts].concat())
}

proptest! {
    #[test]
    fn no_bytes_do_harm(bytes in hostile()) {
        for mime_type in ["image/png", "video/mp4"] {
            look(&bytes, mime_type);
        }
        mime::sniffed(&bytes);
    }
}
