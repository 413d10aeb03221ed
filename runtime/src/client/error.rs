use std::{convert::Infallible, fmt};

use super::{AuthError, StreamError, TransportError};
use crate::{
    data,
    xrpc::{BodyError, DeclaredError, XrpcError},
};

/// Why a call failed. `E` are the errors that the method declares.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error<E = Infallible> {
    /// An error that the method declares.
    Declared(E),
    /// Another error of the service.
    Xrpc(XrpcError),
    /// The request breaks its schema, or has an option that cannot be; nothing was sent.
    Request(data::Error),
    /// The request could not be authorised; nothing was sent.
    Auth(AuthError),
    /// The answer breaks its schema, or is none.
    Answer(data::Error),
    /// The body could not be read to its end.
    Body(BodyError),
    /// A page has a cursor that was there before: the pages would never end.
    RepeatedCursor,
    /// An event stream broke off, or breaks the protocol.
    Stream(StreamError),
    /// There was no answer in time.
    Timeout,
    /// There was no answer.
    Transport(TransportError),
}

impl Error {
    /// The same error of a method: a name that it declares becomes its own type.
    pub(crate) fn declared<E: DeclaredError>(self) -> Error<E> {
        match self {
            Self::Declared(never) => match never {},
            Self::Xrpc(error) => match E::from_parts(error.name(), error.message().map(str::to_owned)) {
                Some(declared) => Error::Declared(declared),
                None => Error::Xrpc(error),
            },
            Self::Request(error) => Error::Request(error),
            Self::Auth(error) => Error::Auth(error),
            Self::Answer(error) => Error::Answer(error),
            Self::Body(error) => Error::Body(error),
            Self::RepeatedCursor => Error::RepeatedCursor,
            Self::Stream(error) => Error::Stream(error),
            Self::Timeout => Error::Timeout,
            Self::Transport(error) => Error::Transport(error),
        }
    }
}

impl<E: fmt::Display> fmt::Display for Error<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(error) => error.fmt(f),
            Self::Xrpc(error) => error.fmt(f),
            Self::Request(error) => write!(f, "the request is not valid: {error}"),
            Self::Auth(error) => write!(f, "the request could not be authorised: {error}"),
            Self::Answer(error) => write!(f, "the answer is not valid: {error}"),
            Self::Body(error) => error.fmt(f),
            Self::RepeatedCursor => f.write_str("the pages do not end: a page has a cursor that was there before"),
            Self::Stream(error) => error.fmt(f),
            Self::Timeout => f.write_str("no answer in time"),
            Self::Transport(error) => error.fmt(f),
        }
    }
}

impl<E: std::error::Error + 'static> std::error::Error for Error<E> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Declared(error) => error.source(),
            Self::Auth(error) => error.source(),
            Self::Transport(error) => error.source(),
            Self::Body(error) => error.source(),
            _ => None,
        }
    }
}
