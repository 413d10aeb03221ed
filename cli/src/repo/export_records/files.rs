//! Files of records in a directory.

use std::{
    cell::RefCell,
    fs::{self, File},
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
}

impl Files {
    /// Files in a directory, which is made if it is not there. `force` says whether files that are there are replaced.
    ///
    /// # Errors
    /// The directory cannot be made.
    pub(crate) fn new(root: &Path, force: bool) -> Result<Self, Failure> {
        let files = Self { root: root.to_owned(), force, ready: RefCell::default() };
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
        let written = self.ensure(&name.directory, &directory).and_then(|()| self.write_new(&path, text));
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
    fn write_new(&self, path: &Path, text: &str) -> io::Result<()> {
        let file = match File::create_new(path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.force => {
                fs::remove_file(path)?;
                File::create_new(path)
            }
            file => file,
        };
        file?.write_all(text.as_bytes())
    }
}
