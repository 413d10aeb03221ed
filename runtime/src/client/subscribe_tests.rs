use std::{
    collections::VecDeque,
    future::{pending, ready},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header::AUTHORIZATION};

use super::{
    Attempt, Auth, AuthError, Client, Error, Incoming, Messages, Reconnect, Socket, StreamError, Subscribe, Transport,
    TransportError,
};
use crate::{
    data::{Limits, Strictness, Value},
    test_watch::{self, Watch, frame_of, info, shown, shown_frame, tick, tick_frame},
    xrpc::{Body, BoxFuture, XrpcError, frame},
};

const HEARTBEAT: Duration = Duration::from_secs(7);
const CLOSING: Duration = Duration::from_secs(2);

/// A service that does what a script says, without a network and without time.
#[derive(Clone, Default)]
struct Script(Arc<Inner>);

#[derive(Default)]
struct Inner {
    /// One entry for each connection; more fail.
    connections: Mutex<VecDeque<Connection>>,
    /// How many times the heartbeat comes.
    beats: AtomicUsize,
    /// What was asked, and how often it was waited.
    requests: Mutex<Vec<Request<()>>>,
    waits: Mutex<Vec<Duration>>,
    pings: AtomicUsize,
    closes: Mutex<Vec<u16>>,
}

type Connection = Result<Vec<Incoming>, TransportError>;

impl Script {
    fn of(connections: impl IntoIterator<Item = Connection>) -> Self {
        let script = Self::default();
        script.0.connections.lock().unwrap().extend(connections);
        script
    }

    fn client(&self) -> Client {
        Client::with_transport("http://example.com", self.clone()).unwrap()
    }

    fn subscribe(&self, cursor: Option<i64>) -> Subscribe<Watch> {
        Subscribe::new(&self.client(), Watch { cursor }).heartbeat(HEARTBEAT)
    }

    fn open(&self, cursor: Option<i64>) -> Messages<Watch> {
        now(self.subscribe(cursor)).unwrap()
    }

    fn urls(&self) -> Vec<String> {
        let requests = self.0.requests.lock().unwrap();
        requests.iter().map(|request| request.uri().to_string()).collect()
    }
}

impl Transport for Script {
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>, TransportError>> {
        Box::pin(ready(Err(TransportError::new("not for calls"))))
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let take = |beats: usize| beats.checked_sub(1);
        match duration {
            HEARTBEAT if self.0.beats.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_err() => {
                Box::pin(pending())
            }
            CLOSING => Box::pin(pending()),
            HEARTBEAT => Box::pin(ready(())),
            _ => {
                self.0.waits.lock().unwrap().push(duration);
                Box::pin(ready(()))
            }
        }
    }

    fn connect(&self, request: Request<()>, _: usize) -> BoxFuture<'_, Result<Box<dyn Socket>, TransportError>> {
        self.0.requests.lock().unwrap().push(request);
        let connection = self.0.connections.lock().unwrap().pop_front();
        let connection = connection.unwrap_or_else(|| Err(TransportError::new("unreachable").connecting()));
        let script = self.clone();
        let open = |coming: Vec<Incoming>| -> Box<dyn Socket> { Box::new(Scripted { coming: coming.into(), script }) };
        Box::pin(ready(connection.map(open)))
    }
}

/// What comes through one connection, and then nothing.
struct Scripted {
    coming: VecDeque<Incoming>,
    script: Script,
}

impl Socket for Scripted {
    fn receive(&mut self) -> BoxFuture<'_, Option<Result<Incoming, TransportError>>> {
        match self.coming.pop_front() {
            // A code that nobody sends stands for a connection that breaks.
            Some(Incoming::Closed(Some(1006), _)) => Box::pin(ready(None)),
            Some(incoming) => Box::pin(ready(Some(Ok(incoming)))),
            None => Box::pin(pending()),
        }
    }

    fn ping(&mut self) -> BoxFuture<'_, Result<(), TransportError>> {
        self.script.0.pings.fetch_add(1, Ordering::Relaxed);
        Box::pin(ready(Ok(())))
    }

    fn close(&mut self, code: u16) -> BoxFuture<'_, ()> {
        self.script.0.closes.lock().unwrap().push(code);
        Box::pin(ready(()))
    }
}

