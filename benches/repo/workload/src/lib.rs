//! What is measured and how, for whichever engine; no engine is known here.

mod allocations;
pub mod engine;
mod hostile;
pub mod inputs;
pub mod measure;
mod memory;
pub mod random;
mod times;

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use engine::Engine;
use inputs::Inputs;
use times::Times;

/// From this size on there are only the cases that matter there.
const HUGE: usize = 1_000_000;

/// The program of an engine.
///
/// `time FOLDER N REPEATS`, `memory FOLDER N CASE`, `hostile FOLDER`, `judge FILE`.
pub fn main<E: Engine>() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    match &args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["time", folder, n, repeats] => time::<E>(folder, n, repeats.parse()?),
        ["memory", folder, n, case] => {
            memory::run::<E>(case, &inputs(folder, n)?, &Path::new(folder).join(format!("repo-{n}.car")));
            Ok(())
        }
        ["hostile", folder] => Ok(hostile::all::<E>(folder.as_ref())?),
        ["judge", file] => Ok(hostile::judge::<E>(file.as_ref())?),
        _ => Err("time FOLDER N REPEATS | memory FOLDER N CASE | hostile FOLDER | judge FILE".into()),
    }
}

fn time<E: Engine>(folder: &str, n: &str, repeats: usize) -> Result<(), Box<dyn Error>> {
    let inputs = inputs(folder, n)?;
    let car = fs::read(Path::new(folder).join(format!("repo-{n}.car")))?;
    let times = Times { inputs: &inputs, car: &car, repeats };
    if inputs.entries.len() >= HUGE {
        times.imports::<E>()
    } else {
        times.all::<E>()
    }
    E::more(&inputs, &car, repeats);
    Ok(())
}

/// The inputs of a size.
pub fn inputs(folder: &str, n: &str) -> Result<Inputs, Box<dyn Error>> {
    Ok(Inputs::read(&fs::read(Path::new(folder).join(format!("inputs-{n}.bin")))?)?)
}
