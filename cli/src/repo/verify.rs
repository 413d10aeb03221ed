//! `arobase repo verify`: whether a repository is whole and right.

mod warnings;

use std::time::{Duration, SystemTime};

use arobase::{
    lexicon::json::Json,
    repo::{
        Commit, Import,
        import::{self, ImportLimits, Item},
    },
};

use crate::{
    failure::{Failure, NO, SUCCESS},
    output::{Out, number, object, optional, string},
    progress::{Show, speed},
    units::{bytes, count},
};

use super::{
    args::Verify,
    fault::Fault,
    opened, record, revision,
    signature::Form,
    stream::{self, Go, Stop, Stream},
};

use self::warnings::Warnings;

/// The most bytes that are held of a file that may be read again.
const HELD: usize = 16 << 20;

/// What was found.
#[derive(Debug)]
struct Verdict {
    file: String,
    seen: Seen,
    fault: Option<Fault>,
    /// The bytes that were read and the time that it took.
    bytes: u64,
    elapsed: Duration,
}

/// What was seen and is right as far as it goes.
#[derive(Debug, Default)]
struct Seen {
    commit: Option<Commit>,
    /// Whether the signature was checked.
    signed: bool,
    nodes: u64,
    records: u64,
    warnings: Warnings,
}

/// Verifies a file.
///
/// # Errors
/// It cannot be read.
pub(crate) fn run(what: &Verify, out: &mut Out, progress: Show) -> Result<u8, Failure> {
    let limits = ImportLimits::DEFAULT;
    let limits = if what.file.is_stream() { limits } else { limits.with_held(HELD) };
    let verdict = verify(what, limits, progress)?;
    if out.json() {
        out.line(verdict.to_json())?;
    } else {
        out.text(&verdict.to_text())?;
    }
    Ok(if verdict.fault.is_none() { SUCCESS } else { NO })
}

fn verify(what: &Verify, limits: ImportLimits, progress: Show) -> Result<Verdict, Failure> {
    let mut seen = Seen::default();
    let mut stream = Stream::open(&what.file, "verifying", progress)?;
    let mut result = stream::import(&mut stream, limits, &mut |item| seen.item(item, what)).map(drop);
    let mut bytes = stream.progress().done();
    if let Err(Stop::Fault(Fault::Import(import::Error::Limit { .. }))) = &result
        && !what.file.is_stream()
    {
        // Its order is not that of the protocol, and it is too big to be held.
        seen = Seen::default();
        result = by_index(what, limits, progress, &mut seen);
        bytes = what.file.seekable()?.1;
    }
    let file = what.file.to_string();
    let fault = result.err().map(|stop| stop.fault(&file)).transpose()?;
    Ok(Verdict { file, seen, fault, bytes, elapsed: stream.progress().elapsed() })
}

/// Verifies a file in which blocks are looked for here and there.
fn by_index(what: &Verify, limits: ImportLimits, progress: Show, seen: &mut Seen) -> Result<(), Stop> {
    let index = opened::index(&what.file, progress)?;
    let import = Import::new(index.roots(), limits)?;
    stream::finish(import, &index, &mut |item| seen.item(item, what)).map(drop)
}

impl Seen {
    /// Takes note of what the import found, and checks what the import does not.
    fn item(&mut self, item: Item<'_>, what: &Verify) -> Result<Go, Stop> {
        match item {
            Item::Commit(commit) => self.commit(commit, what)?,
            Item::Node { .. } => self.nodes += 1,
            Item::Record { key, cid, bytes } => {
                self.records += 1;
                self.warnings.record(key, bytes.len());
                if !record::is_cbor(cid) {
                    return Ok(Go::On);
                }
                let fault = |reason| Stop::Fault(Fault::Record { path: key.escape_ascii().to_string(), reason });
                record::read(bytes).map_err(fault)?;
            }
            _ => {}
        }
        Ok(Go::On)
    }

    fn commit(&mut self, commit: &Commit, what: &Verify) -> Result<(), Stop> {
        self.commit = Some(commit.clone());
        self.warnings.revision(commit.rev(), SystemTime::now());
        let form = Form::of(commit.signature());
        if form.is_refused() {
            return Err(Stop::Fault(Fault::Signature(form)));
        }
        if let Some(did) = &what.did {
            commit.check_did(did).map_err(import::Error::Commit)?;
        }
        if let Some(key) = &what.key {
            commit.verify(key).map_err(|_| Stop::Fault(Fault::Key))?;
            self.signed = true;
        }
        Ok(())
    }
}