fn now<F: IntoFuture>(future: F) -> F::Output
where
    F::IntoFuture: Unpin,
{
    future.into_future().now_or_never().expect("nothing to wait for")
}

fn ticks<const N: usize>(seqs: [i64; N]) -> Vec<Incoming> {
    seqs.map(|seq| Incoming::Binary(tick_frame(seq))).into()
}

fn closed(code: u16) -> Incoming {
    Incoming::Closed(Some(code), String::new())
}

fn then(mut coming: Vec<Incoming>, last: Incoming) -> Connection {
    coming.push(last);
    Ok(coming)
}

fn raw(bytes: &[u8]) -> Connection {
    Ok(vec![Incoming::Binary(Bytes::copy_from_slice(bytes))])
}

/// All that comes, in short.
fn all(messages: &mut Messages<Watch>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(item) = messages.next().now_or_never() {
        match item {
            Some(Ok(message)) => all.push(shown(&message)),
            Some(Err(error)) => all.push(fault(&error)),
            None => {
                all.push("end".to_owned());
                break;
            }
        }
    }
    all
}

fn fault(error: &Error<test_watch::Error>) -> String {
    match error {
        Error::Declared(error) => format!("declared {error}"),
        Error::Xrpc(error) => error.name().to_owned(),
        Error::Answer(_) => "undecodable".to_owned(),
        other => other.to_string(),
    }
}

#[test]
fn messages_come_typed_and_the_cursor_follows_them() {
    let coming = [tick(3), info("Note"), tick(5)].map(|message| Incoming::Binary(frame_of(&message)));
    let script = Script::of([Ok(coming.into())]);
    let mut messages = script.open(Some(2));
    assert_eq!(messages.cursor(), Some(2));
    let mut cursors = Vec::new();
    while let Some(Some(Ok(_))) = messages.next().now_or_never() {
        cursors.push(messages.cursor());
    }
    assert_eq!(cursors, [Some(3), Some(3), Some(5)]);
    assert_eq!(script.urls(), ["ws://example.com/xrpc/com.example.watch?cursor=2"]);
}

#[test]
fn headers_go_with_each_connection() {
    let script = Script::of([then(ticks([1]), closed(1001)), Ok(ticks([2]))]);
    let subscribe = script.subscribe(None).header("X-Test", "no").header("x-test", "yes");
    let mut messages = now(subscribe.proxy("did:web:a.example#one")).unwrap();
    assert_eq!(all(&mut messages), ["1", "2"]);
    let requests = script.0.requests.lock().unwrap();
    assert!(requests.len() == 2 && requests.iter().all(|request| request.headers()["x-test"] == "yes"));
    assert!(requests.iter().all(|request| request.headers()["atproto-proxy"] == "did:web:a.example#one"));
    drop(requests);
    let bad = [script.subscribe(None).header("x a", "1"), script.subscribe(None).proxy("nothing")];
    for subscribe in bad {
        assert!(matches!(now(subscribe), Err(Error::Request(_))));
    }
    assert_eq!(script.urls().len(), 2);
}

