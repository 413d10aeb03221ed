//! How the codecs see typed data: [`Place`], where a decoded value goes, and [`View`], what is
//! there. Generated types implement these traits and nothing else; all control flow is in the
//! loops of this crate.

use arobase_lexicon::syntax::{
    AtIdentifier, AtUri, CidString, Datetime, Did, Handle, Language, Nsid, RecordKey, Tid, Uri,
};

use super::{Blob, Bytes, Cid, CidLink, Codec, Map, Nullable, Value};

/// Where a decoded value goes.
#[expect(missing_debug_implementations, reason = "a borrow of half-made data")]
pub enum Place<'a> {
    /// There is no such place: an index outside the fields, a member that a closed union has not.
    None,
    /// A boolean.
    Bool(&'a mut bool),
    /// An integer.
    Int(&'a mut i64),
    /// A string or a type that stands for one.
    Text(&'a mut dyn Text),
    /// Bytes.
    Bytes(&'a mut Bytes),
    /// A link.
    Link(&'a mut CidLink),
    /// A blob.
    Blob(&'a mut Blob),
    /// Untyped data.
    Value(&'a mut Value),
    /// An object.
    Object(&'a mut dyn Fields),
    /// An array.
    List(&'a mut dyn Items),
    /// A union.
    Union(&'a mut dyn Members),
    /// Something that may be null.
    Nullable(&'a mut dyn NullablePlace),
    /// Something that may be absent.
    Optional(&'a mut dyn OptionalPlace),
    /// The fields that the schema does not know.
    Extra(&'a mut Extra),
}

/// What is there.
#[expect(missing_debug_implementations, reason = "shown through `Debug` of the data itself")]
#[derive(Clone, Copy)]
pub enum View<'a> {
    /// Nothing: an optional field that is not set.
    Absent,
    /// Null.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A string or a type that stands for one.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A link.
    Link(&'a CidLink),
    /// A blob.
    Blob(&'a Blob),
    /// Untyped data.
    Value(&'a Value),
    /// An object.
    Object(&'a dyn Fields),
    /// An array.
    List(&'a dyn Items),
    /// A union.
    Union(&'a dyn Members),
    /// The fields that the schema does not know.
    Extra(&'a Extra),
}

/// Everything that can stand in a field.
pub trait Slot: Sized {
    /// The value that decoding starts from. It may be invalid (an empty DID), so it is not
    /// `Default` and never leaves the decoder half-read.
    fn blank() -> Self;
    /// Where the value goes.
    fn place(&mut self) -> Place<'_>;
    /// What is there.
    fn view(&self) -> View<'_>;
}

/// The index that stands for the fields that the schema does not know, in [`Fields`].
pub const EXTRA: usize = usize::MAX;

/// An object. Fields count in the order of its descriptor; [`EXTRA`] is one more.
///
/// Two methods and no more: each generated type has them, and the compiler pays for every one.
pub trait Fields {
    /// Where the value of a field goes.
    fn place(&mut self, index: usize) -> Place<'_>;
    /// What is in a field.
    fn view(&self, index: usize) -> View<'_>;
}

impl dyn Fields + '_ {
    /// The fields that the schema does not know; parameters have none.
    #[must_use]
    pub fn extra(&self) -> Option<&Extra> {
        match self.view(EXTRA) {
            View::Extra(extra) => Some(extra),
            _ => None,
        }
    }

    /// The fields that the schema does not know, to add to.
    pub fn extra_mut(&mut self) -> Option<&mut Extra> {
        match self.place(EXTRA) {
            Place::Extra(extra) => Some(extra),
            _ => None,
        }
    }
}

/// An array.
pub trait Items {
    /// Appends a blank element.
    fn push(&mut self) -> Place<'_>;
    /// Takes the last element away.
    fn pop(&mut self);
    /// The number of elements.
    fn count(&self) -> usize;
    /// What an element is; [`View::Absent`] beyond the end.
    fn at(&self, index: usize) -> View<'_>;
}

/// A union.
pub trait Members {
    /// Makes it a blank member, by its place in the descriptor, or with `None` an unknown one.
    fn select(&mut self, member: Option<usize>) -> Place<'_>;
    /// Which member it is, and its content.
    fn current(&self) -> (Option<usize>, View<'_>);
}

/// Something that stands for a string.
pub trait Text {
    /// Takes the text, which has been checked against the descriptor. `false` if it cannot hold
    /// it (a closed set of values).
    fn set(&mut self, text: &str) -> bool;
}

/// Something that may be null.
pub trait NullablePlace {
    /// Makes it null.
    fn set_null(&mut self);
    /// Makes it a blank value.
    fn set_value(&mut self) -> Place<'_>;
}

/// Something that may be absent.
pub trait OptionalPlace {
    /// Makes it present, and blank.
    fn fill(&mut self) -> Place<'_>;
    /// Makes it absent.
    fn clear(&mut self);
}

/// The fields of an object that its schema does not know. They survive decoding and encoding.
///
/// One pointer wide, and without an allocation while empty: nearly all objects have none.
#[derive(Clone, Default)]
pub struct Extra(Option<Box<Map>>);

static NO_FIELDS: Map = Map::new();

impl Extra {
    /// None.
    #[must_use]
    pub const fn new() -> Self {
        Self(None)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.as_ref().is_none_or(|map| map.is_empty())
    }

    /// The fields.
    #[must_use]
    pub fn map(&self) -> &Map {
        self.0.as_deref().unwrap_or(&NO_FIELDS)
    }

    /// The value of a field.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.as_ref()?.get(key)
    }

    /// Sets a field; gives back what it was. A key that the schema knows makes the object
    /// unwritable.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.get_or_insert_default().insert(key.into(), value.into())
    }

    /// Removes a field.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        self.0.as_mut()?.remove(key)
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.map() == other.map()
    }
}

impl Eq for Extra {}

impl std::hash::Hash for Extra {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.map().hash(state);
    }
}

impl std::fmt::Debug for Extra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.map().fmt(f)
    }
}

impl Slot for Extra {
    fn blank() -> Self {
        Self::new()
    }

    fn place(&mut self) -> Place<'_> {
        Place::Extra(self)
    }

    fn view(&self) -> View<'_> {
        View::Extra(self)
    }
}

impl From<Map> for Extra {
    fn from(map: Map) -> Self {
        if map.is_empty() { Self(None) } else { Self(Some(Box::new(map))) }
    }
}

impl<T: Slot> Slot for Option<T> {
    fn blank() -> Self {
        None
    }

    fn place(&mut self) -> Place<'_> {
        Place::Optional(self)
    }

    fn view(&self) -> View<'_> {
        self.as_ref().map_or(View::Absent, Slot::view)
    }
}

impl<T: Slot> OptionalPlace for Option<T> {
    fn fill(&mut self) -> Place<'_> {
        self.insert(T::blank()).place()
    }

    fn clear(&mut self) {
        *self = None;
    }
}

impl<T: Slot> Slot for Box<T> {
    fn blank() -> Self {
        Self::new(T::blank())
    }

    fn place(&mut self) -> Place<'_> {
        (**self).place()
    }

    fn view(&self) -> View<'_> {
        (**self).view()
    }
}

impl<T: Slot> Slot for Nullable<T> {
    fn blank() -> Self {
        Self::Null
    }

    fn place(&mut self) -> Place<'_> {
        Place::Nullable(self)
    }

    fn view(&self) -> View<'_> {
        match self {
            Self::Null => View::Null,
            Self::Value(value) => value.view(),
        }
    }
}

impl<T: Slot> NullablePlace for Nullable<T> {
    fn set_null(&mut self) {
        *self = Self::Null;
    }

    fn set_value(&mut self) -> Place<'_> {
        *self = Self::Value(T::blank());
        match self {
            Self::Value(value) => value.place(),
            Self::Null => Place::None,
        }
    }
}

impl<T: Slot> Slot for Vec<T> {
    fn blank() -> Self {
        Self::new()
    }

    fn place(&mut self) -> Place<'_> {
        Place::List(self)
    }

    fn view(&self) -> View<'_> {
        View::List(self)
    }
}

