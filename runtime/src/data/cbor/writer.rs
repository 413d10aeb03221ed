use crate::data::{CidLink, sink::Sink};

/// The bytes to begin with: most records fit.
const START: usize = 1024;

/// Writes canonical DAG-CBOR. The keys of a map have to come in canonical order, and as many
/// entries as were announced (Data model, CBOR).
#[derive(Debug)]
pub(crate) struct CborWriter {
    out: Vec<u8>,
}

impl CborWriter {
    /// A writer of one item or of several, one after the other.
    pub(crate) fn new() -> Self {
        Self { out: Vec::with_capacity(START) }
    }

    /// A writer with room for so many bytes.
    #[cfg(feature = "sync")]
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self { out: Vec::with_capacity(bytes) }
    }

    /// How many bytes were written.
    #[cfg(feature = "repo")]
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    /// Writes the head of an item: its major type and its argument in the shortest form.
    fn head(&mut self, major: u8, argument: u64) {
        let bytes = argument.to_be_bytes();
        let (info, width) = match argument {
            0..24 => {
                let small = bytes.last().copied().unwrap_or_default();
                return self.out.push(major << 5 | small);
            }
            24..0x100 => (24, 1),
            0x100..0x1_0000 => (25, 2),
            0x1_0000..0x1_0000_0000 => (26, 4),
            _ => (27, 8),
        };
        self.out.push(major << 5 | info);
        self.out.extend(bytes.iter().skip(bytes.len() - width));
    }

    fn string(&mut self, major: u8, bytes: &[u8]) {
        self.head(major, bytes.len() as u64);
        self.out.extend_from_slice(bytes);
    }
}

impl Sink for CborWriter {
    const TYPE_FIRST: bool = false;

    fn null(&mut self) {
        self.out.push(super::NULL);
    }

    fn bool(&mut self, value: bool) {
        self.out.push(if value { super::TRUE } else { super::FALSE });
    }

    fn int(&mut self, value: i64) {
        match u64::try_from(value) {
            Ok(value) => self.head(super::UNSIGNED, value),
            Err(_) => self.head(super::NEGATIVE, (!value).cast_unsigned()),
        }
    }

    fn text(&mut self, text: &str) {
        self.string(super::TEXT, text.as_bytes());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.string(super::BYTES, bytes);
    }

    fn link(&mut self, link: &CidLink) {
        self.out.extend_from_slice(&super::LINK_TAG);
        link.with_bytes(|cid| {
            self.head(super::BYTES, cid.len() as u64 + 1);
            self.out.push(0);
            self.out.extend_from_slice(cid);
        });
    }

    fn begin_list(&mut self, len: usize) {
        self.head(super::LIST, len as u64);
    }

    fn end_list(&mut self) {}

    fn begin_map(&mut self, len: usize) {
        self.head(super::MAP, len as u64);
    }

    fn key(&mut self, key: &str) {
        self.text(key);
    }

    fn end_map(&mut self) {}

    fn invalid(&mut self, _json: &str) -> bool {
        false
    }
}
