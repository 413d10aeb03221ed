//! A transport in memory.

use std::{
    future::{pending, ready},
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{Request, Response, header};

use crate::{
    client::{Transport, TransportError},
    xrpc::{Body, BoxFuture},
};

pub(in crate::identity) type Answer = Result<Response<Body>, TransportError>;

type Script = dyn Fn(&Request<Body>) -> Answer + Send + Sync;

/// Notes what is asked and answers as the test says. Time stands still.
#[derive(Clone)]
pub(in crate::identity) struct Fake(Arc<Inner>);

struct Inner {
    script: Box<Script>,
    asked: Mutex<Vec<String>>,
}

impl Fake {
    pub(in crate::identity) fn new(script: impl Fn(&Request<Body>) -> Answer + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { script: Box::new(script), asked: Mutex::default() }))
    }

    /// The addresses that were asked for.
    pub(in crate::identity) fn asked(&self) -> Vec<String> {
        self.0.asked.lock().unwrap().clone()
    }
}

impl Transport for Fake {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Answer> {
        self.0.asked.lock().unwrap().push(request.uri().to_string());
        Box::pin(ready((self.0.script)(&request)))
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(pending())
    }
}

pub(in crate::identity) fn answer(status: u16, body: impl Into<Body>) -> Answer {
    Ok(Response::builder().status(status).body(body.into()).unwrap())
}

pub(in crate::identity) fn redirect(status: u16, location: &str) -> Answer {
    Ok(Response::builder().status(status).header(header::LOCATION, location).body(Body::default()).unwrap())
}
