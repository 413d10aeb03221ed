//! Finds and reads lexicon files.
//!
//! Order never depends on the file system: directories are walked in sorted order, and a
//! file that is reachable twice (overlapping arguments, symbolic links) is read once.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use crate::diagnostic::{Diagnostic, Diagnostics};

/// The largest file that is read, in bytes. The longest published lexicon has about 40 kB.
pub const MAX_FILE_SIZE: u64 = 16 << 20;

/// The file at the top of a directory of lexicons that says where they are from. It is no
/// lexicon, and the search passes it by.
pub const MANIFEST: &str = "manifest.json";

/// How many directories deep the search goes.
const MAX_DEPTH: usize = 64;

/// Names a file of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(usize);

/// A file and its text.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as it is shown: as the user gave it, with `/` between its parts.
    pub path: String,
    /// The text; empty if the file could not be read.
    pub text: String,
}

/// All files of a run.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    /// Adds a file.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.files.push(SourceFile { path: path.into(), text: text.into() });
        FileId(self.files.len() - 1)
    }

    /// The file of an id of this map.
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0)
    }

    /// The text of a file.
    pub fn text(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.text)
    }

    /// The path of a file, as it is shown.
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| &file.path)
    }

    /// All files in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index), file))
    }
}

/// Where lexicons come from.
#[derive(Clone, Debug)]
pub enum Input {
    /// A file, or a directory that is searched for `*.json` at every depth.
    Path(PathBuf),
    /// A document in memory.
    Text {
        /// What messages call it.
        name: String,
        /// The JSON text.
        text: String,
    },
}

/// Reads all inputs into the collector's [`SourceMap`], sorted by path.
///
/// What cannot be read becomes an error that names the file; the rest is read all the same.
pub fn read(inputs: &[Input], dx: &mut Diagnostics) -> Vec<FileId> {
    let mut paths = Vec::new();
    let mut ids = Vec::new();
    for input in inputs {
        match input {
            Input::Path(path) => paths.append(&mut find(path, dx)),
            Input::Text { name, text } => ids.push(dx.sources_mut().add(name, text)),
        }
    }
    paths.sort();
    let mut seen = BTreeSet::new();
    paths.retain(|path| seen.insert(fs::canonicalize(path).unwrap_or_else(|_| path.clone())));
    ids.extend(paths.iter().filter_map(|path| read_file(path, dx)));
    ids.sort_by(|a, b| dx.sources().path(*a).cmp(dx.sources().path(*b)));
    ids
}

/// The `.json` files under a directory, or the file itself.
pub fn find(root: &Path, dx: &mut Diagnostics) -> Vec<PathBuf> {
    match fs::metadata(root) {
        Ok(metadata) if metadata.is_dir() => {
            let mut walk = Walk::default();
            walk.directory(root, 0, dx);
            if walk.files.is_empty() {
                report_empty(root, dx);
            }
            walk.files
        }
        Ok(_) => vec![root.to_owned()],
        Err(error) => {
            report_unreadable(root, &error, dx);
            Vec::new()
        }
    }
}

fn report_empty(root: &Path, dx: &mut Diagnostics) {
    let file = dx.sources_mut().add(display(root), "");
    dx.push(
        Diagnostic::warning("no-lexicons", "there is no `.json` file in this directory")
            .in_file(file)
            .help("name the directory that holds the lexicons"),
    );
}

/// A search through directories.
#[derive(Default)]
struct Walk {
    /// Directories on the way, by their real path: a symbolic link can lead back to one.
    visited: BTreeSet<PathBuf>,
    files: Vec<PathBuf>,
}

impl Walk {
    fn directory(&mut self, directory: &Path, depth: usize, dx: &mut Diagnostics) {
        let real = fs::canonicalize(directory).unwrap_or_else(|_| directory.to_owned());
        if depth > MAX_DEPTH || !self.visited.insert(real) {
            return;
        }
        match entries(directory) {
            Ok(paths) => {
                for path in paths {
                    self.entry(path, depth, dx);
                }
            }
            Err(error) => report_unreadable(directory, &error, dx),
        }
    }

    fn entry(&mut self, path: PathBuf, depth: usize, dx: &mut Diagnostics) {
        let is_manifest = depth == 0 && path.file_name().is_some_and(|name| name == MANIFEST);
        let is_json = !is_manifest && path.extension().is_some_and(|extension| extension == "json");
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() => self.directory(&path, depth + 1, dx),
            Ok(_) if is_json => self.files.push(path),
            Err(error) if is_json => report_unreadable(&path, &error, dx),
            Ok(_) | Err(_) => {}
        }
    }
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        paths.push(entry?.path());
    }
    paths.sort();
    Ok(paths)
}

