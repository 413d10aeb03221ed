//! The header: which blocks the file is about.

use crate::data::{CidLink, Error, Limits, cbor::CborReader, source::Source};

use super::Fault;

/// Reads a header: the map of `roots`, a list of links, and `version`, which is 1.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<CidLink>, Fault> {
    let mut reader = CborReader::new(bytes, Limits::DEFAULT);
    let fields = read(&mut reader).map_err(|_| Fault::Header("not canonical DAG-CBOR, or of other types"))?;
    reader.finish().map_err(|_| Fault::Header("bytes follow the map"))?;
    match fields {
        Fields { version: Some(version), .. } if version != 1 => Err(Fault::Version),
        Fields { other: true, .. } => Err(Fault::Header("a field other than roots and version")),
        Fields { version: None, .. } => Err(Fault::Header("no version")),
        Fields { roots, .. } => roots.ok_or(Fault::Header("no roots")),
    }
}

#[derive(Default)]
struct Fields {
    roots: Option<Vec<CidLink>>,
    version: Option<i64>,
    /// There is a field that is neither.
    other: bool,
}

fn read(reader: &mut CborReader<'_>) -> Result<Fields, Error> {
    let mut fields = Fields::default();
    reader.enter_map()?;
    while let Some(key) = reader.next_key()? {
        match key {
            "roots" => fields.roots = Some(roots(reader)?),
            "version" => fields.version = Some(reader.int()?),
            _ => {
                fields.other = true;
                reader.pass()?;
            }
        }
    }
    Ok(fields)
}

fn roots(reader: &mut CborReader<'_>) -> Result<Vec<CidLink>, Error> {
    let mut roots = Vec::new();
    reader.enter_list()?;
    while reader.next_item()? {
        roots.push(reader.link()?);
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Cid, Map, Value};

    fn header(fields: &[(&str, Value)]) -> Vec<u8> {
        let mut map = Map::new();
        for (key, value) in fields {
            map.insert((*key).into(), value.clone());
        }
        Value::Map(map).to_cbor().unwrap()
    }

    fn link(number: u8) -> Value {
        Value::Link(Cid::of_cbor(&[number]).into())
    }

    #[test]
    fn a_header_has_any_number_of_roots_and_version_1() {
        for count in 0..4 {
            let links: Vec<Value> = (0..count).map(link).collect();
            let bytes = header(&[("roots", Value::List(links)), ("version", Value::Int(1))]);
            let roots = parse(&bytes).unwrap();
            let expected: Vec<CidLink> = (0..count).map(|number| Cid::of_cbor(&[number]).into()).collect();
            assert_eq!(roots, expected);
        }
    }

    #[test]
    fn other_versions_are_refused_as_such() {
        for bytes in [
            header(&[("version", Value::Int(2))]),
            header(&[("roots", Value::List(vec![])), ("version", Value::Int(2))]),
            header(&[("roots", Value::List(vec![])), ("version", Value::Int(-1))]),
        ] {
            assert_eq!(parse(&bytes), Err(Fault::Version));
        }
    }

    #[test]
    fn missing_additional_and_mistyped_fields_are_refused() {
        let (roots, version) = (("roots", Value::List(vec![])), ("version", Value::Int(1)));
        let faulty = [
            header(&[]),
            header(std::slice::from_ref(&roots)),
            header(std::slice::from_ref(&version)),
            header(&[roots.clone(), version.clone(), ("note", Value::Null)]),
            header(&[roots.clone(), ("version", Value::from("1"))]),
            header(&[("roots", link(0)), version.clone()]),
            header(&[("roots", Value::List(vec![Value::Int(1)])), version.clone()]),
            [header(&[roots.clone(), version.clone()]), vec![0]].concat(),
            b"\xa2gversion\x01eroots\x80".to_vec(),
            b"\xa2eroots\x80gversion\x18\x01".to_vec(),
            vec![],
            vec![0x80],
        ];
        for bytes in faulty {
            assert!(matches!(parse(&bytes), Err(Fault::Header(_))), "{bytes:x?}");
        }
    }
}