#[test]
fn messages_are_read_as_the_client_reads_answers() {
    let cbor = |json: &str| Value::from_json(json.as_bytes()).unwrap().to_cbor().unwrap();
    let bad = [cbor(r##"{"op":1,"t":"#tick"}"##), cbor(r#"{"seq":2}"#)].concat();
    let script = Script::of([Ok(vec![Incoming::Binary(bad.into())]), Ok(ticks([1]))]);
    let client = script.client().with_output(Strictness::Strict);
    let watch = |client: &Client| now(Subscribe::<Watch>::new(client, Watch::default()).heartbeat(None)).unwrap();
    assert_eq!(all(&mut watch(&client)), ["undecodable"]);
    let limits = Limits { max_depth: 0, ..Limits::DEFAULT };
    assert_eq!(all(&mut watch(&script.client().with_limits(limits, 1))), ["undecodable", "end"]);
}

#[test]
fn a_lost_connection_is_made_again_behind_the_last_message() {
    for lost in [1001, 1006, 1008, 1011, 1012, 4000] {
        let script = Script::of([then(ticks([3, 4]), closed(lost)), Ok(ticks([4, 5]))]);
        assert_eq!(all(&mut script.open(Some(2))), ["3", "4", "5"], "after {lost}");
        assert_eq!(script.urls()[1], "ws://example.com/xrpc/com.example.watch?cursor=4");
    }
}

#[test]
fn a_live_subscription_comes_back_live_until_it_saw_a_number() {
    let script = Script::of([then(vec![], closed(1001)), then(ticks([7]), closed(1001)), Ok(vec![])]);
    assert_eq!(all(&mut script.open(None)), ["7"]);
    let queries: Vec<_> =
        script.urls().iter().map(|url| url.split_once('?').map(|(_, query)| query.to_owned())).collect();
    assert_eq!(queries, [None, None, Some("cursor=7".to_owned())]);
}

#[test]
fn waits_double_until_the_service_shows_life() {
    let failing = || (0..8).map(|_| Err(TransportError::new("down").connecting()));
    let script = Script::of(
        [then(ticks([1]), closed(1006))]
            .into_iter()
            .chain(failing())
            .chain([then(ticks([2]), closed(1006)), Ok(vec![])]),
    );
    assert_eq!(all(&mut script.open(None)), ["1", "2"]);
    let longest = [1, 2, 4, 8, 16, 32, 64, 64, 64, 1].map(Duration::from_secs);
    let waits = script.0.waits.lock().unwrap();
    assert_eq!(waits.len(), longest.len());
    for (wait, longest) in waits.iter().zip(longest) {
        assert!(*wait <= longest && *wait >= longest / 2, "{waits:?}");
    }
}

#[test]
fn the_attempts_of_a_policy_run_out() {
    let script = Script::of([then(ticks([1]), closed(1006))]);
    let mut messages = now(script.subscribe(None).reconnect(Reconnect::times(3))).unwrap();
    assert_eq!(all(&mut messages), ["1", "unreachable", "end"]);
    assert_eq!(script.urls().len(), 4);
}

#[test]
fn signs_of_life_and_old_messages_are_no_progress() {
    let unknown = || Incoming::Binary(Bytes::from_static(b"\xa1bop\x02\xa0"));
    let script =
        Script::of((0..9).map(|_| Ok(vec![Incoming::Alive, unknown(), Incoming::Binary(tick_frame(5)), closed(1011)])));
    let mut messages = now(script.subscribe(Some(5)).reconnect(Reconnect::times(3))).unwrap();
    assert_eq!(all(&mut messages), ["closed with code 1011", "end"]);
    assert_eq!(script.urls().len(), 4);
    assert!(script.0.waits.lock().unwrap()[2] >= Duration::from_secs(2));

    let slow = || Ok(vec![Incoming::Binary(frame::encode_error("ConsumerTooSlow", None))]);
    let script = Script::of((0..9).map(|_| slow()));
    let mut messages = now(script.subscribe(Some(5)).reconnect(Reconnect::times(3))).unwrap();
    assert_eq!(all(&mut messages), ["declared ConsumerTooSlow", "end"]);
    assert_eq!(script.urls().len(), 4);
}

#[test]
fn a_message_without_a_number_is_no_progress_where_there_are_numbers() {
    let note = || Incoming::Binary(frame_of(&info("Note")));
    let script = Script::of((0..3).map(|_| then(vec![note()], closed(1011))));
    let mut numbered = now(script.subscribe(None).reconnect(Reconnect::times(1))).unwrap();
    assert_eq!(all(&mut numbered).last().map(String::as_str), Some("end"));
    assert_eq!(script.urls().len(), 2);
}

#[test]
fn a_refusal_says_how_long_to_wait() {
    let refused = |seconds: &'static str| {
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, HeaderValue::from_static(seconds))]);
        let said = XrpcError::of(StatusCode::SERVICE_UNAVAILABLE, "busy".to_owned()).with_headers(headers);
        Err(TransportError::new("no").with_status(StatusCode::SERVICE_UNAVAILABLE).with_source(said))
    };
    let script = Script::of([then(ticks([1]), closed(1006)), refused("17"), refused("7000"), Ok(ticks([2]))]);
    assert_eq!(all(&mut script.open(None)), ["1", "2"]);
    assert_eq!(script.0.waits.lock().unwrap()[1..], [17, 64].map(Duration::from_secs));
}

