//! What all format types have in common.

/// Declares a format type around its text. The type must have `scan(&str) -> Result<(), &'static
/// str>`, which is its grammar.
macro_rules! newtype {
    ($(#[$doc:meta])* $name:ident, $format:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(alloc::boxed::Box<str>);

        impl $name {
            /// The text, exactly as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text, exactly as it was given.
            #[must_use]
            pub fn into_string(self) -> alloc::string::String {
                self.0.into_string()
            }

            /// Whether the text keeps the syntax. Only a value out of a lenient reader may not.
            #[must_use]
            pub fn is_valid(&self) -> bool {
                Self::scan(&self.0).is_ok()
            }

            /// For decoders, which have checked the text or keep a faulty one on purpose.
            #[doc(hidden)]
            #[must_use]
            pub fn from_unchecked(text: &str) -> Self {
                Self(text.into())
            }
        }

        $crate::syntax::newtype::common!($name, $crate::syntax::Format::$format);
    };
}

/// The trait impls of a format type with `as_str`, `from_unchecked`, `into_string` and `scan`.
macro_rules! common {
    ($name:ident, $format:expr) => {
        impl core::str::FromStr for $name {
            type Err = $crate::syntax::SyntaxError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match Self::scan(text) {
                    Ok(()) => Ok(Self::from_unchecked(text)),
                    Err(reason) => Err($crate::syntax::SyntaxError::new($format, reason, text)),
                }
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::syntax::SyntaxError;

            fn try_from(text: &str) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl TryFrom<alloc::string::String> for $name {
            type Error = $crate::syntax::SyntaxError;

            fn try_from(text: alloc::string::String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for alloc::string::String {
            fn from(value: $name) -> Self {
                value.into_string()
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Debug::fmt(self.as_str(), f)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <alloc::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

pub(super) use {common, newtype};
