use std::time::Duration;

use arobase_lexicon::schema::Shared;
use http::{
    HeaderMap, HeaderValue, Method, Request, Response, Uri,
    header::{ACCEPT, AUTHORIZATION},
};

use super::{
    Client, Error, answer,
    auth::{Answer, Attempt},
    options::Options,
    redirect,
    request::{Failed, Outgoing, Received},
    upload::Upload,
};
use crate::{
    data,
    xrpc::{Body, Endpoint, EndpointKind, Raw},
};

/// A call that is checked and ready to be sent, more than once if need be. Bodies are kept apart,
/// because a stream may not be shared between threads.
pub(super) struct Exchange<'c> {
    client: &'c Client,
    endpoint: Shared<Endpoint>,
    method: Method,
    url: Uri,
    headers: HeaderMap,
    /// The last request.
    sent: Option<Sent>,
    /// Whether the way of authorisation was asked to recover.
    asked: bool,
    /// Whether the call as a whole has a deadline.
    has_deadline: bool,
}

/// The head of a request.
struct Sent {
    url: Uri,
    headers: HeaderMap,
    /// Whether it carries the credentials of the client.
    authorised: bool,
}

impl<'c> Exchange<'c> {
    /// Checks a call; its body is for the caller to hand out, attempt by attempt.
    pub(super) fn new(client: &'c Client, outgoing: Outgoing, time: Duration) -> Result<(Self, Upload), Failed> {
        let Outgoing { endpoint, query, body, options } = outgoing;
        let mut headers = headers(client, &endpoint, options)?;
        let query = query.map_err(Error::Request)?;
        let url = client.base().method(&endpoint.nsid, &query).ok_or_else(|| Error::Request(too_long()))?;
        let upload = Upload::new(body.map_err(Error::Request)?, endpoint.input.as_ref(), &mut headers);
        let method = if endpoint.kind == EndpointKind::Procedure { Method::POST } else { Method::GET };
        let upload = upload.map_err(Error::Request)?;
        let has_deadline = time != Duration::MAX;
        Ok((Self { client, endpoint, method, url, headers, sent: None, asked: false, has_deadline }, upload))
    }

    /// Sends it once, and follows redirects.
    pub(super) async fn attempt(&mut self, mut body: Body) -> Result<Received, Failed> {
        let mut url = self.url.clone();
        let mut within = true;
        let mut hops = 0;
        loop {
            let sent = self.head(url, within).await?;
            let response = self.send(&sent, std::mem::take(&mut body)).await?;
            let sent = self.sent.insert(sent);
            let Some(to) = next(&self.method, &sent.url, &response, hops) else { return self.read(response).await };
            within &= redirect::same_origin(&sent.url, &to);
            self.tell(response.status(), response.headers(), None);
            url = to;
            hops += 1;
        }
    }

    /// Asks the way of authorisation, once, whether it can do something about an error.
    pub(super) async fn recover(&mut self, error: &Failed) -> bool {
        let (Error::Xrpc(error), Some(sent)) = (error, &self.sent) else { return false };
        if self.asked || !sent.authorised || !matches!(error.status().as_u16(), 400 | 401 | 403) {
            return false;
        }
        self.asked = true;
        let attempt = attempt(self.client, &self.endpoint, &self.method, &sent.url);
        self.client.auth().recover(attempt, &sent.headers, error).await
    }

    /// The head of the next request. `within` says that no redirect has led away from the service.
    async fn head(&self, url: Uri, within: bool) -> Result<Sent, Failed> {
        let mut headers = self.headers.clone();
        let authorised = within && !headers.contains_key(AUTHORIZATION);
        if authorised {
            let attempt = attempt(self.client, &self.endpoint, &self.method, &url);
            self.client.auth().authorize(attempt, &mut headers).await.map_err(Error::Auth)?;
        }
        if !within {
            redirect::strip(&mut headers);
        }
        Ok(Sent { url, headers, authorised })
    }

    async fn send(&self, sent: &Sent, body: Body) -> Result<Response<Body>, Failed> {
        let mut request = Request::new(body);
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = sent.url.clone();
        request.headers_mut().clone_from(&sent.headers);
        self.client.transport().send(request).await.map_err(Error::Transport)
    }

    async fn read(&self, response: Response<Body>) -> Result<Received, Failed> {
        let hurry = if self.has_deadline || response.status().is_success() {
            Box::pin(std::future::pending())
        } else {
            self.client.transport().sleep(answer::ERROR_TIME)
        };
        let read = answer::read(&self.endpoint, response, self.client.config().max_json, hurry).await;
        match &read {
            Ok(Received { status, headers, body: Raw::Json(json) }) => self.tell(*status, headers, Some(json)),
            Ok(Received { status, headers, .. }) => self.tell(*status, headers, None),
            Err(Error::Xrpc(error)) => self.tell(error.status(), error.headers(), None),
            Err(_) => {}
        }
        read
    }

    /// Tells the way of authorisation of an answer, where that is none of another origin.
    fn tell(&self, status: http::StatusCode, headers: &HeaderMap, json: Option<&bytes::Bytes>) {
        let Some(sent) = self.sent.as_ref().filter(|sent| sent.authorised) else { return };
        let attempt = attempt(self.client, &self.endpoint, &self.method, &sent.url);
        self.client.auth().answered(attempt, Answer { status, headers, json });
    }
}

/// Where to go from an answer that is a redirect.
fn next(method: &Method, url: &Uri, response: &Response<Body>, hops: usize) -> Option<Uri> {
    let follow = method == Method::GET && hops < redirect::MAX;
    follow.then(|| redirect::target(url, response.status(), response.headers())).flatten()
}

fn attempt<'a>(client: &'a Client, endpoint: &'a Endpoint, method: &'a Method, url: &'a Uri) -> Attempt<'a> {
    Attempt { client, endpoint, method, url }
}

/// The headers of a call: what the method wants, then the client's own, then those of the call.
fn headers(client: &Client, endpoint: &Endpoint, options: Options) -> Result<HeaderMap, Failed> {
    if let Some(fault) = options.fault {
        return Err(Error::Request(data::Error::model(fault.into_message())));
    }
    let mut headers = HeaderMap::new();
    if let Some(output) = &endpoint.output
        && let Ok(encoding) = HeaderValue::from_str(&output.encoding)
    {
        headers.insert(ACCEPT, encoding);
    }
    replace(&mut headers, &client.config().headers);
    replace(&mut headers, &options.headers);
    Ok(headers)
}

/// Sets headers; each name with all its values replaces what was there under it.
pub(super) fn replace(headers: &mut HeaderMap, with: &HeaderMap) {
    headers.extend(with.clone());
}

fn too_long() -> data::Error {
    data::Error::limit("the parameters do not fit into a URL")
}
