use axum::extract::ws::{CloseFrame, Message, close_code};
use bytes::Bytes;
use http::StatusCode;

use crate::{
    server::cut::cut,
    xrpc::{XrpcError, frame, generic_name},
};

/// The most bytes that a close frame has for its reason.
const MAX_REASON: usize = 123;

/// How a subscription ends.
#[derive(Debug)]
pub(super) enum Ending {
    /// There is nothing more to send.
    Done,
    /// The server goes down.
    GoingAway,
    /// With an error.
    Failed(XrpcError),
    /// The subscriber closes its side.
    Closed,
    /// The connection is broken, or stuck: nothing that is written would arrive.
    Lost,
}

impl Ending {
    /// The last frame, where there is one. An internal failure shows no detail.
    pub(super) fn frame(&self) -> Option<Bytes> {
        let Self::Failed(error) = self else { return None };
        let detail = error.message().filter(|_| !is_internal(error));
        Some(frame::encode_error(name(error), detail))
    }

    /// What the socket is closed with, where it is for us to close it.
    pub(super) fn close(&self) -> Option<Message> {
        let (code, reason) = match self {
            Self::Done => (close_code::NORMAL, ""),
            Self::GoingAway => (close_code::AWAY, "the server is going down"),
            Self::Failed(error) if error.status().is_server_error() => (close_code::ERROR, name(error)),
            Self::Failed(error) => (close_code::POLICY, name(error)),
            Self::Closed | Self::Lost => return None,
        };
        Some(Message::Close(Some(CloseFrame { code, reason: cut(reason, MAX_REASON).into() })))
    }
}

fn name(error: &XrpcError) -> &str {
    if is_internal(error) { generic_name(error.status()) } else { error.name() }
}

fn is_internal(error: &XrpcError) -> bool {
    error.status() == StatusCode::INTERNAL_SERVER_ERROR
}
