//! As much DAG-CBOR as records, commits and nodes need, written by hand.

/// Appends a head: major type and argument in the shortest form.
pub fn head(out: &mut Vec<u8>, major: u8, value: usize) {
    let major = major << 5;
    match value {
        0..24 => out.push(major | value as u8),
        24..0x100 => out.extend([major | 24, value as u8]),
        0x100..0x1_0000 => {
            out.push(major | 25);
            out.extend((value as u16).to_be_bytes());
        }
        _ => {
            out.push(major | 26);
            out.extend((value as u32).to_be_bytes());
        }
    }
}

pub fn map(out: &mut Vec<u8>, pairs: usize) {
    head(out, 5, pairs);
}

pub fn list(out: &mut Vec<u8>, items: usize) {
    head(out, 4, items);
}

pub fn number(out: &mut Vec<u8>, number: usize) {
    head(out, 0, number);
}

pub fn text(out: &mut Vec<u8>, text: &str) {
    head(out, 3, text.len());
    out.extend(text.as_bytes());
}

pub fn bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    head(out, 2, bytes.len());
    out.extend(bytes);
}

pub fn null(out: &mut Vec<u8>) {
    out.push(0xf6);
}

/// A link; the binary CID stands behind a zero byte.
pub fn link(out: &mut Vec<u8>, cid: &[u8]) {
    out.extend([0xd8, 42]);
    head(out, 2, cid.len() + 1);
    out.push(0);
    out.extend(cid);
}

/// A link or nothing.
pub fn link_or_null(out: &mut Vec<u8>, cid: Option<&[u8]>) {
    match cid {
        Some(cid) => link(out, cid),
        None => null(out),
    }
}
