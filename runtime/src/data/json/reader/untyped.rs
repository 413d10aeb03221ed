//! Reading without a schema.

use super::JsonReader;
use crate::data::{
    Error, Map, Segment, Value,
    json::form::{Form, check_map},
    source::{Kind, Source},
};

/// How many issues a lenient reader lists; what goes beyond is kept, but not listed.
const MAX_ISSUES: usize = 100;

impl JsonReader<'_> {
    /// Reads a value without a schema.
    pub(super) fn any(&mut self) -> Result<Value, Error> {
        let kind = self.kind()?;
        let start = self.pos;
        let scalar = match kind {
            Kind::Null => self.null().map(|()| Value::Null),
            Kind::Bool => self.bool().map(Value::Bool),
            Kind::List => return self.any_list(),
            Kind::Text => self.string().map(|text| Value::String(self.content(text).to_owned())),
            Kind::Int => self.integer().map(Value::Int),
            _ => return self.any_map(start),
        };
        scalar.or_else(|error| self.keep(start, error))
    }

    /// A value that was read to its end and breaks the data model: the error, or in lenient mode
    /// what stood there.
    fn keep(&mut self, start: usize, error: Error) -> Result<Value, Error> {
        if !self.lenient || !error.is_model() {
            return Err(error);
        }
        if self.issues.len() < MAX_ISSUES {
            self.issues.push(error);
        }
        Ok(Value::Invalid(self.slice(start).into()))
    }

    fn any_list(&mut self) -> Result<Value, Error> {
        self.enter_list()?;
        let mut items = Vec::new();
        while self.next_item()? {
            let index = items.len();
            items.push(self.part(|| Segment::Index(index))?);
        }
        Ok(Value::List(items))
    }

    /// Reads a value inside another one and puts its place before the errors in it.
    fn part(&mut self, place: impl Fn() -> Segment) -> Result<Value, Error> {
        let before = self.issues.len();
        let value = self.any();
        for issue in self.issues.iter_mut().skip(before) {
            issue.prepend(place());
        }
        value.map_err(|mut error| {
            error.prepend(place());
            error
        })
    }

    fn any_map(&mut self, start: usize) -> Result<Value, Error> {
        let issues = self.issues.len();
        self.open(b'{', "a map")?;
        let depth = self.counts.len();
        let mut key = self.owned_key()?;
        if let Some(form) = key.as_deref().and_then(Form::of) {
            return self.any_form(start, form);
        }
        self.check_depth(depth)?;
        let mut entries = Vec::new();
        let mut dollar = false;
        while let Some(name) = key {
            dollar |= name.starts_with('$');
            let value = self.part(|| Segment::Key(name.as_str().into()))?;
            entries.push((name, value));
            key = self.owned_key()?;
        }
        judge(entries, dollar).map(Value::Map).or_else(|error| {
            if self.lenient {
                self.issues.truncate(issues);
            }
            self.keep(start, error.at_offset(start))
        })
    }

    /// Reads the rest of a map whose first key says that it stands for a link or bytes.
    fn any_form(&mut self, start: usize, form: Form) -> Result<Value, Error> {
        let mark = self.mark();
        self.form_value(form).or_else(|error| {
            if !self.lenient || !error.is_model() {
                return Err(error);
            }
            self.reset(mark);
            self.skip()?;
            while self.key()?.is_some() {
                self.skip()?;
            }
            self.keep(start, error.at_offset(start))
        })
    }

    /// Reads the value of `$link` or `$bytes` and the end of the map.
    fn form_value(&mut self, form: Form) -> Result<Value, Error> {
        let start = self.pos;
        let text = self.string()?;
        let text = self.content(text);
        let value = form.value(text).map_err(|error| error.at_offset(start))?;
        match self.key()? {
            None => Ok(value),
            Some(_) => Err(form.not_alone().at_offset(start)),
        }
    }

    /// Reads a map that has to stand for a link or bytes.
    pub(super) fn form(&mut self, expected: &'static str) -> Result<Value, Error> {
        self.open(b'{', expected)?;
        let start = self.pos;
        let key = self.key()?;
        match key.and_then(|key| Form::of(self.content(key))) {
            Some(form) => self.form_value(form),
            None => Err(Error::model(format!("expected {expected}, found a map")).at_offset(start)),
        }
    }

    /// Reads a value only to get past it. What it means does not matter, its syntax does.
    pub(super) fn skip(&mut self) -> Result<(), Error> {
        let skipped = match self.kind()? {
            Kind::Null => self.null(),
            Kind::Bool => self.bool().map(|_| ()),
            Kind::Int => self.integer().map(|_| ()),
            Kind::Text => self.string().map(|_| ()),
            Kind::List => self.skip_list(),
            _ => self.skip_map(),
        };
        skipped.or_else(|error| if error.is_model() { Ok(()) } else { Err(error) })
    }

    fn skip_list(&mut self) -> Result<(), Error> {
        self.enter_list()?;
        while self.next_item()? {
            self.skip()?;
        }
        Ok(())
    }

    fn skip_map(&mut self) -> Result<(), Error> {
        self.open(b'{', "a map")?;
        self.check_depth(self.counts.len().saturating_sub(1))?;
        while self.key()?.is_some() {
            self.skip()?;
        }
        Ok(())
    }
}

/// Makes a map of entries and applies the rules for maps; `dollar` tells whether a key begins
/// with a dollar sign.
fn judge(entries: Vec<(String, Value)>, dollar: bool) -> Result<Map, Error> {
    let map = Map::from_unsorted(entries).map_err(|key| Error::model("the key stands twice").in_key(&key))?;
    if dollar {
        check_map(&map)?;
    }
    Ok(map)
}