/// Reads one file; what is wrong with it is reported, and it is left out.
fn read_file(path: &Path, dx: &mut Diagnostics) -> Option<FileId> {
    let bytes = match read_bytes(path) {
        Ok(bytes) => bytes,
        Err(error) => {
            report_unreadable(path, &error, dx);
            return None;
        }
    };
    if bytes.len() as u64 > MAX_FILE_SIZE {
        let file = dx.sources_mut().add(display(path), "");
        dx.push(too_large().in_file(file));
        return None;
    }
    match String::from_utf8(bytes) {
        Ok(text) => Some(dx.sources_mut().add(display(path), text)),
        Err(error) => {
            report_not_utf8(path, error.as_bytes(), error.utf8_error().valid_up_to(), dx);
            None
        }
    }
}

/// Reads at most one byte more than [`MAX_FILE_SIZE`].
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_SIZE + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn too_large() -> Diagnostic {
    let limit = MAX_FILE_SIZE >> 20;
    Diagnostic::error("too-large", format!("the file is larger than {limit} MiB"))
        .help("lexicons are small; is this another kind of file?")
}

fn report_unreadable(path: &Path, error: &io::Error, dx: &mut Diagnostics) {
    let file = dx.sources_mut().add(display(path), "");
    let message = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or directory".to_owned(),
        io::ErrorKind::PermissionDenied => "no permission to read this".to_owned(),
        _ => format!("cannot read this: {error}"),
    };
    dx.push(Diagnostic::error("unreadable", message).in_file(file));
}

/// The valid text before the fault, and the faulty bytes as replacement characters, are
/// kept so that the message can show the line.
fn report_not_utf8(path: &Path, bytes: &[u8], valid_up_to: usize, dx: &mut Diagnostics) {
    let file = dx.sources_mut().add(display(path), String::from_utf8_lossy(bytes));
    let byte = bytes.get(valid_up_to).copied().unwrap_or_default();
    dx.push(
        Diagnostic::error("not-utf8", format!("the byte 0x{byte:02x} is not UTF-8 text"))
            .at_offset(file, valid_up_to)
            .expected("JSON in UTF-8")
            .help("save the file with the encoding UTF-8"),
    );
}

/// A path as text, with `/` on every system, so that output is the same everywhere.
pub(crate) fn display(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct TempDir(PathBuf);

    impl TempDir {
        fn new(name: &str) -> Self {
            let path = std::env::temp_dir().join(format!("lexgen-source-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn file(&self, name: &str, bytes: &[u8]) -> &Self {
            let path = self.0.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
            self
        }
    }

    impl Drop for TempDir {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn read_paths(paths: &[&Path]) -> (Vec<String>, Vec<&'static str>) {
        let mut dx = Diagnostics::new();
        let inputs: Vec<_> = paths.iter().map(|path| Input::Path((*path).to_owned())).collect();
        let ids = read(&inputs, &mut dx);
        let names = ids.iter().map(|id| dx.sources().path(*id).rsplit('/').next().unwrap().to_owned()).collect();
        (names, dx.iter().map(|diagnostic| diagnostic.code).collect())
    }

    #[test]
    fn files_are_found_at_every_depth_in_sorted_order() {
        let dir = TempDir::new("depth");
        dir.file("b.json", b"{}").file("a/z.json", b"{}").file("a/b/c.json", b"{}");
        dir.file("readme.md", b"").file(MANIFEST, b"{}");
        assert_eq!(read_paths(&[&dir.0]), (vec!["c.json".into(), "z.json".into(), "b.json".into()], vec![]));
    }

    #[test]
    fn a_file_that_two_arguments_reach_is_read_once() {
        let dir = TempDir::new("twice");
        dir.file("a/z.json", b"{}");
        assert_eq!(read_paths(&[&dir.0, &dir.0.join("a")]).0, vec!["z.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_symbolic_link_to_a_parent_directory_ends_the_search_there() {
        let dir = TempDir::new("loop");
        dir.file("a/z.json", b"{}");
        std::os::unix::fs::symlink(&dir.0, dir.0.join("a/up")).unwrap();
        assert_eq!(read_paths(&[&dir.0]).0, vec!["z.json"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_dangling_symbolic_link_is_an_error() {
        let dir = TempDir::new("dangling");
        std::os::unix::fs::symlink("nowhere", dir.0.join("a.json")).unwrap();
        dir.file("b.json", b"{}");
        assert_eq!(read_paths(&[&dir.0]), (vec!["b.json".into()], vec!["unreadable"]));
    }

    #[test]
    fn a_missing_path_and_an_empty_directory_are_reported() {
        let dir = TempDir::new("empty");
        assert_eq!(read_paths(&[&dir.0]).1, vec!["no-lexicons"]);
        assert_eq!(read_paths(&[&dir.0.join("nowhere")]).1, vec!["unreadable"]);
    }

    #[test]
    fn a_file_above_the_size_limit_is_refused() {
        let dir = TempDir::new("large");
        dir.file("a.json", &vec![b' '; MAX_FILE_SIZE as usize + 1]);
        assert_eq!(read_paths(&[&dir.0]), (vec![], vec!["too-large"]));
    }

    #[test]
    fn bytes_that_are_not_utf8_are_refused() {
        let dir = TempDir::new("utf8");
        dir.file("a.json", b"{\"a\": \"\xff\"}");
        assert_eq!(read_paths(&[&dir.0]), (vec![], vec!["not-utf8"]));
    }
}
