//! Copies and checks of a whole file.

use std::{
    fs::{self, File},
    io,
    path::Path,
};

use rusqlite::{
    Connection,
    backup::{Backup, StepResult},
};

use super::{
    super::{StoreError, StoreErrorKind},
    connection,
    fault::{fault, file_fault},
    lock::beside,
    readers::Readers,
    schema,
};

/// Pages that are copied at a time.
const PAGES: i32 = 1024;

/// What a check reports at most.
const REPORTS: i64 = 100;

/// How far something is: done, and all.
pub(super) type Progress<'a> = &'a mut dyn FnMut(u64, u64);

/// Copies a snapshot into a new file, which is there as a whole or not at all.
pub(super) fn back_up(readers: &Readers, to: &Path, progress: Progress<'_>) -> Result<(), StoreError> {
    if to.try_exists().map_err(file_fault)? {
        return Err(StoreError::because(StoreErrorKind::Other, io::Error::from(io::ErrorKind::AlreadyExists)));
    }
    let partial = beside(to, ".partial");
    let copied = copy(readers, &partial, progress).and_then(|()| publish(&partial, to));
    copied.inspect_err(|_| {
        // It may not even have been begun.
        drop(fs::remove_file(&partial));
    })
}

fn copy(readers: &Readers, partial: &Path, progress: Progress<'_>) -> Result<(), StoreError> {
    // What an interrupted copy left.
    match fs::remove_file(partial) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(file_fault(error)),
        _ => {}
    }
    connection::create(partial)?;
    let mut copy = Connection::open(partial).map_err(fault)?;
    // A copy that was interrupted is not used.
    copy.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF").map_err(fault)?;
    let reader = readers.begin()?;
    // The snapshot is that of the first look. Without one, the copy would begin anew with every unit.
    let source = reader.connection()?;
    source.query_row("SELECT count(*) FROM log", (), |_| Ok(())).map_err(fault)?;
    copy_pages(source, &mut copy, progress)?;
    drop(reader);
    copy.close().map_err(|(_, error)| fault(error))?;
    // As one file without a log beside it.
    let copy = Connection::open(partial).map_err(fault)?;
    schema::mark_copied(&copy)?;
    copy.execute_batch("PRAGMA journal_mode = DELETE").map_err(fault)?;
    copy.close().map_err(|(_, error)| fault(error))
}

fn copy_pages(source: &Connection, copy: &mut Connection, progress: Progress<'_>) -> Result<(), StoreError> {
    let backup = Backup::new(source, copy).map_err(fault)?;
    loop {
        let step = backup.step(PAGES).map_err(fault)?;
        let pages = backup.progress();
        let count = |pages: i32| u64::try_from(pages).unwrap_or_default();
        progress(count(pages.pagecount - pages.remaining), count(pages.pagecount));
        match step {
            StepResult::Done => return Ok(()),
            StepResult::More => {}
            _ => return Err(StoreError::other("the file is locked")),
        }
    }
}

/// Gives a finished file its name.
fn publish(partial: &Path, to: &Path) -> Result<(), StoreError> {
    File::open(partial).and_then(|file| file.sync_all()).map_err(file_fault)?;
    fs::rename(partial, to).map_err(file_fault)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    sync_folder(folder).map_err(file_fault)
}

/// Makes names in a folder durable.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Here names are durable with their files.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Looks through the whole file.
pub(super) fn check(readers: &Readers, progress: Progress<'_>) -> Result<Vec<String>, StoreError> {
    let reader = readers.begin()?;
    let connection = reader.connection()?;
    let pages = connection.pragma_query_value(None, "page_count", |row| row.get::<_, i64>(0)).map_err(fault)?;
    let pages = u64::try_from(pages).unwrap_or_default();
    progress(0, pages);
    let mut found = Vec::new();
    let checked = connection.pragma(None, "integrity_check", REPORTS, |row| {
        found.push(row.get::<_, String>(0)?);
        Ok(())
    });
    match checked.map_err(fault) {
        // Too damaged to be looked through is a finding too.
        Err(error) if error.kind() == StoreErrorKind::Corrupt => found.push(error.to_string()),
        checked => checked?,
    }
    progress(pages, pages);
    found.retain(|report| report != "ok");
    Ok(found)
}
