//! What time it is, for everything that expires.

use std::{sync::Arc, time::SystemTime};

use crate::xrpc::{MaybeSend, MaybeSync};

/// Tells the time. Tests bring one that they can set.
pub trait Clock: MaybeSend + MaybeSync {
    /// The time now. It may go backwards, as clocks of computers do when they are set.
    fn now(&self) -> SystemTime;
}

/// The clock of the computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn now(&self) -> SystemTime {
        (**self).now()
    }
}
