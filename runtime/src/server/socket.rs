//! One subscription from its upgrade request to the end of its socket (XRPC, event streams).

mod ending;
mod pump;
mod settings;
#[cfg(all(test, feature = "websocket"))]
mod tests;
mod upgrade;

use std::{panic::AssertUnwindSafe, sync::Arc, time::SystemTime};

use arobase_lexicon::schema::Shared;
use axum::{
    extract::{Request, ws::WebSocketUpgrade},
    response::Response,
};
use futures_util::{StreamExt, TryFutureExt};
use http::{StatusCode, request::Parts};
use tracing::{Instrument, Span};

use self::pump::Pump;
pub use self::settings::SocketSettings;
use super::{
    Context,
    authenticate::Authenticator,
    context::Origin,
    cut::cut,
    linger::Lingering,
    query::{self, Take},
    refusal::{Refusal, internal},
    request_id::RequestId,
    route::{Frames, SubscriptionHandler},
    subscribers::{Subscriber, Subscribers},
};
use crate::{
    Catalog,
    xrpc::{Endpoint, params::UnknownParams},
};

/// Incoming messages are ignored; whoever sends longer ones is cut off.
const MAX_INCOMING: usize = 64 << 10;
/// The library makes room for reading at once, and a subscriber has little to say.
const READ_BUFFER: usize = 4 << 10;
/// The most bytes that a list of subscribers keeps of what each says about itself.
const MAX_LISTED: usize = 256;

/// Everything that answering one subscription takes.
pub(crate) struct Subscribing {
    pub(crate) endpoint: Shared<Endpoint>,
    pub(crate) catalog: Catalog,
    pub(crate) take: Take,
    pub(crate) handler: Arc<SubscriptionHandler>,
    pub(crate) unknown_params: UnknownParams,
    pub(crate) authenticate: Option<Authenticator>,
    pub(crate) proxies: usize,
    pub(crate) request_id: RequestId,
    /// Of the request; what the socket does is part of it.
    pub(crate) span: Span,
    pub(crate) settings: SocketSettings,
    pub(crate) subscribers: Subscribers,
}

/// Answers a request of a subscription: with an upgrade, where it asks for one and the limits
/// allow it. What is wrong beyond that, bad parameters for example, is said through the socket.
pub(crate) async fn answer(request: Request, call: Subscribing) -> Result<Response, Refusal> {
    let (mut head, body) = request.into_parts();
    // Where there is no upgrade in the end, its sender gets to see the answer.
    let _body = Lingering::new(&head, body);
    let upgrade = match upgrade::check(&mut head).await {
        Err(Refusal(error)) if error.status() == StatusCode::UPGRADE_REQUIRED => return Ok(upgrade::required(&error)),
        checked => checked?,
    };
    let ending = call.subscribers.ending();
    let seat = call.subscribers.admit(call.subscriber(&head), &call.settings)?;
    let (settings, span) = (call.settings.clone(), call.span.clone());
    let frames = call.frames(head);
    let upgrade = upgrade.read_buffer_size(READ_BUFFER).max_message_size(MAX_INCOMING).max_frame_size(MAX_INCOMING);
    Ok(on_upgrade(upgrade, move |socket| Pump::new(socket, frames, seat, settings, ending).run().instrument(span)))
}

fn on_upgrade<R>(
    upgrade: WebSocketUpgrade,
    run: impl FnOnce(axum::extract::ws::WebSocket) -> R + Send + 'static,
) -> Response
where
    R: Future<Output = ()> + Send + 'static,
{
    upgrade.on_failed_upgrade(|error| tracing::debug!("a WebSocket upgrade failed: {error}")).on_upgrade(run)
}

impl Subscribing {
    fn subscriber(&self, head: &Parts) -> Subscriber {
        let user_agent = head.headers.get(http::header::USER_AGENT);
        Subscriber {
            nsid: (*self.endpoint.nsid).into(),
            ip: self.origin(head).client_ip(&head.headers),
            user_agent: user_agent.map(|value| cut(&String::from_utf8_lossy(value.as_bytes()), MAX_LISTED).into()),
            query: cut(head.uri.query().unwrap_or_default(), MAX_LISTED).into(),
            since: SystemTime::now(),
            frames: 0,
        }
    }

    fn origin(&self, head: &Parts) -> Origin {
        Origin::of(head, self.proxies)
    }

    /// The frames of the subscription, beginning with whatever may fail before the first one, so
    /// that all of it goes when the subscriber goes. A panic is an internal failure.
    fn frames(self, head: Parts) -> Frames {
        let request_id = self.request_id.clone();
        let frames = self.open(head).map_err(|refusal| refusal.0).try_flatten_stream();
        Box::pin(AssertUnwindSafe(frames).catch_unwind().map(move |item| {
            item.unwrap_or_else(|_| {
                tracing::error!(request_id = request_id.as_str(), "the handler of a subscription panicked");
                Err(internal())
            })
        }))
    }

    async fn open(self, head: Parts) -> Result<Frames, Refusal> {
        let params = query::read(self.take, &self.endpoint, &self.catalog, head.uri.query(), self.unknown_params)?;
        let origin = self.origin(&head);
        let cx = Context::new(head, self.endpoint.nsid.clone(), self.request_id, origin, true);
        if let Some(authenticate) = self.authenticate {
            authenticate.run(&cx).await?;
        }
        (self.handler)(cx, params).await
    }
}
