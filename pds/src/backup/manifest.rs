//! What a backup says of itself.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Map, Value, json};

use super::{
    MANIFEST,
    error::{At, BackupError},
    files,
};

/// The form of backups; others are refused.
const FORMAT: u64 = 1;
/// The most bytes of a manifest.
const MOST: u64 = 1 << 20;

/// What a backup says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Manifest {
    /// The version of the program that made it.
    pub version: Box<str>,
    /// When it was begun (microseconds since 1970).
    pub time: i64,
    /// Where the server was reached.
    pub url: Box<str>,
    /// The number of its newest event.
    pub head: i64,
    /// How many accounts it has.
    pub accounts: u64,
    /// How many blobs are in the inventory, and their bytes; those behind URLs are not.
    pub blobs: (u64, u64),
    /// Whether the blobs are in the backup too.
    pub has_objects: bool,
    /// Objects that could not be found when they were to be copied.
    pub missing: u64,
    /// The files besides the blobs.
    pub files: BTreeMap<String, FileEntry>,
}

/// A file of a backup.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileEntry {
    /// Its length.
    pub bytes: u64,
    /// Its hash, in hexadecimal digits.
    pub sha256: String,
}

impl Manifest {
    /// Reads that of a folder.
    ///
    /// # Errors
    /// There is none, it is damaged, or of another form.
    pub fn read(folder: &Path) -> Result<Self, BackupError> {
        let path = folder.join(MANIFEST);
        let length = fs::metadata(&path).at(&path)?.len();
        if length > MOST {
            return Err(BackupError::at(&path, &"it is too long"));
        }
        let text = fs::read_to_string(&path).at(&path)?;
        let value: Value = serde_json::from_str(&text).map_err(|error| BackupError::at(&path, &error))?;
        match value.get("format").and_then(Value::as_u64) {
            Some(FORMAT) => Self::of(&value).ok_or_else(|| BackupError::at(&path, &"it is damaged")),
            _ => Err(BackupError::at(&path, &"it is no backup, or one of a newer version")),
        }
    }

    /// Writes it, which makes a folder a backup.
    pub(super) fn write(&self, folder: &Path) -> Result<(), BackupError> {
        let text = format!("{:#}\n", self.to_json());
        files::write(&folder.join(MANIFEST), text.as_bytes())
    }

    /// As JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let file = |(name, entry): (&String, &FileEntry)| {
            (name.clone(), json!({ "bytes": entry.bytes, "sha256": entry.sha256 }))
        };
        let files: Map<String, Value> = self.files.iter().map(file).collect();
        let (count, bytes) = self.blobs;
        json!({
            "format": FORMAT,
            "version": self.version,
            "time": self.time,
            "url": self.url,
            "head": self.head,
            "accounts": self.accounts,
            "blobs": { "count": count, "bytes": bytes, "copied": self.has_objects, "missing": self.missing },
            "files": files,
        })
    }

    fn of(value: &Value) -> Option<Self> {
        let text = |name: &str| value.get(name)?.as_str().map(Into::into);
        let blobs = value.get("blobs")?;
        let blob = |name: &str| blobs.get(name)?.as_u64();
        let entry = |(name, value): (&String, &Value)| {
            let entry =
                FileEntry { bytes: value.get("bytes")?.as_u64()?, sha256: value.get("sha256")?.as_str()?.to_owned() };
            Some((name.clone(), entry))
        };
        Some(Self {
            version: text("version")?,
            time: value.get("time")?.as_i64()?,
            url: text("url")?,
            head: value.get("head")?.as_i64()?,
            accounts: value.get("accounts")?.as_u64()?,
            blobs: (blob("count")?, blob("bytes")?),
            has_objects: blobs.get("copied")?.as_bool()?,
            missing: blob("missing")?,
            files: value.get("files")?.as_object()?.iter().map(entry).collect::<Option<_>>()?,
        })
    }
}
