//! MP4 and MOV: boxes in each other, each with its length and its name (ISO base media file format). They are looked at
//! as they come, because what is wanted may stand behind the pictures.

use super::{Facts, milliseconds, reader::big};

/// The first boxes that such a file has.
const FIRST: [&[u8; 4]; 7] = [b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"];
/// Boxes that hold the ones that are wanted.
const OUTER: [&[u8; 4]; 3] = [b"moov", b"trak", b"mvex"];
/// Bytes of a header, and of one with a long length.
const HEADER: usize = 8;
const LONG_HEADER: usize = 16;
/// The most bytes that are wanted of a box.
const CONTENT: usize = 96;

/// Looks at boxes as their bytes come.
pub(super) struct Boxes {
    state: State,
    /// The header, or the content, as far as it has come.
    part: Vec<u8>,
    is_first: bool,
    found: Found,
}

enum State {
    Header,
    /// The content of a box that is wanted: how much of it is, and what comes behind that.
    Content {
        name: [u8; 4],
        wanted: usize,
        behind: u64,
    },
    /// So many bytes are not wanted.
    Skip(u64),
    /// This is no such file, or it is broken.
    Over,
}

#[derive(Default)]
struct Found {
    is_film: bool,
    /// Units of time of a second.
    scale: u64,
    /// How long it is, in these units.
    whole: u64,
    /// The same, where the pictures are in fragments.
    fragments: u64,
    size: Option<(u32, u32)>,
}

impl Default for Boxes {
    fn default() -> Self {
        Self { state: State::Header, part: Vec::new(), is_first: true, found: Found::default() }
    }
}

impl Boxes {
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            bytes = match self.state {
                State::Header => self.header(bytes),
                State::Content { name, wanted, behind } => self.content(bytes, name, wanted, behind),
                State::Skip(left) => self.skip(bytes, left),
                State::Over => return,
            };
        }
    }

    /// What was found; none if this is no such file.
    pub(super) fn facts(&self) -> Option<Facts> {
        let Found { is_film, scale, whole, fragments, size } = self.found;
        let duration = milliseconds(whole.max(fragments), scale).filter(|duration| *duration > 0);
        let (width, height) = size.unzip();
        is_film.then_some(Facts { width, height, duration })
    }

    /// Adds to the part until it has so many bytes; what is left.
    fn fill<'a>(&mut self, bytes: &'a [u8], until: usize) -> &'a [u8] {
        let (now, later) = bytes.split_at(bytes.len().min(until.saturating_sub(self.part.len())));
        self.part.extend_from_slice(now);
        later
    }

    fn header<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let is_long = self.part.len() >= HEADER;
        let until = if is_long { LONG_HEADER } else { HEADER };
        let rest = self.fill(bytes, until);
        if self.part.len() < until {
            return rest;
        }
        match big(&self.part, 0, 4) {
            Some(1) if !is_long => return rest,
            // Up to the end of the file.
            Some(0) => self.enter(u64::MAX),
            Some(1) => self.enter(big(&self.part, HEADER, 8).unwrap_or_default()),
            len => self.enter(len.unwrap_or_default()),
        }
        rest
    }

    /// Begins with a box of so many bytes, whose header has come.
    fn enter(&mut self, len: u64) {
        let header = std::mem::take(&mut self.part);
        let name: Option<[u8; 4]> = header.get(4..HEADER).and_then(|name| name.try_into().ok());
        let (Some(name), Some(len)) = (name, len.checked_sub(header.len() as u64)) else {
            self.state = State::Over;
            return;
        };
        if std::mem::take(&mut self.is_first) && !FIRST.contains(&&name) {
            self.state = State::Over;
            return;
        }
        self.found.is_film = true;
        self.state = match &name {
            name if OUTER.contains(&name) => State::Header,
            b"mvhd" | b"mehd" | b"tkhd" => {
                let wanted = usize::try_from(len).unwrap_or(CONTENT).min(CONTENT);
                State::Content { name, wanted, behind: len - wanted as u64 }
            }
            _ => State::Skip(len),
        };
        self.pass();
    }

    fn content<'a>(&mut self, bytes: &'a [u8], name: [u8; 4], wanted: usize, behind: u64) -> &'a [u8] {
        let rest = self.fill(bytes, wanted);
        if self.part.len() >= wanted {
            let content = std::mem::take(&mut self.part);
            self.found.note(&name, &content);
            self.state = State::Skip(behind);
            self.pass();
        }
        rest
    }

    fn skip<'a>(&mut self, bytes: &'a [u8], left: u64) -> &'a [u8] {
        let now = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        self.state = State::Skip(left - now as u64);
        self.pass();
        bytes.get(now..).unwrap_or_default()
    }

    /// What has no bytes is over before the next ones come.
    fn pass(&mut self) {
        match self.state {
            State::Skip(0) => self.state = State::Header,
            State::Content { wanted: 0, behind, .. } => {
                self.state = State::Skip(behind);
                self.pass();
            }
            _ => {}
        }
    }
}

impl Found {
    /// Takes in a box. Where there are several, a player may go by any: the longest counts.
    fn note(&mut self, name: &[u8; 4], content: &[u8]) {
        let noted = match name {
            b"mvhd" => self.film(content),
            b"mehd" => self.fragments(content),
            _ => self.track(content),
        };
        // A box that is too short says nothing.
        noted.unwrap_or_default();
    }

    fn film(&mut self, content: &[u8]) -> Option<()> {
        let (at, len) = times(content)?;
        let (scale, whole) = (big(content, at, 4)?, big(content, at + 4, len)?);
        // All ones are written where it was not known.
        let whole = if whole == u64::MAX >> (64 - 8 * len) { 0 } else { whole };
        if milliseconds(whole, scale) >= milliseconds(self.whole, self.scale) {
            (self.scale, self.whole) = (scale, whole);
        }
        Some(())
    }

    fn fragments(&mut self, content: &[u8]) -> Option<()> {
        let len = if *content.first()? == 1 { 8 } else { 4 };
        self.fragments = self.fragments.max(big(content, 4, len)?);
        Some(())
    }

    /// The first track that has a picture says how large it is. One that is turned says how large it was before that.
    fn track(&mut self, content: &[u8]) -> Option<()> {
        let (at, len) = times(content)?;
        // Its number, nothing, its length, nothing, its layer, group and volume, nothing.
        let matrix = at + 4 + 4 + len + 8 + 8;
        let (a, d) = (big(content, matrix, 4)?, big(content, matrix + 16, 4)?);
        let pixels = |at| u32::try_from(big(content, at, 4)? >> 16).ok();
        let (width, height) = (pixels(matrix + 36)?, pixels(matrix + 40)?);
        let size = if a == 0 && d == 0 { (height, width) } else { (width, height) };
        if self.size.is_none() && width > 0 && height > 0 {
            self.size = Some(size);
        }
        Some(())
    }
}

/// Where the times of creation and change end, and how many bytes times have.
fn times(content: &[u8]) -> Option<(usize, usize)> {
    Some(if *content.first()? == 1 { (4 + 2 * 8, 8) } else { (4 + 2 * 4, 4) })
}
