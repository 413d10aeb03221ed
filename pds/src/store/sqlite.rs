//! A store on SQLite.

mod columns;
mod connection;
mod copy;
mod fault;
mod lock;
mod log;
mod readers;
mod schema;
mod tables;
#[cfg(test)]
mod tests;
mod unit;
mod view;
mod writer;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc},
    thread::{self, JoinHandle},
};

use arobase::{
    clock::{Clock, SystemClock},
    xrpc::BoxFuture,
};
use lock::Lock;
use readers::Readers;
use tokio::sync::{Semaphore, oneshot};
use writer::{Job, Message, Writer};

use super::{Listener, Logged, ReadWork, Reading, Store, StoreError, StoreErrorKind, WriteWork, numbers::micros};

/// How many units may wait before those who bring more have to.
const QUEUE: usize = 1024;

/// How many short readings there are at a time, and how many connections stay open for them.
const SHORT: usize = 16;

/// How many long readings there are at a time.
const LONG: usize = 32;

/// How many connections stay open for long readings.
const LONG_KEPT: usize = 4;

/// A store in one file of SQLite. One thread writes; units that come while the disk is busy become durable together.
/// Beside the file is SQLite's write-ahead log, and a file that is locked as long as the store is open.
pub struct SqliteStore {
    shared: Arc<Shared>,
    queue: mpsc::Sender<Message>,
    /// Places in the queue.
    places: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// How a [`SqliteStore`] works.
#[derive(Clone)]
#[non_exhaustive]
pub struct SqliteOptions {
    /// Whether what was written survives the loss of power; otherwise only that of the process. Default: yes.
    pub durable: bool,
    /// The most units that become durable together. Default: 128.
    pub group: usize,
    /// Bytes of the page cache of the connection that writes; those that read have an eighth. Default: 8 MiB.
    pub cache: usize,
    /// The most bytes that the file may have, without the log beside it. Beyond that nothing is kept, as if the disk
    /// were full. Default: no limit.
    pub max_bytes: Option<u64>,
    /// What events get their times from, and a new log its first number. Default: the clock of the computer.
    pub clock: Arc<dyn Clock>,
}

/// What the threads share.
struct Shared {
    short: Readers,
    long: Readers,
    listener: Mutex<Option<Arc<dyn Listener>>>,
    lock: Mutex<Option<Lock>>,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { durable: true, group: 128, cache: 8 << 20, max_bytes: None, clock: Arc::new(SystemClock) }
    }
}

impl SqliteStore {
    /// Opens a file, makes it if there is none, and brings its tables up to date. Nobody else may have it open.
    ///
    /// # Errors
    /// See [`StoreErrorKind`].
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self, StoreError> {
        let lock = Lock::take(path)?;
        let connection = connection::open_writer(path, &options)?;
        let numbers = schema::numbers(&connection, micros(&*options.clock))?;
        let shared = Arc::new(Shared {
            short: Readers::new(path.into(), options.cache / 8, SHORT, SHORT),
            long: Readers::new(path.into(), options.cache / 8, LONG, LONG_KEPT),
            listener: Mutex::default(),
            lock: Mutex::new(Some(lock)),
        });
        let log = log::Log::new(path);
        let writer = Writer::new(connection, Arc::clone(&shared), options.clock, options.group, numbers, log);
        let (queue, messages) = mpsc::channel();
        let thread = thread::Builder::new().name("store".into()).spawn(move || writer.run(&messages));
        let thread = Mutex::new(Some(thread.map_err(StoreError::other)?));
        Ok(Self { shared, queue, places: Arc::new(Semaphore::new(QUEUE)), thread })
    }

    /// Looks through the whole file for damage; what was found, in words. `progress` hears how many pages were looked
    /// through, of how many.
    ///
    /// # Errors
    /// It could not be read at all.
    pub fn check(&self, progress: &mut dyn FnMut(u64, u64)) -> Result<Vec<String>, StoreError> {
        copy::check(&self.shared.long, progress)
    }

    /// Copies a consistent snapshot into a new file, while the store is in use. The file is there as a whole and
    /// durable when this returns, or not at all. `progress` hears how many pages were copied, of how many.
    ///
    /// A store that is opened on the copy gives no number to an event that may have been given since: its numbers go
    /// on at the time in microseconds.
    ///
    /// # Errors
    /// The file is there already, or could not be written.
    pub fn backup(&self, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
        copy::back_up(&self.shared.long, to, progress)
    }

    /// Has the writer end; who waits for it hears when it has.
    fn end(&self) -> oneshot::Receiver<()> {
        self.shared.short.close();
        self.shared.long.close();
        let (closed, is_closed) = oneshot::channel();
        // It may have ended before.
        drop(self.queue.send(Message::Close(closed)));
        is_closed
    }
}

impl Store for SqliteStore {
    fn read(&self, reading: Reading, work: ReadWork<'_>) -> Result<(), StoreError> {
        let readers = match reading {
            Reading::Short => &self.shared.short,
            Reading::Long => &self.shared.long,
        };
        readers.read(&mut |tables| work(tables))
    }

    /// The unit is in the queue when this returns, unless the queue is full: then it is when the future has been
    /// polled and there is room.
    fn write(&self, work: WriteWork) -> BoxFuture<'static, Result<(), StoreError>> {
        let (reply, answer) = oneshot::channel();
        let mut job = Job { work, reply, place: None };
        let answer = async { answer.await.unwrap_or_else(|_| Err(StoreError::new(StoreErrorKind::Closed))) };
        // Jobs that cannot be sent are dropped, which is an answer.
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => {
                job.place = Some(place);
                drop(self.queue.send(Message::Unit(job)));
                Box::pin(answer)
            }
            Err(_) => {
                let (places, queue) = (Arc::clone(&self.places), self.queue.clone());
                Box::pin(async move {
                    job.place = places.acquire_owned().await.ok();
                    drop(queue.send(Message::Unit(job)));
                    answer.await
                })
            }
        }
    }

    fn listen(&self, listener: Arc<dyn Listener>) {
        *lock(&self.shared.listener) = Some(listener);
    }

    fn close(&self) -> BoxFuture<'static, ()> {
        let closed = self.end();
        Box::pin(async { drop(closed.await) })
    }
}

impl Shared {
    /// Tells of events that are durable.
    fn tell(&self, events: &[Logged]) {
        let listener = lock(&self.listener).clone();
        if let Some(listener) = listener
            && !events.is_empty()
            && catch_unwind(AssertUnwindSafe(|| listener.logged(events))).is_err()
        {
            tracing::error!("who listens to events panicked");
        }
    }

    /// Lets go of the file, and of the listener, which may have this store.
    fn released(&self) {
        lock(&self.listener).take();
        lock(&self.lock).take();
    }
}

/// What these locks hold is whole whenever a thread can panic.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        drop(self.end());
        let thread = lock(&self.thread).take();
        // The last one who has the store may be the listener, on that thread.
        if let Some(thread) = thread.filter(|handle| handle.thread().id() != thread::current().id()) {
            drop(thread.join());
        }
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").finish_non_exhaustive()
    }
}

impl fmt::Debug for SqliteOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { durable, group, cache, max_bytes, clock: _ } = self;
        let mut text = f.debug_struct("SqliteOptions");
        text.field("durable", durable).field("group", group).field("cache", cache).field("max_bytes", max_bytes);
        text.finish_non_exhaustive()
    }
}
