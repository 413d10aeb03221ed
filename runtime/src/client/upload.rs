//! The body of a call: what its headers say, and whether it can be sent again.

use arobase_lexicon::schema::{BodySchema, JSON};
use http::{HeaderMap, HeaderValue, header};

use super::exact::exact;
use crate::{
    data,
    xrpc::{Body, Raw, mime},
};

/// The type of bytes of which nothing is known.
pub(super) const BYTES: &str = "application/octet-stream";

/// The body of a call. Of a stream that can be read only once there is nothing left after the
/// first attempt.
pub(super) struct Upload(Option<Body>);

impl Upload {
    /// Sets the headers for a body.
    ///
    /// # Errors
    /// A content type that the method does not take, or that is none.
    pub(super) fn new(raw: Raw, input: Option<&BodySchema>, headers: &mut HeaderMap) -> Result<Self, data::Error> {
        for name in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::TRANSFER_ENCODING] {
            headers.remove(name);
        }
        let body = match raw {
            Raw::Empty => return Ok(Self(Some(Body::default()))),
            Raw::Json(json) => {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
                Body::new(json)
            }
            Raw::Stream(body) => {
                headers.insert(header::CONTENT_TYPE, content_type(&body, input)?);
                body
            }
        };
        if let Some(size) = body.size() {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(size));
        }
        Ok(Self(Some(body)))
    }

    /// Whether it can be sent, for the first time or again.
    pub(super) fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// The body for one attempt.
    pub(super) fn take(&mut self) -> Body {
        let copy = self.0.as_ref().and_then(Body::try_clone);
        exact(copy.or_else(|| self.0.take()).unwrap_or_default())
    }
}

fn content_type(body: &Body, input: Option<&BodySchema>) -> Result<HeaderValue, data::Error> {
    let encoding = input.map_or("*/*", |input| &*input.encoding);
    let own = if encoding.contains('*') { BYTES } else { encoding };
    let mime_type = body.mime_type().unwrap_or(own);
    if !mime::matches(encoding, mime_type) {
        return Err(data::Error::model(format!("the body is of type {mime_type}, the method takes {encoding}")));
    }
    HeaderValue::from_str(mime_type).map_err(|_| data::Error::model("the content type of the body is none"))
}

#[cfg(test)]
mod tests {
    use futures_util::stream;

    use super::*;

    fn headers(raw: Raw, encoding: &str) -> Option<[Option<String>; 2]> {
        let mut headers = HeaderMap::new();
        let input = BodySchema { encoding: encoding.into(), schema: None };
        Upload::new(raw, Some(&input), &mut headers).ok()?;
        let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap().to_owned());
        Some([text("content-type"), text("content-length")])
    }

    fn chunks() -> Body {
        Body::from_stream(stream::empty())
    }

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn a_body_says_its_type_and_its_size() {
        assert_eq!(headers(Raw::Json("{}".into()), JSON), Some([some(JSON), some("2")]));
        assert_eq!(headers(Raw::Stream("abc".into()), "*/*"), Some([some(BYTES), some("3")]));
        assert_eq!(headers(Raw::Stream(Body::default()), "*/*"), Some([some(BYTES), some("0")]));
        assert_eq!(headers(Raw::Stream(chunks()), "text/x"), Some([some("text/x"), None]));
        assert_eq!(headers(Raw::Stream(chunks().sized(9)), "text/x"), Some([some("text/x"), some("9")]));
        let png = chunks().content_type("image/png");
        assert_eq!(headers(Raw::Stream(png), "image/*"), Some([some("image/png"), None]));
    }

    #[test]
    fn no_body_has_no_type() {
        assert_eq!(headers(Raw::Empty, JSON), Some([None, None]));
    }

    #[test]
    fn a_type_that_the_method_does_not_take_is_refused() {
        for (mime_type, encoding) in
            [("image/png", "video/*"), ("image/png", "image/jpeg"), ("a/b\n", "*/*"), ("", "*/*")]
        {
            let body = chunks().content_type(mime_type);
            assert_eq!(headers(Raw::Stream(body), encoding), None, "{mime_type} {encoding}");
        }
        assert_eq!(headers(Raw::Stream(chunks()), "video/*"), None);
    }

    #[test]
    fn a_stream_is_there_once_and_bytes_are_always_there() {
        let mut headers = HeaderMap::new();
        for (body, again) in [(chunks(), false), ("abc".into(), true), (Body::replayable(stream::empty), true)] {
            let mut upload = Upload::new(Raw::Stream(body), None, &mut headers).unwrap();
            assert!(upload.is_there());
            upload.take();
            assert_eq!(upload.is_there(), again);
        }
    }
}
