//! Exports as pieces of a CAR file.

use bytes::Bytes;

use crate::repo::{car, error::Error};

use super::Export;

/// A piece goes out once it has so many bytes.
const PIECE: usize = 64 << 10;

/// The pieces of the CAR file of an [`Export`], about 64 KiB each. An error ends it.
#[derive(Debug)]
pub struct CarPieces<'a> {
    export: Export<'a>,
    begun: bool,
}

impl<'a> CarPieces<'a> {
    pub(super) fn new(export: Export<'a>) -> Self {
        Self { export, begun: false }
    }

    /// The next piece, without bytes at the end.
    fn piece(&mut self) -> Result<Vec<u8>, Error> {
        // Most blocks are so small that the last one still fits.
        let mut out = Vec::with_capacity(PIECE + PIECE / 16);
        if !self.begun {
            self.begun = true;
            out.extend_from_slice(&car::header(&[self.export.commit.cid()]));
        }
        while out.len() < PIECE {
            let put = self.export.with_next(|cid, bytes| car::put_block(&mut out, &cid.into(), bytes.as_slice()))?;
            if put.is_none() {
                break;
            }
        }
        Ok(out)
    }
}

impl Iterator for CarPieces<'_> {
    type Item = Result<Bytes, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.piece() {
            Ok(piece) if piece.is_empty() => None,
            piece => Some(piece.map(Bytes::from)),
        }
    }
}
