//! Makes the inputs of the measurements, with no engine that is measured.
//!
//! `FOLDER N...` writes `inputs-N.bin` and `repo-N.car` for each N; `FOLDER hostile` writes `hostile/*.car`.

mod car;
mod cbor;
mod hash;
mod hostile;
mod records;
mod repository;
mod tree;

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::Path;

use arobase_bench_repo_workload::inputs::Fields;

/// Up to this size there are operations.
const OPS_UP_TO: usize = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder, parts @ ..] = &args[..] else { return Err("FOLDER N... | FOLDER hostile".into()) };
    fs::create_dir_all(folder)?;
    for part in parts {
        match part.as_str() {
            "hostile" => hostile::write(&Path::new(folder).join("hostile"))?,
            number => repository(Path::new(folder), number.parse()?)?,
        }
    }
    Ok(())
}

fn repository(folder: &Path, n: usize) -> Result<(), Box<dyn Error>> {
    let (inputs, car) = repository::make(n, n <= OPS_UP_TO);
    fs::write(folder.join(format!("repo-{n}.car")), &car)?;
    let mut file = Fields(BufWriter::new(fs::File::create(folder.join(format!("inputs-{n}.bin")))?));
    file.inputs(&inputs)?;
    file.0.flush()?;
    println!("{n}\t{}\t{}", hash::cid_text(&inputs.root.as_slice().try_into()?), car.len());
    Ok(())
}