#[test]
fn without_reconnection_the_loss_is_an_error() {
    let script = Script::of([then(ticks([1]), Incoming::Closed(Some(1001), "restart".into())), Ok(ticks([2]))]);
    let mut messages = now(script.subscribe(None).reconnect(Reconnect::never())).unwrap();
    assert_eq!(all(&mut messages), ["1", "closed with code 1001: restart", "end"]);
}

#[test]
fn the_normal_end_is_no_error() {
    let script = Script::of([then(ticks([1]), closed(1000)), Ok(ticks([2]))]);
    assert_eq!(all(&mut script.open(None)), ["1", "end"]);
}

#[test]
fn codes_that_another_attempt_would_not_change_end_the_stream() {
    for code in [1002, 1003, 1007, 1009] {
        let script = Script::of([then(ticks([1]), closed(code)), Ok(ticks([2]))]);
        assert_eq!(all(&mut script.open(None)), ["1".to_owned(), format!("closed with code {code}"), "end".to_owned()]);
    }
}

#[test]
fn an_error_frame_is_the_last_item() {
    for (name, shown) in [("FutureCursor", "declared FutureCursor: why"), ("Takedown", "Takedown")] {
        let error = Incoming::Binary(frame::encode_error(name, Some("why")));
        let script = Script::of([then(ticks([1]), error), Ok(ticks([2]))]);
        assert_eq!(all(&mut script.open(None)), ["1", shown, "end"]);
    }
}

#[test]
fn who_was_too_slow_comes_back() {
    let slow = || Incoming::Binary(frame::encode_error("ConsumerTooSlow", None));
    let script = Script::of([then(ticks([1]), slow()), Ok(ticks([2]))]);
    assert_eq!(all(&mut script.open(None)), ["1", "2"]);
    let script = Script::of([then(ticks([1]), slow())]);
    let mut messages = now(script.subscribe(None).reconnect(Reconnect::never())).unwrap();
    assert_eq!(all(&mut messages), ["1", "declared ConsumerTooSlow", "end"]);
}

#[test]
fn what_breaks_the_protocol_ends_the_stream_and_the_connection() {
    let [frame, payload] = [tick_frame(1), Value::from_json(b"{}").unwrap().to_cbor().unwrap().into()];
    let three = [&frame[..], &payload[..]].concat();
    let one = &payload[..];
    let broken = &frame[..frame.len() - 1];
    let no_map = [b"\xa2at\x65#tickbop\x01", &b"\x80"[..]].concat();
    let cases = [raw(&three), raw(one), raw(broken), raw(&no_map), raw(b""), raw(b"\xff\xff")];
    for case in cases {
        let shown = format!("{case:?}");
        let script = Script::of([case, Ok(ticks([2]))]);
        assert_eq!(all(&mut script.open(None)), ["undecodable", "end"], "{shown}");
        assert_eq!(*script.0.closes.lock().unwrap(), [1007], "{shown}");
    }
    let script = Script::of([Ok(vec![Incoming::Text]), Ok(ticks([2]))]);
    assert_eq!(all(&mut script.open(None)), ["a text message came through an event stream", "end"]);
    assert_eq!(*script.0.closes.lock().unwrap(), [1003]);
}

