//! What bytes show: how many pixels, and for how long. Nothing in them is believed further than it reaches.

mod boxes;
mod flac;
mod matroska;
mod reader;
#[cfg(test)]
mod tests;
mod wave;

use boxes::Boxes;

/// How many of the first bytes are looked at for what is found there.
pub(super) const HEAD: usize = 256 * 1024;

/// What bytes show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// Pixels from left to right.
    pub(super) width: Option<u32>,
    /// Pixels from top to bottom.
    pub(super) height: Option<u32>,
    /// Milliseconds.
    pub(super) duration: Option<u64>,
}

/// Looks at bytes as they come.
#[derive(Default)]
pub(super) struct Probe {
    boxes: Boxes,
}

impl Probe {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.boxes.push(bytes);
    }

    /// What the bytes show of which these were the first.
    pub(super) fn finish(&self, head: &[u8], size: u64, mime_type: &str) -> Facts {
        if mime_type.starts_with("image/") {
            return image(head);
        }
        let found = [self.boxes.facts(), matroska::facts(head), wave::facts(head, size), flac::facts(head)];
        found.into_iter().flatten().next().unwrap_or_default()
    }
}

fn image(head: &[u8]) -> Facts {
    let size = imagesize::blob_size(head).ok();
    let pixels = |count: usize| u32::try_from(count).ok().filter(|count| *count > 0);
    Facts {
        width: size.and_then(|size| pixels(size.width)),
        height: size.and_then(|size| pixels(size.height)),
        duration: None,
    }
}

/// Milliseconds that so many units take, of which a second has so many.
fn milliseconds(units: u64, per_second: u64) -> Option<u64> {
    let milliseconds = u128::from(units).checked_mul(1000)?.checked_div(per_second.into())?;
    u64::try_from(milliseconds).ok()
}
