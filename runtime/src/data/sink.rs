//! What an encoder needs from an output format. The typed encoder is one loop over this trait.

use super::CidLink;

/// A push writer. Lengths are announced because DAG-CBOR needs them up front.
pub(crate) trait Sink {
    /// Whether `$type` is written before all other keys; otherwise it stands in key order.
    const TYPE_FIRST: bool;
    /// Whether the format has to know how many entries a map has.
    const COUNTS: bool = true;

    fn null(&mut self);
    fn bool(&mut self, value: bool);
    fn int(&mut self, value: i64);
    fn text(&mut self, text: &str);
    fn bytes(&mut self, bytes: &[u8]);
    fn link(&mut self, link: &CidLink);
    fn begin_list(&mut self, len: usize);
    fn end_list(&mut self);
    fn begin_map(&mut self, len: usize);
    /// Whether the format can hold a map with this key.
    fn holds_key(&self, _key: &str) -> bool {
        true
    }
    fn key(&mut self, key: &str);
    fn end_map(&mut self);
    /// Text that the lenient JSON reader kept because it is no value of the data model.
    /// Returns `false` where the format cannot hold it.
    fn invalid(&mut self, json: &str) -> bool;
}
