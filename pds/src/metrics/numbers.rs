//! The numbers and their names.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, atomic::Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use prometheus_client::{
    encoding::text,
    metrics::{
        counter::Counter,
        family::{Family, MetricConstructor},
        gauge::Gauge,
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};

use super::{
    labels::{Answered, Label, UNKNOWN},
    process,
};

/// The most methods that are told apart: an embedder may hand on methods without end to somebody else.
const METHODS: usize = 512;

/// How many accounts there are of each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Census {
    pub(crate) active: u64,
    pub(crate) deactivated: u64,
    pub(crate) suspended: u64,
    pub(crate) takendown: u64,
}

/// All numbers.
pub(super) struct Numbers {
    registry: Registry,
    methods: Mutex<HashSet<Arc<str>>>,
    requests: Family<Answered, Counter>,
    durations: Family<Label, Histogram, Buckets>,
    commits: Counter,
    operations: Counter,
    uploads: Counter,
    upload_bytes: Counter,
    accounts: Family<Label, Gauge>,
    failures: Family<Label, Counter>,
    head: Gauge,
    subscribers: Gauge,
    frames: Counter,
    files: Family<Label, Gauge>,
    memory: Gauge,
    watched: Mutex<Vec<(&'static str, PathBuf)>>,
}

/// Makes histograms of seconds, from a tenth of a millisecond on.
#[derive(Clone)]
pub(super) struct Buckets;

impl MetricConstructor<Histogram> for Buckets {
    fn new_metric(&self) -> Histogram {
        Histogram::new([0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0])
    }
}

impl Default for Numbers {
    fn default() -> Self {
        let mut numbers = Self {
            registry: Registry::with_prefix("arobase_pds"),
            methods: Mutex::default(),
            requests: Family::default(),
            durations: Family::new_with_constructor(Buckets),
            commits: Counter::default(),
            operations: Counter::default(),
            uploads: Counter::default(),
            upload_bytes: Counter::default(),
            accounts: Family::default(),
            failures: Family::default(),
            head: Gauge::default(),
            subscribers: Gauge::default(),
            frames: Counter::default(),
            files: Family::default(),
            memory: Gauge::default(),
            watched: Mutex::default(),
        };
        numbers.name_counters();
        numbers.name_gauges();
        numbers
    }
}

impl Numbers {
    fn name_counters(&mut self) {
        let registry = &mut self.registry;
        registry.register("requests", "Requests that were answered", self.requests.clone());
        let help = "How long they took until their answers began";
        registry.register_with_unit("request_duration", help, Unit::Seconds, self.durations.clone());
        registry.register("commits", "Commits of writes that became durable", self.commits.clone());
        registry.register("operations", "Operations of these commits", self.operations.clone());
        registry.register("blobs_uploaded", "Blobs that were uploaded", self.uploads.clone());
        registry.register_with_unit("blobs_uploaded", "Their bytes", Unit::Bytes, self.upload_bytes.clone());
        registry.register("task_failures", "Failures of what is done beside requests", self.failures.clone());
    }

    fn name_gauges(&mut self) {
        let registry = &mut self.registry;
        registry.register("accounts", "Accounts by state, counted once in a while", self.accounts.clone());
        registry.register("firehose_head", "The number of the newest event", self.head.clone());
        registry.register("firehose_subscribers", "Who is subscribed", self.subscribers.clone());
        registry.register("firehose_frames", "Frames that were sent to subscribers", self.frames.clone());
        registry.register_with_unit("file", "Sizes of files", Unit::Bytes, self.files.clone());
        registry.register_with_unit("resident_memory", "Memory in use", Unit::Bytes, self.memory.clone());
        let started: Gauge = Gauge::default();
        started.set(seconds(SystemTime::now()));
        registry.register_with_unit("start_time", "When it started, since 1970", Unit::Seconds, started);
        let version = Info::new(Label::new("version", env!("CARGO_PKG_VERSION")));
        registry.register("build", "The version of the server", version);
    }

    pub(super) fn encode(&self) -> String {
        let mut out = String::new();
        if let Err(error) = text::encode(&mut out, &self.registry) {
            tracing::error!("the numbers could not be written: {error}");
        }
        out
    }

    pub(super) fn answered(&self, method: &str, status: u16, took: Duration) {
        let mut method = Label::new("method", method);
        if !self.is_told_apart(&method.value) {
            method.value = UNKNOWN.into();
        }
        self.durations.get_or_create(&method).observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { method: Arc::clone(&method.value), status }).inc();
    }

    fn is_told_apart(&self, method: &Arc<str>) -> bool {
        let mut methods = self.methods.lock().unwrap_or_else(PoisonError::into_inner);
        methods.contains(method) || (methods.len() < METHODS && methods.insert(Arc::clone(method)))
    }

    pub(super) fn committed(&self, operations: usize) {
        self.commits.inc();
        self.operations.inc_by(operations as u64);
    }

    pub(super) fn uploaded(&self, bytes: u64) {
        self.uploads.inc();
        self.upload_bytes.inc_by(bytes);
    }

    pub(super) fn task_failed(&self, task: &'static str) {
        self.failures.get_or_create(&Label::new("task", task)).inc();
    }

    pub(super) fn counted(&self, census: &Census) {
        let Census { active, deactivated, suspended, takendown } = *census;
        let states =
            [("active", active), ("deactivated", deactivated), ("suspended", suspended), ("takendown", takendown)];
        for (state, count) in states {
            self.accounts.get_or_create(&Label::new("state", state)).set(whole(count));
        }
    }

    pub(super) fn watch_file(&self, name: &'static str, path: PathBuf) {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).push((name, path));
    }

    pub(super) fn measure(&self, head: i64, subscribers: usize, frames: u64) {
        self.head.set(head);
        self.subscribers.set(whole(subscribers as u64));
        self.frames.inner().store(frames, Ordering::Relaxed);
        if let Some(bytes) = process::resident_bytes() {
            self.memory.set(whole(bytes));
        }
        for (name, path) in &*self.watched.lock().unwrap_or_else(PoisonError::into_inner) {
            let bytes = std::fs::metadata(path).map_or(0, |data| data.len());
            self.files.get_or_create(&Label::new("file", name)).set(whole(bytes));
        }
    }
}

fn whole(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn seconds(time: SystemTime) -> i64 {
    whole(time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs())
}
