//! The thread that writes.

use std::{
    mem,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, mpsc},
};

use arobase::clock::Clock;
use rusqlite::{Connection, params};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{
    super::{
        Logged, StoreError, StoreErrorKind, WriteWork,
        numbers::{Numbers, micros},
    },
    Shared,
    fault::fault,
    log::Log,
    tables::{Failed, Kept, Tables},
};

/// What the thread is asked.
pub(super) enum Message {
    Unit(Job),
    /// To end, and to say when that has happened.
    Close(oneshot::Sender<()>),
}

/// A unit of work that waits.
pub(super) struct Job {
    pub(super) work: WriteWork,
    pub(super) reply: Reply,
    /// Its place in the queue.
    pub(super) place: Option<OwnedSemaphorePermit>,
}

pub(super) type Reply = oneshot::Sender<Result<(), StoreError>>;

/// The thread that writes.
pub(super) struct Writer {
    connection: Connection,
    shared: Arc<Shared>,
    clock: Arc<dyn Clock>,
    /// The most units that become durable together.
    most: usize,
    numbers: Numbers,
    log: Log,
    /// Whether a unit was not kept because the disk is full.
    lacks_room: bool,
    /// Why nothing is written any more.
    broken: Option<StoreError>,
}

/// Units that become durable together.
struct Group {
    numbers: Numbers,
    events: Vec<Logged>,
    /// Whether there is anything to keep.
    keeps: bool,
    /// Who is waiting: also for units that were undone, as what they saw is not durable before.
    replies: Vec<Reply>,
}

impl Writer {
    pub(super) fn new(
        connection: Connection,
        shared: Arc<Shared>,
        clock: Arc<dyn Clock>,
        most: usize,
        numbers: Numbers,
        log: Log,
    ) -> Self {
        Self { connection, shared, clock, most: most.max(1), numbers, log, lacks_room: false, broken: None }
    }

    /// Runs units until somebody closes.
    pub(super) fn run(mut self, queue: &mpsc::Receiver<Message>) {
        let mut closing = None;
        while closing.is_none() {
            let Ok(first) = self.log.wait(queue) else { break };
            let jobs = self.gather(first.into_iter().chain(queue.try_iter()), &mut closing);
            let is_quiet = jobs.is_empty();
            self.write(jobs);
            if mem::take(&mut self.lacks_room) {
                self.log.make_room(&self.connection);
            }
            self.log.tidy(&self.connection, &self.shared.long, is_quiet);
        }
        self.close();
        if let Some(closed) = closing {
            // An error says that whoever closed has gone.
            closed.send(()).ok();
        }
    }

    /// The units that are to become durable together, up to where somebody closes.
    fn gather(
        &self,
        mut messages: impl Iterator<Item = Message>,
        closing: &mut Option<oneshot::Sender<()>>,
    ) -> Vec<Job> {
        let mut jobs = Vec::new();
        while jobs.len() < self.most {
            match messages.next() {
                Some(Message::Unit(job)) => jobs.push(job),
                Some(Message::Close(closed)) => {
                    *closing = Some(closed);
                    break;
                }
                None => break,
            }
        }
        jobs
    }

    fn close(self) {
        let Self { connection, mut log, .. } = self;
        log.cut(&connection);
        if let Err((_, error)) = connection.close() {
            tracing::warn!("the store was not closed in order: {error}");
        }
        self.shared.released();
    }

    fn write(&mut self, jobs: Vec<Job>) {
        let mut jobs = jobs.into_iter();
        // One group, unless SQLite undoes it on the way.
        while jobs.len() > 0 {
            if let Some(error) = self.broken.clone() {
                return self.refuse(jobs.map(|job| job.reply), &error);
            }
            if let Err(error) = self.execute("BEGIN IMMEDIATE") {
                return self.refuse(jobs.map(|job| job.reply), &error);
            }
            self.write_group(&mut jobs);
        }
    }

