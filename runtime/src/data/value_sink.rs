use super::{Bytes, CidLink, Map, Value, sink::Sink};

/// Makes untyped data of typed data.
#[derive(Debug, Default)]
pub(crate) struct ValueWriter {
    open: Vec<Frame>,
    done: Value,
}

/// A list or map that is being made.
#[derive(Debug)]
enum Frame {
    List(Vec<Value>),
    /// With the key whose value comes next.
    Map(Map, String),
}

impl ValueWriter {
    /// A writer of one value.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// What was written.
    pub(crate) fn into_value(self) -> Value {
        self.done
    }

    fn put(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.done = value,
            Some(Frame::List(items)) => items.push(value),
            Some(Frame::Map(map, key)) => {
                map.insert(std::mem::take(key), value);
            }
        }
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Frame::List(items)) => self.put(Value::List(items)),
            Some(Frame::Map(map, _)) => self.put(Value::Map(map)),
            None => {}
        }
    }
}

impl Sink for ValueWriter {
    const TYPE_FIRST: bool = false;
    const COUNTS: bool = false;

    fn null(&mut self) {
        self.put(Value::Null);
    }

    fn bool(&mut self, value: bool) {
        self.put(Value::Bool(value));
    }

    fn int(&mut self, value: i64) {
        self.put(Value::Int(value));
    }

    fn text(&mut self, text: &str) {
        self.put(text.into());
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.put(Bytes::from(bytes).into());
    }

    fn link(&mut self, link: &CidLink) {
        self.put(link.clone().into());
    }

    fn begin_list(&mut self, _len: usize) {
        self.open.push(Frame::List(Vec::new()));
    }

    fn end_list(&mut self) {
        self.end();
    }

    fn begin_map(&mut self, _len: usize) {
        self.open.push(Frame::Map(Map::new(), String::new()));
    }

    fn key(&mut self, key: &str) {
        if let Some(Frame::Map(_, next)) = self.open.last_mut() {
            key.clone_into(next);
        }
    }

    fn end_map(&mut self) {
        self.end();
    }

    fn invalid(&mut self, json: &str) -> bool {
        self.put(Value::Invalid(json.into()));
        true
    }
}
