use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    task::{Context, Poll, ready},
};

use futures_core::Stream;

use super::{Call, Client, Error};
use crate::xrpc::{BoxFuture, Method, Paged};

/// The answers of a query, page after page (XRPC, cursors). The next page is asked for when the stream
/// is. It ends with a page that has no cursor, not with an empty one, and after an error.
#[must_use = "pages are asked for when the stream is polled"]
pub struct Pages<E: Paged> {
    client: Client,
    query: E,
    /// The cursor of the page that is asked for next, where one led here.
    cursor: Option<String>,
    state: State<E>,
}

enum State<E: Method> {
    Ready,
    Waiting(BoxFuture<'static, Result<E::Output, Error<E::Error>>>),
    Repeated,
    Done,
}

impl Client {
    /// The answers of a query, page after page; all parameters but the cursor stay as they are.
    pub fn pages<E: Paged>(&self, query: E) -> Pages<E> {
        Pages { client: self.clone(), query, cursor: None, state: State::Ready }
    }
}

impl<E: Paged> Pages<E> {
    /// The next page; `None` after the last one. It does what the stream does, for those who have no
    /// `StreamExt` at hand.
    pub async fn next(&mut self) -> Option<Result<E::Output, Error<E::Error>>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// What comes after a page.
    fn after(&mut self, page: &E::Output) -> State<E> {
        let cursor = E::next(page).filter(|cursor| !cursor.is_empty()).map(str::to_owned);
        match cursor {
            None => State::Done,
            same if same == self.cursor => State::Repeated,
            Some(cursor) => {
                self.query.set_cursor(cursor.clone());
                self.cursor = Some(cursor);
                State::Ready
            }
        }
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
                        Err(_) => State::Done,
                    };
                    return Poll::Ready(Some(page));
                }
                State::Repeated => {
                    self.state = State::Done;
                    return Poll::Ready(Some(Err(Error::RepeatedCursor)));
                }
                State::Done => return Poll::Ready(None),
            }
        }
    }
}

impl<E: Paged> fmt::Debug for Pages<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("nsid", &&*E::ENDPOINT.nsid).finish_non_exhaustive()
    }
}
