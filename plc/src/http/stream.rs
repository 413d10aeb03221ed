//! Operations as they are taken, over a WebSocket.

use std::{fmt, time::Duration};

use axum::{
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket, rejection::WebSocketUpgradeRejection},
    },
    http::StatusCode,
    response::Response,
};
use futures_util::FutureExt;
use tokio::{
    sync::watch,
    time::{Instant, Interval, interval_at, timeout},
};

use super::{
    answer::Failure,
    export::{Parameters, get},
    told::sequenced,
};
use crate::{Directory, DirectoryError, directory::Head};

/// How many operations are read at a time for somebody who follows. Few, because many follow, and who reads slowly
/// keeps them in memory meanwhile.
const PAGE: usize = 50;

/// How often somebody who is sent nothing is asked whether they are there.
const PING: Duration = Duration::from_secs(30);
/// The most bytes of what comes from the other side, which has nothing to say.
const MOST_INCOMING: usize = 1024;
/// The most bytes that wait for somebody who reads slowly: far more than a message has. Without an end to it, answers
/// to pings would pile up for those who send them and read nothing.
const MOST_WAITING: usize = 2 << 20;
/// How long a close frame may take.
const FAREWELL: Duration = Duration::from_secs(1);

const NORMAL: u16 = 1000;
const AWAY: u16 = 1001;
const BROKEN: u16 = 1011;

/// Why a stream ends.
enum End {
    /// The cursor is higher than every number.
    FutureCursor,
    /// What comes next is too old.
    OutdatedCursor,
    /// The other side does not read what it is sent.
    ConsumerTooSlow,
    /// The directory ends.
    Closed,
    /// The store failed.
    Store,
    /// The other side is gone.
    Gone,
}

pub(super) async fn stream(
    State(directory): State<Directory>,
    parameters: Parameters,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let cursor = get(&parameters, "cursor")?.map(str::parse::<u64>).transpose();
    let cursor = cursor.map_err(|_| Failure::invalid("Invalid cursor parameter"))?;
    let upgrade = upgrade.map_err(|rejection| Failure::new(rejection.status(), rejection.body_text()))?;
    let busy = || Failure::new(StatusCode::SERVICE_UNAVAILABLE, "too many follow already");
    let place = directory.place().ok_or_else(busy)?;
    let upgrade = upgrade.max_message_size(MOST_INCOMING).max_frame_size(MOST_INCOMING);
    let upgrade = upgrade.max_write_buffer_size(MOST_WAITING);
    Ok(upgrade.on_upgrade(async move |mut socket| {
        let Err(end) = follow(&directory, &mut socket, cursor).await;
        farewell(&mut socket, &end).await;
        drop(place);
    }))
}

/// Sends what is behind the cursor, or what comes from now on, to the bitter end.
async fn follow(
    directory: &Directory,
    socket: &mut WebSocket,
    cursor: Option<u64>,
) -> Result<std::convert::Infallible, End> {
    let mut head = directory.head();
    let now = *head.borrow_and_update();
    let mut at = cursor.unwrap_or(now.seq);
    check(directory, at, now).await?;
    let mut ping = interval_at(Instant::now() + PING, PING);
    loop {
        at = send_all(directory, socket, at).await?;
        if head.borrow().closed {
            return Err(End::Closed);
        }
        news(directory, socket, &mut head, &mut ping).await?;
    }
}

/// Waits until there is more. What comes in is no reason to look for it: that would keep the store busy for whoever
/// likes.
async fn news(
    directory: &Directory,
    socket: &mut WebSocket,
    head: &mut watch::Receiver<Head>,
    ping: &mut Interval,
) -> Result<(), End> {
    loop {
        tokio::select! {
            changed = head.changed() => return changed.map_err(|_| End::Closed),
            incoming = socket.recv() => still_there(incoming.as_ref())?,
            _ = ping.tick() => send(directory, socket, Message::Ping(Default::default())).await?,
        }
    }
}

async fn check(directory: &Directory, cursor: u64, now: Head) -> Result<(), End> {
    if cursor > now.seq {
        return Err(End::FutureCursor);
    }
    let next = directory.export(cursor, 1).await?;
    if next.first().is_some_and(|next| next.millis < directory.earliest()) {
        return Err(End::OutdatedCursor);
    }
    Ok(())
}

/// Sends everything behind a number, and returns the last one.
async fn send_all(directory: &Directory, socket: &mut WebSocket, mut at: u64) -> Result<u64, End> {
    loop {
        let page = directory.export(at, PAGE).await?;
        if page.is_empty() {
            return Ok(at);
        }
        for record in &page {
            send(directory, socket, Message::text(sequenced(record))).await?;
            at = record.seq;
        }
        if let Some(incoming) = socket.recv().now_or_never() {
            still_there(incoming.as_ref())?;
        }
        if directory.head().borrow().closed {
            return Ok(at);
        }
    }
}

async fn send(directory: &Directory, socket: &mut WebSocket, message: Message) -> Result<(), End> {
    match timeout(directory.patience(), socket.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(End::Gone),
        Err(_) => Err(End::ConsumerTooSlow),
    }
}

fn still_there(incoming: Option<&Result<Message, axum::Error>>) -> Result<(), End> {
    match incoming {
        None | Some(Err(_) | Ok(Message::Close(_))) => Err(End::Gone),
        Some(Ok(_)) => Ok(()),
    }
}

/// Says why it ends, and waits a little for the answer to that.
async fn farewell(socket: &mut WebSocket, end: &End) {
    let code = match end {
        End::Gone => None,
        End::Closed => Some(AWAY),
        End::Store => Some(BROKEN),
        End::FutureCursor | End::OutdatedCursor | End::ConsumerTooSlow => Some(NORMAL),
    };
    let goodbye = async {
        if let Some(code) = code {
            let frame = CloseFrame { code, reason: end.to_string().into() };
            socket.send(Message::Close(Some(frame))).await?;
        }
        while socket.recv().await.transpose()?.is_some() {}
        Ok::<_, axum::Error>(())
    };
    // The other side may be gone, or read nothing; then it has to do without.
    drop(timeout(FAREWELL, goodbye).await);
}

impl From<DirectoryError> for End {
    fn from(error: DirectoryError) -> Self {
        tracing::error!("{error}");
        Self::Store
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::FutureCursor => "FutureCursor",
            Self::OutdatedCursor => "OutdatedCursor",
            Self::ConsumerTooSlow => "ConsumerTooSlow",
            Self::Closed | Self::Gone => "",
            Self::Store => "InternalError",
        })
    }
}
