//! Subscriptions that are known only at run time.
#![cfg(all(feature = "server", feature = "websocket"))]

use std::time::Duration;

use arobase_runtime::{
    Catalog, Client, Error,
    client::{Incoming, Reconnect, Socket, Transport, TransportError, dynamic::Messages},
    data::{Strictness, Value},
    server::{self, Failure, Route, Router},
    xrpc::{Body, BoxFuture, XrpcError},
};
use futures_util::{StreamExt, stream};
use http::StatusCode;
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream,
    tungstenite::{Message, protocol::CloseFrame},
};

const STREAM: &str = r##"{ "lexicon": 1, "id": "com.example.subscribe", "defs": {
    "main": { "type": "subscription",
        "parameters": { "type": "params", "properties": {
            "cursor": { "type": "integer" }, "step": { "type": "integer", "default": 1, "maximum": 9 } } },
        "message": { "schema": { "type": "union", "refs": ["#tick"] } } },
    "tick": { "type": "object", "required": ["seq"], "properties": {
        "seq": { "type": "integer" }, "note": { "type": "string" } } }
} }"##;

const NSID: &str = "com.example.subscribe";

fn catalog() -> Catalog {
    Catalog::from_json(STREAM).unwrap()
}

fn value(json: &str) -> Value {
    Value::from_json(json.as_bytes()).unwrap()
}

fn tick(seq: i64) -> Value {
    value(&format!(r#"{{ "$type": "com.example.subscribe#tick", "seq": {seq} }}"#))
}

/// WebSockets, and nothing else.
struct WebSockets;

struct Open(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Transport for WebSockets {
    fn send(&self, _: http::Request<Body>) -> BoxFuture<'_, Result<http::Response<Body>, TransportError>> {
        Box::pin(async { Err(TransportError::new("only sockets")) })
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn connect(&self, request: http::Request<()>, _: usize) -> BoxFuture<'_, Result<Box<dyn Socket>, TransportError>> {
        Box::pin(async move {
            let connected = tokio_tungstenite::connect_async(request.uri().to_string()).await;
            let (socket, _) = connected.map_err(|error| TransportError::new(error.to_string()))?;
            Ok(Box::new(Open(socket)) as Box<dyn Socket>)
        })
    }
}

impl Socket for Open {
    fn receive(&mut self) -> BoxFuture<'_, Option<Result<Incoming, TransportError>>> {
        Box::pin(async {
            Some(match self.0.next().await? {
                Ok(Message::Binary(frame)) => Ok(Incoming::Binary(frame)),
                Ok(Message::Text(_)) => Ok(Incoming::Text),
                Ok(Message::Close(frame)) => {
                    let (code, reason) =
                        frame.map(|CloseFrame { code, reason }| (code.into(), reason.to_string())).unzip();
                    Ok(Incoming::Closed(code, reason.unwrap_or_default()))
                }
                Ok(_) => Ok(Incoming::Alive),
                Err(error) => Err(TransportError::new(error.to_string())),
            })
        })
    }

    fn ping(&mut self) -> BoxFuture<'_, Result<(), TransportError>> {
        Box::pin(async { Ok(()) })
    }

    fn close(&mut self, _: u16) -> BoxFuture<'_, ()> {
        Box::pin(async { _ = self.0.close(None).await })
    }
}

/// Serves a subscription on a port of this machine, which sends the same to all.
async fn serve(catalog: &Catalog, messages: fn(i64) -> Vec<Result<Value, Failure>>) -> Client {
    let route = Route::dynamic_subscription(catalog, NSID, move |_, params| async move {
        let step = params.get("step").and_then(Value::as_int).unwrap_or_default();
        Ok(stream::iter(messages(step)))
    });
    let app = Router::new().route(route.unwrap()).into_axum();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(server::serve(listener, app).into_future());
    Client::with_transport(format!("http://{address}"), WebSockets).unwrap()
}

async fn subscribe(client: &Client, catalog: &Catalog, params: &[(&str, i64)]) -> Result<Messages, Error> {
    let params = params.iter().copied().collect::<arobase_runtime::data::Map>();
    client.dynamic(catalog).subscribe(NSID, params).reconnect(Reconnect::never()).await
}

#[tokio::test]
async fn messages_arrive_with_their_types_until_the_end() {
    let client = serve(&catalog(), |step| vec![Ok(tick(step)), Ok(tick(2 * step))]).await;
    let mut messages = subscribe(&client, &catalog(), &[("step", 4)]).await.unwrap();
    assert_eq!(messages.next().await.unwrap().unwrap(), tick(4));
    assert_eq!(messages.cursor(), Some(4));
    assert_eq!(messages.next().await.unwrap().unwrap(), tick(8));
    assert!(messages.next().await.is_none());
}

