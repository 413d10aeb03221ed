//! What is accepted of an import.

use crate::repo::car::CarLimits;

/// What is accepted of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportLimits {
    /// Of the CAR file.
    pub car: CarLimits,
    /// The most bytes of memory for blocks that arrived before their turn and are held until then, and
    /// for records whose block has not come.
    pub held: usize,
    /// The most nodes.
    pub nodes: u64,
    /// The most records.
    pub records: u64,
}

impl ImportLimits {
    /// CAR files as [`CarLimits::DEFAULT`], 256 MiB of blocks out of order, and 2^32 nodes and records.
    pub const DEFAULT: Self = Self { car: CarLimits::DEFAULT, held: 256 << 20, nodes: 1 << 32, records: 1 << 32 };

    /// With other limits on the CAR file.
    #[must_use]
    pub const fn with_car(mut self, car: CarLimits) -> Self {
        self.car = car;
        self
    }

    /// With another limit on the bytes of blocks out of order.
    #[must_use]
    pub const fn with_held(mut self, bytes: usize) -> Self {
        self.held = bytes;
        self
    }

    /// With another limit on the number of nodes.
    #[must_use]
    pub const fn with_nodes(mut self, nodes: u64) -> Self {
        self.nodes = nodes;
        self
    }

    /// With another limit on the number of records.
    #[must_use]
    pub const fn with_records(mut self, records: u64) -> Self {
        self.records = records;
        self
    }
}

impl Default for ImportLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
