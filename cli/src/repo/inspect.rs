//! `arobase repo inspect`: what is in files, whole or not.

mod contents;
mod json;
mod node;
mod report;
mod survey;
mod text;

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
};

use arobase::{
    data::CidLink,
    repo::{Commit, import},
};

use crate::{
    failure::{Failure, NO, SUCCESS},
    output::Out,
    progress::{Progress, Show},
    source::Source,
};

use super::{
    fault::Fault,
    stream::{Stop, Stream},
};

use self::{
    contents::Contents,
    report::{Blocks, Report, Tree},
    survey::Survey,
};

/// Inspects files, one after the other; one that cannot be read does not keep the others from it.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(files: &[Source], out: &mut Out, progress: Show) -> Result<u8, Failure> {
    let mut code = SUCCESS;
    for file in files {
        match inspect(file, progress) {
            Ok(report) => {
                print(&report, out)?;
                code = code.max(if report.is_faulty() { NO } else { SUCCESS });
            }
            Err(failure) => {
                out.flush()?;
                code = code.max(failure.report(out.json()));
            }
        }
    }
    Ok(code)
}

fn print(report: &Report, out: &mut Out) -> Result<(), Failure> {
    if out.json() { out.line(json::to_json(report)) } else { out.text(&text::to_text(report)) }
}

fn inspect(source: &Source, progress: Show) -> Result<Report, Failure> {
    let (path, bytes) = source.seekable()?;
    let name = source.to_string();
    let file = File::open(path).map_err(|error| Failure::io(&name, &error))?;
    let mut contents = Contents::new(file);
    let mut report = Report {
        file: name,
        bytes,
        roots: Vec::new(),
        blocks: Blocks::default(),
        fault: None,
        commit: Err(String::new()),
        tree: Tree::default(),
        collections: BTreeMap::new(),
        blobs: HashMap::new(),
    };
    let mut stream = Stream::open(source, "reading", progress)?;
    report.roots = stream.roots().map_err(|stop| stop.in_file(&report.file))?;
    read_blocks(&mut stream, &mut contents, &mut report)?;
    drop(stream);
    report.commit = commit(&mut contents, &report.roots);
    if let Ok(commit) = &report.commit {
        let (cid, root) = (commit.cid(), commit.data());
        let progress = Progress::start("surveying", Some(bytes), progress);
        Survey::new(cid, &mut contents, &mut report, progress).tree(root);
    }
    report.blocks.unreferenced = contents.unmet();
    Ok(report)
}

/// Reads all blocks, or those up to the first fault.
fn read_blocks(stream: &mut Stream, contents: &mut Contents, report: &mut Report) -> Result<(), Failure> {
    loop {
        match stream.next() {
            Ok(Some((offset, block))) => {
                report.blocks.count += 1;
                contents.add(&block.cid, offset, block.bytes.len());
            }
            Ok(None) => break,
            Err(Stop::Fault(Fault::Import(import::Error::Car(fault)))) => {
                report.fault = Some(fault);
                break;
            }
            Err(stop) => return Err(stop.in_file(&report.file)),
        }
    }
    report.blocks.duplicates = contents.sort();
    Ok(())
}

/// The commit, or why there is none.
fn commit(contents: &mut Contents, roots: &[CidLink]) -> Result<Commit, String> {
    let root = roots.first().ok_or("the file names no root")?;
    let cid = root.as_cid().ok_or_else(|| format!("the root {root} is no CID of a commit"))?;
    let met = contents.meet(&cid).map_err(|error| error.to_string())?;
    let met = met.ok_or_else(|| format!("the root {root} is not in the file"))?;
    Commit::decode(met.bytes).map_err(|error| error.to_string())
}
