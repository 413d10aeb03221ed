//! Decode and encode, ours beside one peer at a time.
//!
//! Prints one row per case, see [`measure::case`]; `codec.sh` puts the rows into tables. Up to
//! two arguments keep the cases whose task, and whose subject, contain them.

mod allocations;
#[cfg(feature = "arobase")]
mod arobase;
#[cfg(feature = "atrium")]
mod atrium;
#[cfg(not(feature = "peer"))]
mod baseline;
#[cfg(not(feature = "peer"))]
mod derive;
mod inputs;
#[cfg(feature = "jacquard")]
mod jacquard;
mod measure;
mod peer;
#[cfg(feature = "shrike")]
mod shrike;

fn main() {
    let inputs = inputs::generate();
    #[cfg(not(feature = "peer"))]
    {
        let sizes = [inputs.timeline.len(), inputs.post.json.len(), inputs.post.cbor.len()];
        eprintln!("getTimeline {} B, post {} B as JSON, {} B as DAG-CBOR", sizes[0], sizes[1], sizes[2]);
        baseline::run(&inputs);
    }
    #[cfg(feature = "arobase")]
    arobase::run(&inputs);
    #[cfg(feature = "atrium")]
    atrium::run(&inputs);
    #[cfg(feature = "jacquard")]
    jacquard::run(&inputs);
    #[cfg(feature = "shrike")]
    shrike::run(&inputs);
}
