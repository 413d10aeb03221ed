use super::{CidError, CidLink, Error, Map, Value, sink::Sink};

/// A reference to a blob (Lexicon, `blob`).
///
/// Old records hold blobs in a legacy form, a map of `cid` and `mimeType` alone. That form is
/// read and written back as it was, but must not be created.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Blob {
    cid: CidLink,
    mime_type: String,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Form {
    Typed {
        size: u64,
    },
    /// Keeps the text of the CID exactly as it was read.
    Legacy {
        text: Box<str>,
    },
}

/// The largest size that an integer of the data model can hold.
const MAX_SIZE: u64 = i64::MAX as u64;

impl Blob {
    /// A blob of the current form. `mime_type` must not be empty; `size` counts bytes and stops
    /// at 2^63-1. A blob that is created has a raw CID, see [`Cid::of_raw`](super::Cid::of_raw).
    #[must_use]
    pub fn new(cid: CidLink, mime_type: impl Into<String>, size: u64) -> Self {
        Self { cid, mime_type: mime_type.into(), form: Form::Typed { size: size.min(MAX_SIZE) } }
    }

    /// A blob of the legacy form. `mime_type` must not be empty.
    ///
    /// # Errors
    /// Where `cid` is not the text of a CID.
    pub fn legacy(cid: impl Into<Box<str>>, mime_type: impl Into<String>) -> Result<Self, CidError> {
        let text = cid.into();
        Ok(Self { cid: text.parse()?, mime_type: mime_type.into(), form: Form::Legacy { text } })
    }

    /// Which content it refers to.
    #[must_use]
    pub fn cid(&self) -> &CidLink {
        &self.cid
    }

    /// The MIME type.
    #[must_use]
    pub fn mime_type(&self) -> &str {
        &self.mime_type
    }

    /// The size in bytes; the legacy form does not tell.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        match self.form {
            Form::Typed { size } => Some(size),
            Form::Legacy { .. } => None,
        }
    }

    /// Whether it is of the legacy form.
    #[must_use]
    pub fn is_legacy(&self) -> bool {
        matches!(self.form, Form::Legacy { .. })
    }

    /// Reads the current form or the legacy form; [`Blob::is_legacy`] tells which it was.
    ///
    /// # Errors
    /// Where the value is not a map of either form.
    pub fn from_value(value: &Value) -> Result<Self, Error> {
        match value {
            Value::Map(map) => map.try_into(),
            _ => Err(Error::model(format!("a blob is a map, not {}", value.noun()))),
        }
    }

    /// Writes the form that the blob has.
    pub(crate) fn write<S: Sink>(&self, sink: &mut S) {
        match &self.form {
            Form::Typed { size } if S::TYPE_FIRST => {
                sink.begin_map(4);
                write_type(sink);
                write_ref_and_size(&self.cid, *size, sink);
            }
            Form::Typed { size } => {
                sink.begin_map(4);
                write_ref_and_size(&self.cid, *size, sink);
                write_type(sink);
            }
            Form::Legacy { text } => {
                sink.begin_map(2);
                sink.key("cid");
                sink.text(text);
            }
        }
        sink.key("mimeType");
        sink.text(&self.mime_type);
        sink.end_map();
    }

    /// Reads a map of the current form: `$type` is `blob`, `ref` a link, `mimeType` text and not
    /// empty, `size` 0 or more, and nothing else.
    pub(crate) fn from_typed_map(map: &Map) -> Result<Self, &'static str> {
        let (link, mime_type, size) = typed_parts(map)?;
        Ok(Self::new(link.clone(), mime_type, size))
    }

    /// Checks that a map whose `$type` is `blob` has the shape of a blob.
    pub(crate) fn check_map(map: &Map) -> Result<(), &'static str> {
        typed_parts(map).map(|_| ())
    }

    /// Reads a map of the legacy form: `cid` is the text of a CID, `mimeType` text and not empty,
    /// and nothing else.
    pub(crate) fn from_legacy_map(map: &Map) -> Option<Self> {
        let cid = map.get("cid")?.as_str()?;
        let mime_type = map.get("mimeType")?.as_str()?;
        if map.len() != 2 || mime_type.is_empty() {
            return None;
        }
        Self::legacy(cid, mime_type).ok()
    }
}

fn write_type(sink: &mut impl Sink) {
    sink.key("$type");
    sink.text("blob");
}

fn write_ref_and_size(link: &CidLink, size: u64, sink: &mut impl Sink) {
    sink.key("ref");
    sink.link(link);
    sink.key("size");
    sink.int(size.cast_signed());
}

fn typed_parts(map: &Map) -> Result<(&CidLink, &str, u64), &'static str> {
    if map.get("$type").and_then(Value::as_str) != Some("blob") {
        return Err("a blob has the $type `blob`");
    }
    let link = map.get("ref").and_then(Value::as_link);
    let link = link.ok_or("the ref of a blob is a link")?;
    let mime_type = map.get("mimeType").and_then(Value::as_str);
    let mime_type = mime_type.filter(|text| !text.is_empty()).ok_or("the mimeType of a blob is text and not empty")?;
    let size = map.get("size").and_then(Value::as_int);
    let size = size.and_then(|size| u64::try_from(size).ok()).ok_or("the size of a blob is an integer, 0 or more")?;
    if map.len() != 4 {
        return Err("a blob has no keys but $type, ref, mimeType and size");
    }
    Ok((link, mime_type, size))
}

/// Reads the current form or the legacy form; [`Blob::is_legacy`] tells which it was.
impl TryFrom<&Map> for Blob {
    type Error = Error;

    fn try_from(map: &Map) -> Result<Self, Error> {
        if let Some(blob) = Self::from_legacy_map(map) {
            return Ok(blob);
        }
        Self::from_typed_map(map).map_err(Error::model)
    }
}

/// Gives the form that the blob has.
impl From<Blob> for Map {
    fn from(blob: Blob) -> Self {
        let mime_type = ("mimeType".to_owned(), Value::String(blob.mime_type));
        Self::from_sorted(match blob.form {
            Form::Typed { size } => vec![
                ("ref".to_owned(), Value::Link(blob.cid)),
                ("size".to_owned(), Value::Int(size.cast_signed())),
                ("$type".to_owned(), Value::from("blob")),
                mime_type,
            ],
            Form::Legacy { text } => {
                vec![("cid".to_owned(), Value::String(text.into())), mime_type]
            }
        })
    }
}

impl From<&Blob> for Map {
    fn from(blob: &Blob) -> Self {
        blob.clone().into()
    }
}
