//! The inputs: what the generator writes and the measurements read, in a simple format of fields
//! with their lengths before them.

use std::io::{self, Error, Write};

/// The binary form of a CID of the blessed kind.
pub type CidBytes = [u8; 36];

/// The account of all repositories.
pub const DID: &str = "did:plc:yk4dd2qkboz2yv6tpubpc6co";
/// The secret key that signs all commits, on the curve K-256.
pub const SECRET: [u8; 32] = [0x2a; 32];

/// A key of the tree and its value.
#[derive(Clone, Debug)]
pub struct Entry<C = CidBytes> {
    pub key: String,
    pub cid: C,
}

/// A record that is added.
#[derive(Clone, Debug)]
pub struct Addition {
    pub key: String,
    pub cid: CidBytes,
    pub record: Vec<u8>,
    /// The nodes that the tree has with it and did not have without.
    pub nodes: Vec<Vec<u8>>,
}

/// A commit of one record as others see it: a CAR file with the commit, the covering proof and the record.
#[derive(Clone, Debug)]
pub struct Event {
    pub key: String,
    pub cid: CidBytes,
    pub commit: CidBytes,
    pub rev: String,
    /// The revision before.
    pub since: String,
    /// The root of the tree with the record.
    pub data: CidBytes,
    /// The root of the tree without it.
    pub prev_data: CidBytes,
    pub car: Vec<u8>,
}

/// A repository of a size and what happens to it.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// In the order in which the records were made.
    pub entries: Vec<Entry>,
    pub root: Vec<u8>,
    /// Between the others.
    pub random: Vec<Addition>,
    /// After all others, each after the one before; their nodes are those of a tree with all before.
    pub append: Vec<Addition>,
    /// Each of the first random additions alone.
    pub events: Vec<Event>,
    /// The compressed public key.
    pub public: Vec<u8>,
}

/// Writes fields.
pub struct Fields<W>(pub W);

impl<W: Write> Fields<W> {
    pub fn number(&mut self, number: usize) -> io::Result<()> {
        self.0.write_all(&(number as u32).to_le_bytes())
    }

    pub fn bytes(&mut self, bytes: impl AsRef<[u8]>) -> io::Result<()> {
        self.number(bytes.as_ref().len())?;
        self.0.write_all(bytes.as_ref())
    }

    fn additions(&mut self, additions: &[Addition]) -> io::Result<()> {
        self.number(additions.len())?;
        for addition in additions {
            self.bytes(&addition.key)?;
            self.bytes(addition.cid)?;
            self.bytes(&addition.record)?;
            self.number(addition.nodes.len())?;
            addition.nodes.iter().try_for_each(|node| self.bytes(node))?;
        }
        Ok(())
    }

    pub fn inputs(&mut self, inputs: &Inputs) -> io::Result<()> {
        self.number(inputs.entries.len())?;
        for entry in &inputs.entries {
            self.bytes(&entry.key)?;
            self.bytes(entry.cid)?;
        }
        self.bytes(&inputs.root)?;
        self.additions(&inputs.random)?;
        self.additions(&inputs.append)?;
        self.number(inputs.events.len())?;
        for event in &inputs.events {
            self.bytes(&event.key)?;
            self.bytes(event.cid)?;
            self.bytes(event.commit)?;
            self.bytes(&event.rev)?;
            self.bytes(&event.since)?;
            self.bytes(event.data)?;
            self.bytes(event.prev_data)?;
            self.bytes(&event.car)?;
        }
        self.bytes(&inputs.public)
    }
}

/// Reads fields.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take(&mut self, len: usize) -> io::Result<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(len).ok_or_else(|| Error::other("inputs end too early"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self) -> io::Result<usize> {
        let bytes = self.take(4)?.try_into().map_err(Error::other)?;
        Ok(u32::from_le_bytes(bytes) as usize)
    }

    fn bytes(&mut self) -> io::Result<Vec<u8>> {
        let len = self.number()?;
        self.take(len).map(<[u8]>::to_vec)
    }

    fn text(&mut self) -> io::Result<String> {
        String::from_utf8(self.bytes()?).map_err(Error::other)
    }

    fn cid(&mut self) -> io::Result<CidBytes> {
        self.bytes()?.try_into().map_err(|_| Error::other("no CID"))
    }

    fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> io::Result<T>) -> io::Result<Vec<T>> {
        let count = self.number()?;
        (0..count).map(|_| read(self)).collect()
    }

    fn addition(&mut self) -> io::Result<Addition> {
        Ok(Addition { key: self.text()?, cid: self.cid()?, record: self.bytes()?, nodes: self.list(Self::bytes)? })
    }

    fn event(&mut self) -> io::Result<Event> {
        Ok(Event {
            key: self.text()?,
            cid: self.cid()?,
            commit: self.cid()?,
            rev: self.text()?,
            since: self.text()?,
            data: self.cid()?,
            prev_data: self.cid()?,
            car: self.bytes()?,
        })
    }
}

impl Inputs {
    /// Reads what [`Fields::inputs`] wrote.
    pub fn read(bytes: &[u8]) -> io::Result<Self> {
        let mut reader = Reader(bytes);
        Ok(Self {
            entries: reader.list(|reader| Ok(Entry { key: reader.text()?, cid: reader.cid()? }))?,
            root: reader.bytes()?,
            random: reader.list(Reader::addition)?,
            append: reader.list(Reader::addition)?,
            events: reader.list(Reader::event)?,
            public: reader.bytes()?,
        })
    }
}
