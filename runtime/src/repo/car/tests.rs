use bytes::Bytes;
use proptest::prelude::*;

use super::*;

/// A block of a CAR file, owned.
type Block = CarBlock<Vec<u8>>;

fn file(roots: &[Cid], blocks: &[&[u8]]) -> Vec<u8> {
    let mut out = header(roots).to_vec();
    for block in blocks {
        put_block(&mut out, &Cid::of_cbor(block).into(), block);
    }
    out
}

/// A section of these bytes.
fn section(content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    varint::put(&mut out, content.len() as u64);
    out.extend_from_slice(content);
    out
}

/// A file with a section of these bytes, and its offset.
fn file_with(content: &[u8]) -> (Vec<u8>, u64) {
    let start = file(&[], &[b"\x01"]);
    ([&start, &*section(content)].concat(), start.len() as u64)
}

fn by_slice(file: &[u8], limits: CarLimits) -> Result<Vec<Block>, Error> {
    let own =
        |block: CarBlock<&[u8]>| CarBlock { cid: block.cid, bytes: block.bytes.to_vec(), verified: block.verified };
    CarSlice::new(file, limits)?.blocks().map(|block| block.map(own)).collect()
}

fn by_reader(file: &[u8], piece: usize, limits: CarLimits) -> Result<Vec<Block>, Error> {
    let mut reader = Reader::new(limits);
    let mut blocks = Vec::new();
    for piece in file.chunks(piece) {
        reader.push(Bytes::copy_from_slice(piece));
        while let Some(CarBlock { cid, bytes, verified }) = reader.next()? {
            blocks.push(CarBlock { cid, bytes: bytes.to_vec(), verified });
        }
    }
    reader.finish()?;
    Ok(blocks)
}

/// Gives as many bytes at a time as the number says.
struct Trickle<'a>(&'a [u8], usize);

impl std::io::Read for Trickle<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        let len = self.1.min(room.len());
        std::io::Read::read(&mut self.0, &mut room[..len])
    }
}

fn by_stream(file: &[u8], piece: usize, limits: CarLimits) -> Result<Vec<Block>, Error> {
    let car = |broken| match broken {
        Broken::Car(error) => error,
        Broken::Io(error) => panic!("{error}"),
    };
    let mut trickle = Trickle(file, piece);
    let mut blocks = Vec::new();
    let read = Stream::new(&mut trickle, limits).and_then(|(_, stream)| {
        stream.each(|offset, CarBlock { cid, bytes, verified }| {
            let whole = CarSlice::new(file, limits)?.blocks().block_at(offset);
            assert_eq!(Some(cid), whole.map(|block| block.cid).as_ref());
            blocks.push(CarBlock { cid: cid.clone(), bytes: bytes.to_vec(), verified: *verified });
            Ok::<(), Broken>(())
        })
    });
    read.map_err(car)?;
    Ok(blocks)
}

/// Reads a file in all ways, which have to agree.
fn read_with(file: &[u8], limits: CarLimits) -> Result<Vec<Block>, Error> {
    let blocks = by_slice(file, limits);
    for piece in [1, 3, 50, 1 << 20] {
        assert_eq!(by_reader(file, piece, limits), blocks, "pieces of {piece} bytes");
        assert_eq!(by_stream(file, piece, limits), blocks, "a stream of {piece} bytes");
    }
    blocks
}

fn read(file: &[u8]) -> Result<Vec<Block>, Error> {
    read_with(file, CarLimits::DEFAULT)
}

fn fault(file: &[u8]) -> (Fault, u64) {
    let error = read(file).unwrap_err();
    (error.fault, error.offset)
}

#[test]
fn a_header_without_blocks_is_a_file() {
    assert_eq!(read(&file(&[Cid::of_cbor(b"far away")], &[])), Ok(vec![]));
    assert_eq!(read(&header(&[])), Ok(vec![]));
}

