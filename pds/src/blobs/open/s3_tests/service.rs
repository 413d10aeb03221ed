//! As much of S3 as blobs need, in memory. Requests that are not signed, or not for what they carry, are complained of.

use std::{
    collections::BTreeMap,
    fmt::Write,
    ops::Range,
    sync::{Arc, Mutex},
};

use axum::{body, extract::Request, response::Response};
use bytes::Bytes;
use data_encoding::HEXLOWER;
use http::{HeaderMap, Method, StatusCode, header};
use sha2::{Digest, Sha256};

/// How many objects a page of a list has.
const PAGE: usize = 2;

#[derive(Clone)]
pub(super) struct Service {
    endpoint: String,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Bytes>,
    /// The parts of uploads, by the IDs of these.
    uploads: BTreeMap<String, BTreeMap<u32, Bytes>>,
    complaints: Vec<String>,
    begun: u32,
    fails_next: bool,
}

/// A request, taken apart.
struct Call {
    method: Method,
    /// The bucket and the key.
    key: String,
    query: BTreeMap<String, String>,
    headers: HeaderMap,
    body: Bytes,
}

impl Service {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let service = Self { endpoint, state: Arc::default() };
        let serving = service.clone();
        let router = axum::Router::new().fallback(move |request: Request| serving.clone().answer(request));
        tokio::spawn(async move { axum::serve(listener, router).await });
        service
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    pub(super) fn keys(&self) -> Vec<String> {
        self.state.lock().unwrap().objects.keys().cloned().collect()
    }

    pub(super) fn open_uploads(&self) -> usize {
        self.state.lock().unwrap().uploads.len()
    }

    pub(super) fn complaints(&self) -> Vec<String> {
        self.state.lock().unwrap().complaints.clone()
    }

    pub(super) fn fail_next(&self) {
        self.state.lock().unwrap().fails_next = true;
    }

    async fn answer(self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let body = body::to_bytes(body, 100 << 20).await.unwrap();
        let query = parts.uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let query =
            query.map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(a, b)| (unescape(a), unescape(b)));
        let key = unescape(parts.uri.path().trim_start_matches('/'));
        let call = Call { method: parts.method, key, query: query.collect(), headers: parts.headers, body };
        let mut state = self.state.lock().unwrap();
        if let Some(complaint) = call.fault() {
            state.complaints.push(complaint);
        }
        if std::mem::take(&mut state.fails_next) {
            return answer(StatusCode::SERVICE_UNAVAILABLE, "");
        }
        state.answer(&call)
    }
}

impl Call {
    /// What is wrong with the signature, as far as it can be seen.
    fn fault(&self) -> Option<String> {
        let text = |name: &str| self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let signature = text("authorization");
        let hash = HEXLOWER.encode(&Sha256::digest(&self.body));
        let is_signed =
            signature.starts_with("AWS4-HMAC-SHA256 Credential=key-id/") && signature.contains("Signature=");
        if !is_signed || !signature.contains("/eu-1/s3/") || text("x-amz-date").is_empty() {
            return Some(format!("{} {}: not signed", self.method, self.key));
        }
        (text("x-amz-content-sha256") != hash).then(|| format!("{} {}: signed for other bytes", self.method, self.key))
    }

    fn part(&self) -> Option<(&String, u32)> {
        Some((self.query.get("uploadId")?, self.query.get("partNumber")?.parse().ok()?))
    }
}

impl State {
    fn answer(&mut self, call: &Call) -> Response {
        let upload = call.query.get("uploadId");
        match (&call.method, upload) {
            (&Method::PUT, Some(_)) => self.put_part(call),
            (&Method::PUT, None) => {
                self.objects.insert(call.key.clone(), call.body.clone());
                stored()
            }
            (&Method::POST, None) if call.query.contains_key("uploads") => self.begin(),
            (&Method::POST, Some(id)) => self.complete(call, id),
            (&Method::DELETE, Some(id)) => {
                self.uploads.remove(id);
                answer(StatusCode::NO_CONTENT, "")
            }
            (&Method::DELETE, None) => {
                self.objects.remove(&call.key);
                answer(StatusCode::NO_CONTENT, "")
            }
            (&Method::GET, None) if call.query.contains_key("list-type") => self.list(call),
            (&Method::GET | &Method::HEAD, None) => self.get(call),
            _ => answer(StatusCode::NOT_IMPLEMENTED, ""),
        }
    }

