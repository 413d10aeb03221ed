//! Typed handlers, over types written by hand as the generator writes them.

use std::{error::Error, fmt};

use arobase_lexicon::schema::Schema;

use super::*;
use crate::{
    __codegen as rt,
    data::{
        Data,
        fields::{Fields, Place, Slot, View},
    },
    xrpc::{BodySchema, DeclaredError, Endpoint, EndpointKind, Method, RequestPart, display_error},
};

static PARAMS: Schema = Schema {
    id: rt::name("com.example.note"),
    role: rt::Role::Params,
    ty: rt::Type::Object(rt::Shared::Static(&[
        rt::required("id", rt::text()),
        rt::optional("limit", rt::Type::Integer(rt::IntegerSchema { default: Some(50), ..rt::IntegerSchema::ANY })),
    ])),
};

static NOTE: Schema = Schema {
    id: rt::name("com.example.note"),
    role: rt::Role::Output,
    ty: rt::Type::Object(rt::Shared::Static(&[rt::required(
        "text",
        rt::Type::String(rt::StringSchema { length: rt::lengths(0, 10), ..rt::StringSchema::ANY }),
    )])),
};

static GET_NOTE: Endpoint = Endpoint {
    nsid: rt::name("com.example.note"),
    kind: EndpointKind::Query,
    params: Some(rt::Ref::Static(&PARAMS)),
    input: None,
    output: Some(BodySchema { encoding: rt::name("application/json"), schema: Some(rt::Ref::Static(&NOTE)) }),
    message: None,
};

static PUT_NOTE: Endpoint = Endpoint {
    nsid: rt::name("com.example.putNote"),
    kind: EndpointKind::Procedure,
    params: None,
    input: Some(BodySchema { encoding: rt::name("application/json"), schema: Some(rt::Ref::Static(&NOTE)) }),
    output: None,
    message: None,
};

struct GetNote {
    id: String,
    limit: Option<i64>,
}

impl Fields for GetNote {
    fn place(&mut self, index: usize) -> Place<'_> {
        match index {
            0 => self.id.place(),
            1 => self.limit.place(),
            _ => Place::None,
        }
    }

    fn view(&self, index: usize) -> View<'_> {
        match index {
            0 => self.id.view(),
            1 => self.limit.view(),
            _ => View::Absent,
        }
    }
}

impl Slot for GetNote {
    fn blank() -> Self {
        Self { id: String::new(), limit: None }
    }

    fn place(&mut self) -> Place<'_> {
        Place::Object(self)
    }

    fn view(&self) -> View<'_> {
        View::Object(self)
    }
}

impl Data for GetNote {
    const SCHEMA: &'static Schema = &PARAMS;
}

impl Method for GetNote {
    const ENDPOINT: &'static Endpoint = &GET_NOTE;
    const REQUEST: RequestPart = RequestPart::Params;
    type Input = ();
    type Output = Note;
    type Error = NoNote;
}

struct Note {
    text: String,
}

impl Fields for Note {
    fn place(&mut self, index: usize) -> Place<'_> {
        if index == 0 { self.text.place() } else { Place::None }
    }

    fn view(&self, index: usize) -> View<'_> {
        if index == 0 { self.text.view() } else { View::Absent }
    }
}

impl Slot for Note {
    fn blank() -> Self {
        Self { text: String::new() }
    }

    fn place(&mut self) -> Place<'_> {
        Place::Object(self)
    }

    fn view(&self) -> View<'_> {
        View::Object(self)
    }
}

impl Data for Note {
    const SCHEMA: &'static Schema = &NOTE;
}

/// A note is the body of `com.example.putNote`.
impl Method for Note {
    const ENDPOINT: &'static Endpoint = &PUT_NOTE;
    const REQUEST: RequestPart = RequestPart::Input;
    type Input = ();
    type Output = ();
    type Error = NoNote;
}

#[derive(Debug)]
struct NoNote(Option<String>);

impl fmt::Display for NoNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        display_error(self, f)
    }
}

