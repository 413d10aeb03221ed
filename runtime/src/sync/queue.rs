//! Events that wait for a repository to be fetched.

use super::event::Event;

/// How many events of one account may wait while its repository is fetched. What does not fit is passed over, and
/// shows as a gap afterwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueLimits {
    /// The most events. Default: 1,000.
    pub events: usize,
    /// The most bytes of all. Default: 8 MiB.
    pub bytes: usize,
}

impl Default for QueueLimits {
    fn default() -> Self {
        Self { events: 1_000, bytes: 8 << 20 }
    }
}

/// The events of one account that wait, in their order.
#[derive(Debug, Default)]
pub(super) struct Queue {
    events: Vec<Event>,
    bytes: usize,
}

impl Queue {
    /// Takes an event in. `false` if there is no room for it.
    pub(super) fn push(&mut self, event: Event, limits: QueueLimits) -> bool {
        let bytes = self.bytes.saturating_add(size(&event));
        if self.events.len() >= limits.events || bytes > limits.bytes {
            return false;
        }
        self.bytes = bytes;
        self.events.push(event);
        true
    }

    /// The events, in their order.
    pub(super) fn into_events(self) -> Vec<Event> {
        self.events
    }
}

/// About how many bytes an event holds on to.
fn size(event: &Event) -> usize {
    const EACH: usize = 512;
    match event {
        Event::Commit(event) => EACH + event.blocks.len() + event.ops.len() * EACH,
        Event::Sync(event) => EACH + event.blocks.len(),
        _ => EACH,
    }
}
