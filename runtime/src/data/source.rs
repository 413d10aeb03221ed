//! What a decoder needs from an input format. The typed decoder is one loop over this trait.

use super::{CidLink, Error, Value};

/// What stands next in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Int,
    Text,
    Bytes,
    Link,
    List,
    Map,
}

/// A pull reader over one item. JSON shows links and bytes as [`Kind::Map`]; `link` and `bytes`
/// read their map forms.
///
/// Every method that fails leaves the reader unusable until [`Source::reset`].
pub(crate) trait Source {
    /// A position to come back to.
    type Mark: Copy;

    /// Whether links and bytes look like maps.
    const MAPS_ONLY: bool = false;

    /// The kind of the next value, without consuming it.
    fn kind(&mut self) -> Result<Kind, Error>;
    fn null(&mut self) -> Result<(), Error>;
    fn bool(&mut self) -> Result<bool, Error>;
    fn int(&mut self) -> Result<i64, Error>;
    /// Text is borrowed from the input, or from a scratch buffer where it had escapes.
    fn text(&mut self) -> Result<&str, Error>;
    fn bytes(&mut self) -> Result<Vec<u8>, Error>;
    fn link(&mut self) -> Result<CidLink, Error>;
    fn enter_list(&mut self) -> Result<(), Error>;
    /// Whether another element follows; `false` leaves the list.
    fn next_item(&mut self) -> Result<bool, Error>;
    fn enter_map(&mut self) -> Result<(), Error>;
    /// The next key; `None` leaves the map. Duplicate keys are the caller's to refuse where
    /// the format cannot (JSON); a format that orders its keys refuses them itself.
    fn next_key(&mut self) -> Result<Option<&str>, Error>;
    /// Reads the whole next value without a schema, with every rule of the data model.
    fn value(&mut self) -> Result<Value, Error>;
    /// The `$type` of the map that stands next, without consuming anything. `None` where the
    /// map has no `$type`; an error where it is not a non-empty string or the input is broken
    /// before it was found.
    fn find_type(&mut self) -> Result<Option<&str>, Error>;
    /// What the last [`Source::value`] kept although it is no value of the data model (lenient
    /// readers only).
    fn take_issues(&mut self) -> Vec<Error> {
        Vec::new()
    }
    fn mark(&self) -> Self::Mark;
    fn reset(&mut self, mark: Self::Mark);
}
