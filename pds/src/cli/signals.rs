//! Being asked to end.

use std::io;

/// What the shell is told by a program that a signal ended.
const BROKEN_OFF: i32 = 130;

/// Ends when the program is asked to end. Whoever asks once more is in a hurry: then it ends at once.
#[cfg(unix)]
pub(crate) fn signal() -> io::Result<impl Future<Output = ()> + Send> {
    use tokio::signal::unix::{SignalKind, signal};

    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        tokio::spawn(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            std::process::exit(BROKEN_OFF);
        });
    })
}

/// Ends when the program is asked to end. Whoever asks once more is in a hurry: then it ends at once.
#[cfg(not(unix))]
pub(crate) fn signal() -> io::Result<impl Future<Output = ()> + Send> {
    Ok(async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        tokio::spawn(async {
            if tokio::signal::ctrl_c().await.is_ok() {
                std::process::exit(BROKEN_OFF);
            }
        });
    })
}
