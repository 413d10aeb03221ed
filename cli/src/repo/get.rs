//! `arobase repo get`: single records.

use crate::{
    failure::{Failure, SUCCESS},
    output::Out,
    progress::Show,
};

use super::{
    args::{Form, Get},
    opened::Opened,
    record,
    target::Target,
};

/// Prints records. One that is not there does not keep the others from it.
///
/// # Errors
/// The file cannot be read or is faulty.
pub(crate) fn run(get: &Get, out: &mut Out, progress: Show) -> Result<u8, Failure> {
    let opened = Opened::open(&get.file, progress)?;
    let mut code = SUCCESS;
    for target in &get.targets {
        match print(target, get.form, &opened, out) {
            Err(failure @ Failure::Absent { .. }) => {
                out.flush()?;
                code = code.max(failure.report(out.json()));
            }
            other => other?,
        }
    }
    Ok(code)
}

fn print(target: &Target, form: Form, opened: &Opened, out: &mut Out) -> Result<(), Failure> {
    let absent = |what: String| Failure::Absent { file: opened.name.clone(), what };
    if target.did.as_ref().is_some_and(|did| did != opened.commit.did()) {
        return Err(absent(format!("no {target}: the repository is that of {}", opened.commit.did())));
    }
    let found = opened.tree.get(target.path.as_key(), &opened.index);
    let cid = found.map_err(|error| opened.fault(format_args!("{target}: {error}")))?;
    let cid = cid.ok_or_else(|| absent(format!("there is no record {target}")))?;
    if form == Form::Cid {
        return out.line(cid);
    }
    let block = opened.record(&cid)?;
    let block = block.ok_or_else(|| absent(format!("the block {cid} of the record {target} is missing")))?;
    if form == Form::Cbor {
        return out.bytes(&block);
    }
    let fault = |reason| opened.fault(format_args!("{target}: {reason}"));
    out.text(&record::to_pretty(&block).map_err(fault)?)
}
