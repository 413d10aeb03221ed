//! One engine, measured: which one says the feature that the program is built with.

#[cfg(feature = "arobase")]
mod arobase;
#[cfg(feature = "bounds")]
mod bounds;
#[cfg(any(feature = "jacquard", feature = "rsky"))]
mod hashes;
#[cfg(feature = "jacquard")]
mod jacquard;
#[cfg(feature = "repo-stream")]
mod repo_stream;
#[cfg(feature = "rsky")]
mod rsky;
#[cfg(feature = "shrike")]
mod shrike;

#[cfg(feature = "arobase")]
use arobase::Arobase as Subject;
#[cfg(feature = "bounds")]
use bounds::Bounds as Subject;
#[cfg(feature = "jacquard")]
use jacquard::Jacquard as Subject;
#[cfg(feature = "repo-stream")]
use repo_stream::RepoStream as Subject;
#[cfg(feature = "rsky")]
use rsky::Rsky as Subject;
#[cfg(feature = "shrike")]
use shrike::Shrike as Subject;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    arobase_bench_repo_workload::main::<Subject>()
}
