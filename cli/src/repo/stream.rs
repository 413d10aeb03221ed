//! A CAR file that is read once, from the beginning to the end.

use std::io::{self, Read};

use arobase::{
    data::CidLink,
    repo::{
        Blocks, Commit, Import,
        car::{self, CarBlock, CarLimits, Reader},
        import::{self, ImportLimits, Item},
    },
};
use bytes::Bytes;

use crate::{
    failure::Failure,
    progress::{Progress, Show},
    source::Source,
};

use super::{fault::Fault, rest::Rest};

/// How many bytes are read at a time.
const PIECE: usize = 256 << 10;

/// A CAR file that is read once.
pub(crate) struct Stream {
    source: Source,
    input: Box<dyn Read>,
    reader: Reader,
    progress: Progress,
    show: Show,
    ended: bool,
    /// The block that was read along with the header.
    first: Option<(u64, CarBlock<Bytes>)>,
}

/// Why reading stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The file is no CAR file, or not that of a repository.
    Fault(Fault),
    /// Something else.
    Failure(Failure),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<import::Error> for Stop {
    fn from(error: import::Error) -> Self {
        Self::Fault(Fault::Import(error))
    }
}

impl From<car::Error> for Stop {
    fn from(error: car::Error) -> Self {
        import::Error::Car(error).into()
    }
}

impl Stop {
    /// The fault in the file of this name.
    ///
    /// # Errors
    /// The failure, if it is not the file that is to blame.
    pub(crate) fn fault(self, name: &str) -> Result<Fault, Failure> {
        match self {
            Self::Fault(Fault::Import(error @ (import::Error::Source(_) | import::Error::Read(_)))) => {
                Err(Failure::Io { file: name.to_owned(), reason: error.to_string() })
            }
            Self::Fault(fault) => Ok(fault),
            Self::Failure(failure) => Err(failure),
        }
    }

    /// The same as a failure of the command.
    pub(crate) fn in_file(self, name: &str) -> Failure {
        self.fault(name).map_or_else(|failure| failure, |fault| Failure::faulty(name, fault))
    }
}

impl Stream {
    /// Opens a file. `what` says what is done with it: "reading".
    ///
    /// # Errors
    /// It cannot be opened.
    pub(crate) fn open(source: &Source, what: &'static str, progress: Show) -> Result<Self, Failure> {
        let input = source.open()?;
        Ok(Self {
            source: source.clone(),
            input: input.bytes,
            reader: Reader::new(CarLimits::DEFAULT),
            progress: Progress::start(what, input.len, progress),
            show: progress,
            ended: false,
            first: None,
        })
    }

    /// What is known of how far it is.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The roots that the header names.
    ///
    /// # Errors
    /// The file cannot be read, or has no valid header.
    pub(crate) fn roots(&mut self) -> Result<Vec<CidLink>, Stop> {
        while self.reader.roots().is_none() {
            // The reader reads the header when it is asked for a block. What is wrong with the block is said again.
            match self.reader.next_at() {
                Ok(block) => self.first = block,
                Err(error) if self.reader.roots().is_none() => return Err(error.into()),
                Err(_) => break,
            }
            if self.reader.roots().is_none() {
                self.more()?;
            }
        }
        Ok(self.reader.roots().unwrap_or_default().to_vec())
    }

    /// The next block and its offset in the file; `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read, or is no CAR file.
    pub(crate) fn next(&mut self) -> Result<Option<(u64, CarBlock<Bytes>)>, Stop> {
        if let Some(first) = self.first.take() {
            return Ok(Some(first));
        }
        loop {
            if let Some(block) = self.reader.next_at()? {
                return Ok(Some(block));
            }
            if self.ended {
                return Ok(None);
            }
            self.more()?;
        }
    }

    /// Reads a piece more, or finds that there is none.
    fn more(&mut self) -> Result<(), Stop> {
        let mut piece = vec![0; PIECE];
        let read = loop {
            match self.input.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                read => break read.map_err(|error| Failure::io(self.source.to_string(), &error))?,
            }
        };
        if read == 0 {
            self.ended = true;
            self.reader.finish()?;
            return Ok(());
        }
        piece.truncate(read);
        self.progress.advance(read as u64);
        self.reader.push(piece.into());
        Ok(())
    }
}

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Go {
    On,
    /// Enough was seen.
    Stop,
}

/// Who is handed what an import finds.
pub(crate) type Each<'a> = &'a mut dyn FnMut(Item<'_>) -> Result<Go, Stop>;

/// Imports a file, and hands each item over as soon as it is certain. `None` if it was told to stop.
///
/// # Errors
/// The file is no whole repository, or what `each` says.
pub(crate) fn import(stream: &mut Stream, limits: ImportLimits, each: Each<'_>) -> Result<Option<Commit>, Stop> {
    let mut import = Import::new(&stream.roots()?, limits)?;
    let rest = Rest::of(&stream.source, stream.show);
    let each: Each<'_> = &mut |item| {
        if let Item::Record { cid, bytes, .. } = item {
            rest.keep(cid, bytes);
        }
        each(item)
    };
    let mut going = Ok(Go::On);
    while let Some((_, block)) = stream.next()? {
        let pushed = import.push(&block, &mut |item| hand_over(item, each, &mut going));
        // What went wrong with an item comes before what went wrong behind it.
        match std::mem::replace(&mut going, Ok(Go::On))? {
            Go::On => pushed?,
            Go::Stop => return Ok(None),
        }
    }
    finish(import, &rest, each)
}

/// Finishes an import with what else there is.
///
/// # Errors
/// As [`import()`].
pub(crate) fn finish(import: Import, blocks: &dyn Blocks, each: Each<'_>) -> Result<Option<Commit>, Stop> {
    let mut going = Ok(Go::On);
    let finished = import.finish(blocks, &mut |item| hand_over(item, each, &mut going));
    match going? {
        Go::On => Ok(Some(finished?)),
        Go::Stop => Ok(None),
    }
}

/// Hands an item over unless it was told to stop.
fn hand_over(item: Item<'_>, each: Each<'_>, going: &mut Result<Go, Stop>) {
    if matches!(going, Ok(Go::On)) {
        *going = each(item);
    }
}