#[tokio::test]
async fn parameters_have_their_defaults() {
    let client = serve(&catalog(), |step| vec![Ok(tick(step))]).await;
    let mut messages = subscribe(&client, &catalog(), &[]).await.unwrap();
    assert_eq!(messages.next().await.unwrap().unwrap(), tick(1));
}

#[tokio::test]
async fn wrong_parameters_are_not_sent() {
    let client = Client::with_transport("http://127.0.0.1:9", WebSockets).unwrap();
    for params in [[("step", 10)], [("other", 1)]] {
        let error = subscribe(&client, &catalog(), &params).await.unwrap_err();
        assert!(matches!(error, Error::Request(_)), "{error}");
    }
    let other = client.dynamic(&catalog()).subscribe("com.example.absent", ()).await.unwrap_err();
    assert!(matches!(other, Error::Request(_)), "{other}");
}

#[tokio::test]
async fn a_message_that_breaks_its_schema_is_not_sent() {
    let client =
        serve(&catalog(), |_| vec![Ok(tick(1)), Ok(value(r#"{ "$type": "com.example.subscribe#tick" }"#))]).await;
    let mut messages = subscribe(&client, &catalog(), &[]).await.unwrap();
    assert_eq!(messages.next().await.unwrap().unwrap(), tick(1));
    let Some(Err(Error::Xrpc(error))) = messages.next().await else { panic!("no error") };
    assert_eq!(error.name(), "InternalServerError");
    assert!(messages.next().await.is_none());
}

#[tokio::test]
async fn a_failure_ends_the_stream_with_its_name() {
    let client = serve(&catalog(), |_| {
        let error = XrpcError::new(StatusCode::BAD_REQUEST, "FutureCursor", None);
        vec![Err(Failure::from(error)), Ok(tick(1))]
    })
    .await;
    let mut messages = subscribe(&client, &catalog(), &[]).await.unwrap();
    let Some(Err(Error::Xrpc(error))) = messages.next().await else { panic!("no error") };
    assert_eq!(error.name(), "FutureCursor");
    assert!(messages.next().await.is_none());
}

#[tokio::test]
async fn messages_of_another_lexicon_are_read_leniently_or_strictly() {
    let other = STREAM.replace(r#""note": { "type": "string" }"#, r#""note": { "type": "integer" }"#);
    let other = Catalog::from_json(other).unwrap();
    let noted = r#"{ "$type": "com.example.subscribe#tick", "seq": 1, "note": 7 }"#;
    let messages =
        |_| vec![Ok(value(r#"{ "$type": "com.example.subscribe#tick", "seq": 1, "note": 7 }"#)), Ok(tick(2))];
    let client = serve(&other, messages).await;

    let mut lenient = subscribe(&client, &catalog(), &[]).await.unwrap();
    assert_eq!(lenient.next().await.unwrap().unwrap(), value(noted));
    assert_eq!(lenient.issues().len(), 1);
    assert_eq!(lenient.next().await.unwrap().unwrap(), tick(2));
    assert!(lenient.issues().is_empty());

    let dynamic = client.dynamic(&catalog());
    let mut strict = dynamic.subscribe(NSID, ()).strictness(Strictness::Strict).await.unwrap();
    assert!(matches!(strict.next().await, Some(Err(Error::Answer(_)))));
    assert_eq!(strict.next().await.unwrap().unwrap(), tick(2));
}

#[tokio::test]
async fn frames_come_as_they_are() {
    let client = serve(&catalog(), |_| vec![Ok(tick(1))]).await;
    let mut frames = client.dynamic(&catalog()).subscribe(NSID, ()).frames().await.unwrap();
    // {"t":"#tick","op":1} and {"seq":1}
    let frame = b"\xa2\x61t\x65#tick\x62op\x01\xa1\x63seq\x01";
    assert_eq!(frames.next().await.unwrap().unwrap(), frame.as_slice());
    assert!(frames.next().await.is_none());
}

#[test]
fn only_subscriptions_are_served_as_such() {
    let query = r#"{ "lexicon": 1, "id": "com.example.get", "defs": { "main": { "type": "query" } } }"#;
    let catalog = catalog().with(&Catalog::from_json(query).unwrap()).unwrap();
    let route = |nsid| {
        Route::dynamic_subscription(&catalog, nsid, |_, _| async { Ok(stream::empty::<Result<Value, Failure>>()) })
    };
    assert!(route(NSID).is_ok());
    assert_eq!(route("com.example.get").unwrap_err().to_string(), "$: com.example.get is no subscription");
    let method = Route::dynamic(&catalog, NSID, |_, _| async { Ok(()) });
    assert_eq!(method.unwrap_err().to_string(), "$: com.example.subscribe is no query or procedure");
}