#[test]
fn frames_of_unknown_kinds_are_left_out_and_unknown_types_are_kept() {
    let cbor = |json: &str| Value::from_json(json.as_bytes()).unwrap().to_cbor().unwrap();
    let frame = |header: &str| Incoming::Binary([cbor(header), cbor(r#"{"seq":2,"x":1}"#)].concat().into());
    let mut coming = ticks([1]);
    coming.extend([r#"{"op":2}"#, r#"{"op":1}"#, r##"{"op":1,"t":"#other"}"##].map(frame));
    coming.extend(ticks([3]));
    let script = Script::of([Ok(coming)]);
    assert_eq!(all(&mut script.open(None)), ["1", "unknown com.example.watch#other", "3"]);
}

#[test]
fn a_message_that_breaks_its_schema_is_an_issue_or_an_error_between_others() {
    let cbor = |json: &str| Value::from_json(json.as_bytes()).unwrap().to_cbor().unwrap();
    let bad = [cbor(r##"{"op":1,"t":"#tick"}"##), cbor(r#"{"seq":2}"#)].concat();
    let coming = || Ok([ticks([1]), vec![Incoming::Binary(bad.clone().into())], ticks([3])].concat());

    let script = Script::of([coming()]);
    let mut messages = script.open(None);
    let mut issues = Vec::new();
    while let Some(Some(Ok(_))) = messages.next().now_or_never() {
        issues.push(messages.issues().len());
    }
    assert_eq!(issues, [0, 1, 0]);

    let script = Script::of([coming()]);
    let mut messages = now(script.subscribe(None).strictness(Strictness::Strict)).unwrap();
    assert_eq!(all(&mut messages), ["1", "undecodable", "3"]);
}

#[test]
fn numbers_that_go_back_are_an_error_except_at_the_beginning_of_a_connection() {
    let script = Script::of([Ok(ticks([4, 5, 6, 6, 7]))]);
    assert_eq!(all(&mut script.open(Some(5))), ["6", "the event 6 came after the event 6", "end"]);
    assert_eq!(*script.0.closes.lock().unwrap(), [1008]);
}

#[test]
fn raw_frames_are_not_decoded() {
    let unknown = [b"\xa1bop\x02", &b"\xa0"[..]].concat();
    let mut coming = ticks([1]);
    coming.push(Incoming::Binary(unknown.into()));
    coming.push(Incoming::Binary(frame::encode_error("FutureCursor", None)));
    let script = Script::of([Ok(coming)]);
    let mut frames = now(script.subscribe(None).raw()).unwrap();
    let mut next = || frames.next().now_or_never().unwrap();
    assert_eq!(next().unwrap().unwrap(), tick_frame(1));
    assert_eq!(shown_frame(&next().unwrap().unwrap()), "unknown");
    assert!(matches!(next(), Some(Err(Error::Declared(test_watch::Error::FutureCursor(None))))));
    assert!(next().is_none());
    assert_eq!(frames.cursor(), Some(1));
}

#[test]
fn a_silent_service_is_pinged_and_then_given_up() {
    let script = Script::of([Ok(vec![]), Ok(ticks([1]))]);
    script.0.beats.store(2, Ordering::Relaxed);
    assert_eq!(all(&mut script.open(None)), ["1"]);
    assert_eq!((script.0.pings.load(Ordering::Relaxed), script.urls().len()), (1, 2));
}

#[test]
fn without_a_heartbeat_there_are_no_pings() {
    let script = Script::of([Ok(vec![])]);
    script.0.beats.store(2, Ordering::Relaxed);
    let mut messages = now(script.subscribe(None).heartbeat(None)).unwrap();
    assert_eq!(all(&mut messages), [""; 0]);
    assert_eq!(script.0.pings.load(Ordering::Relaxed), 0);
}

#[test]
fn a_frame_that_is_too_long_ends_the_stream() {
    let script = Script::of([Ok(ticks([1])), Ok(ticks([1]))]);
    let mut messages = now(script.subscribe(None).max_frame(10)).unwrap();
    let error = messages.next().now_or_never().unwrap().unwrap().err();
    assert!(matches!(error, Some(Error::Stream(StreamError::Closed { code: Some(1009), .. }))));
    assert!(now(Box::pin(messages.next())).is_none());
}

#[test]
fn the_first_connection_is_tried_once() {
    let script = Script::of([Err(TransportError::new("no").with_status(StatusCode::TOO_MANY_REQUESTS)), Ok(vec![])]);
    let Err(Error::Xrpc(error)) = now(script.subscribe(None)) else { panic!("a refusal") };
    assert_eq!((error.status(), error.name()), (StatusCode::TOO_MANY_REQUESTS, "RateLimitExceeded"));
    assert_eq!(script.urls().len(), 1);
}

#[test]
fn a_refused_reconnection_is_tried_again_only_where_that_may_help() {
    for (status, urls, end) in [
        (429, 3, None),
        (503, 3, None),
        (401, 2, Some("AuthenticationRequired")),
        (501, 2, Some("MethodNotImplemented")),
    ] {
        let refused = TransportError::new("no").with_status(StatusCode::from_u16(status).unwrap());
        let script = Script::of([then(ticks([1]), closed(1006)), Err(refused), Ok(ticks([2]))]);
        let expected = match end {
            None => vec!["1", "2"],
            Some(name) => vec!["1", name, "end"],
        };
        assert_eq!(all(&mut script.open(None)), expected, "{status}");
        assert_eq!(script.urls().len(), urls, "{status}");
    }
}

/// Tokens that are numbered; a new one comes whenever the old one is refused.
#[derive(Default)]
struct Numbered(AtomicUsize);

impl Auth for Numbered {
    fn authorize<'a>(&'a self, _: Attempt<'a>, headers: &'a mut HeaderMap) -> BoxFuture<'a, Result<(), AuthError>> {
        headers.insert(AUTHORIZATION, HeaderValue::from(self.0.load(Ordering::Relaxed)));
        Box::pin(ready(Ok(())))
    }

    fn recover<'a>(&'a self, _: Attempt<'a>, _: &'a HeaderMap, _: &'a XrpcError) -> BoxFuture<'a, bool> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Box::pin(ready(true))
    }
}

/// What comes, and the tokens that were used for it.
fn authorised(connections: impl IntoIterator<Item = Connection>, own: bool) -> (Vec<String>, Vec<String>) {
    let script = Script::of(connections);
    let client = script.client().with_auth(Numbered::default());
    let mut subscribe = Subscribe::<Watch>::new(&client, Watch::default()).heartbeat(None);
    if own {
        subscribe = subscribe.header("authorization", "own");
    }
    let got = match now(subscribe) {
        Ok(mut messages) => all(&mut messages),
        Err(error) => vec![fault(&error)],
    };
    let requests = script.0.requests.lock().unwrap();
    let token = |request: &Request<()>| request.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
    (got, requests.iter().map(token).collect())
}

fn expired() -> Connection {
    Ok(vec![Incoming::Binary(frame::encode_error("ExpiredToken", None))])
}

fn unauthorised() -> Connection {
    Err(TransportError::new("no").with_status(StatusCode::UNAUTHORIZED))
}

#[test]
fn credentials_that_are_too_old_are_renewed_once() {
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    for old in [expired, unauthorised] {
        let (got, tokens) = authorised([old(), Ok(ticks([1]))], false);
        assert_eq!((got, tokens), (strings(&["1"]), strings(&["0", "1"])));
    }
    let (got, tokens) = authorised([expired(), expired(), Ok(ticks([1]))], false);
    assert_eq!((got, tokens), (strings(&["ExpiredToken", "end"]), strings(&["0", "1"])));
    let (got, tokens) = authorised([unauthorised(), unauthorised(), Ok(ticks([1]))], false);
    assert_eq!((got, tokens), (strings(&["AuthenticationRequired"]), strings(&["0", "1"])));
    let (got, tokens) = authorised([then(ticks([1]), closed(1001)), unauthorised(), Ok(ticks([2]))], false);
    assert_eq!((got, tokens), (strings(&["1", "2"]), strings(&["0", "0", "1"])));
}

#[test]
fn a_connection_that_fails_after_a_renewal_is_tried_again() {
    let down = || Err(TransportError::new("down").connecting());
    let (got, tokens) = authorised([expired(), down(), Ok(ticks([1]))], false);
    assert_eq!((got, tokens), (vec!["1".to_owned()], ["0", "1", "1"].map(str::to_owned).to_vec()));
}

#[test]
fn credentials_of_the_caller_are_not_renewed() {
    for old in [expired, unauthorised] {
        let (_, tokens) = authorised([old(), Ok(ticks([1]))], true);
        assert_eq!(tokens, ["own"]);
    }
}
