//! One change somewhere in a value, which may or may not make it invalid.

use arobase::data::{Blob, Bytes, Cid, Map, Segment, Value};

use super::dice::Dice;

/// Changes one part of a value.
pub(crate) fn mutate(value: &mut Value, dice: &mut Dice) {
    let mut paths = Vec::new();
    collect(value, &mut Vec::new(), &mut paths);
    let path = dice.pick(&paths).clone();
    if dice.once_in(6) && remove(value, &path) {
        return;
    }
    if let Some(part) = at(value, &path) {
        change(part, dice);
    }
}

/// The paths of all parts, the whole included.
fn collect(value: &Value, path: &mut Vec<Segment>, paths: &mut Vec<Vec<Segment>>) {
    paths.push(path.clone());
    let mut inside = |segment, part| {
        path.push(segment);
        collect(part, path, paths);
        path.pop();
    };
    match value {
        Value::Map(map) => map.iter().for_each(|(key, part)| inside(Segment::Key(key.into()), part)),
        Value::List(items) => items.iter().enumerate().for_each(|(index, part)| inside(Segment::Index(index), part)),
        _ => {}
    }
}

fn at<'v>(value: &'v mut Value, path: &[Segment]) -> Option<&'v mut Value> {
    path.iter().try_fold(value, |value, segment| match (value, segment) {
        (Value::Map(map), Segment::Key(key)) => map.get_mut(key),
        (Value::List(items), Segment::Index(index)) => items.get_mut(*index),
        _ => None,
    })
}

/// Takes the part out of what it is in.
fn remove(value: &mut Value, path: &[Segment]) -> bool {
    let Some((last, parent)) = path.split_last() else { return false };
    match (at(value, parent), last) {
        (Some(Value::Map(map)), Segment::Key(key)) => map.remove(key).is_some(),
        (Some(Value::List(items)), Segment::Index(index)) => {
            items.remove(*index);
            true
        }
        _ => false,
    }
}

fn change(part: &mut Value, dice: &mut Dice) {
    if dice.once_in(2) {
        *part = other(dice);
        return;
    }
    match part {
        Value::Int(int) => *int = *dice.pick(&[-1, 0, i64::MIN, i64::MAX, 101, 1001]),
        Value::String(text) => change_text(text, dice),
        Value::Bytes(bytes) => *bytes = Bytes::from(vec![7; 5000]),
        Value::List(items) => change_list(items, dice),
        Value::Map(map) => {
            let (key, value) =
                dice.pick(&[("$type", "com.example.other"), ("$type", "app.bsky.feed.like"), ("zzz", "")]);
            map.insert((*key).to_owned(), (*value).into());
        }
        other => *other = Value::Null,
    }
}

fn change_text(text: &mut String, dice: &mut Dice) {
    match dice.below(6) {
        0 => text.push(' '),
        1 => *text = text.chars().rev().collect(),
        2 => *text = format!("{text}#{text}"),
        3 => *text = text.to_uppercase(),
        4 => *text = "y".repeat(3001),
        _ => text.clear(),
    }
}

fn change_list(items: &mut Vec<Value>, dice: &mut Dice) {
    if dice.once_in(2) {
        items.clear();
    }
    if let Some(first) = items.first().cloned() {
        items.resize(201, first);
    }
}

/// Something of another kind, probably.
fn other(dice: &mut Dice) -> Value {
    let typed = |name: &str| Value::Map(Map::from_iter([("$type", name)]));
    let cid = Cid::of_raw(b"other");
    let choices = [
        Value::Null,
        true.into(),
        7.into(),
        "text".into(),
        "".into(),
        Bytes::from(vec![1, 2, 3]).into(),
        cid.into(),
        Value::List(vec![]),
        Value::Map(Map::new()),
        typed("com.example.other"),
        typed("app.bsky.feed.post"),
        typed("app.bsky.embed.images"),
        typed("not a type"),
        typed("blob"),
        typed(""),
        Blob::new(cid.into(), "video/x-other", 1 << 50).into(),
        Value::Map(Map::from_iter([("cid", cid.to_string().as_str()), ("mimeType", "image/png")])),
    ];
    dice.pick(&choices).clone()
}
