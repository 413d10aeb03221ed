//! MIME types of bodies and blobs (XRPC, bodies).

use arobase_lexicon::check;

use crate::data::Error;

/// The MIME type of a `Content-Type`, without its parameters and the space around it.
#[must_use]
pub fn essence(content_type: &str) -> &str {
    content_type.split_once(';').map_or(content_type, |(essence, _)| essence).trim_ascii()
}

/// Whether a `Content-Type` fits the encoding of a method: the same type, `type/*`, or `*/*`.
/// Parameters and case do not count; what is no MIME type fits nothing.
#[must_use]
pub fn matches(encoding_pattern: &str, content_type: &str) -> bool {
    let essence = essence(content_type);
    let Some((kind, sub)) = essence.split_once('/').filter(|(kind, sub)| !kind.is_empty() && !sub.is_empty()) else {
        return false;
    };
    match encoding_pattern.split_once('/') {
        Some(("*", "*")) => true,
        Some((wanted, "*")) => wanted.eq_ignore_ascii_case(kind),
        Some((wanted, wanted_sub)) => wanted.eq_ignore_ascii_case(kind) && wanted_sub.eq_ignore_ascii_case(sub),
        None => false,
    }
}

/// Checks the MIME type of a blob, without parameters, against the `accept` of the field `name`,
/// just as validation of a record does: the same type, `type/*`, or `*/*`; case counts. An empty
/// `accept` takes every type.
///
/// # Errors
/// If no pattern matches; the error names the field.
pub fn validate_mime_type<T: AsRef<str>>(mime: &str, accept: &[T], name: &str) -> Result<(), Error> {
    check::mime_accepted(mime, accept).map_err(|violation| Error::from(violation).in_key(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_space_are_no_part_of_the_type() {
        assert_eq!(essence("application/json; charset=utf-8"), "application/json");
        assert_eq!(essence(" text/plain ;a=b;c=d"), "text/plain");
        assert_eq!(essence(";a"), "");
    }

    #[test]
    fn encodings_match_whole_types_in_any_case() {
        for (pattern, content_type, expected) in [
            ("application/json", "application/json", true),
            ("application/json", "Application/JSON; charset=utf-8", true),
            ("application/json", "application/jsonl", false),
            ("application/json", "text/json", false),
            ("application/json", "", false),
            ("video/*", "VIDEO/mp4", true),
            ("video/*", "videos/mp4", false),
            ("video/*", "video", false),
            ("*/*", "image/png", true),
            ("*/*", "", false),
            ("*/*", "/", false),
            ("*", "image/png", false),
            ("image/p*", "image/png", false),
            ("*/png", "image/png", false),
        ] {
            assert_eq!(matches(pattern, content_type), expected, "{pattern} {content_type:?}");
        }
    }

    #[test]
    fn the_error_of_a_blob_names_its_field() {
        let accept = ["image/*", "video/mp4"];
        for mime in ["image/png", "video/mp4"] {
            assert!(validate_mime_type(mime, &accept, "embed").is_ok(), "{mime}");
        }
        let error = validate_mime_type("video/webm", &accept, "embed").unwrap_err();
        assert_eq!(error.to_string(), r#"$.embed: a blob of type "video/webm" is not accepted here"#);
    }

    #[test]
    fn no_patterns_accept_every_type() {
        assert!(validate_mime_type::<&str>("video/webm", &[], "embed").is_ok());
        assert!(validate_mime_type("video/webm", &["*/*"], "embed").is_ok());
    }
}
