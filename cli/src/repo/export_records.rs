//! `arobase repo export-records`: records as JSON.

mod files;
mod name;

use arobase::{
    data::CidLink,
    repo::{
        RepoPath,
        import::{ImportLimits, Item},
        mst::Direction,
    },
    syntax::Did,
};

use crate::{
    failure::{Failure, NO, SUCCESS},
    output::{Out, number, object, string},
    progress::Show,
    units::count,
};

use self::files::Files;

use super::{
    args::ExportRecords,
    ls::in_collection,
    opened::Opened,
    record,
    stream::{self, Go, Stream},
};

/// Where records go, and how many went there.
struct Sink<'a> {
    file: String,
    out: &'a mut Out,
    files: Option<Files>,
    did: Option<Did>,
    written: u64,
    failed: u64,
}

/// Exports records. One that is missing or cannot be JSON does not keep the others from it.
///
/// # Errors
/// The file cannot be read or is faulty, or something cannot be written.
pub(crate) fn run(export: &ExportRecords, out: &mut Out, progress: Show) -> Result<u8, Failure> {
    let files = export.out.as_ref().map(|out| Files::new(out, export.force)).transpose()?;
    let mut sink = Sink { file: export.file.to_string(), out, files, did: None, written: 0, failed: 0 };
    if export.file.is_stream() {
        from_stream(export, &mut sink, progress)?;
    } else {
        from_file(export, &mut sink, progress)?;
    }
    sink.finish()
}

fn from_file(export: &ExportRecords, sink: &mut Sink<'_>, progress: Show) -> Result<(), Failure> {
    let opened = Opened::open(&export.file, progress)?;
    sink.did = Some(opened.commit.did().clone());
    let prefix = export.collection.as_ref().map(|collection| format!("{collection}/")).unwrap_or_default();
    for entry in opened.tree.prefix(prefix.as_bytes(), Direction::Up, &opened.index) {
        let (key, cid) = entry.map_err(|error| opened.fault(error))?;
        match opened.record(&cid)? {
            Some(block) => sink.record(&key, &cid, &block)?,
            None => sink.fail(&key, &format!("the block {cid} is missing"))?,
        }
    }
    Ok(())
}

/// Exports records in the order in which the file makes them certain.
fn from_stream(export: &ExportRecords, sink: &mut Sink<'_>, progress: Show) -> Result<(), Failure> {
    let mut stream = Stream::open(&export.file, "reading", progress.beside_output())?;
    let wanted = |key: &[u8]| match &export.collection {
        Some(collection) => in_collection(&key.escape_ascii().to_string(), collection.as_str()),
        None => true,
    };
    let imported = stream::import(&mut stream, ImportLimits::DEFAULT, &mut |item| {
        match item {
            Item::Commit(commit) => sink.did = Some(commit.did().clone()),
            Item::Record { key, cid, bytes } if wanted(key) => sink.record(key, cid, bytes)?,
            _ => {}
        }
        Ok(Go::On)
    });
    imported.map(drop).map_err(|stop| stop.in_file(&export.file.to_string()))
}

impl Sink<'_> {
    fn record(&mut self, key: &[u8], cid: &CidLink, block: &[u8]) -> Result<(), Failure> {
        let written = match &self.files {
            Some(files) => record::to_pretty(block).and_then(|json| Ok((files, name::of(key)?, json))),
            None => return self.line(key, cid, block),
        };
        match written {
            Ok((files, name, json)) => files.write(&name, &json)?,
            Err(reason) => return self.fail(key, &reason),
        }
        self.written += 1;
        Ok(())
    }

    fn line(&mut self, key: &[u8], cid: &CidLink, block: &[u8]) -> Result<(), Failure> {
        let value = match record::to_line(block) {
            Ok(value) => value,
            Err(reason) => return self.fail(key, &reason),
        };
        let path = match RepoPath::from_key(key) {
            Ok(path) => path,
            Err(error) => return self.fail(key, &error.to_string()),
        };
        let did = self.did.as_ref().map(Did::as_str).unwrap_or_default();
        let uri = string(format_args!("at://{did}/{path}"));
        self.written += 1;
        self.out.line(format_args!("{{\"uri\":{uri},\"cid\":\"{cid}\",\"value\":{value}}}"))
    }

    fn fail(&mut self, key: &[u8], reason: &str) -> Result<(), Failure> {
        self.failed += 1;
        self.out.flush()?;
        Failure::faulty(&self.file, format_args!("{}: {reason}", key.escape_ascii())).report(self.out.json());
        Ok(())
    }

    fn finish(self) -> Result<u8, Failure> {
        let (written, failed) = (self.written, self.failed);
        if let Some(files) = &self.files {
            if self.out.json() {
                let totals = [("out", string(files.name())), ("written", number(written)), ("failed", number(failed))];
                self.out.line(object(totals))?;
            } else {
                self.out.line(format_args!("{} written to {}", count(written, "record"), files.name()))?;
            }
        }
        Ok(if failed == 0 { SUCCESS } else { NO })
    }
}
