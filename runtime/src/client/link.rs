use std::{error::Error as _, future::pending, time::Duration};

use futures_util::future::{Either, select};
use http::Request;

use super::{Client, Error, Incoming, Socket, StreamError, Transport, TransportError, event_stream::StreamOptions};
use crate::xrpc::{BoxFuture, XrpcError};

/// How long the goodbye may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// One connection of a subscription, kept alive by pings.
pub(super) struct Link {
    socket: Box<dyn Socket>,
    request: Request<()>,
    client: Client,
    heartbeat: Option<Duration>,
    /// The time for the next ping.
    timer: BoxFuture<'static, ()>,
    /// Whether anything came since the last ping.
    heard: bool,
    /// Whether a ping was sent, which is after the first interval.
    pinged: bool,
}

impl Link {
    /// Asks for a connection. A service that refuses it has answered: that is its error.
    pub(super) async fn open(client: &Client, request: Request<()>, options: &StreamOptions) -> Result<Self, Error> {
        let connecting = client.transport().connect(request.clone(), options.max_frame);
        let socket = connecting.await.map_err(refused)?;
        let timer = timer(client.transport(), options.heartbeat);
        Ok(Self {
            socket,
            request,
            client: client.clone(),
            heartbeat: options.heartbeat,
            timer,
            heard: true,
            pinged: false,
        })
    }

    /// The request that it was made by. The connection is dropped.
    pub(super) fn into_request(self) -> Request<()> {
        self.request
    }

    /// Whether the connection was there for a whole interval, and something came after that.
    pub(super) fn is_lasting(&self) -> bool {
        self.pinged && self.heard
    }

    /// What comes next; an error when the connection is lost.
    pub(super) async fn receive(&mut self) -> Result<Incoming, Error> {
        loop {
            let received = match select(self.socket.receive(), &mut self.timer).await {
                Either::Left((received, _)) => Some(received),
                Either::Right(_) => None,
            };
            let Some(received) = received else {
                self.beat().await?;
                continue;
            };
            self.heard = true;
            let lost = || Error::Stream(StreamError::Closed { code: None, reason: String::new() });
            return received.ok_or_else(lost)?.map_err(Error::Transport);
        }
    }

    /// Sends a ping, unless the last one was not answered. A ping has until the next one to be
    /// written.
    async fn beat(&mut self) -> Result<(), Error> {
        if !std::mem::take(&mut self.heard) {
            return Err(Error::Stream(StreamError::Silent));
        }
        self.timer = timer(self.client.transport(), self.heartbeat);
        self.pinged = true;
        match select(self.socket.ping(), &mut self.timer).await {
            Either::Left((pinged, _)) => pinged.map_err(Error::Transport),
            Either::Right(_) => Err(Error::Stream(StreamError::Silent)),
        }
    }

    /// Ends the connection with a close code.
    pub(super) async fn close(mut self, code: u16) {
        let patience = self.client.transport().sleep(CLOSE_TIMEOUT);
        select(self.socket.close(code), patience).await;
    }
}

fn timer(transport: &dyn Transport, heartbeat: Option<Duration>) -> BoxFuture<'static, ()> {
    match heartbeat {
        Some(interval) => transport.sleep(interval),
        None => Box::pin(pending()),
    }
}

fn refused(error: TransportError) -> Error {
    let Some(status) = error.status() else { return Error::Transport(error) };
    let said = error.source().and_then(|source| source.downcast_ref::<XrpcError>());
    Error::Xrpc(said.cloned().unwrap_or_else(|| XrpcError::of(status, error.to_string())))
}
