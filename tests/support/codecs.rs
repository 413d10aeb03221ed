//! What generated types have in common, behind function pointers: one [`Codec`] for each type.

use std::{
    any::Any,
    fmt::Debug,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher, Hash},
};

use arobase::{
    __codegen::Schema,
    data::{Data, Error, Lenient, Value},
};

/// A value of some type.
pub(crate) type Boxed = Box<dyn Typed>;

/// A type.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    pub(crate) schema: &'static Schema,
    pub(crate) from_json: fn(&[u8]) -> Result<Boxed, Error>,
    pub(crate) from_cbor: fn(&[u8]) -> Result<Boxed, Error>,
    pub(crate) from_value: fn(&Value) -> Result<Boxed, Error>,
    pub(crate) lenient: fn(&[u8]) -> Result<Lenient<Boxed>, Error>,
}

impl Codec {
    pub(crate) fn of<T: Data + Eq + Hash + Debug + 'static>() -> Self {
        Self {
            schema: T::SCHEMA,
            from_json: |json| T::from_json(json).map(boxed),
            from_cbor: |cbor| T::from_cbor(cbor).map(boxed),
            from_value: |value| T::from_value(value).map(boxed),
            lenient: |json| {
                let Lenient { value, issues } = T::from_json_lenient(json)?;
                Ok(Lenient { value: boxed(value), issues })
            },
        }
    }

    /// The name of the type in the protocol.
    pub(crate) fn id(&self) -> &'static str {
        &self.schema.id
    }
}

fn boxed<T: Data + Eq + Hash + Debug + 'static>(value: T) -> Boxed {
    Box::new(value)
}

fn hash(value: &impl Hash) -> u64 {
    BuildHasherDefault::<DefaultHasher>::default().hash_one(value)
}

/// A value of some type.
pub(crate) trait Typed {
    fn json(&self) -> Result<Vec<u8>, Error>;
    fn json_lenient(&self) -> Result<Vec<u8>, Error>;
    fn cbor(&self) -> Result<Vec<u8>, Error>;
    fn value(&self) -> Result<Value, Error>;
    fn check(&self) -> Result<(), Error>;
    fn as_any(&self) -> &dyn Any;
    /// Whether both are of one type and equal; the hashes and what `Debug` shows must say the same.
    fn equals(&self, other: &dyn Typed) -> bool;
}

impl<T: Data + Eq + Hash + Debug + 'static> Typed for T {
    fn json(&self) -> Result<Vec<u8>, Error> {
        self.to_json()
    }

    fn json_lenient(&self) -> Result<Vec<u8>, Error> {
        self.to_json_lenient()
    }

    fn cbor(&self) -> Result<Vec<u8>, Error> {
        self.to_cbor()
    }

    fn value(&self) -> Result<Value, Error> {
        self.to_value()
    }

    fn check(&self) -> Result<(), Error> {
        self.validate()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn equals(&self, other: &dyn Typed) -> bool {
        let Some(other) = other.as_any().downcast_ref::<T>() else { return false };
        let equal = self == other;
        assert_eq!(hash(self) == hash(other), equal, "{self:?} and {other:?}");
        assert!(!equal || format!("{self:?}") == format!("{other:?}"), "{self:?} and {other:?}");
        equal
    }
}
