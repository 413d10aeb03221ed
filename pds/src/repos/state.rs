//! What writing to repositories takes beside the store.

use arobase::syntax::Tid;
use tokio::sync::Semaphore;

use crate::{error::Error, store::Database};

/// The setting with the revision that all others have to exceed: a restore sets it, so that no repository gets a
/// revision again that it had before. A TID as text.
pub(crate) const REV_FLOOR: &str = "rev-floor";

/// How many repositories are imported at a time; others wait.
const IMPORTS: usize = 2;

/// What writing to repositories takes beside the store.
pub(crate) struct Repos {
    floor: Option<Tid>,
    pub(super) imports: Semaphore,
}

impl Repos {
    /// As a store has it.
    pub(crate) async fn load(db: &Database) -> Result<Self, Error> {
        let floor = db.read(|view| Ok::<_, Error>(view.setting(REV_FLOOR)?)).await?;
        let floor = floor.map(|text| read_floor(&text)).transpose()?;
        Ok(Self { floor, imports: Semaphore::new(IMPORTS) })
    }

    /// After which revision the next one has to be.
    pub(crate) fn previous<'a>(&'a self, previous: Option<&'a Tid>) -> Option<&'a Tid> {
        previous.max(self.floor.as_ref())
    }
}

fn read_floor(text: &[u8]) -> Result<Tid, Error> {
    let text = std::str::from_utf8(text).map_err(Error::internal)?;
    text.parse().map_err(Error::internal)
}
