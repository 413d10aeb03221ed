use super::DeclaredError;
use crate::data::Data;

/// What the request struct of a procedure stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestPart {
    /// The JSON request body; the procedure has no parameters.
    Input,
    /// The query string; the body, where there is one, is passed beside it.
    Params,
}

/// A query (XRPC, HTTP GET). The type itself is the query string.
pub trait Query: Data {
    /// The NSID of the method.
    const NSID: &'static str;
    /// The MIME type of the response; empty if there is no body.
    const OUTPUT_ENCODING: &'static str;
    /// The response body: a type of the schema, `Value` for JSON without one,
    /// [`Body`](super::Body) for other encodings, `()` for none.
    type Output;
    /// The errors that the method declares.
    type Error: DeclaredError;
}

/// A procedure (XRPC, HTTP POST). The type itself is the request body or the query string, as
/// [`Procedure::REQUEST`] says.
pub trait Procedure: Data {
    /// The NSID of the method.
    const NSID: &'static str;
    /// What the type itself is.
    const REQUEST: RequestPart;
    /// The MIME type of the request body; empty if there is none.
    const INPUT_ENCODING: &'static str;
    /// The MIME type of the response; empty if there is no body.
    const OUTPUT_ENCODING: &'static str;
    /// What is passed beside the request struct: `()` where that is the body or there is none.
    type Input;
    /// The response body; see [`Query::Output`].
    type Output;
    /// The errors that the method declares.
    type Error: DeclaredError;
}

/// A subscription (XRPC, event stream). The type itself is the query string.
pub trait Subscription: Data {
    /// The NSID of the method.
    const NSID: &'static str;
    /// The union of the messages.
    type Message: Data;
    /// The errors that the method declares.
    type Error: DeclaredError;
}
