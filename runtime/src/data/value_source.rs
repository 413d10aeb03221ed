use super::{
    CidLink, Error, Limits, Value, check,
    source::{Kind, Source},
};

/// Reads typed data out of untyped data.
#[derive(Debug)]
pub(crate) struct ValueReader<'a> {
    next: Option<&'a Value>,
    open: Vec<Frame<'a>>,
    lenient: bool,
    /// What the last value has that is none of the data model.
    issues: Vec<Error>,
}

/// What is left of an open list or map.
#[derive(Clone, Copy, Debug)]
enum Frame<'a> {
    List(&'a [Value]),
    Map(&'a [(String, Value)]),
}

/// A position in the value. It serves as long as the list or map in which it was taken is open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark<'a> {
    next: Option<&'a Value>,
    depth: usize,
    frame: Option<Frame<'a>>,
}

impl<'a> ValueReader<'a> {
    /// A strict reader of one value.
    pub(crate) fn new(value: &'a Value) -> Self {
        Self { next: Some(value), open: Vec::new(), lenient: false, issues: Vec::new() }
    }

    /// Whether [`Source::value`] gives what is no value of the data model as it is.
    pub(crate) fn lenient(mut self, lenient: bool) -> Self {
        self.lenient = lenient;
        self
    }

    fn next(&self) -> Result<&'a Value, Error> {
        self.next.ok_or_else(|| Error::model("nothing stands here"))
    }

    /// Takes the next value if it has the form that is wanted.
    fn take<T>(&mut self, expected: &str, form: impl FnOnce(&'a Value) -> Option<T>) -> Result<T, Error> {
        let next = self.next()?;
        let taken = form(next).ok_or_else(|| Error::model(format!("expected {expected}, found {}", next.noun())))?;
        self.next = None;
        Ok(taken)
    }

    fn enter(&mut self, frame: Frame<'a>) -> Result<(), Error> {
        if self.open.len() >= Limits::DEFAULT.max_depth {
            return Err(Error::limit("lists and maps are nested too deep"));
        }
        self.open.push(frame);
        Ok(())
    }
}

impl<'a> Source for ValueReader<'a> {
    type Mark = Mark<'a>;

    fn kind(&mut self) -> Result<Kind, Error> {
        Ok(match self.next()? {
            Value::Null => Kind::Null,
            Value::Bool(_) => Kind::Bool,
            Value::Int(_) => Kind::Int,
            Value::String(_) => Kind::Text,
            Value::Bytes(_) => Kind::Bytes,
            Value::Link(_) => Kind::Link,
            Value::List(_) => Kind::List,
            Value::Map(_) => Kind::Map,
            Value::Invalid(_) => return Err(Error::model("the value is outside the data model")),
        })
    }

    fn null(&mut self) -> Result<(), Error> {
        self.take("null", |value| (*value == Value::Null).then_some(()))
    }

    fn bool(&mut self) -> Result<bool, Error> {
        self.take("a boolean", Value::as_bool)
    }

    fn int(&mut self) -> Result<i64, Error> {
        self.take("an integer", Value::as_int)
    }

    fn text(&mut self) -> Result<&str, Error> {
        self.take("text", Value::as_str)
    }

    fn bytes(&mut self) -> Result<Vec<u8>, Error> {
        self.take("bytes", Value::as_bytes).map(<[u8]>::to_vec)
    }

    fn link(&mut self) -> Result<CidLink, Error> {
        self.take("a link", Value::as_link).cloned()
    }

    fn enter_list(&mut self) -> Result<(), Error> {
        let items = self.take("a list", Value::as_list)?;
        self.enter(Frame::List(items))
    }

    fn next_item(&mut self) -> Result<bool, Error> {
        if let Some(Frame::List(items)) = self.open.last_mut()
            && let Some((next, rest)) = items.split_first()
        {
            *items = rest;
            self.next = Some(next);
            return Ok(true);
        }
        self.open.pop();
        Ok(false)
    }

    fn enter_map(&mut self) -> Result<(), Error> {
        let map = self.take("a map", Value::as_map)?;
        self.enter(Frame::Map(map.entries()))
    }

    fn next_key(&mut self) -> Result<Option<&str>, Error> {
        if let Some(Frame::Map(entries)) = self.open.last_mut()
            && let Some(((key, next), rest)) = entries.split_first()
        {
            *entries = rest;
            self.next = Some(next);
            return Ok(Some(key));
        }
        self.open.pop();
        Ok(None)
    }

    fn take_issues(&mut self) -> Vec<Error> {
        std::mem::take(&mut self.issues)
    }

    fn value(&mut self) -> Result<Value, Error> {
        let value = self.take("a value", Some)?;
        match check::model(value) {
            Ok(()) => {}
            Err(error) if self.lenient => self.issues.push(error),
            Err(error) => return Err(error),
        }
        Ok(value.clone())
    }

    fn find_type(&mut self) -> Result<Option<&str>, Error> {
        let next = self.next()?;
        let Value::Map(map) = next else {
            return Err(Error::model(format!("expected a map, found {}", next.noun())));
        };
        match map.get("$type") {
            None => Ok(None),
            Some(Value::String(name)) if !name.is_empty() => Ok(Some(name)),
            Some(_) => Err(Error::model("$type is not text, or is empty").in_key("$type")),
        }
    }

    fn mark(&self) -> Mark<'a> {
        Mark { next: self.next, depth: self.open.len(), frame: self.open.last().copied() }
    }

    fn reset(&mut self, mark: Mark<'a>) {
        self.next = mark.next;
        self.open.truncate(mark.depth);
        if let (Some(open), Some(frame)) = (self.open.last_mut(), mark.frame) {
            *open = frame;
        }
    }
}
