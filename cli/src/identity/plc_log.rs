//! `arobase identity plc log`: the history of a did:plc, checked.

use std::io::Read;

use arobase::identity::plc::{Log, PlcError, audit, parse_audit_log};

use crate::{
    failure::{Failure, SUCCESS},
    output::Out,
    source::Source,
};

use super::{
    args::{LogSource, PlcLog},
    history, network,
    text::printable,
};

/// The most bytes of a log.
const MAX: u64 = 16 << 20;

/// Checks a log and prints it.
///
/// # Errors
/// It is not to be believed, nobody could say, a file cannot be read, or the output cannot be written.
pub(crate) fn run(wanted: &PlcLog, out: &mut Out) -> Result<u8, Failure> {
    let log = match &wanted.from {
        LogSource::File(file) => from_file(file)?,
        LogSource::Directory(did) => network::block_on(async {
            wanted.network.plc()?.log(did).await.map_err(|error| failure(did.as_str(), &error))
        })?,
    };
    if out.json() {
        out.line(crate::output::escape_controls(history::to_json(&log).to_string()))?;
    } else {
        out.text(&history::to_text(&log))?;
    }
    Ok(SUCCESS)
}

fn from_file(file: &Source) -> Result<Log, Failure> {
    let name = file.to_string();
    let mut json = Vec::new();
    let mut bytes = file.open()?.bytes.take(MAX + 1);
    bytes.read_to_end(&mut json).map_err(|error| Failure::io(&name, &error))?;
    let faulty = |fault: &dyn std::fmt::Display| Failure::faulty(&name, printable(&fault.to_string()));
    let entries = parse_audit_log(&json).map_err(|error| faulty(&error))?;
    let Some(first) = entries.first() else { return Err(faulty(&"a log without entries")) };
    audit(&first.did, &entries).map_err(|error| faulty(&error))
}

fn failure(who: &str, error: &PlcError) -> Failure {
    let (who, reason) = (who.to_owned(), printable(&error.to_string()));
    match error {
        PlcError::Did | PlcError::NotFound | PlcError::Audit(_) | PlcError::Tombstoned => {
            Failure::Identity { who, reason }
        }
        _ => Failure::Network { who, reason },
    }
}