#[test]
fn a_file_cut_off_anywhere_ends_too_early() {
    let long = [7; 300];
    let blocks: [&[u8]; 4] = [b"", b"one", &long, b"three"];
    let whole = file(&[Cid::of_cbor(b"one"), Cid::of_cbor(b"two")], &blocks);
    assert_eq!(read(&whole).unwrap().len(), blocks.len());
    let mut starts = vec![0];
    let header = header(&[Cid::of_cbor(b"one"), Cid::of_cbor(b"two")]).len();
    starts.push(header);
    for block in blocks {
        starts.push(starts[starts.len() - 1] + block_len(block.len()));
    }
    for end in 0..whole.len() {
        let outcome = read(&whole[..end]);
        if end > 0 && starts.contains(&end) {
            assert!(outcome.is_ok(), "{end}");
        } else {
            let start = starts.iter().rev().find(|start| **start <= end).unwrap();
            assert_eq!(outcome, Err(Error { offset: *start as u64, fault: Fault::Truncated }), "{end}");
        }
    }
}

#[test]
fn a_block_that_is_not_that_of_its_cid_is_refused() {
    let cid = Cid::of_cbor(b"true");
    let (forged, at) = file_with(&[&cid.to_bytes(), &b"false"[..]].concat());
    assert_eq!(fault(&forged), (Fault::Hash, at));
}

#[test]
fn a_section_of_no_bytes_is_refused() {
    let (file, at) = file_with(b"");
    assert_eq!(fault(&file), (Fault::EmptySection, at));
}

#[test]
fn a_section_without_a_cid_is_refused() {
    let cid = Cid::of_cbor(b"a").to_bytes();
    let version_0 = [&[0x12, 0x20][..], Cid::of_raw(b"a").digest(), b"a"].concat();
    let endless = [0xff; 200];
    let too_long = [&[1, 0x71, 0x13, 0x7f][..], &[0; 127], b"a"].concat();
    let contents: [&[u8]; 7] = [&[1], &cid[..35], &[1, 0x71, 0x12, 0x21], &[2; 40], &version_0, &endless, &too_long];
    for content in contents {
        let (file, at) = file_with(content);
        assert_eq!(fault(&file), (Fault::Cid, at), "{content:x?}");
    }
}

#[test]
fn lengths_are_varints_in_their_shortest_form() {
    for length in [&[0x80, 0x00][..], &[0xff; 10], &[0xa5, 0x80, 0x00], &[0x80; 12]] {
        let start = file(&[], &[b"\x01"]);
        let faulty = [&start[..], length].concat();
        assert_eq!(fault(&faulty), (Fault::Varint, start.len() as u64), "{length:x?}");
    }
}

#[test]
fn lengths_beyond_all_measure_are_refused_at_once() {
    let mut length = Vec::new();
    varint::put(&mut length, 1 << 62);
    let start = header(&[]);
    let limit = |what, limit| Fault::Limit { what, limit };
    let most = CarLimits::DEFAULT.block as u64;
    assert_eq!(fault(&[&start[..], &length].concat()), (limit("bytes of a block", most), start.len() as u64));
    assert_eq!(fault(&length), (limit("bytes of a header", 1 << 20), 0));
}

#[test]
fn each_limit_holds() {
    let blocks: [&[u8]; 3] = [b"a", b"b", &[7; 200]];
    let whole = file(&[], &blocks);
    let exact = CarLimits::DEFAULT.with_blocks(3).with_bytes(whole.len() as u64).with_block(200).with_header(17);
    assert!(read_with(&whole, exact).is_ok());
    for limits in [exact.with_blocks(2), exact.with_block(199), exact.with_block(9), exact.with_header(16)] {
        assert!(matches!(read_with(&whole, limits).unwrap_err().fault, Fault::Limit { .. }));
    }
    let short = exact.with_bytes(whole.len() as u64 - 1);
    assert!(matches!(by_slice(&whole, short).unwrap_err().fault, Fault::Limit { what: "bytes", .. }));
    assert!(matches!(by_stream(&whole, 10, short).unwrap_err().fault, Fault::Limit { what: "bytes", .. }));
    assert!(matches!(by_reader(&whole, 10, short).unwrap_err().fault, Fault::Limit { what: "bytes", .. }));
}

#[test]
fn a_file_of_another_version_is_refused_as_such() {
    assert_eq!(fault(b"\x0a\xa1gversion\x02"), (Fault::Version, 0));
}

