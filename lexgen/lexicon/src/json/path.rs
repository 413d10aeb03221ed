//! Where something stands in a JSON tree.

use alloc::{string::String, vec::Vec};
use core::fmt::{self, Display, Formatter};

use super::Json;

/// One step into a JSON tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// Into an object.
    Key(String),
    /// Into a list, counting from 0.
    Index(usize),
}

/// The steps from the root of a JSON tree to a place in it; the default is the root.
///
/// It displays as `$.defs.main.errors[0]`; a key that is no identifier stands as `["a-b"]`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Path {
    segments: Vec<Segment>,
}

impl Path {
    /// The steps, the outermost first.
    #[must_use]
    pub fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// Goes one step further in.
    pub fn push(&mut self, segment: Segment) {
        self.segments.push(segment);
    }

    /// The place that contains this one; `None` at the root.
    #[must_use]
    pub fn parent(&self) -> Option<Path> {
        let (_, outer) = self.segments.split_last()?;
        Some(outer.iter().cloned().collect())
    }
}

impl FromIterator<Segment> for Path {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Path {
        Path { segments: segments.into_iter().collect() }
    }
}

impl Display for Path {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        self.segments.iter().try_for_each(|segment| segment.fmt(f))
    }
}

impl Display for Segment {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Segment::Key(key) if is_identifier(key) => write!(f, ".{key}"),
            Segment::Key(key) => write!(f, "[{}]", Json::from(key.as_str())),
            Segment::Index(index) => write!(f, "[{index}]"),
        }
    }
}

fn is_identifier(key: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$';
    let digit_first = key.starts_with(|first: char| first.is_ascii_digit());
    !key.is_empty() && !digit_first && key.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn path(segments: &[Segment]) -> Path {
        segments.iter().cloned().collect()
    }

    fn key(name: &str) -> Segment {
        Segment::Key(name.into())
    }

    #[test]
    fn the_root_is_a_dollar() {
        assert_eq!(Path::default().to_string(), "$");
        assert_eq!(Path::default().parent(), None);
    }

    #[test]
    fn identifiers_follow_a_dot_and_indexes_stand_in_brackets() {
        let place = path(&[key("defs"), key("main"), key("$type"), Segment::Index(12), key("a_1")]);
        assert_eq!(place.to_string(), "$.defs.main.$type[12].a_1");
    }

    #[test]
    fn other_keys_stand_in_brackets_and_quotes() {
        for (name, shown) in [
            ("", r#"$[""]"#),
            ("title:lang", r#"$["title:lang"]"#),
            ("1a", r#"$["1a"]"#),
            ("a\"\n", r#"$["a\"\n"]"#),
            ("é", r#"$["é"]"#),
        ] {
            assert_eq!(path(&[key(name)]).to_string(), shown);
        }
    }

    #[test]
    fn the_parent_lacks_the_last_step() {
        let place = path(&[key("a"), Segment::Index(0)]);
        assert_eq!(place.parent(), Some(path(&[key("a")])));
    }
}
