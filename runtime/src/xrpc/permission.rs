/// A permission set (Lexicon, permission-set): what an authorization request includes by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PermissionSet {
    /// Its NSID.
    pub nsid: &'static str,
    /// A short name for people.
    pub title: Option<&'static str>,
    /// A longer text for people.
    pub detail: Option<&'static str>,
    /// The permissions.
    pub permissions: &'static [Permission],
}

/// One permission of a set. Entries that access control ignores are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Permission {
    /// Writing records.
    Repo {
        /// The collections.
        collections: &'static [&'static str],
        /// The actions.
        actions: &'static [Action],
    },
    /// Calling methods of a service.
    Rpc {
        /// The methods.
        methods: &'static [&'static str],
        /// Whether the audience comes from the scope that includes the set; otherwise any
        /// service is meant.
        inherit_audience: bool,
    },
}

/// What may be done to records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Creating them.
    Create,
    /// Replacing them.
    Update,
    /// Deleting them.
    Delete,
}
