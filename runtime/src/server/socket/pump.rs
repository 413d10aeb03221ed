use std::{pin::Pin, time::Duration};

use axum::extract::ws::{Message, WebSocket};
use bytes::Bytes;
use futures_util::{FutureExt, SinkExt, StreamExt, stream};
use tokio::{
    sync::watch,
    task::unconstrained,
    time::{Instant, Sleep, sleep, timeout},
};

use super::{SocketSettings, ending::Ending};
use crate::{
    server::{route::Frames, subscribers::Seat},
    xrpc::XrpcError,
};

/// How many frames that are ready are written before the socket is looked at again.
const BATCH: usize = 32;
/// How long the goodbye may take: the last frame, and the closing handshake.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// Writes frames to a socket until either has enough.
pub(super) struct Pump {
    socket: WebSocket,
    frames: stream::Fuse<Frames>,
    seat: Seat,
    settings: SocketSettings,
    ending: watch::Receiver<bool>,
    /// The time for the next ping, or for the answer to the last one.
    timer: Pin<Box<Sleep>>,
    /// Whether a ping was not answered yet.
    waiting: bool,
}

type Step = Result<(), Ending>;

impl Pump {
    pub(super) fn new(
        socket: WebSocket,
        frames: Frames,
        seat: Seat,
        settings: SocketSettings,
        ending: watch::Receiver<bool>,
    ) -> Self {
        let timer = Box::pin(sleep(settings.ping_interval));
        Self { socket, frames: frames.fuse(), seat, settings, ending, timer, waiting: false }
    }

    pub(super) async fn run(mut self) {
        let ending = loop {
            if let Err(ending) = self.step().await {
                break ending;
            }
        };
        let Self { socket, frames, seat, .. } = self;
        // The subscriber is gone from here on; only its socket may need a moment more.
        drop((frames, seat));
        say_goodbye(socket, &ending).await;
        // Held until here: whoever shuts the server down waits for it.
        drop(self.ending);
    }

    async fn step(&mut self) -> Step {
        tokio::select! {
            message = self.socket.recv() => {
                self.heard(message.as_ref())?;
                self.answer(message.as_ref()).await
            }
            item = self.frames.next() => self.write(item).await,
            () = &mut self.timer => self.beat().await,
            () = going_down(&mut self.ending) => Err(Ending::GoingAway),
        }
    }

    /// Whatever comes is ignored, except that it shows life.
    fn heard(&mut self, message: Option<&Result<Message, axum::Error>>) -> Step {
        match message {
            Some(Ok(Message::Close(_))) => Err(Ending::Closed),
            Some(Ok(_)) => {
                if std::mem::take(&mut self.waiting) {
                    self.set_timer(self.settings.ping_interval);
                }
                Ok(())
            }
            Some(Err(_)) | None => Err(Ending::Lost),
        }
    }

    /// Waits until a ping is answered: the answers would pile up for a subscriber that pings and does not read.
    async fn answer(&mut self, message: Option<&Result<Message, axum::Error>>) -> Step {
        match message {
            Some(Ok(Message::Ping(_))) => in_time(&self.settings, &mut self.ending, self.socket.flush()).await,
            _ => Ok(()),
        }
    }

    /// Sends a ping, unless the last one was not answered.
    async fn beat(&mut self) -> Step {
        if self.waiting {
            // While a write took long nobody listened, and the answer may have come.
            return match unconstrained(self.socket.recv()).now_or_never() {
                Some(message) => self.heard(message.as_ref()),
                None => Err(Ending::Lost),
            };
        }
        self.waiting = true;
        self.set_timer(self.settings.pong_timeout);
        let ping = self.socket.send(Message::Ping(Bytes::new()));
        in_time(&self.settings, &mut self.ending, ping).await
    }

    fn set_timer(&mut self, duration: Duration) {
        // What is too far away for the clock is as good as never.
        let far = Duration::from_secs(1 << 30);
        self.timer.as_mut().reset(Instant::now() + duration.min(far));
    }

    /// Writes a frame and the ones that are ready behind it.
    async fn write(&mut self, first: Option<Result<Bytes, XrpcError>>) -> Step {
        let mut fed = self.feed(first).await;
        for _ in 1..BATCH {
            if fed.is_err() {
                break;
            }
            let Some(item) = self.frames.next().now_or_never() else { break };
            fed = self.feed(item).await;
        }
        in_time(&self.settings, &mut self.ending, self.socket.flush()).await?;
        fed
    }

    async fn feed(&mut self, item: Option<Result<Bytes, XrpcError>>) -> Step {
        let frame = item.ok_or(Ending::Done)?.map_err(Ending::Failed)?;
        in_time(&self.settings, &mut self.ending, self.socket.feed(Message::Binary(frame))).await?;
        self.seat.sent();
        Ok(())
    }
}

/// Ready as long as the server goes down, however often that was seen.
async fn going_down(ending: &mut watch::Receiver<bool>) {
    drop(ending.wait_for(|ending| *ending).await);
}

/// A subscriber that takes too long for a write is given up. The end of the server ends a write too.
async fn in_time(
    settings: &SocketSettings,
    ending: &mut watch::Receiver<bool>,
    write: impl Future<Output = Result<(), axum::Error>>,
) -> Step {
    tokio::select! {
        biased;
        written = timeout(settings.send_timeout, write) => match written {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Ending::Lost),
        },
        () = going_down(ending) => Err(Ending::GoingAway),
    }
}

/// Says why it ends, and reads on until the other side has closed too: a connection that is closed
/// with unread input is reset, and the last frame could be lost with it.
async fn say_goodbye(mut socket: WebSocket, ending: &Ending) {
    if matches!(ending, Ending::Lost) {
        return;
    }
    let goodbye = async {
        if let Some(frame) = ending.frame() {
            socket.feed(Message::Binary(frame)).await?;
        }
        if let Some(close) = ending.close() {
            socket.send(close).await?;
        }
        while socket.recv().await.transpose()?.is_some() {}
        Ok::<_, axum::Error>(())
    };
    // Whether it worked is of no interest any more.
    let _ = timeout(CLOSE_TIMEOUT, goodbye).await;
}
