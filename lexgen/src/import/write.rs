//! Replaces files together.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

type Outcome<T> = Result<T, (PathBuf, io::Error)>;

/// Writes all files under temporary names, and renames them when the last one is written. Files
/// that have these bytes already are left alone.
pub(super) fn replace(files: &[(PathBuf, String)]) -> Outcome<()> {
    let stale: Vec<_> =
        files.iter().filter(|(path, text)| fs::read(path).ok().as_deref() != Some(text.as_bytes())).collect();
    let mut written = Vec::new();
    for (path, text) in &stale {
        match write_beside(path, text) {
            Ok(temporary) => written.push((temporary, path)),
            Err(error) => {
                discard(&written);
                return Err((path.clone(), error));
            }
        }
    }
    for (temporary, path) in &written {
        if let Err(error) = fs::rename(temporary, path) {
            discard(&written);
            return Err(((*path).clone(), error));
        }
    }
    Ok(())
}

fn write_beside(path: &Path, text: &str) -> io::Result<PathBuf> {
    if let Some(directory) = path.parent() {
        fs::create_dir_all(directory)?;
    }
    let temporary = path.with_extension(format!("json.{}.tmp", std::process::id()));
    fs::write(&temporary, text)?;
    Ok(temporary)
}

/// Best effort: what was renamed already is no longer there.
fn discard(written: &[(PathBuf, &PathBuf)]) {
    for (temporary, _) in written {
        let _ = fs::remove_file(temporary);
    }
}

/// Removes files, and the directories under `root` that are empty then.
pub(super) fn remove(root: &Path, files: &[PathBuf]) -> Outcome<()> {
    for path in files {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err((path.clone(), error)),
            _ => remove_empty_parents(root, path),
        }
    }
    Ok(())
}

fn remove_empty_parents(root: &Path, path: &Path) {
    let parents = path.ancestors().skip(1).take_while(|parent| *parent != root);
    for parent in parents {
        if fs::remove_dir(parent).is_err() {
            return;
        }
    }
}
