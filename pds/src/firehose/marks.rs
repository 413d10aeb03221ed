//! Where the log begins.

use arobase::sync::MAX_SEQ;

use crate::{
    error::Error,
    store::{StoreError, StoreErrorKind, Unit, View},
};

/// The setting under which they are kept.
const NAME: &str = "event-marks";

/// Where the log begins. Gaps between its numbers say nothing: the events of deleted accounts leave them, too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Marks {
    /// The number before the first one that this log ever gave. New logs do not begin with 1.
    pub(super) start: i64,
    /// The number up to which events were removed because of their age. Nothing was as long as it is `start`.
    pub(super) floor: i64,
}

impl Marks {
    /// Those of a log; they are set for one that has none.
    pub(super) fn load(unit: &mut dyn Unit) -> Result<Self, Error> {
        if let Some(marks) = Self::read(unit)? {
            return Ok(marks);
        }
        let start = unit.oldest_seq()?.map_or_else(|| unit.head_seq(), |oldest| Ok(oldest - 1))?;
        let marks = Self { start, floor: start };
        marks.write(unit)?;
        Ok(marks)
    }

    /// What a snapshot has.
    pub(super) fn read(view: &dyn View) -> Result<Option<Self>, StoreError> {
        let Some(bytes) = view.setting(NAME)? else { return Ok(None) };
        let marks = bytes.split_first_chunk().and_then(|(start, floor)| {
            let numbers = [i64::from_be_bytes(*start), i64::from_be_bytes(floor.try_into().ok()?)];
            numbers.iter().all(|seq| (0..=MAX_SEQ).contains(seq)).then_some(numbers)
        });
        let [start, floor] = marks.ok_or_else(|| StoreError::new(StoreErrorKind::Corrupt))?;
        Ok(Some(Self { start, floor }))
    }

    fn write(self, unit: &mut dyn Unit) -> Result<(), StoreError> {
        unit.put_setting(NAME, &[self.start.to_be_bytes(), self.floor.to_be_bytes()].concat())
    }
}

/// Removes up to so many events that are older than a time, and notes it in the same unit; how many.
pub(super) fn trim(unit: &mut dyn Unit, before: i64, limit: usize) -> Result<(usize, Marks), Error> {
    let mut marks = Marks::load(unit)?;
    let trimmed = unit.trim_events(before, limit)?;
    if trimmed > 0 {
        let oldest = unit.oldest_seq()?.map_or_else(|| unit.head_seq(), |oldest| Ok(oldest - 1))?;
        marks.floor = marks.floor.max(oldest);
        marks.write(unit)?;
    }
    Ok((trimmed, marks))
}