impl Verdict {
    fn to_text(&self) -> String {
        let mut text = match &self.fault {
            None => format!("{}: valid\n", self.file),
            Some(fault) => format!("{}: INVALID: {fault}\n", self.file),
        };
        let seen = &self.seen;
        if let Some(commit) = &seen.commit {
            text += &format!("  {}, rev {}\n", commit.did(), revision::with_time(commit.rev()));
        }
        let (records, nodes) = (count(seen.records, "record"), count(seen.nodes, "node"));
        let (size, speed) = (bytes(self.bytes), speed(self.bytes, self.elapsed));
        let what = if self.fault.is_none() { "" } else { "before the fault: " };
        text += &format!("  {what}{records}, {nodes}; {size} read at {speed:.1} MB/s\n");
        if self.fault.is_none() {
            let signature =
                if seen.signed { "the signature is valid" } else { "the signature was NOT checked: no --key" };
            text += &format!("  {signature}\n");
        }
        for warning in seen.warnings.list() {
            text += &format!("  warning: {warning}\n");
        }
        text
    }

    fn to_json(&self) -> Json {
        let seen = &self.seen;
        let commit = seen.commit.as_ref();
        object([
            ("file", string(&self.file)),
            ("valid", Json::from(self.fault.is_none())),
            ("signatureChecked", Json::from(seen.signed)),
            ("fault", optional(self.fault.as_ref(), Fault::to_json)),
            ("warnings", seen.warnings.list().map(string).collect::<Vec<_>>().into()),
            ("did", optional(commit, |commit| string(commit.did()))),
            ("rev", optional(commit, |commit| string(commit.rev()))),
            ("commit", optional(commit, |commit| string(commit.cid()))),
            ("data", optional(commit, |commit| string(commit.data()))),
            ("records", number(seen.records)),
            ("nodes", number(seen.nodes)),
            ("bytes", number(self.bytes)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use arobase::{
        crypto::{Curve, SigningKey},
        data::{CidLink, Map, Value},
        repo::{MemoryStore, Repo, RepoPath, Write, car},
        syntax::TidGenerator,
    };

    use super::*;
    use crate::source::Source;

    /// A file with ten records, in the reverse of the order of the protocol.
    fn reversed() -> Vec<u8> {
        let writes: Vec<_> = (0..10_i64)
            .map(|number| {
                let path: RepoPath = format!("com.example.note/{number}").parse().unwrap();
                let note: Map =
                    [("$type", Value::from("com.example.note")), ("number", Value::from(number))].into_iter().collect();
                Write::create(path, Value::from(note).to_cbor().unwrap())
            })
            .collect();
        let key = SigningKey::from_bytes(Curve::P256, &[7; 32]).unwrap();
        let did = "did:web:example.com".parse().unwrap();
        let (repo, written) = Repo::create(did, &writes, &TidGenerator::new(1), &key).unwrap();
        let mut store = MemoryStore::new();
        store.apply(&written);
        let mut blocks: Vec<_> = repo.export(&store).collect::<Result<_, _>>().unwrap();
        blocks.reverse();
        let mut file = car::header(&[repo.commit().cid()]).to_vec();
        blocks.iter().for_each(|block| car::put_block(&mut file, &CidLink::from(block.cid), &block.bytes));
        file
    }

    /// The verdict on a file, with room for less than a block.
    fn without_room(name: &str, file: &[u8]) -> Verdict {
        let path = std::env::temp_dir().join(format!("arobase-verify-{name}-{}.car", std::process::id()));
        std::fs::write(&path, file).unwrap();
        let what = Verify { file: Source::File(path.clone()), key: None, did: None };
        let verdict = verify(&what, ImportLimits::DEFAULT.with_held(100), Show::Never);
        std::fs::remove_file(&path).unwrap();
        verdict.unwrap()
    }

    #[test]
    fn what_cannot_be_held_is_looked_for_in_the_file() {
        let verdict = without_room("whole", &reversed());
        assert!(verdict.fault.is_none(), "{verdict:?}");
        assert_eq!(verdict.seen.records, 10);
    }

    #[test]
    fn a_fault_is_found_there_as_well() {
        let file = reversed();
        let fault = without_room("cut", &file[..file.len() - 1]).fault;
        assert!(matches!(fault, Some(Fault::Import(import::Error::Car(_)))), "{fault:?}");
    }
}
