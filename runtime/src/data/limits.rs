/// How much a reader takes before it gives up. The size of the input is for the caller to bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The deepest nesting of lists and maps. Reading, checking and writing need stack in proportion:
    /// at the default, 1 MiB is enough for typed data in an unoptimised program. Writers refuse what is nested deeper than the default. Default: 128.
    pub max_depth: usize,
    /// The most elements of one list, and the most keys of one map. Default: 131,072.
    pub max_items: usize,
    /// The most elements and entries of all lists and maps together. A value of two bytes on the wire
    /// can become some hundred in memory, and this is what bounds them all. Default: 1,000,000.
    pub max_values: usize,
    /// The most UTF-8 bytes of a map key. Default: 8,192.
    pub max_key: usize,
}

impl Limits {
    /// The default limits.
    pub const DEFAULT: Self = Self { max_depth: 128, max_items: 131_072, max_values: 1_000_000, max_key: 8_192 };

    /// The limits for a record: as the default, with 32 levels of nesting.
    pub const RECORD: Self = Self { max_depth: 32, ..Self::DEFAULT };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
