//! The program: a directory of did:plc on a port.

mod args;
mod complaints;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
    time::Duration,
};

use arobase_plc::{Directory, MemoryStore, SqliteStore, router};
use arobase_runtime::server::serve;
use tokio::net::TcpListener;

use args::{Command, Database, Options};

/// How long requests may go on when the program is asked to end.
const GRACE: Duration = Duration::from_secs(10);
/// What the shell is told of wrong arguments.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Say(text)) => ended(say(&text).map_err(Into::into)),
        Ok(Command::Serve(options)) => ended(start(&options)),
        Err(error) => {
            complain(&format!("{error}; try --help"));
            ExitCode::from(USAGE)
        }
    }
}

fn ended(result: Result<(), Box<dyn Error>>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

fn start(options: &Options) -> Result<(), Box<dyn Error>> {
    complaints::install();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(run(options))
}

async fn run(options: &Options) -> Result<(), Box<dyn Error>> {
    let directory = open(options)?;
    let listener = TcpListener::bind(options.listen).await.map_err(|error| format!("{}: {error}", options.listen))?;
    let address = listener.local_addr()?;
    // Before the address is told: whoever waits for it may end the program at once.
    let signal = signal()?;
    say(&format!("http://{address}\n"))?;
    let closing = directory.clone();
    let stop = async move {
        signal.await;
        closing.close().await;
    };
    serve(listener, router(directory)).shutdown(stop).grace(GRACE).await;
    Ok(())
}

fn open(options: &Options) -> Result<Directory, Box<dyn Error>> {
    let builder = match &options.database {
        Database::Memory => Directory::builder(MemoryStore::new()),
        Database::File(path) => {
            let store = SqliteStore::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
            Directory::builder(store)
        }
    };
    Ok(builder.rate_limits(options.rate_limits).build()?)
}

/// Ends when the program is asked to end. It is asked politely only once.
#[cfg(unix)]
fn signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

/// Ends when the program is asked to end.
#[cfg(not(unix))]
fn signal() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Tells whoever runs the program of something that went wrong.
fn complain(text: &str) {
    // Where there is nobody to complain to, the exit code has to do.
    drop(writeln!(io::stderr(), "arobase-plc: {text}"));
}
