//! `arobase repo diff`: what two repositories differ in.

use arobase::{data::CidLink, lexicon::json::Json, repo::mst::Difference};

use crate::{
    failure::{Failure, NO, SUCCESS, TROUBLE},
    output::{Out, number, object, optional, string},
    progress::Show,
    source::Source,
    units::count,
};

use super::{opened::Opened, revision};

/// How many things differ.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    created: u64,
    updated: u64,
    deleted: u64,
    nodes_created: u64,
    nodes_retired: u64,
}

/// Compares the records of two files. The exit code is that of `diff`: 1 if they differ, 2 for any trouble.
///
/// # Errors
/// None but that nobody reads the output.
pub(crate) fn run(old: &Source, new: &Source, out: &mut Out, progress: Show) -> Result<u8, Failure> {
    match compare(old, new, out, progress) {
        Ok(totals) => Ok(if totals.records() == 0 { SUCCESS } else { NO }),
        // There was something to print.
        Err(Failure::Gone) => Ok(NO),
        Err(failure) => {
            out.flush()?;
            failure.report(out.json());
            Ok(TROUBLE)
        }
    }
}

fn compare(old: &Source, new: &Source, out: &mut Out, progress: Show) -> Result<Totals, Failure> {
    let (old, new) = (Opened::open(old, progress)?, Opened::open(new, progress)?);
    head(&old, &new, out)?;
    let compared = changes(&old, &new, out).and_then(|totals| foot(&totals, out).map(|()| totals));
    if let Err(failure) = &compared {
        broken_off(failure, out)?;
    }
    compared
}

/// Prints the changes.
fn changes(old: &Opened, new: &Opened, out: &mut Out) -> Result<Totals, Failure> {
    let mut totals = Totals::default();
    let mut printed = Ok(());
    // A file with changes only does not hold the nodes that did not change.
    let both = (&new.index, &old.index);
    let compared = old.tree.diff_with(&new.tree, &old.index, &both, &mut |difference| {
        let first = totals.records() == 0;
        totals.add(&difference);
        if printed.is_ok()
            && let Difference::Record { key, before, after } = difference
        {
            printed = change(key, before.as_ref(), after.as_ref(), first, out);
        }
    });
    printed?;
    compared.map_err(|error| Failure::faulty(format!("{} and {}", old.name, new.name), error))?;
    Ok(totals)
}

impl Totals {
    fn records(&self) -> u64 {
        self.created + self.updated + self.deleted
    }

    fn add(&mut self, difference: &Difference<'_>) {
        let count = match difference {
            Difference::Created(_) => &mut self.nodes_created,
            Difference::Retired(_) => &mut self.nodes_retired,
            Difference::Record { before: None, .. } => &mut self.created,
            Difference::Record { after: None, .. } => &mut self.deleted,
            Difference::Record { .. } => &mut self.updated,
        };
        *count += 1;
    }
}

fn head(old: &Opened, new: &Opened, out: &mut Out) -> Result<(), Failure> {
    if out.json() {
        return out.text(&format!("{{\"old\":{},\"new\":{},\"changes\":[", side_json(old), side_json(new)));
    }
    for (mark, side) in [("---", old), ("+++", new)] {
        let (did, rev) = (side.commit.did(), revision::with_time(side.commit.rev()));
        out.line(format_args!("{mark} {}  {did} rev {rev}", side.name))?;
    }
    Ok(())
}

fn side_json(side: &Opened) -> Json {
    object([
        ("file", string(&side.name)),
        ("did", string(side.commit.did())),
        ("rev", string(side.commit.rev())),
        ("commit", string(side.commit.cid())),
        ("data", string(side.commit.data())),
    ])
}

fn change(
    key: &[u8],
    before: Option<&CidLink>,
    after: Option<&CidLink>,
    first: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let path = key.escape_ascii();
    if out.json() {
        let action = match (before, after) {
            (None, _) => "create",
            (_, None) => "delete",
            _ => "update",
        };
        let change = object([
            ("action", Json::from(action)),
            ("path", string(path)),
            ("before", optional(before, string)),
            ("after", optional(after, string)),
        ]);
        return out.text(&format!("{}\n{change}", if first { "" } else { "," }));
    }
    match (before, after) {
        (Some(before), Some(after)) => out.line(format_args!("~ {path}  {before} -> {after}")),
        (Some(before), None) => out.line(format_args!("- {path}  {before}")),
        (None, after) => out.line(format_args!("+ {path}  {}", after.map(ToString::to_string).unwrap_or_default())),
    }
}

/// Ends what was begun, so that it stays JSON, with the failure in place of the totals.
fn broken_off(failure: &Failure, out: &mut Out) -> Result<(), Failure> {
    match failure {
        Failure::Gone => Ok(()),
        failure if out.json() => finish(&failure.to_json(), out),
        _ => Ok(()),
    }
}

/// Ends the changes in JSON. The members go on in the object that was begun.
fn finish(members: &Json, out: &mut Out) -> Result<(), Failure> {
    out.line(format_args!("\n],{}", members.to_string().trim_start_matches('{')))
}

fn foot(totals: &Totals, out: &mut Out) -> Result<(), Failure> {
    let Totals { created, updated, deleted, nodes_created, nodes_retired } = *totals;
    if out.json() {
        let totals = object([
            ("equal", Json::from(totals.records() == 0)),
            ("created", number(created)),
            ("updated", number(updated)),
            ("deleted", number(deleted)),
            ("nodesCreated", number(nodes_created)),
            ("nodesRetired", number(nodes_retired)),
        ]);
        return finish(&totals, out);
    }
    if totals.records() == 0 {
        return out.line("the records are equal");
    }
    let nodes = format!("{} new, {nodes_retired} gone", count(nodes_created, "node"));
    out.line(format_args!("{created} created, {updated} updated, {deleted} deleted; {nodes}"))
}
