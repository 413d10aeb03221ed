//! A CAR file is read alike in one and in pieces, and what is read of it is written back.
#![no_main]

use arobase_runtime::repo::car::{CarLimits, CarSlice, Error, Reader, put_block};
use bytes::Bytes;
use libfuzzer_sys::fuzz_target;

type Blocks = Result<Vec<(Vec<u8>, Vec<u8>)>, Error>;

fuzz_target!(|input: (u8, &[u8])| {
    let (piece, file) = input;
    let whole = whole(file);
    assert_eq!(pieces(file, usize::from(piece) + 1), whole);
    let Ok(blocks) = whole else {
        return;
    };
    let car = CarSlice::new(file, CarLimits::DEFAULT).expect("it was read before");
    let mut written = Vec::new();
    for block in car.blocks() {
        let block = block.expect("it was read before");
        put_block(&mut written, &block.cid, block.bytes);
    }
    assert!(file.ends_with(&written));
    assert_eq!(blocks.len(), car.blocks().count());
});

fn whole(file: &[u8]) -> Blocks {
    let car = CarSlice::new(file, CarLimits::DEFAULT)?;
    car.blocks().map(|block| block.map(|block| (block.cid.to_bytes(), block.bytes.to_vec()))).collect()
}

fn pieces(file: &[u8], len: usize) -> Blocks {
    let mut reader = Reader::new(CarLimits::DEFAULT);
    let mut blocks = Vec::new();
    for piece in file.chunks(len) {
        reader.push(Bytes::copy_from_slice(piece));
        while let Some(block) = reader.next()? {
            blocks.push((block.cid.to_bytes(), block.bytes.to_vec()));
        }
    }
    reader.finish()?;
    Ok(blocks)
}
