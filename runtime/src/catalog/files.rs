//! Lexicons in files.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use arobase_lexicon::document::Document;

use super::error::{MistakeKind, Mistakes};

/// The most bytes of a file. The longest published lexicon has about 40 kB.
const MAX_FILE: u64 = 16 << 20;

/// How many directories deep the search goes.
const MAX_DEPTH: usize = 64;

/// The file at the top of a directory that says where its lexicons are from. It is none itself.
const MANIFEST: &str = "manifest.json";

/// Reads a document; what is wrong with it goes to the mistakes.
pub(super) fn read(path: &Path, mistakes: &mut Mistakes) -> Option<Document> {
    let bytes = match read_bytes(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            mistakes.add(Some(path), MistakeKind::Unreadable(error));
            return None;
        }
    };
    if bytes.len() as u64 > MAX_FILE {
        mistakes.add(Some(path), MistakeKind::TooLarge { limit: MAX_FILE });
        return None;
    }
    match Document::parse_bytes(&bytes) {
        Ok(document) => Some(document),
        Err(errors) => {
            mistakes.add_all(Some(path), errors);
            None
        }
    }
}

/// Reads at most one byte more than [`MAX_FILE`], and nothing that is no file: a pipe may never end.
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("not a file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The `.json` files below a directory, sorted; each once, however many links lead to it.
pub(super) fn find(directory: &Path, mistakes: &mut Mistakes) -> Vec<PathBuf> {
    let mut walk = Walk { seen: BTreeSet::new(), files: Vec::new(), mistakes };
    walk.directory(directory, 0);
    walk.files
}

struct Walk<'m> {
    /// The real paths of what was met, since links may lead in circles.
    seen: BTreeSet<PathBuf>,
    files: Vec<PathBuf>,
    mistakes: &'m mut Mistakes,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Path, depth: usize) {
        if depth > MAX_DEPTH || !self.is_new(directory) {
            return;
        }
        match entries(directory) {
            Ok(paths) => paths.into_iter().for_each(|path| self.entry(path, depth)),
            Err(error) => self.mistakes.add(Some(directory), MistakeKind::Unreadable(error)),
        }
    }

    fn entry(&mut self, path: PathBuf, depth: usize) {
        let is_manifest = depth == 0 && path.file_name().is_some_and(|name| name == MANIFEST);
        let is_json = !is_manifest && path.extension().is_some_and(|extension| extension == "json");
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.directory(&path, depth + 1),
            Ok(_) if is_json && self.is_new(&path) => self.files.push(path),
            Err(error) if is_json => self.mistakes.add(Some(&path), MistakeKind::Unreadable(error)),
            Ok(_) | Err(_) => {}
        }
    }

    fn is_new(&mut self, path: &Path) -> bool {
        self.seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()))
    }
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = fs::read_dir(directory)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
