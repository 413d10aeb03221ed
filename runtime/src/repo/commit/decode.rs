//! Reading the block of a commit.

use std::str::FromStr;

use arobase_lexicon::syntax::{Did, Tid};

use super::{Error, Fields, Layout};
use crate::data::{
    self, Cid, CidLink, Codec, Limits,
    cbor::CborReader,
    source::{Kind, Source},
};

/// Reads a commit, in its one canonical form. Fields that are not known may be of any kind.
pub(super) fn decode(bytes: &[u8]) -> Result<(Fields, Layout), Error> {
    let mut reader = Reader { cbor: CborReader::new(bytes, Limits::DEFAULT), len: bytes.len() };
    let mut found = Found::default();
    let layout = reader.fields(&mut found).map_err(|error| reader.cbor.locate(error))?;
    reader.cbor.finish()?;
    // First of all, since other versions have other fields.
    let version = present(found.version, "version")?;
    if !matches!(version, 2 | 3) {
        return Err(Error::Version(version));
    }
    if layout.sig == 0 {
        return Err(missing("sig"));
    }
    let fields = Fields {
        did: present(found.did, "did")?,
        rev: present(found.rev, "rev")?,
        data: present(found.data, "data")?,
        prev: present(found.prev, "prev")?,
        version,
    };
    Ok((fields, layout))
}

/// The known fields, as far as they came.
#[derive(Default)]
struct Found {
    did: Option<Did>,
    rev: Option<Tid>,
    data: Option<Cid>,
    prev: Option<Option<CidLink>>,
    version: Option<i64>,
}

struct Reader<'a> {
    cbor: CborReader<'a>,
    len: usize,
}

impl Reader<'_> {
    /// The offset of what stands next.
    fn at(&self) -> usize {
        self.len - self.cbor.rest().len()
    }

    fn fields(&mut self, found: &mut Found) -> Result<Layout, data::Error> {
        self.cbor.enter_map()?;
        let mut layout = Layout { first: self.at(), ..Layout::default() };
        loop {
            let start = self.at();
            let Some(key) = self.cbor.next_key()?.map(str::to_owned) else { return Ok(layout) };
            layout.fields += 1;
            match key.as_str() {
                "sig" => self.signature(start, &mut layout),
                key => self.field(key, found),
            }
            .map_err(|error| error.in_key(&key))?;
        }
    }

    fn signature(&mut self, start: usize, layout: &mut Layout) -> Result<(), data::Error> {
        layout.sig = start;
        let signature = self.cbor.bytes()?;
        layout.end = self.at();
        layout.signature = layout.end - signature.len();
        Ok(())
    }

    fn field(&mut self, key: &str, found: &mut Found) -> Result<(), data::Error> {
        match key {
            "did" => found.did = Some(self.parse("not a DID")?),
            "rev" => found.rev = Some(self.parse("not a TID")?),
            "data" => found.data = Some(self.root()?),
            "prev" => found.prev = Some(self.prev()?),
            "version" => found.version = Some(self.cbor.int()?),
            _ => self.cbor.pass()?,
        }
        Ok(())
    }

    fn parse<T: FromStr>(&mut self, reason: &'static str) -> Result<T, data::Error> {
        self.cbor.text()?.parse().map_err(|_| data::Error::model(reason))
    }

    fn root(&mut self) -> Result<Cid, data::Error> {
        let cid = self.cbor.link()?.as_cid().filter(|cid| cid.codec() == Codec::DagCbor);
        cid.ok_or_else(|| data::Error::model("not a CID of dag-cbor and SHA-256"))
    }

    fn prev(&mut self) -> Result<Option<CidLink>, data::Error> {
        match self.cbor.kind()? {
            Kind::Null => self.cbor.null().map(|()| None),
            _ => self.cbor.link().map(Some),
        }
    }
}

fn present<T>(field: Option<T>, name: &'static str) -> Result<T, Error> {
    field.ok_or_else(|| missing(name))
}

fn missing(name: &'static str) -> Error {
    data::Error::model("the field is missing").in_key(name).into()
}
