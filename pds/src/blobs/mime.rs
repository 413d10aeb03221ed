//! MIME types of blobs.

use arobase::xrpc::mime::essence;
use infer::MatcherType;

/// The type of bytes of which nothing is known.
pub(super) const UNKNOWN: &str = "application/octet-stream";
/// How many of the first bytes tell the type.
pub(super) const HEAD: usize = 8 * 1024;
/// The most bytes of a type that somebody says.
const MAX_TYPE: usize = 255;

/// The type of a blob: what its first bytes say; else what was said of it; else nothing is known.
pub(super) fn of(head: &[u8], declared: Option<&str>) -> Box<str> {
    sniffed(head).map(Into::into).or_else(|| declared.and_then(clean)).unwrap_or_else(|| UNKNOWN.into())
}

/// What the first bytes of a blob say. Text has no marks that could be relied on: it is what it is said to be.
pub(super) fn sniffed(head: &[u8]) -> Option<&'static str> {
    let head = head.get(..HEAD).unwrap_or(head);
    infer::get(head).filter(|kind| kind.matcher_type() != MatcherType::Text).map(|kind| kind.mime_type())
}

/// A `Content-Type` without its parameters and in lower case, if it is one.
pub(super) fn clean(content_type: &str) -> Option<Box<str>> {
    let essence = essence(content_type);
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(is_token);
    let (kind, sub) = essence.split_once('/')?;
    (essence.len() <= MAX_TYPE && is_name(kind) && is_name(sub)).then(|| essence.to_ascii_lowercase().into())
}

/// The type that goes with the ending of a path.
pub(super) fn of_path(path: &str) -> Option<&'static str> {
    let (_, ending) = path.rsplit('/').next()?.rsplit_once('.')?;
    Some(match ending.to_ascii_lowercase().as_str() {
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "heic" => "image/heic",
        "svg" => "image/svg+xml",
        "mp4" | "m4v" => "video/mp4",
        "mov" => "video/quicktime",
        "webm" => "video/webm",
        "mpg" | "mpeg" => "video/mpeg",
        "mp3" => "audio/mpeg",
        "m4a" => "audio/mp4",
        "ogg" | "oga" => "audio/ogg",
        "wav" => "audio/wav",
        "vtt" => "text/vtt",
        "txt" => "text/plain",
        "html" | "htm" => "text/html",
        "json" => "application/json",
        "pdf" => "application/pdf",
        _ => return None,
    })
}

/// What names are made of. A pattern is no type, so a star is not among it.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";

    #[test]
    fn the_bytes_outweigh_what_was_said() {
        assert_eq!(&*of(PNG, Some("image/jpeg")), "image/png");
        assert_eq!(&*of(PNG, None), "image/png");
    }

    #[test]
    fn text_is_what_it_is_said_to_be() {
        assert_eq!(&*of(b"<!DOCTYPE html><html>", Some("text/plain; charset=utf-8")), "text/plain");
        assert_eq!(&*of(b"<?xml version=\"1.0\"?><svg/>", Some("image/svg+xml")), "image/svg+xml");
        assert_eq!(&*of(b"#!/bin/sh", None), UNKNOWN);
    }

    #[test]
    fn what_is_no_type_is_not_believed() {
        for bad in
            ["", "text", "*/*", "image/*", "/", "a/", "a/b c", "te\u{301}xt/plain", &format!("a/{}", "b".repeat(300))]
        {
            assert_eq!(&*of(b"some file bytes", Some(bad)), UNKNOWN, "{bad}");
        }
        assert_eq!(&*of(b"", Some("Application/VND.Ipld.Car; a=b")), "application/vnd.ipld.car");
    }

    #[test]
    fn the_ending_of_a_path_tells_a_type() {
        assert_eq!(of_path("/a/b.JPG"), Some("image/jpeg"));
        assert_eq!(of_path("/a.png/b"), None);
        assert_eq!(of_path("/"), None);
    }
}
