//! The way to a server that runs: a socket in its data folder, which only its owner can reach.
//!
//! Whoever connects sends a call as a line of JSON. The answer is lines of JSON: `progress`, any number of times, and
//! in the end `ok` with the result, or `error` with what went wrong.

use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    os::unix::{
        fs::{DirBuilderExt, PermissionsExt},
        net::{UnixListener, UnixStream},
    },
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use arobase_pds::{Progress, Step, config::Assembled};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use super::{call::Call, command, failure::Failure, progress::Shown};

/// The socket, in the data folder.
const NAME: &str = "admin.sock";
/// The most bytes of a call.
const MOST: u64 = 1 << 20;
/// The least time between two words on how far it is.
const TICK: Duration = Duration::from_millis(100);

/// A socket on which the server listens, until this is dropped.
pub(crate) struct Listening {
    path: PathBuf,
    ending: Arc<AtomicBool>,
}

/// Listens for commands. A server that cannot is a server still.
pub(crate) fn listen(data: &Path, server: &Arc<Assembled>) -> Option<Listening> {
    let path = data.join(NAME);
    match start(&path, Arc::clone(server)) {
        Ok(ending) => Some(Listening { path, ending }),
        Err(error) => {
            tracing::warn!("{}: {error}; commands cannot reach this server", path.display());
            None
        }
    }
}

fn start(path: &Path, server: Arc<Assembled>) -> io::Result<Arc<AtomicBool>> {
    let listener = bind(path)?;
    let (ending, runtime) = (Arc::new(AtomicBool::new(false)), Handle::current());
    let is_ending = Arc::clone(&ending);
    thread::Builder::new().name("commands".into()).spawn(move || {
        for stream in listener.incoming() {
            if is_ending.load(Ordering::Relaxed) {
                return;
            }
            let Ok(stream) = stream else {
                // There may be too many open files, which is not over at once.
                thread::sleep(TICK);
                continue;
            };
            let (server, handle) = (Arc::clone(&server), runtime.clone());
            runtime.spawn_blocking(move || answer(&stream, &server, &handle));
        }
    })?;
    Ok(ending)
}

/// Makes the socket in a folder that only its owner can look into, and gives it its name once nobody else can reach it.
fn bind(path: &Path) -> io::Result<UnixListener> {
    let nursery = path.with_extension("d");
    // The data folder is ours, so whoever left this one, or a socket, is gone.
    match fs::remove_dir_all(&nursery) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::DirBuilder::new().mode(0o700).create(&nursery)?;
    let made = nursery.join("s");
    let listener = UnixListener::bind(&made)?;
    fs::set_permissions(&made, fs::Permissions::from_mode(0o600))?;
    fs::rename(&made, path)?;
    fs::remove_dir(&nursery)?;
    Ok(listener)
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.ending.store(true, Ordering::Relaxed);
        // The thread waits for somebody to come.
        drop(UnixStream::connect(&self.path));
        drop(fs::remove_file(&self.path));
    }
}

fn answer(stream: &UnixStream, server: &Assembled, runtime: &Handle) {
    let answered = read_call(stream).and_then(|call| {
        let out = Arc::new(Mutex::new(stream.try_clone()?));
        let progress = sent(Arc::clone(&out));
        let result = match &call {
            Some(call) => runtime.block_on(run(server, call, &progress)),
            None => Err(Failure::Usage("this is no call".into())),
        };
        let last = match result {
            Ok(result) => json!({ "ok": result }),
            Err(failure) => json!({ "error": failure.to_string(), "usage": matches!(failure, Failure::Usage(_)) }),
        };
        send(&out, &last)
    });
    if let Err(error) = answered {
        tracing::debug!("a command was not answered: {error}");
    }
}

/// Progress that is sent, as often as somebody can look at it.
fn sent(out: Arc<Mutex<UnixStream>>) -> Progress {
    let due = Mutex::new(Instant::now());
    Progress::new(move |step| {
        let mut due = due.lock().unwrap_or_else(PoisonError::into_inner);
        if Instant::now() >= *due {
            *due = Instant::now() + TICK;
            // Whoever went away is not missed.
            drop(send(&out, &told(step)));
        }
    })
}

async fn run(server: &Assembled, call: &Call, progress: &Progress) -> Result<Value, Failure> {
    let command = command::find(&call.command).ok_or_else(|| {
        Failure::Failed(format!("the server that runs knows no command `{}`: is it of another version?", call.command))
    })?;
    tracing::info!("doing the command `{}`", call.command);
    (command.run)(server, &call.arguments, progress).await
}

fn read_call(stream: &UnixStream) -> io::Result<Option<Call>> {
    let mut line = String::new();
    BufReader::new(stream).take(MOST).read_line(&mut line)?;
    Ok(serde_json::from_str(&line).ok().and_then(|value| Call::of(&value)))
}

fn told(Step { what, done, total }: Step) -> Value {
    json!({ "progress": { "what": what, "done": done, "total": total } })
}

fn send(out: &Mutex<UnixStream>, value: &Value) -> io::Result<()> {
    let mut out = out.lock().unwrap_or_else(PoisonError::into_inner);
    out.write_all(format!("{value}\n").as_bytes())
}

/// Has the server of a data folder do a command; `None` if none runs.
pub(crate) fn ask(data: &Path, call: &Call) -> Option<Result<Value, Failure>> {
    let stream = UnixStream::connect(data.join(NAME)).ok()?;
    Some(converse(&stream, call))
}

fn converse(mut stream: &UnixStream, call: &Call) -> Result<Value, Failure> {
    stream.write_all(format!("{}\n", call.to_json()).as_bytes())?;
    let shown = Shown::new();
    for line in BufReader::new(stream).lines() {
        let line: Value = serde_json::from_str(&line?).map_err(|error| Failure::failed(&error))?;
        if let Some(step) = line.get("progress") {
            show(&shown, step);
        } else if let Some(result) = line.get("ok") {
            return Ok(result.clone());
        } else {
            let what = line.get("error").and_then(Value::as_str).unwrap_or_default().to_owned();
            let is_usage = line.get("usage").and_then(Value::as_bool) == Some(true);
            return Err(if is_usage { Failure::Usage(what) } else { Failure::Failed(what) });
        }
    }
    Err(Failure::Failed("the server went down before it had answered".into()))
}

fn show(shown: &Shown, step: &Value) {
    let what = step.get("what").and_then(Value::as_str).unwrap_or_default();
    let done = step.get("done").and_then(Value::as_u64).unwrap_or_default();
    shown.step(what, done, step.get("total").and_then(Value::as_u64));
}
