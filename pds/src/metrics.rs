//! Numbers for operators, in the form of Prometheus. No number is of one account.

mod labels;
mod numbers;
mod process;
#[cfg(test)]
mod tests;

use std::{fmt, path::PathBuf, sync::Arc, time::Duration};

use crate::{
    hooks::{Committed, Hooks},
    pds::Pds,
};

pub(crate) use labels::method_label;
pub(crate) use numbers::Census;
use numbers::Numbers;

/// What a server counts. Cheap to clone.
#[derive(Clone, Default)]
pub struct Metrics {
    numbers: Arc<Numbers>,
}

impl Metrics {
    /// All numbers in the text format of Prometheus (OpenMetrics 1.0). What is measured when it is asked for (the head
    /// of the log, subscribers, sizes of files) is as of the last [`Pds::metrics_text`].
    #[must_use]
    pub fn to_text(&self) -> String {
        self.numbers.encode()
    }

    /// Has the size of a file told under a name: `database`, for example, and `wal`.
    pub fn watch_file(&self, name: &'static str, path: PathBuf) {
        self.numbers.watch_file(name, path);
    }

    /// Counts a request that was answered: the label of its method, the status, how long it took.
    pub(crate) fn answered(&self, method: &str, status: u16, took: Duration) {
        self.numbers.answered(method, status, took);
    }

    /// Counts a blob that was uploaded.
    pub(crate) fn uploaded(&self, bytes: u64) {
        self.numbers.uploaded(bytes);
    }

    /// Takes in how many accounts there are.
    pub(crate) fn counted(&self, census: &Census) {
        self.numbers.counted(census);
    }

    /// Counts a failure of a task of the worker.
    pub(crate) fn task_failed(&self, task: &'static str) {
        self.numbers.task_failed(task);
    }
}

impl Pds {
    /// Measures what is measured when it is asked for, and gives [all numbers](Metrics::to_text).
    #[must_use]
    pub fn metrics_text(&self) -> String {
        const STREAM: &str = "com.atproto.sync.subscribeRepos";
        let inner = &self.inner;
        let subscribers = inner.subscribers.count(STREAM);
        inner.metrics.numbers.measure(inner.firehose.head(), subscribers, inner.subscribers.sent());
        inner.metrics.to_text()
    }
}

/// Counts commits.
impl Hooks for Metrics {
    fn after_commit(&self, committed: &Committed) {
        self.numbers.committed(committed.ops.len());
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
