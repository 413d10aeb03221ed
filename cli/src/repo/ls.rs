//! `arobase repo ls`: the paths of records.

use std::ops::Bound;

use arobase::{
    data::CidLink,
    repo::{
        import::{ImportLimits, Item},
        mst::{Direction, Walk},
    },
};

use crate::{
    failure::{Failure, SUCCESS},
    output::{Out, number, object, optional, string},
    progress::Show,
};

use super::{
    args::Ls,
    opened::Opened,
    stream::{self, Go, Stream},
};

/// Lists records.
///
/// # Errors
/// The file cannot be read or is faulty. What comes before the fault is listed.
pub(crate) fn run(ls: &Ls, out: &mut Out, progress: Show) -> Result<u8, Failure> {
    if ls.file.is_stream() {
        from_stream(ls, out, progress)?;
    } else {
        from_file(ls, out, progress)?;
    }
    Ok(SUCCESS)
}

/// What to print of a record.
struct Line<'a> {
    path: String,
    cid: &'a CidLink,
    /// The bytes, unless they are not wanted or not there.
    bytes: Option<u64>,
}

fn from_file(ls: &Ls, out: &mut Out, progress: Show) -> Result<(), Failure> {
    let opened = Opened::open(&ls.file, progress)?;
    let mut walk = walk(ls, &opened);
    let mut left = ls.limit.unwrap_or(u64::MAX);
    while left > 0 {
        let Some(entry) = walk.next() else { break };
        let (key, cid) = entry.map_err(|error| opened.fault(error))?;
        let block = if ls.long { opened.record(&cid)? } else { None };
        let bytes = block.map(|block| block.len() as u64);
        print(&Line { path: key.escape_ascii().to_string(), cid: &cid, bytes }, ls.long, out)?;
        left -= 1;
    }
    Ok(())
}

fn walk<'a>(ls: &Ls, opened: &'a Opened) -> Walk<'a> {
    let direction = if ls.reverse { Direction::Down } else { Direction::Up };
    match &ls.collection {
        Some(collection) => opened.tree.prefix(format!("{collection}/").as_bytes(), direction, &opened.index),
        None => opened.tree.range(Bound::Unbounded, Bound::Unbounded, direction, &opened.index),
    }
}

/// Lists records in the order in which the file makes them certain: that of their paths, if the file is in order.
fn from_stream(ls: &Ls, out: &mut Out, progress: Show) -> Result<(), Failure> {
    let mut stream = Stream::open(&ls.file, "reading", progress.beside_output())?;
    let mut left = ls.limit.unwrap_or(u64::MAX);
    let listed = stream::import(&mut stream, ImportLimits::DEFAULT, &mut |item| {
        if left == 0 {
            return Ok(Go::Stop);
        }
        if let Item::Record { key, cid, bytes } = item {
            let path = key.escape_ascii().to_string();
            let wanted = ls.collection.as_ref().is_none_or(|collection| in_collection(&path, collection.as_str()));
            if wanted {
                print(&Line { path, cid, bytes: Some(bytes.len() as u64) }, ls.long, out)?;
                left -= 1;
            }
        }
        Ok(Go::On)
    });
    listed.map(drop).map_err(|stop| stop.in_file(&ls.file.to_string()))
}

/// Whether a path is one of a collection.
pub(crate) fn in_collection(path: &str, collection: &str) -> bool {
    path.strip_prefix(collection).is_some_and(|rest| rest.starts_with('/'))
}

fn print(line: &Line<'_>, long: bool, out: &mut Out) -> Result<(), Failure> {
    let Line { path, cid, bytes } = line;
    if out.json() {
        let size = long.then(|| ("bytes", optional(*bytes, number)));
        let members = [("path", string(path)), ("cid", string(cid))];
        return out.line(object(members.into_iter().chain(size)));
    }
    if long {
        let size = bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        return out.line(format_args!("{cid}  {size:>7}  {path}"));
    }
    out.line(path)
}