#[test]
fn blocks_under_general_cids_are_handed_out_and_verified_where_that_can_be_done() {
    let sha256 = |block: &[u8]| [&[1, 0xa9, 0x02, 0x12, 0x20][..], Cid::of_raw(block).digest()].concat();
    let unknown = [&[1, 0x71, 0x13, 0x04][..], b"abcd"].concat();
    let file = [&header(&[])[..], &section(&[&sha256(b"json"), &b"json"[..]].concat())].concat();
    let file = [file, section(&[&unknown, &b"who knows"[..]].concat())].concat();
    let blocks = read(&file).unwrap();
    let found: Vec<_> = blocks.iter().map(|block| (block.cid.to_bytes(), &block.bytes[..], block.verified())).collect();
    assert_eq!(found, [(sha256(b"json"), &b"json"[..], true), (unknown, b"who knows", false)]);

    let (forged, at) = file_with(&[&sha256(b"json"), &b"JSON"[..]].concat());
    assert_eq!(fault(&forged), (Fault::Hash, at));
}

#[test]
fn a_reader_repeats_its_error() {
    let mut reader = Reader::new(CarLimits::DEFAULT);
    reader.push(Bytes::from(file_with(b"").0));
    assert!(reader.next().unwrap().is_some());
    let error = reader.next().unwrap_err();
    reader.push(Bytes::from_static(b"more"));
    assert_eq!(reader.next().unwrap_err(), error);
    assert_eq!(reader.finish().unwrap_err(), error);
}

#[test]
fn a_slice_has_no_blocks_after_an_error() {
    let file = [file_with(b"").0, section(b"\x01")].concat();
    let mut blocks = CarSlice::new(&file, CarLimits::DEFAULT).unwrap().blocks();
    assert!(blocks.next().unwrap().is_ok());
    assert!(blocks.next().unwrap().is_err());
    assert!(blocks.next().is_none());
}

#[test]
fn a_block_within_a_piece_is_not_copied() {
    let piece = Bytes::from(file(&[], &[b"abc"]));
    let mut reader = Reader::new(CarLimits::DEFAULT);
    reader.push(piece.clone());
    let block = reader.next().unwrap().unwrap();
    assert!(piece.as_ptr_range().contains(&block.bytes.as_ptr()));
}

#[test]
fn the_roots_are_known_as_soon_as_the_header_is_there() {
    let root = Cid::of_cbor(b"root");
    let header = header(&[root]);
    let mut reader = Reader::new(CarLimits::DEFAULT);
    reader.push(header.slice(..10));
    assert_eq!(reader.next(), Ok(None));
    assert_eq!(reader.roots(), None);
    reader.push(header.slice(10..));
    assert_eq!(reader.next(), Ok(None));
    assert_eq!(reader.roots(), Some(&[CidLink::from(root)][..]));
}

#[test]
fn a_file_is_taken_apart_into_blocks() {
    let root = Cid::of_cbor(b"a");
    let (roots, blocks) = to_blocks(&file(&[root], &[b"a", b"b", b"a"]), CarLimits::DEFAULT).unwrap();
    assert_eq!(roots, [root.into()]);
    assert_eq!((blocks.len(), blocks.block(&root).map(|block| &block[..])), (2, Some(&b"a"[..])));
}

proptest! {
    #[test]
    fn what_is_written_is_read_in_pieces_of_any_size(
        contents in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..20),
        roots in 0..3_usize,
        piece in 1..600_usize,
    ) {
        let roots: Vec<Cid> = (0..roots).map(|root| Cid::of_cbor(&[root as u8])).collect();
        let blocks: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
        let file = file(&roots, &blocks);
        let read = by_reader(&file, piece, CarLimits::DEFAULT).unwrap();
        prop_assert_eq!(&read, &by_slice(&file, CarLimits::DEFAULT).unwrap());
        prop_assert!(read.iter().map(|block| &block.bytes).eq(&contents));
    }

    #[test]
    fn any_bytes_are_read_alike_in_one_and_in_pieces(
        bytes in prop::collection::vec(any::<u8>(), 0..80),
        whole in any::<bool>(),
        piece in 1..90_usize,
    ) {
        let file = if whole { [file(&[], &[b"a"]), bytes].concat() } else { bytes };
        let blocks = by_slice(&file, CarLimits::DEFAULT);
        prop_assert_eq!(&by_reader(&file, piece, CarLimits::DEFAULT), &blocks);
        prop_assert_eq!(&by_stream(&file, piece, CarLimits::DEFAULT), &blocks);
    }
}
