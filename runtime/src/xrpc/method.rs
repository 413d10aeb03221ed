use arobase_lexicon::schema::Endpoint;

use super::{DeclaredError, Payload};
use crate::data::Data;

/// What the request struct of a method stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    /// The JSON request body; the method has no parameters.
    Input,
    /// The query string; the body, where there is one, is passed beside it.
    Params,
}

/// A query or a procedure (XRPC, HTTP mapping). The request struct is the method.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the request of a query or a procedure",
    label = "not a request",
    note = "requests are generated from lexicons: `com.atproto.repo.getRecord` is `com::atproto::repo::GetRecord`"
)]
pub trait Method: Data + Send + Sync + 'static {
    /// Its descriptor.
    const ENDPOINT: &'static Endpoint;
    /// What the type itself is.
    const REQUEST: RequestPart;
    /// What is passed beside the request struct: `()` where that is the body or there is none.
    type Input: Payload;
    /// The response body: a type of the schema, `Value` for JSON without one,
    /// [`Body`](super::Body) for other encodings, `()` for none.
    type Output: Payload;
    /// The errors that the method declares.
    type Error: DeclaredError;
}

/// A query (XRPC, HTTP GET). The type itself is the query string.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the request of a query",
    label = "not a query",
    note = "procedures and subscriptions are no queries"
)]
pub trait Query: Method<Input = ()> {}

/// A procedure (XRPC, HTTP POST). The type itself is the request body or the query string, as
/// [`Method::REQUEST`] says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the request of a procedure",
    label = "not a procedure",
    note = "queries and subscriptions are no procedures"
)]
pub trait Procedure: Method {}

/// A query whose answers come in pages: it has a parameter and an output named `cursor` (XRPC,
/// cursors).
#[diagnostic::on_unimplemented(
    message = "the answers of `{Self}` do not come in pages",
    label = "has no `cursor`",
    note = "a paged query has a parameter `cursor` and an output `cursor`"
)]
pub trait Paged: Query + Clone {
    /// The cursor of an answer, absent on the last page.
    fn next(output: &Self::Output) -> Option<&str>;
    /// The cursor that this query has.
    fn position(&self) -> Option<&str>;
    /// Asks for the page behind a cursor.
    fn set_cursor(&mut self, cursor: String);
}

/// A subscription (XRPC, event streams). The type itself is the query string.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the request of a subscription",
    label = "not a subscription",
    note = "queries and procedures are no subscriptions"
)]
pub trait Subscription: Data + Clone + Send + Sync + 'static {
    /// Its descriptor.
    const ENDPOINT: &'static Endpoint;
    /// The union of the messages.
    type Message: Data + Send + Sync + 'static;
    /// The errors that the method declares.
    type Error: DeclaredError;
}