    fn begin(&mut self) -> Response {
        self.begun += 1;
        let id = format!("upload-{}", self.begun);
        self.uploads.insert(id.clone(), BTreeMap::new());
        let told = format!("<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>");
        answer(StatusCode::OK, told)
    }

    fn put_part(&mut self, call: &Call) -> Response {
        let (id, number) = call.part().unwrap();
        self.uploads.get_mut(id).unwrap().insert(number, call.body.clone());
        stored()
    }

    fn complete(&mut self, call: &Call, id: &str) -> Response {
        let parts: Vec<_> = self.uploads.remove(id).unwrap().into_values().collect();
        let (_, all_but_last) = parts.split_last().unwrap();
        if all_but_last.iter().any(|part| part.len() < 5 << 20 || part.len() != parts[0].len()) {
            self.complaints.push("parts have odd lengths".to_owned());
        }
        self.objects.insert(call.key.clone(), parts.concat().into());
        answer(StatusCode::OK, "<CompleteMultipartUploadResult><ETag>\"x\"</ETag></CompleteMultipartUploadResult>")
    }

    fn get(&self, call: &Call) -> Response {
        let Some(object) = self.objects.get(&call.key) else {
            return answer(StatusCode::NOT_FOUND, "<Error><Code>NoSuchKey</Code></Error>");
        };
        let range = call.headers.get(header::RANGE).map(|range| range_of(range.to_str().unwrap(), object.len()));
        let (status, part) = match range.clone() {
            Some(range) => (StatusCode::PARTIAL_CONTENT, object.slice(range)),
            None => (StatusCode::OK, object.clone()),
        };
        let mut answer = answer(status, part);
        let headers = answer.headers_mut();
        headers.insert(header::ETAG, "\"x\"".parse().unwrap());
        headers.insert(header::LAST_MODIFIED, "Tue, 14 Nov 2023 22:13:20 GMT".parse().unwrap());
        if let Some(Range { start, end }) = range {
            let told = format!("bytes {start}-{}/{}", end - 1, object.len());
            headers.insert(header::CONTENT_RANGE, told.parse().unwrap());
        }
        answer
    }

    fn list(&self, call: &Call) -> Response {
        let bucket = format!("{}/", call.key.trim_end_matches('/'));
        let of = |name: &str| call.query.get(name).cloned().unwrap_or_default();
        let (prefix, after) = (of("prefix"), of("continuation-token"));
        let mut entries = BTreeMap::new();
        for (key, bytes) in &self.objects {
            let Some(key) = key.strip_prefix(&bucket).filter(|key| key.starts_with(&prefix)) else { continue };
            let folder = key[prefix.len()..].split_once('/').map(|(folder, _)| format!("{prefix}{folder}/"));
            match folder.filter(|_| call.query.contains_key("delimiter")) {
                Some(folder) => entries
                    .insert(folder.clone(), format!("<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>")),
                None => entries.insert(key.to_owned(), contents(key, bytes.len())),
            };
        }
        let mut left = entries.into_iter().filter(|(name, _)| *name > after);
        let page: Vec<_> = left.by_ref().take(PAGE).collect();
        let mut told = "<ListBucketResult>".to_owned();
        told.extend(page.iter().map(|(_, entry)| entry.as_str()));
        if let (Some(_), Some((last, _))) = (left.next(), page.last()) {
            write!(told, "<NextContinuationToken>{last}</NextContinuationToken>").unwrap();
        }
        answer(StatusCode::OK, told + "</ListBucketResult>")
    }
}

fn contents(key: &str, size: usize) -> String {
    format!(
        "<Contents><Key>{key}</Key><Size>{size}</Size><LastModified>2023-11-14T22:13:20Z</LastModified>\
         <ETag>\"x\"</ETag></Contents>"
    )
}

fn answer(status: StatusCode, body: impl Into<body::Body>) -> Response {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer
}

fn stored() -> Response {
    let mut answer = answer(StatusCode::OK, "");
    answer.headers_mut().insert(header::ETAG, "\"x\"".parse().unwrap());
    answer
}

fn range_of(header: &str, len: usize) -> Range<usize> {
    let (from, to) = header.strip_prefix("bytes=").unwrap().split_once('-').unwrap();
    from.parse().unwrap()..to.parse::<usize>().map_or(len, |last| (last + 1).min(len))
}

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut left = text.as_bytes();
    while let [first, rest @ ..] = left {
        left = rest;
        match (first, rest) {
            (b'%', [high, low, behind @ ..]) => {
                let digits = [*high, *low];
                bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap());
                left = behind;
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).unwrap()
}
