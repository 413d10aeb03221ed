//! The log of events.

use std::collections::HashMap;

use arobase::{sync::Event, syntax::Tid};

use super::Report;
use crate::{
    error::Error,
    pds::Inner,
    progress::Progress,
    store::{AccountId, Logged, View},
};

/// How many events are read at a time, and how many bytes of them.
const PAGE: usize = 1_000;
const PAGE_BYTES: usize = 16 << 20;

/// The newest revision that the log tells of, by account.
type Revs = HashMap<AccountId, Tid>;

/// Looks through the log, from one snapshot: the numbers rise, each event can be read, revisions rise, and the newest
/// that the log tells of an active account is the one that it has.
pub(super) fn check(inner: &Inner, report: &mut Report, progress: &Progress) -> Result<(), Error> {
    inner.db.read_long(|view| {
        let (mut revs, mut last) = (Revs::new(), view.oldest_seq()?.map_or(0, |seq| seq - 1));
        let (first, head) = (last, view.head_seq()?);
        loop {
            let page = view.events(last, PAGE, PAGE_BYTES)?;
            for event in &page {
                if event.seq <= last {
                    report.fault(None, format!("the event {} comes behind {last}", event.seq));
                }
                last = last.max(event.seq);
                look(event, &mut revs, report);
            }
            progress.tell("reading events", span(first, last), span(first, head));
            if page.is_empty() {
                break;
            }
        }
        if last > head {
            report.fault(None, format!("the head of the log is {head}, but there is the event {last}"));
        }
        newest(view, &revs, report)
    })
}

fn look(event: &Logged, revs: &mut Revs, report: &mut Report) {
    report.events += 1;
    let message = match event.message() {
        Ok(message) => message,
        Err(error) => return report.fault(None, format!("the event {} cannot be read: {error}", event.seq)),
    };
    if message.seq != Some(event.seq) {
        report.fault(None, format!("the event {} says that it is {:?}", event.seq, message.seq));
    }
    let rev = match message.event {
        Event::Commit(commit) => commit.rev,
        Event::Sync(sync) => sync.rev,
        _ => return,
    };
    if let Some(before) = revs.get(&event.account)
        && rev < *before
    {
        report.fault(None, format!("the revision {rev} of the event {} is before {before}", event.seq));
    }
    revs.insert(event.account, rev);
}

fn newest(view: &dyn View, revs: &Revs, report: &mut Report) -> Result<(), Error> {
    for (id, rev) in revs {
        let Some(account) = view.account(*id)? else { continue };
        let Some(commit) = view.commit(*id)? else { continue };
        // An account that is not active may have moved on in silence.
        if account.state().is_active() && commit.rev() != rev {
            let what = format!("the repository is at {}, but the log says {rev}", commit.rev());
            report.fault(Some(&account.did), what);
        }
    }
    Ok(())
}

fn span(from: i64, to: i64) -> u64 {
    u64::try_from(to.saturating_sub(from)).unwrap_or_default()
}
