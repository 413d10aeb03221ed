//! Untyped values that keep a static descriptor, with everything that it leaves open: unknown
//! fields, unknown members, links and bytes in them.

use arobase::{
    __codegen::{ArraySchema, BlobSchema, Field, IntegerSchema, Lengths, Ref, Role, Schema, Type, UnionSchema},
    data::{Blob, Bytes, Cid, CidLink, Codec, Map, Value},
};

use super::{dice::Dice, texts};

/// How many definitions may lie in each other before only what is required is made.
const DEPTH: usize = 6;

/// The most elements of an array beyond those that it must have.
const MORE_ITEMS: usize = 3;

/// Keys that no schema has.
const UNKNOWN_KEYS: [&str; 9] =
    ["", "$", "$note", "zz", "a key", "é", "\"quoted\"", "aRatherLongKeyThatComesLast", "日本"];

/// Types that no schema lists.
const UNKNOWN_TYPES: [&str; 3] = ["com.example.note", "com.example.defs#view", "app.bsky.feed.post#nobody"];

/// A valid value of a definition.
pub(crate) fn valid(schema: &Schema, dice: &mut Dice) -> Value {
    Maker { dice }.schema(schema, false, DEPTH)
}

/// Where a reference of generated code leads.
pub(crate) fn target(reference: Ref) -> &'static Schema {
    match reference {
        Ref::Static(schema) => schema,
        Ref::Id(_) => unreachable!("generated code refers by path"),
    }
}

struct Maker<'d> {
    dice: &'d mut Dice,
}

impl Maker<'_> {
    fn schema(&mut self, schema: &Schema, member: bool, depth: usize) -> Value {
        match &schema.ty {
            Type::Object(fields) => self.object(schema, fields, member, depth).into(),
            Type::Union(union) => self.union(union, depth),
            ty => self.ty(ty, depth),
        }
    }

    fn ty(&mut self, ty: &Type, depth: usize) -> Value {
        match ty {
            Type::Boolean(schema) => schema.constant.unwrap_or_else(|| self.dice.once_in(2)).into(),
            Type::Integer(schema) => self.integer(schema).into(),
            Type::String(schema) => texts::text(schema, self.dice).into(),
            Type::Bytes(lengths) => self.bytes(*lengths).into(),
            Type::CidLink => self.link().into(),
            Type::Blob(schema) => self.blob(schema).into(),
            Type::Unknown => self.free_map(depth.min(3)).into(),
            Type::Any => self.free(depth.min(3)),
            Type::Array(schema) => self.array(schema, depth),
            Type::Ref(reference) => self.schema(target(*reference), false, depth.saturating_sub(1)),
            Type::Object(_) | Type::Union(_) => unreachable!("they stand at the top of a descriptor"),
        }
    }

    fn object(&mut self, schema: &Schema, fields: &[Field], member: bool, depth: usize) -> Map {
        let mut map = Map::new();
        let must = member || matches!(schema.role, Role::Record(_));
        if must || self.dice.once_in(8) {
            let name = schema.type_name().unwrap_or(UNKNOWN_TYPES[0]);
            map.insert("$type".to_owned(), name.into());
        }
        for field in fields {
            if field.required || (depth > 0 && self.dice.once_in(2)) {
                let null = field.nullable && self.dice.once_in(3);
                let value = if null { Value::Null } else { self.ty(&field.ty, depth) };
                map.insert(field.key.to_string(), value);
            }
        }
        for _ in 0..self.dice.below(5).saturating_sub(2) {
            let key = *self.dice.pick(&UNKNOWN_KEYS);
            map.insert(key.to_owned(), self.free(2));
        }
        map
    }

    fn union(&mut self, union: &UnionSchema, depth: usize) -> Value {
        let open = usize::from(!union.closed);
        let choice = if depth == 0 { 0 } else { self.dice.below(union.members.len() + open) };
        match choice.checked_sub(open) {
            Some(index) => self.schema(target(union.members[index]), true, depth.saturating_sub(1)),
            None => {
                let mut map = self.free_map(depth.min(3));
                map.insert("$type".to_owned(), (*self.dice.pick(&UNKNOWN_TYPES)).into());
                map.into()
            }
        }
    }

    fn array(&mut self, schema: &ArraySchema, depth: usize) -> Value {
        let (min, max) = (schema.length.min as usize, schema.length.max as usize);
        let more = if depth == 0 { 0 } else { self.dice.below(MORE_ITEMS + 1) };
        (0..max.min(min + more)).map(|_| self.ty(&schema.items, depth)).collect()
    }

    fn integer(&mut self, schema: &IntegerSchema) -> i64 {
        if let Some(constant) = schema.constant {
            return constant;
        }
        if let Some(values) = &schema.enumeration {
            return *self.dice.pick(values);
        }
        let choices = [0, schema.min, schema.max, 1, -1, 23, 24, 256, 65_536, (1 << 53) - 1, i64::MIN, i64::MAX];
        let fitting: Vec<i64> =
            choices.into_iter().filter(|choice| (schema.min..=schema.max).contains(choice)).collect();
        *self.dice.pick(&fitting)
    }

    fn bytes(&mut self, lengths: Lengths) -> Bytes {
        let count = (lengths.min as usize + self.dice.below(5)).min(lengths.max as usize);
        (0..count).map(|_| self.dice.byte()).collect::<Vec<_>>().into()
    }

    /// Mostly of the blessed form.
    fn link(&mut self) -> CidLink {
        match self.dice.below(8) {
            7 => CidLink::from_bytes(&[1, 0x70, 0x13, 2, self.dice.byte(), 9]).expect("a CID"),
            kind => Cid::new([Codec::DagCbor, Codec::Raw][kind % 2], [self.dice.byte(); 32]).into(),
        }
    }

    fn blob(&mut self, schema: &BlobSchema) -> Blob {
        let cid = Cid::new(Codec::Raw, [self.dice.byte(); 32]);
        let size = u64::from(self.dice.byte()) * 1000;
        let mime_type = match schema.accept.as_ref() {
            [] => "text/plain".to_owned(),
            patterns => self.dice.pick(patterns).replace("*/*", "text/plain").replace('*', "x-any"),
        };
        Blob::new(cid.into(), mime_type, size.min(schema.max_size.unwrap_or(size)))
    }

    /// Any value.
    fn free(&mut self, depth: usize) -> Value {
        match self.dice.below(if depth == 0 { 6 } else { 9 }) {
            0 => Value::Null,
            1 => self.dice.once_in(2).into(),
            2 => self.integer(&IntegerSchema::ANY).into(),
            3 => texts::text(&arobase::__codegen::StringSchema::ANY, self.dice).into(),
            4 => self.bytes(Lengths::ANY).into(),
            5 => self.link().into(),
            6 => self.blob(&BlobSchema { accept: [].into_iter().collect(), max_size: None }).into(),
            7 => (0..self.dice.below(4)).map(|_| self.free(depth - 1)).collect(),
            _ => self.free_map(depth - 1).into(),
        }
    }

    /// Any map; it may say of what type it is.
    fn free_map(&mut self, depth: usize) -> Map {
        let mut map = Map::new();
        if self.dice.once_in(3) {
            map.insert("$type".to_owned(), (*self.dice.pick(&UNKNOWN_TYPES)).into());
        }
        for _ in 0..self.dice.below(4) {
            let key = *self.dice.pick(&UNKNOWN_KEYS);
            map.insert(key.to_owned(), self.free(depth));
        }
        map
    }
}
