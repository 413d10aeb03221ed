//! What generated types have in common, behind function pointers: one [`Codec`] for each type.

use arobase::{
    __codegen::Schema,
    data::{Data, Error, Lenient, Value},
};

/// A type.
#[derive(Clone, Copy)]
pub(crate) struct Codec {
    pub(crate) schema: &'static Schema,
    pub(crate) from_json: fn(&[u8]) -> Result<Box<dyn Typed>, Error>,
    pub(crate) from_cbor: fn(&[u8]) -> Result<Box<dyn Typed>, Error>,
    pub(crate) from_value: fn(&Value) -> Result<Box<dyn Typed>, Error>,
    pub(crate) lenient: fn(&[u8]) -> Result<Lenient<Box<dyn Typed>>, Error>,
}

impl Codec {
    pub(crate) fn of<T: Data + 'static>() -> Self {
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

fn boxed<T: Data + 'static>(value: T) -> Box<dyn Typed> {
    Box::new(value)
}

/// A value of some type.
pub(crate) trait Typed {
    fn json(&self) -> Result<Vec<u8>, Error>;
    fn json_lenient(&self) -> Result<Vec<u8>, Error>;
    fn cbor(&self) -> Result<Vec<u8>, Error>;
    fn value(&self) -> Result<Value, Error>;
    fn check(&self) -> Result<(), Error>;
}

impl<T: Data> Typed for T {
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
}
