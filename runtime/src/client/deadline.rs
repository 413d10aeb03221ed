use std::{pin::pin, time::Duration};

use futures_util::future::{Either, select};

use super::{Error, Transport, request::Failed};

/// Does something within a time; `Duration::MAX` is no limit.
pub(super) async fn within<T>(
    transport: &dyn Transport,
    time: Duration,
    work: impl Future<Output = Result<T, Failed>>,
) -> Result<T, Failed> {
    if time == Duration::MAX {
        return work.await;
    }
    match select(pin!(work), transport.sleep(time)).await {
        Either::Left((result, _)) => result,
        Either::Right(_) => Err(Error::Timeout),
    }
}