impl<T: Slot> Items for Vec<T> {
    fn push(&mut self) -> Place<'_> {
        Vec::push(self, T::blank());
        self.last_mut().map_or(Place::None, Slot::place)
    }

    fn pop(&mut self) {
        Vec::pop(self);
    }

    fn count(&self) -> usize {
        self.len()
    }

    fn at(&self, index: usize) -> View<'_> {
        self.get(index).map_or(View::Absent, Slot::view)
    }
}

impl Text for String {
    fn set(&mut self, text: &str) -> bool {
        text.clone_into(self);
        true
    }
}

impl Slot for String {
    fn blank() -> Self {
        Self::new()
    }

    fn place(&mut self) -> Place<'_> {
        Place::Text(self)
    }

    fn view(&self) -> View<'_> {
        View::Text(self)
    }
}

/// Types whose place and view are a variant of the same name.
macro_rules! scalar {
    ($($ty:ty: $place:ident, |$this:ident| $view:expr, $blank:expr;)*) => { $(
        impl Slot for $ty {
            fn blank() -> Self {
                $blank
            }

            fn place(&mut self) -> Place<'_> {
                Place::$place(self)
            }

            fn view(&self) -> View<'_> {
                let $this = self;
                $view
            }
        }
    )* };
}

scalar! {
    bool: Bool, |this| View::Bool(*this), false;
    i64: Int, |this| View::Int(*this), 0;
    Bytes: Bytes, |this| View::Bytes(this), Bytes::default();
    CidLink: Link, |this| View::Link(this), CidLink::Blessed(NO_CID);
    Blob: Blob, |this| View::Blob(this), Blob::new(CidLink::Blessed(NO_CID), String::new(), 0);
    Value: Value, |this| View::Value(this), Value::Null;
}

const NO_CID: Cid = Cid::new(Codec::Raw, [0; 32]);

macro_rules! format {
    ($($ty:ty),*) => { $(
        impl Text for $ty {
            fn set(&mut self, text: &str) -> bool {
                *self = Self::from_unchecked(text);
                true
            }
        }

        impl Slot for $ty {
            fn blank() -> Self {
                Self::from_unchecked("")
            }

            fn place(&mut self) -> Place<'_> {
                Place::Text(self)
            }

            fn view(&self) -> View<'_> {
                View::Text(self.as_str())
            }
        }
    )* };
}

format!(AtIdentifier, AtUri, CidString, Datetime, Did, Handle, Language, Nsid, RecordKey, Tid, Uri);
