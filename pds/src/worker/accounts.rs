//! Looking through all accounts: how many there are, and whose time has come.

use arobase::syntax::Did;

use crate::{
    accounts::is_due,
    error::Error,
    metrics::Census,
    pds::Pds,
    store::{AccountId, State, View},
};

/// How many are looked at with one reading.
const PAGE: usize = 500;

/// What a look at some accounts gave.
#[derive(Default)]
struct Look {
    census: Census,
    due: Vec<Did>,
    last: Option<AccountId>,
}

/// Counts accounts, and deletes those that were to be deleted by now.
pub(super) async fn look(pds: Pds) -> Result<bool, Error> {
    let (mut census, mut after) = (Census::default(), None);
    let now = pds.inner.now();
    loop {
        let look = pds.inner.db.read(move |view| page(view, after, census, now)).await?;
        for did in &look.due {
            delete(&pds, did).await?;
        }
        census = look.census;
        match look.last {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    pds.inner.metrics.counted(&census);
    Ok(false)
}

/// Deletes an account, unless somebody was faster: with deleting it, or with coming back.
async fn delete(pds: &Pds, did: &Did) -> Result<(), Error> {
    match pds.delete_if_due(did).await {
        Ok(true) => tracing::info!(did = did.as_str(), "the time of an account had come: it is deleted"),
        Ok(false) => {}
        Err(error) if error.name() == "RepoNotFound" => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn page(view: &dyn View, after: Option<AccountId>, census: Census, now: i64) -> Result<Look, Error> {
    let mut look = Look { census, ..Look::default() };
    for account in view.accounts(after, PAGE)? {
        look.last = Some(account.id);
        if is_due(&account, now) {
            look.due.push(account.did);
            continue;
        }
        let count = match account.state() {
            State::Active => &mut look.census.active,
            State::Deactivated => &mut look.census.deactivated,
            State::Suspended => &mut look.census.suspended,
            State::Takendown => &mut look.census.takendown,
        };
        *count += 1;
    }
    Ok(look)
}
