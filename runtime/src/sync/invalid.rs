//! What can be wrong with an event or a proof.

use std::fmt;

use arobase_lexicon::syntax::{Did, Tid};

use crate::{
    data::{Cid, CidLink},
    repo::{RepoPath, car, commit, mst},
};

use super::limits::TooLarge;

/// Why an event or a proof is not believed, and where it is wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Invalid {
    /// A limit is exceeded.
    Limit(TooLarge),
    /// The blocks are no CAR file, or not those of their CIDs.
    Car(car::Error),
    /// The CAR file names no root.
    NoRoot,
    /// The first root of the CAR file, which has to be the commit, is another.
    Root {
        /// What the event calls its commit; `None` in a proof, where the root is no CID of a commit.
        commit: Option<Cid>,
        /// The first root.
        root: CidLink,
    },
    /// The block of the commit is missing.
    MissingCommit(Cid),
    /// The commit is wrong.
    Commit(commit::Error),
    /// The commit is of another account.
    Did {
        /// The account that was said.
        expected: Did,
        /// The account of the commit.
        found: Did,
    },
    /// The commit has another revision.
    Rev {
        /// The revision that the event says.
        expected: Tid,
        /// The revision of the commit.
        found: Tid,
    },
    /// The revision is not behind the one that it says is before it.
    Since(Tid),
    /// The commit was not signed by the key, or not in the strict form.
    Signature,
    /// There is a commit before, but the root of its tree is not said.
    MissingPrevData,
    /// It is the first commit, and yet there was a tree before.
    FirstWithPrevData(Cid),
    /// It is the first commit, and yet it changes a record that has to be there before.
    FirstChanges(RepoPath),
    /// Two operations concern one path.
    Repeated(RepoPath),
    /// An operation that neither leaves nor replaces a record.
    EmptyOp(RepoPath),
    /// The tree does not have what an operation left.
    Op {
        /// Its path.
        path: RepoPath,
        /// The record that it left; `None` if it deleted one.
        expected: Option<CidLink>,
        /// The record in the tree.
        found: Option<CidLink>,
    },
    /// The block of a record is missing.
    MissingRecord {
        /// The path.
        path: RepoPath,
        /// The record.
        cid: CidLink,
    },
    /// The tree is wrong, or a node that is needed is missing.
    Tree(mst::Error),
    /// With the operations undone, the tree is not the one from before.
    PrevData {
        /// The root that the event says; that of the empty tree for a first commit.
        expected: Cid,
        /// The root that came out.
        found: Cid,
    },
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit(error) => error.fmt(f),
            Self::Car(error) => error.fmt(f),
            Self::NoRoot => f.write_str("the CAR file names no root"),
            Self::Root { commit: Some(commit), root } => {
                write!(f, "the commit is said to be {commit}, but the root of the CAR file is {root}")
            }
            Self::Root { commit: None, root } => write!(f, "the root of the CAR file, {root}, is no commit"),
            Self::MissingCommit(cid) => write!(f, "the block of the commit {cid} is missing"),
            Self::Commit(error) => error.fmt(f),
            Self::Did { expected, found } => write!(f, "the commit is of {found}, not of {expected}"),
            Self::Rev { expected, found } => write!(f, "the commit has the revision {found}, not {expected}"),
            Self::Since(since) => write!(f, "the revision is not behind {since}, the one before it"),
            Self::Signature => commit::Error::Signature.fmt(f),
            Self::MissingPrevData => f.write_str("it is not the first commit, and lacks the root of the tree before"),
            Self::FirstWithPrevData(data) => write!(f, "it is the first commit, and yet {data} was the tree before"),
            Self::FirstChanges(path) => write!(f, "it is the first commit, and yet {path} was there before"),
            Self::Repeated(path) => write!(f, "more than one operation on {path}"),
            Self::EmptyOp(path) => write!(f, "the operation on {path} neither leaves nor replaces a record"),
            Self::Op { path, expected, found } => {
                write!(f, "{path} is said to be {}, but is {} in the tree", Shown(expected), Shown(found))
            }
            Self::MissingRecord { path, cid } => write!(f, "the block {cid} of {path} is missing"),
            Self::Tree(error) => error.fmt(f),
            Self::PrevData { expected, found } => {
                write!(f, "undoing the operations gives the tree {found}, not {expected}")
            }
        }
    }
}

impl std::error::Error for Invalid {}

/// A record or none.
struct Shown<'a>(&'a Option<CidLink>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(cid) => cid.fmt(f),
            None => f.write_str("absent"),
        }
    }
}

macro_rules! from {
    ($($variant:ident($error:ty)),+ $(,)?) => {
        $(impl From<$error> for Invalid {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

from!(Limit(TooLarge), Car(car::Error), Commit(commit::Error));
