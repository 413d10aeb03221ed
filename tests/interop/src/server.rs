use std::{net::SocketAddr, sync::Arc, time::Duration};

use arobase::{
    Context, Failure,
    data::Bytes,
    server::{Events, Router, serve},
    xrpc::{Body, BodyError},
};
use futures_util::{StreamExt, stream};
use tokio::{net::TcpListener, time::sleep};

use crate::lexicons::com::example::{
    interop,
    interop::{Count, Download, Echo, Greet, ListNumbers, Touch, Upload, count, echo, greet, list_numbers, upload},
};

/// The most bytes of a chunk of a download.
const CHUNK: i64 = 16 * 1024;

/// How long a subscription waits with its first frame: the WebSockets of Python's simple-websocket
/// lose what comes together with the answer to the handshake.
const HANDSHAKE: Duration = Duration::from_millis(50);

/// Answers every method.
#[derive(Debug)]
pub struct Interop;

impl interop::Server for Interop {
    async fn echo(&self, _: Context, _: Echo, input: echo::Input) -> Result<echo::Output, Failure> {
        Ok(input)
    }

    async fn greet(&self, _: Context, input: Greet) -> Result<greet::Output, Failure<greet::Error>> {
        if input.name == "nobody" {
            return Err(greet::Error::Stranger(Some("nobody knows nobody".to_owned())).into());
        }
        Ok(greet::Output::new(format!("Hello, {}!", input.name)))
    }

    async fn list_numbers(
        &self,
        _: Context,
        query: ListNumbers,
    ) -> Result<list_numbers::Output, Failure<list_numbers::Error>> {
        let from = match &query.cursor {
            Some(cursor) => cursor.parse().map_err(|_| list_numbers::Error::BadCursor(None))?,
            None => 0,
        };
        let even = query.even.unwrap_or(false);
        let not = query.not.clone().unwrap_or_default();
        let wanted = |n: &i64| (!even || n % 2 == 0) && !not.contains(n);
        let limit = usize::try_from(query.limit_or_default())?;
        let numbers: Vec<_> = (from..query.below).filter(wanted).take(limit).collect();
        let next = numbers.last().map_or(query.below, |last| last + 1);
        let mut output = list_numbers::Output::new(numbers);
        output.tags = query.tags;
        output.cursor = (next < query.below).then(|| next.to_string());
        Ok(output)
    }

    async fn upload(&self, _: Context, _: Upload, mut body: Body) -> Result<upload::Output, Failure> {
        let mime_type = body.mime_type().unwrap_or_default().to_owned();
        let mut size = 0;
        while let Some(chunk) = body.next().await {
            size += chunk?.len();
        }
        Ok(upload::Output::new(i64::try_from(size)?, mime_type))
    }

    async fn download(&self, _: Context, query: Download) -> Result<Body, Failure> {
        let chunks = (0..query.size).step_by(CHUNK as usize).map(move |at| CHUNK.min(query.size - at));
        let chunks = chunks.map(|size| Ok::<_, BodyError>(vec![7; usize::try_from(size).unwrap_or(0)].into()));
        Ok(Body::from_stream(stream::iter(chunks)))
    }

    async fn touch(&self, _: Context, _: Touch) -> Result<(), Failure> {
        Ok(())
    }

    async fn count(&self, _: Context, params: Count) -> Result<Events<Count>, Failure<count::Error>> {
        sleep(HANDSHAKE).await;
        let (cursor, to) = (params.cursor.unwrap_or(0), params.to_or_default());
        if cursor > to {
            return Err(count::Error::FutureCursor(Some("the cursor is in the future".to_owned())).into());
        }
        let numbers = (cursor + 1..=to).map(|seq| {
            let bytes: Bytes = vec![u8::try_from(seq).unwrap_or(0)].into();
            count::Number::new(seq, format!("number {seq}")).bytes(bytes).into()
        });
        let messages = numbers.chain([count::Done::new(to + 1).into()]);
        Ok(Events::new(stream::iter(messages.map(Ok))))
    }
}

/// Serves it on a port of its own, for as long as the runtime lives.
///
/// # Panics
/// Where there is no port to be had.
pub async fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let app = Router::new().merge(interop::router(Arc::new(Interop))).into_axum();
    tokio::spawn(async move { serve(listener, app).await });
    address
}
