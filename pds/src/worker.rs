//! Work that is nobody's request.

mod accounts;
mod tasks;
#[cfg(test)]
mod tests;

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt;
use tokio::{
    sync::{Mutex as Gate, OwnedMutexGuard, watch},
    task::JoinSet,
    time::sleep,
};

use crate::{crawlers::Crawlers, error::Error, pds::Pds};
use tasks::{TASKS, Task};

/// How long to wait after the first failure; after each further one twice as long.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest that is waited after failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// Between two pieces of work of one task, so that requests get their turn.
const BREATH: Duration = Duration::from_millis(10);

/// The tasks of a server, which run from [`Pds::start`] to [`Pds::close`].
#[derive(Debug, Default)]
pub(crate) struct Worker {
    running: Mutex<Option<Running>>,
    collecting: Arc<Gate<()>>,
}

#[derive(Debug)]
struct Running {
    stop: watch::Sender<bool>,
    tasks: JoinSet<()>,
}

impl Worker {
    /// Begins, unless that has happened already.
    pub(crate) fn start(pds: &Pds) {
        let mut running = pds.inner.worker.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running.is_some() {
            return;
        }
        let (stop, stopped) = watch::channel(false);
        let mut tasks = JoinSet::new();
        for task in &TASKS {
            tasks.spawn(until(stopped.clone(), repeat(pds.clone(), task)));
        }
        tasks.spawn(until(stopped, tell_relays(pds.clone())));
        *running = Some(Running { stop, tasks });
    }

    /// Ends all tasks: what waits is dropped, what is in the store's hands is finished by it.
    pub(crate) async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(mut running) = running else { return };
        running.stop.send_replace(true);
        while running.tasks.join_next().await.is_some() {}
    }

    /// As long as this is held, no object of a blob is deleted. Whoever copies objects holds it, and so does whoever
    /// deletes them.
    pub(crate) async fn hold_objects(&self) -> OwnedMutexGuard<()> {
        Arc::clone(&self.collecting).lock_owned().await
    }
}

async fn until(mut stopped: watch::Receiver<bool>, work: impl Future<Output = ()>) {
    tokio::select! {
        biased;
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = work => {}
    }
}

/// Does a task again and again.
async fn repeat(pds: Pds, task: &'static Task) {
    let mut failures = 0;
    loop {
        let round = AssertUnwindSafe((task.work)(pds.clone())).catch_unwind().await;
        let pause = match round {
            Ok(Ok(is_more)) => {
                failures = 0;
                if is_more { BREATH } else { task.every }
            }
            failed => {
                log(task.name, failed.ok().and_then(Result::err));
                pds.inner.metrics.task_failed(task.name);
                failures += 1;
                pause_after(failures)
            }
        };
        sleep(pause).await;
    }
}

/// Tells relays for as long as the server runs.
async fn tell_relays(pds: Pds) {
    const NAME: &str = "relays";
    let mut failures = 0;
    while AssertUnwindSafe(Crawlers::run(pds.clone())).catch_unwind().await.is_err() {
        log(NAME, None);
        pds.inner.metrics.task_failed(NAME);
        failures += 1;
        sleep(pause_after(failures)).await;
    }
}

fn log(task: &str, error: Option<Error>) {
    match error {
        Some(error) => tracing::error!(task, "a task failed: {error:?}"),
        None => tracing::error!(task, "a task panicked"),
    }
}

/// How long to wait after so many failures in a row.
fn pause_after(failures: u32) -> Duration {
    FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(failures.saturating_sub(1))).min(LONGEST_PAUSE)
}
