//! Files of records in a directory.

use std::{
    cell::RefCell,
    collections::HashSet,
    fs::{self, File},
    hash::{BuildHasher, RandomState},
    io::{self, ErrorKind, Write},
    path::{Path, PathBuf},
};

use crate::{failure::Failure, source::Source};

use super::name::Name;

/// A directory with a directory for each collection.
pub(crate) struct Files {
    root: PathBuf,
    force: bool,
    /// The collection whose directory is known to be there.
    ready: RefCell<String>,
    /// The hashes of the names of the files that were written, without case; none unless files may be replaced.
    written: RefCell<HashSet<u64>>,
    hasher: RandomState,
}

impl Files {
    /// Files in a directory, which is made if it is not there. `force` says whether files that are there are replaced.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub(crate) fn new(root: &Path, force: bool) -> Result<Self, Failure> {
        let (ready, written) = (RefCell::default(), RefCell::default());
        let files = Self { root: root.to_owned(), force, ready, written, hasher: RandomState::new() };
        fs::create_dir_all(root).map_err(|error| Failure::io(files.name(), &error))?;
        Ok(files)
    }

    /// The name of the directory.
    pub(crate) fn name(&self) -> String {
        Source::File(self.root.clone()).to_string()
    }

    /// Writes a file.
    ///
    /// # Errors
    /// It is there already, or cannot be written.
    pub(crate) fn write(&self, name: &Name, text: &str) -> Result<(), Failure> {
        let directory = self.root.join(&name.directory);
        let path = directory.join(&name.file);
        let written = self.ensure(&name.directory, &directory).and_then(|()| self.write_new(name, &path, text));
        written.map_err(|error| {
            let file = Source::File(path).to_string();
            match error.kind() {
                ErrorKind::AlreadyExists => Failure::Io { file, reason: "is there already (see --force)".to_owned() },
                _ => Failure::io(file, &error),
            }
        })
    }

    /// Makes the directory of a collection. A link in its place is not followed: it may lead anywhere.
    fn ensure(&self, collection: &str, directory: &Path) -> io::Result<()> {
        if *self.ready.borrow() == collection {
            return Ok(());
        }
        match fs::create_dir(directory) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && fs::symlink_metadata(directory)?.is_dir() => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                return Err(io::Error::other("the place of its directory is taken"));
            }
            made => made?,
        }
        collection.clone_into(&mut self.ready.borrow_mut());
        Ok(())
    }

    /// Writes a file that is not there yet; one that is there is removed first, if that is wanted, so that a link is
    /// not followed.
    fn write_new(&self, name: &Name, path: &Path, text: &str) -> io::Result<()> {
        let seen = self.force && !self.written.borrow_mut().insert(self.without_case(name));
        let file = match File::create_new(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.force => {
                if seen && !self.has_exactly(name)? {
                    return Err(io::Error::other("it is the file of another record too: only case differs"));
                }
                fs::remove_file(path)?;
                File::create_new(path)
            }
            file => file,
        };
        file?.write_all(text.as_bytes())
    }

    fn without_case(&self, name: &Name) -> u64 {
        self.hasher.hash_one((name.directory.to_ascii_lowercase(), name.file.to_ascii_lowercase()))
    }

    /// Whether there is a file of this very name, and not only one that the file system takes for it.
    fn has_exactly(&self, name: &Name) -> io::Result<bool> {
        Ok(lists(&self.root, &name.directory)? && lists(&self.root.join(&name.directory), &name.file)?)
    }
}

/// Whether a directory lists a name, in the same case.
fn lists(directory: &Path, name: &str) -> io::Result<bool> {
    for entry in fs::read_dir(directory)? {
        if entry?.file_name() == name {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(file: &str) -> Name {
        Name { directory: "com.example.note".to_owned(), file: file.to_owned() }
    }

    #[test]
    fn no_file_of_the_same_run_is_replaced() {
        let root = std::env::temp_dir().join(format!("arobase-files-{}", std::process::id()));
        let files = Files::new(&root, true).unwrap();
        files.write(&name("AB.json"), "first").unwrap();
        // As it is where case is ignored: there is a file, and it is listed under the other name.
        assert!(!files.has_exactly(&name("ab.json")).unwrap() && files.has_exactly(&name("AB.json")).unwrap());
        assert_eq!(files.without_case(&name("ab.json")), files.without_case(&name("AB.json")));
        let alias = files.write_new(&name("ab.json"), &root.join("com.example.note/AB.json"), "second");
        assert!(alias.unwrap_err().to_string().contains("only case differs"));
        assert_eq!(fs::read_to_string(root.join("com.example.note/AB.json")).unwrap(), "first");
        fs::remove_dir_all(root).unwrap();
    }
}
