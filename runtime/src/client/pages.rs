use std::{
    collections::HashSet,
    fmt,
    future::poll_fn,
    hash::{BuildHasher, RandomState},
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;

use super::{Call, Client, Error};
use crate::xrpc::{BoxFuture, Method, Paged};

/// The answers of a query, page after page (XRPC, cursors). The next page is asked for when the stream
/// is. It ends with a page that has no cursor, not with an empty one, and after an error;
/// [`Pages::next`] goes on then, and asks for the same page again. A cursor that was there before
/// is [`Error::RepeatedCursor`] and the end.
#[must_use = "pages are asked for when the stream is polled"]
pub struct Pages<E: Paged> {
    client: Client,
    query: E,
    /// The cursors that were seen, as hashes with a key of this run.
    seen: HashSet<u64>,
    hasher: RandomState,
    state: State<E>,
}

enum State<E: Method> {
    Ready,
    Waiting(BoxFuture<'static, Result<E::Output, Error<E::Error>>>),
    /// The page could not be had.
    Failed,
    Repeated,
    Done,
}

impl Client {
    /// The answers of a query, page after page; all parameters but the cursor stay as they are. It
    /// begins at the cursor of the query, where that has one.
    pub fn pages<E: Paged>(&self, query: E) -> Pages<E> {
        let hasher = RandomState::new();
        let seen = query.position().map(|cursor| hasher.hash_one(cursor)).into_iter().collect();
        Pages { client: self.clone(), query, seen, hasher, state: State::Ready }
    }
}

impl<E: Paged> Pages<E> {
    /// The next page; `None` after the last one. After an error it asks for the same page again,
    /// where the stream would be at its end: whoever does not want that leaves at the error.
    pub async fn next(&mut self) -> Option<Result<E::Output, Error<E::Error>>> {
        if matches!(self.state, State::Failed) {
            self.state = State::Ready;
        }
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The cursor of the page that comes next, or is being asked for: what to store, and to begin
    /// with the next time. `None` at the beginning of a query without one, and after the last page.
    #[must_use]
    pub fn cursor(&self) -> Option<&str> {
        match self.state {
            State::Ready | State::Waiting(_) | State::Failed => self.query.position(),
            State::Repeated | State::Done => None,
        }
    }

    /// What comes after a page.
    fn after(&mut self, page: &E::Output) -> State<E> {
        let Some(cursor) = E::next(page).filter(|cursor| !cursor.is_empty()) else { return State::Done };
        if !self.seen.insert(self.hasher.hash_one(cursor)) {
            return State::Repeated;
        }
        self.query.set_cursor(cursor.to_owned());
        State::Ready
    }
}

/// Nothing in it is ever pinned in place.
impl<E: Paged> Unpin for Pages<E> {}

impl<E: Paged> Stream for Pages<E> {
    type Item = Result<E::Output, Error<E::Error>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match &mut self.state {
                State::Ready => {
                    let call = Call::new(&self.client, self.query.clone(), ());
                    self.state = State::Waiting(call.into_future());
                }
                State::Waiting(call) => {
                    let page = ready!(call.as_mut().poll(cx));
                    self.state = match &page {
                        Ok(page) => self.after(page),
                        Err(_) => State::Failed,
                    };
                    return Poll::Ready(Some(page));
                }
                State::Repeated => {
                    self.state = State::Done;
                    return Poll::Ready(Some(Err(Error::RepeatedCursor)));
                }
                State::Failed | State::Done => return Poll::Ready(None),
            }
        }
    }
}

impl<E: Paged> fmt::Debug for Pages<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("nsid", &&*E::ENDPOINT.nsid).finish_non_exhaustive()
    }
}
