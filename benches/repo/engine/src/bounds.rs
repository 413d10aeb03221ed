//! No engine: what the machine needs at least for the same work.

use std::hint::black_box;
use std::sync::OnceLock;

use arobase_bench_repo_workload::engine::{Engine, Outcome};
use arobase_bench_repo_workload::inputs::{Addition, CidBytes, Event, Inputs, SECRET};
use arobase_bench_repo_workload::measure::{Kind, row, timed};
use secp256k1::ecdsa::Signature;
use secp256k1::{Message, PublicKey, Secp256k1, SecretKey, VerifyOnly};
use sha2::{Digest, Sha256};

pub struct Bounds;

/// Tables that are made once.
static CONTEXT: OnceLock<Secp256k1<VerifyOnly>> = OnceLock::new();

impl Engine for Bounds {
    type Cid = ();
    type Pair = ();
    type Store = ();

    const NAME: &'static str = "bound";

    fn cid(_bytes: &CidBytes) -> Outcome<()> {
        Ok(())
    }

    /// SHA-256 of all blocks, one by one.
    fn import(car: &[u8]) -> Outcome<usize> {
        let mut blocks = 0;
        for block in blocks_of(car) {
            black_box(<[u8; 32]>::from(Sha256::digest(&block[36..])));
            // A node begins so, the commit has six fields; all else are records.
            blocks += usize::from(!block[36..].starts_with(b"\xa2\x61e") && block[36] != 0xa6);
        }
        Ok(blocks)
    }

    /// SHA-256 of all blocks of the event.
    fn invert(event: &Event) -> Outcome<()> {
        Self::import(&event.car).map(drop)
    }

    /// The same, and the signature alone.
    fn verify(event: &Event, public: &[u8]) -> Outcome<()> {
        Self::import(&event.car)?;
        let commit = blocks_of(&event.car).next().unwrap_or_default();
        let key = PublicKey::from_slice(public)?;
        // Of some message of the right size: a signature that is wrong takes as long.
        let signature = Signature::from_compact(&signature_of(commit))?;
        let message = Message::from_digest(Sha256::digest(&commit[..commit.len() - 70]).into());
        let context = CONTEXT.get_or_init(Secp256k1::verification_only);
        let _right = black_box(context.verify_ecdsa(message, &signature, &key));
        Ok(())
    }

    fn more(inputs: &Inputs, car: &[u8], repeats: usize) {
        let n = inputs.entries.len();
        // Into memory that is there: fresh pages cost several times as much.
        let mut copy = vec![1; car.len()];
        let copies: Vec<f64> = (0..10 * repeats)
            .map(|_| car.len() as f64 * 1e3 / timed(|| copy.copy_from_slice(black_box(car))).1)
            .collect();
        row("CAR export", n, Self::NAME, "MB/s", Kind::Repeats, &copies);
        let random = rehash(&inputs.random, |_| {});
        row("commit of a random key", n, Self::NAME, "us", Kind::Pieces, &random);
        row("commit of an appended key", n, Self::NAME, "us", Kind::Pieces, &rehash(&inputs.append, |_| {}));
        let context = Secp256k1::signing_only();
        let Ok(secret) = SecretKey::from_byte_array(SECRET) else { return };
        let sign = |digest: [u8; 32]| {
            let _signature = black_box(context.sign_ecdsa(Message::from_digest(digest), &secret));
        };
        row("commit of a random key, signed", n, Self::NAME, "us", Kind::Pieces, &rehash(&inputs.random, sign));
        row("signature alone", n, Self::NAME, "us", Kind::Pieces, &signatures(&inputs.random, sign));
    }
}

/// Copies the nodes that a commit makes, patches a link in each and hashes them.
fn rehash(additions: &[Addition], then: impl Fn([u8; 32])) -> Vec<f64> {
    pieces(additions, |addition| {
        let mut digest = [0; 32];
        for node in &addition.nodes {
            let mut copy = node.clone();
            let at = copy.len().saturating_sub(34);
            copy.iter_mut().skip(at).zip(&digest).for_each(|(byte, patch)| *byte = *patch);
            digest = Sha256::digest(black_box(&copy)).into();
        }
        then(black_box(digest));
    })
}

fn signatures(additions: &[Addition], sign: impl Fn([u8; 32])) -> Vec<f64> {
    pieces(additions, |addition| sign(addition.cid[4..].try_into().unwrap_or_default()))
}

fn pieces(additions: &[Addition], run: impl Fn(&Addition)) -> Vec<f64> {
    let piece = |additions: &[Addition]| timed(|| additions.iter().for_each(&run)).1 / 1e3 / additions.len() as f64;
    additions.chunks(100).map(piece).collect()
}

/// The 64 bytes of the signature in a commit.
fn signature_of(commit: &[u8]) -> [u8; 64] {
    let field = commit.windows(6).position(|bytes| bytes == b"\x63sig\x58\x40");
    let signature = field.and_then(|at| commit.get(at + 6..at + 70)).and_then(|bytes| bytes.try_into().ok());
    signature.unwrap_or([1; 64])
}

/// CID and bytes of each block of a file that is sound.
fn blocks_of(car: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = car;
    std::iter::from_fn(move || {
        let (mut length, mut shift) = (0, 0);
        loop {
            let (byte, after) = rest.split_first()?;
            rest = after;
            length |= usize::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (block, after) = rest.split_at_checked(length)?;
        rest = after;
        Some(block)
    })
    .skip(1)
}