    fn write_group(&mut self, jobs: &mut std::vec::IntoIter<Job>) {
        let alone = jobs.len() == 1;
        let mut group =
            Group { numbers: self.numbers, events: Vec::new(), keeps: false, replies: Vec::with_capacity(jobs.len()) };
        for job in jobs {
            let Err((reply, Failed { error, is_undone })) = self.run_unit(&mut group, job, alone) else { continue };
            self.refuse([reply], &error);
            if !is_undone {
                let error = self.roll_back().err().unwrap_or(error);
                return self.refuse(group.replies, &error);
            }
        }
        let result = if group.keeps { self.commit(&group) } else { self.roll_back() };
        match result {
            Ok(()) => self.answer(group),
            Err(error) => self.refuse(group.replies, &error),
        }
    }

    /// Runs a unit within the transaction. An error is that unit's own, unless the transaction is gone.
    fn run_unit(&self, group: &mut Group, job: Job, alone: bool) -> Result<(), (Reply, Failed)> {
        let Job { work, reply, place } = job;
        drop(place);
        let mut unit = Tables::writing(&self.connection, group.numbers, micros(&*self.clock), alone);
        let verdict = catch_unwind(AssertUnwindSafe(|| work(&mut unit)));
        match unit.end(verdict.ok(), micros(&*self.clock)) {
            Ok(kept) => {
                if let Some(Kept { numbers, events }) = kept {
                    group.numbers = numbers;
                    group.events.extend(events);
                    group.keeps = true;
                }
                group.replies.push(reply);
                Ok(())
            }
            Err(failed) => Err((reply, failed)),
        }
    }

    fn commit(&mut self, group: &Group) -> Result<(), StoreError> {
        if let Err(error) = self.keep_numbers(group.numbers) {
            return Err(self.roll_back().err().unwrap_or(error));
        }
        let Err(error) = self.execute("COMMIT") else { return Ok(()) };
        match error.kind() {
            // The end of the transaction was not written.
            StoreErrorKind::Full | StoreErrorKind::ReadOnly => Err(self.roll_back().err().unwrap_or(error)),
            _ => Err(self.give_up(error)),
        }
    }

    fn keep_numbers(&self, numbers: Numbers) -> Result<(), StoreError> {
        if numbers == self.numbers {
            return Ok(());
        }
        let mut statement = self.connection.prepare_cached("UPDATE log SET next = ?1, time = ?2").map_err(fault)?;
        statement.execute(params![numbers.next, numbers.time]).map(drop).map_err(fault)
    }

    fn roll_back(&mut self) -> Result<(), StoreError> {
        if self.connection.is_autocommit() {
            return Ok(());
        }
        self.execute("ROLLBACK").map_err(|error| self.give_up(error))
    }

    /// Nobody knows what is in the file now, and what the disk still has to write: so nothing is added to it.
    fn give_up(&mut self, error: StoreError) -> StoreError {
        tracing::error!("the store cannot go on: {error}");
        let broken = StoreError::because(StoreErrorKind::Broken, error);
        self.broken = Some(broken.clone());
        broken
    }

    fn execute(&self, sql: &str) -> Result<(), StoreError> {
        self.connection.prepare_cached(sql).map_err(fault)?.execute(()).map(drop).map_err(fault)
    }

    fn refuse(&mut self, replies: impl IntoIterator<Item = Reply>, error: &StoreError) {
        self.lacks_room |= error.kind() == StoreErrorKind::Full;
        for reply in replies {
            // Nobody may be waiting any more.
            drop(reply.send(Err(error.clone())));
        }
    }

    /// The group is durable.
    fn answer(&mut self, group: Group) {
        self.numbers = group.numbers;
        self.shared.tell(&group.events);
        for reply in group.replies {
            // Nobody may be waiting any more.
            drop(reply.send(Ok(())));
        }
    }
}
