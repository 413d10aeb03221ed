mod audit;
mod collect;
mod links;
mod property;
mod read;
mod server;
mod takedown;
mod upload;

const NOTE: &str = "com.example.note/a";
const OTHER: &str = "com.example.note/b";

/// The first bytes of a picture.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0";

fn usage(blobs: i64, blob_bytes: i64) -> crate::store::Usage {
    crate::store::Usage { blobs, blob_bytes, ..Default::default() }
}
