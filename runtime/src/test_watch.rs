//! A subscription for tests: `com.example.watch` counts ticks.

use crate::{
    __codegen as rt,
    data::Data,
    xrpc::{Endpoint, EndpointKind, Subscription, frame},
};
use bytes::Bytes;

pub(crate) const NSID: &str = "com.example.watch";

#[derive(Clone, Default)]
pub(crate) struct Watch {
    pub(crate) cursor: Option<i64>,
}

rt::params! { Watch, WATCH_SCHEMA, [0 cursor] }

#[derive(Clone)]
pub(crate) enum Message {
    Tick(Box<Tick>),
    Info(Box<Info>),
    Unknown(rt::Value),
}

rt::union! { Message, MESSAGE_SCHEMA, open, [0 Tick: Tick, 1 Info: Info] }

#[derive(Clone)]
pub(crate) struct Tick {
    pub(crate) seq: i64,
    pub(crate) text: String,
    pub(crate) extra: rt::Extra,
}

rt::object! { Tick, TICK_SCHEMA, [0 seq, 1 text] }

#[derive(Clone)]
pub(crate) struct Info {
    pub(crate) name: String,
    pub(crate) extra: rt::Extra,
}

rt::object! { Info, INFO_SCHEMA, [0 name] }

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Error {
    FutureCursor(Option<String>),
    ConsumerTooSlow(Option<String>),
}

rt::errors! { Error { FutureCursor = "FutureCursor", ConsumerTooSlow = "ConsumerTooSlow" } }

impl Subscription for Watch {
    const ENDPOINT: &'static Endpoint = &ENDPOINT;
    type Message = Message;
    type Error = Error;
}

pub(crate) static ENDPOINT: Endpoint = Endpoint {
    nsid: rt::name(NSID),
    kind: EndpointKind::Subscription,
    params: Some(rt::Ref::Static(&WATCH_SCHEMA)),
    input: None,
    output: None,
    message: Some(rt::Ref::Static(&MESSAGE_SCHEMA)),
};

static WATCH_SCHEMA: rt::Schema = rt::Schema {
    id: rt::name(NSID),
    role: rt::Role::Params,
    ty: rt::Type::Object(rt::Shared::Static(&[rt::optional("cursor", rt::integer())])),
};

static MESSAGE_SCHEMA: rt::Schema = rt::Schema {
    id: rt::name(NSID),
    role: rt::Role::Message,
    ty: rt::Type::Union(rt::UnionSchema {
        members: rt::Shared::Static(&[rt::Ref::Static(&TICK_SCHEMA), rt::Ref::Static(&INFO_SCHEMA)]),
        closed: false,
    }),
};

static TICK_SCHEMA: rt::Schema = rt::Schema {
    id: rt::name("com.example.watch#tick"),
    role: rt::Role::Definition,
    ty: rt::Type::Object(rt::Shared::Static(&[
        rt::required("seq", rt::within(1, i64::MAX)),
        rt::required("text", rt::bounded(rt::lengths(0, 10_000_000), rt::Lengths::ANY)),
    ])),
};

static INFO_SCHEMA: rt::Schema = rt::Schema {
    id: rt::name("com.example.watch#info"),
    role: rt::Role::Definition,
    ty: rt::Type::Object(rt::Shared::Static(&[rt::required("name", rt::text())])),
};

pub(crate) fn tick(seq: i64) -> Message {
    tick_of(seq, "tick")
}

pub(crate) fn tick_of(seq: i64, text: impl Into<String>) -> Message {
    Message::Tick(Box::new(Tick { seq, text: text.into(), extra: rt::Extra::new() }))
}

pub(crate) fn info(name: &str) -> Message {
    Message::Info(Box::new(Info { name: name.into(), extra: rt::Extra::new() }))
}

/// The frame of a tick.
pub(crate) fn tick_frame(seq: i64) -> Bytes {
    frame_of(&tick(seq))
}

pub(crate) fn frame_of(message: &Message) -> Bytes {
    frame::encode(&crate::Catalog::new(), &ENDPOINT, rt::Slot::view(message)).unwrap()
}

/// What a message is, in short.
pub(crate) fn shown(message: &Message) -> String {
    match message {
        Message::Tick(tick) => tick.seq.to_string(),
        Message::Info(info) => info.name.clone(),
        Message::Unknown(value) => format!("unknown {}", value.type_name().unwrap_or_default()),
    }
}

/// What the message of a frame is, in short.
pub(crate) fn shown_frame(bytes: &Bytes) -> String {
    use crate::data::{Limits, Strictness};
    match frame::split(bytes, Limits::DEFAULT).unwrap() {
        frame::Frame::Message { t, payload } => {
            let message = frame::message::<Message>(NSID, &t, &payload, Strictness::Strict, Limits::DEFAULT);
            shown(&message.unwrap().value)
        }
        frame::Frame::Error { name, .. } => format!("error {name}"),
        frame::Frame::Unknown => "unknown".to_owned(),
    }
}

#[test]
fn the_descriptors_fit_the_types() {
    assert_eq!(tick(1).to_value().unwrap().type_name(), Some("com.example.watch#tick"));
    assert_eq!(shown_frame(&tick_frame(7)), "7");
    assert_eq!(shown_frame(&frame_of(&info("OutdatedCursor"))), "OutdatedCursor");
}

/// A transport for WebSockets only, over the network.
#[cfg(feature = "websocket")]
pub(crate) struct Native;

#[cfg(feature = "websocket")]
impl crate::client::Transport for Native {
    fn send(
        &self,
        _: http::Request<crate::xrpc::Body>,
    ) -> crate::xrpc::BoxFuture<'_, Result<http::Response<crate::xrpc::Body>, crate::client::TransportError>> {
        Box::pin(std::future::ready(Err(crate::client::TransportError::new("not for calls"))))
    }

    fn sleep(&self, duration: std::time::Duration) -> crate::xrpc::BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }

    fn connect(
        &self,
        request: http::Request<()>,
        max_frame: usize,
    ) -> crate::xrpc::BoxFuture<'_, Result<Box<dyn crate::client::Socket>, crate::client::TransportError>> {
        crate::client::connect_websocket(request, max_frame)
    }
}