impl Error for NoNote {}

impl DeclaredError for NoNote {
    const NAMES: &'static [&'static str] = &["NoNote"];

    fn from_parts(name: &str, message: Option<String>) -> Option<Self> {
        (name == "NoNote").then_some(Self(message))
    }

    fn name(&self) -> &'static str {
        "NoNote"
    }

    fn message(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

async fn get_note(_: Context, query: GetNote, (): ()) -> Result<Note, Failure<NoNote>> {
    match &*query.id {
        "none" => Err(NoNote(Some("there is none".into())))?,
        "gone" => Err(Failure::declared(NoNote(None)).with_status(http::StatusCode::GONE)),
        "shared" => Err(Failure::forbidden("not yours").widen()),
        "long" => Ok(Note { text: "more than ten bytes".into() }),
        id => Ok(Note { text: format!("{id} {}", query.limit.unwrap_or_default()) }),
    }
}

async fn put_note(_: Context, note: Note, (): ()) -> Result<(), Failure<NoNote>> {
    assert_eq!(note.text, "hi");
    Ok(())
}

fn notes() -> Router {
    Router::new().route(Route::method::<GetNote, _, _>(get_note)).route(Route::method::<Note, _, _>(put_note))
}

#[tokio::test]
async fn parameters_and_output_are_typed() {
    let server = start(notes()).await;
    assert_eq!(ask(server, "GET /xrpc/com.example.note?id=a&limit=7", &[]).await.text(), r#"{"text":"a 7"}"#);
    assert_eq!(ask(server, "GET /xrpc/com.example.note?id=a", &[]).await.text(), r#"{"text":"a 50"}"#);
    ask(server, "GET /xrpc/com.example.note?limit=7", &[]).await.is_error(400, "InvalidRequest");
}

#[tokio::test]
async fn the_request_can_be_the_body() {
    let server = start(notes()).await;
    let reply = post(server, "/xrpc/com.example.putNote", "application/json", r#"{"text":"hi"}"#).await;
    assert_eq!((reply.status, reply.text(), reply.header("content-type")), (200, "", None));
}

#[tokio::test]
async fn a_body_that_breaks_its_schema_is_refused() {
    let server = start(notes()).await;
    for body in [
        "{",
        "",
        "[]",
        r#"{"text":1}"#,
        r#"{"text":"more than ten bytes"}"#,
        r#"{"text":"hi","text":"hi"}"#,
        "{\"text\":\"\u{fffd}",
    ] {
        post(server, "/xrpc/com.example.putNote", "application/json", body).await.is_error(400, "InvalidRequest");
    }
    post(server, "/xrpc/com.example.putNote", "application/json", b"{\"text\":\"\xFF\"}")
        .await
        .is_error(400, "InvalidRequest");
}

#[tokio::test]
async fn declared_errors_keep_their_name() {
    let server = start(notes()).await;
    let reply = ask(server, "GET /xrpc/com.example.note?id=none", &[]).await;
    assert_eq!((reply.status, reply.text()), (400, r#"{"error":"NoNote","message":"there is none"}"#));
    let reply = ask(server, "GET /xrpc/com.example.note?id=gone", &[]).await;
    assert_eq!((reply.status, reply.text()), (410, r#"{"error":"NoNote"}"#));
    ask(server, "GET /xrpc/com.example.note?id=shared", &[]).await.is_error(403, "Forbidden");
}

#[tokio::test]
async fn an_answer_that_breaks_its_schema_is_not_sent_unless_unchecked() {
    let server = start(notes().validate_output(true)).await;
    let reply = ask(server, "GET /xrpc/com.example.note?id=long", &[]).await;
    reply.is_error(500, "InternalServerError");
    assert!(!reply.text().contains("bytes"));
    let server = start(notes().validate_output(false)).await;
    let reply = ask(server, "GET /xrpc/com.example.note?id=long", &[]).await;
    assert_eq!((reply.status, reply.text()), (200, r#"{"text":"more than ten bytes"}"#));
}
