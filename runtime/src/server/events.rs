use std::{fmt, marker::PhantomData};

use arobase_lexicon::compile::Catalog;
use bytes::Bytes;
use futures_core::Stream;
use futures_util::{StreamExt, stream};

use super::{Failure, refusal::Refusal, route::Frames};
use crate::{
    data::{Error, fields::Slot},
    xrpc::{Subscription, XrpcError, frame},
};

/// The messages that a subscription sends to one subscriber, in their order (XRPC, event streams).
///
/// It ends when the stream ends, normally or with an error frame where an item is a failure. The
/// stream is dropped as soon as the subscriber is gone.
#[must_use]
pub struct Events<E: Subscription> {
    frames: Frames,
    endpoint: PhantomData<fn() -> E>,
}

impl<E: Subscription> Events<E> {
    /// From messages, each encoded here. Where many subscribers get the same messages, a
    /// [`Broadcast`](super::Broadcast) encodes them once. A message that breaks its schema is not
    /// sent; it is logged, and ends the subscription as an internal failure.
    pub fn new(messages: impl Stream<Item = Result<E::Message, Failure<E::Error>>> + Send + 'static) -> Self {
        Self::raw(messages.map(|item| match item {
            Ok(message) => encode::<E>(&message).map_err(|error| Refusal::invalid_output(&error).0),
            Err(failure) => Err(Refusal::from(failure).0),
        }))
    }

    /// From frames that are encoded already ([`frame::encode`](crate::xrpc::frame::encode)): for events that are stored
    /// as they are sent. They are not checked.
    pub fn from_frames(frames: impl Stream<Item = Result<Bytes, Failure<E::Error>>> + Send + 'static) -> Self {
        Self::raw(frames.map(|item| item.map_err(|failure| Refusal::from(failure).0)))
    }

    pub(crate) fn raw(frames: impl Stream<Item = Result<Bytes, XrpcError>> + Send + 'static) -> Self {
        Self { frames: Box::pin(frames), endpoint: PhantomData }
    }

    /// Sends a message before all others: an `OutdatedCursor` info, for example (see
    /// [`Start::Outdated`](super::Start::Outdated)).
    ///
    /// # Errors
    /// A message that breaks its schema.
    pub fn begin_with(self, message: &E::Message) -> Result<Self, Error> {
        let first = encode::<E>(message)?;
        Ok(Self::raw(stream::once(async { Ok(first) }).chain(self.frames)))
    }

    pub(crate) fn into_frames(self) -> Frames {
        self.frames
    }
}

/// The frame of a message. Typed code needs no catalog.
pub(super) fn encode<E: Subscription>(message: &E::Message) -> Result<Bytes, Error> {
    static NO_CATALOG: Catalog = Catalog::new();
    frame::encode(&NO_CATALOG, E::ENDPOINT, message.view())
}

impl<E: Subscription> fmt::Debug for Events<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Events").field(&E::ENDPOINT.nsid).finish()
    }
}
