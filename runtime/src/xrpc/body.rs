use std::fmt;

/// A body that is not described by a schema: a CAR file, a video, a blob, JSON lines.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Body {
    bytes: Vec<u8>,
    content_type: Option<String>,
}

impl Body {
    /// A body of the method's own encoding.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self { bytes: bytes.into(), content_type: None }
    }

    /// Says what it is, where the method leaves that open (`*/*`).
    #[must_use]
    pub fn content_type(mut self, mime_type: impl Into<String>) -> Self {
        self.content_type = Some(mime_type.into());
        self
    }

    /// The MIME type, where it was given.
    #[must_use]
    pub fn mime_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Self::new(bytes)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Body({} bytes, {})", self.bytes.len(), self.mime_type().unwrap_or("own encoding"))
    }
}
