//! Operations as they are told.

use crate::store::Record;

/// As `/log/audit` tells it, and `/export` to those who go by time.
pub(super) fn audited(record: &Record) -> String {
    let Record { did, operation, cid, nullified, .. } = record;
    let at = record.created_at();
    format!(r#"{{"did":"{did}","operation":{operation},"cid":"{cid}","nullified":{nullified},"createdAt":"{at}"}}"#)
}

/// As `/export` tells it to those who go by number, and `/export/stream` to all.
pub(super) fn sequenced(record: &Record) -> String {
    let Record { seq, did, operation, cid, .. } = record;
    let at = record.created_at();
    format!(
        r#"{{"type":"sequenced_op","seq":{seq},"did":"{did}","operation":{operation},"cid":"{cid}","createdAt":"{at}"}}"#
    )
}
