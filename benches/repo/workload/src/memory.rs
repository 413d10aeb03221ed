//! The cases that take memory. Each runs in a process of its own.

use std::path::Path;

use crate::allocations::during;
use crate::engine::{Engine, Lack, Outcome};
use crate::inputs::Inputs;
use crate::measure::{Kind, row, text};
use crate::times::{converted, sorted};

/// Runs one case: `tree`, `bulk`, `import` or `export`.
pub fn run<E: Engine>(case: &str, inputs: &Inputs, car: &Path) {
    let n = inputs.entries.len();
    match case {
        "tree" => {
            let (heap, resident) = match tree::<E>(inputs) {
                Ok((heap, resident)) => (Ok(heap), Ok(resident)),
                Err(Lack::None) => (Err(Lack::None), Err(Lack::None)),
                Err(Lack::Failed(reason)) => (Err(Lack::Failed(reason.clone())), Err(Lack::Failed(reason))),
            };
            report::<E>("tree in memory, a record", n, "B", heap);
            report::<E>("the same, resident", n, "B", resident);
        }
        "bulk" => report::<E>("bulk build, at most", n, "MB", bulk::<E>(inputs)),
        "import" => report::<E>("import from a file, at most", n, "MB", import::<E>(car)),
        _ => report::<E>("export, at most", n, "MB", export::<E>(car)),
    }
}

fn report<E: Engine>(case: &str, n: usize, unit: &str, figure: Outcome<f64>) {
    match figure {
        Ok(figure) => row(case, n, E::NAME, unit, Kind::Repeats, &[figure]),
        Err(Lack::None) => text(case, n, E::NAME, "none"),
        Err(Lack::Failed(reason)) => text(case, n, E::NAME, &format!("fails: {reason}")),
    }
}

/// What a tree with all its nodes in memory takes, with whatever store the engine needs for it: on the heap, and of
/// the pages of the process.
fn tree<E: Engine>(inputs: &Inputs) -> Outcome<(f64, f64)> {
    let entries = inputs.entries.iter().map(converted::<E>).collect::<Outcome<Vec<_>>>()?;
    let before = resident()?;
    let (tree, growth) = during(|| {
        let mut tree = E::build(&entries)?;
        tree.root()?;
        Ok(tree)
    });
    let after = resident()?;
    tree.map(|_tree| (growth.left as f64 / entries.len() as f64, (after - before) / entries.len() as f64))
}

/// The bytes of the pages that the process has in memory.
fn resident() -> Outcome<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm")?;
    let pages: f64 = statm.split(' ').nth(1).ok_or("no count of pages")?.parse()?;
    Ok(pages * 4096.0)
}

fn bulk<E: Engine>(inputs: &Inputs) -> Outcome<f64> {
    let entries = inputs.entries.iter().map(converted::<E>).collect::<Outcome<Vec<_>>>()?;
    let sorted = sorted::<E>(&entries);
    drop(entries);
    let (root, growth) = during(|| E::bulk(&sorted));
    root.map(|_| growth.peak as f64 / 1e6)
}

fn import<E: Engine>(car: &Path) -> Outcome<f64> {
    let (records, growth) = during(|| E::import_file(car));
    records.map(|_| growth.peak as f64 / 1e6)
}

/// What an export takes beyond the repository; bytes that it returns count, bytes that it streams do not.
fn export<E: Engine>(car: &Path) -> Outcome<f64> {
    let mut store = E::open(&std::fs::read(car)?)?;
    let (bytes, growth) = during(|| E::export(&mut store));
    bytes.map(|_| growth.peak as f64 / 1e6)
}
