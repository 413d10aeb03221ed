//! DNS in memory.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use crate::{
    identity::{Dns, DnsError},
    xrpc::BoxFuture,
};

/// DNS in memory: what is not given does not exist. A host that was given several times changes from one look-up to
/// the next and stays what it was given last.
#[derive(Clone, Default)]
pub(crate) struct Names(Arc<Mutex<Zone>>);

#[derive(Default)]
struct Zone {
    texts: HashMap<String, (Duration, Result<Vec<String>, DnsError>)>,
    hosts: HashMap<String, Vec<Result<Vec<SocketAddr>, DnsError>>>,
    asked: Vec<String>,
}

impl Names {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A host and its addresses. With a port, requests to the usual port go there.
    pub(crate) fn host(self, name: &str, addresses: &[SocketAddr]) -> Self {
        self.host_result(name, Ok(addresses.to_vec()))
    }

    /// A host whose look-up fails.
    pub(crate) fn host_fails(self, name: &str, error: DnsError) -> Self {
        self.host_result(name, Err(error))
    }

    pub(crate) fn txt(self, name: &str, records: &[&str]) -> Self {
        self.txt_after(name, Duration::ZERO, records)
    }

    /// TXT records that take their time.
    pub(crate) fn txt_after(self, name: &str, time: Duration, records: &[&str]) -> Self {
        let records = records.iter().map(ToString::to_string).collect();
        self.0.lock().unwrap().texts.insert(name.to_owned(), (time, Ok(records)));
        self
    }

    pub(crate) fn txt_fails(self, name: &str, error: DnsError) -> Self {
        self.0.lock().unwrap().texts.insert(name.to_owned(), (Duration::ZERO, Err(error)));
        self
    }

    fn host_result(self, name: &str, found: Result<Vec<SocketAddr>, DnsError>) -> Self {
        self.0.lock().unwrap().hosts.entry(name.to_owned()).or_default().push(found);
        self
    }

    /// The names that were looked up, TXT and addresses.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.0.lock().unwrap().asked.clone()
    }
}

impl Dns for Names {
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        let mut zone = self.0.lock().unwrap();
        zone.asked.push(name.to_owned());
        let (time, found) = zone.texts.get(name).cloned().unwrap_or((Duration::ZERO, Err(DnsError::NotFound)));
        Box::pin(async move {
            tokio::time::sleep(time).await;
            found
        })
    }

    fn addresses<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        let mut zone = self.0.lock().unwrap();
        zone.asked.push(host.to_owned());
        let found = zone.hosts.get_mut(host).map(|answers| match answers.len() {
            1 => answers[0].clone(),
            _ => answers.remove(0),
        });
        Box::pin(std::future::ready(found.unwrap_or(Err(DnsError::NotFound))))
    }
}

/// TXT from one DNS, addresses from another: a name server on this machine cannot give ports.
pub(crate) struct Split<T, A> {
    pub(crate) texts: T,
    pub(crate) hosts: A,
}

impl<T: Dns, A: Dns> Dns for Split<T, A> {
    fn txt<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        self.texts.txt(name)
    }

    fn addresses<'a>(&'a self, host: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        self.hosts.addresses(host)
    }
}
