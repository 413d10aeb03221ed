//! What is remembered of one NSID, and what follows from that.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use arobase_lexicon::{
    document::Document,
    syntax::{Did, Nsid, Tid},
};

use super::{LexiconError, references, resolve::ResolvedLexicon};
use crate::data::Cid;

/// The longest time after a failure that another attempt may mend.
const TRANSIENT: Duration = Duration::from_secs(30);

/// How often an authority is asked at most, also by those who want it anew.
const PAUSE: Duration = Duration::from_secs(5);

/// How far a clock may be set back without anything being asked anew for that.
const TOLERANCE: Duration = Duration::from_secs(60);

/// How long what is remembered is good for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) fresh: Duration,
    /// On top of `fresh`, while the authority does not answer.
    pub(super) keep: Duration,
    pub(super) negative: Duration,
}

/// A lexicon that its authority confirmed.
pub(super) struct Known {
    pub(super) did: Did,
    pub(super) rev: Tid,
    pub(super) cid: Cid,
    pub(super) document: Arc<Document>,
    pub(super) references: Box<[Nsid]>,
    pub(super) bytes: usize,
}

impl Known {
    pub(super) fn new(lexicon: ResolvedLexicon, bytes: usize) -> Self {
        let ResolvedLexicon { did, rev, cid, document, .. } = lexicon;
        let references = references::of_document(&document).into_iter().collect();
        Self { did, rev, cid, document, references, bytes }
    }
}

/// What somebody wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// What is remembered is good enough.
    Remembered,
    /// An answer of now.
    New,
}

/// What is remembered of one NSID.
#[derive(Clone, Default)]
pub(super) struct Entry {
    known: Option<(Arc<Known>, SystemTime)>,
    failed: Option<(LexiconError, SystemTime)>,
}

/// What follows.
pub(super) enum Verdict {
    /// This is good enough.
    Serve(Arc<Known>),
    /// There is nothing to be had for now.
    Refuse(LexiconError),
    /// The authority has to be asked; this would do until it answers.
    Ask(Option<Arc<Known>>),
}

impl Entry {
    /// What follows for somebody who wants the lexicon.
    pub(super) fn judge(&self, now: SystemTime, want: Want, times: &Times) -> Verdict {
        let wanted = match want {
            Want::Remembered => times.fresh,
            Want::New => PAUSE,
        };
        if let Some((known, at)) = &self.known
            && age(now, *at) < wanted
        {
            return Verdict::Serve(Arc::clone(known));
        }
        match &self.failed {
            Some((error, at)) if age(now, *at) < pause(error, want, times) => match self.kept(now, times) {
                Some(known) if want == Want::Remembered => Verdict::Serve(known),
                _ => Verdict::Refuse(error.clone()),
            },
            _ => Verdict::Ask(self.kept(now, times)),
        }
    }

    /// The lexicon, if it may be served although its authority did not confirm it in time.
    pub(super) fn kept(&self, now: SystemTime, times: &Times) -> Option<Arc<Known>> {
        let (known, at) = self.known.as_ref()?;
        (age(now, *at) < times.fresh.saturating_add(times.keep)).then(|| Arc::clone(known))
    }

    pub(super) fn known(&self) -> Option<&Arc<Known>> {
        self.known.as_ref().map(|(known, _)| known)
    }

    /// The authority confirmed a lexicon. One that did not change stays the same.
    pub(super) fn confirm(&mut self, known: Known, now: SystemTime) -> Arc<Known> {
        let known = match self.known() {
            Some(old) if old.cid == known.cid => Known { document: Arc::clone(&old.document), ..known },
            _ => known,
        };
        let known = Arc::new(known);
        *self = Self { known: Some((Arc::clone(&known), now)), failed: None };
        known
    }

    /// There was no lexicon. Where that is certain, an old one is forgotten.
    pub(super) fn fail(&mut self, error: LexiconError, now: SystemTime) {
        if error.is_not_found() {
            self.known = None;
        }
        self.failed = Some((error, now));
    }

    pub(super) fn bytes(&self) -> usize {
        let failed = self.failed.as_ref().map_or(0, |(error, _)| error.bytes());
        self.known().map_or(0, |known| known.bytes).saturating_add(failed)
    }
}

/// How long nobody is asked after a failure.
fn pause(error: &LexiconError, want: Want, times: &Times) -> Duration {
    match want {
        Want::New => PAUSE,
        Want::Remembered if error.is_permanent() => times.negative,
        Want::Remembered => times.negative.min(TRANSIENT),
    }
}

/// How old something is. What lies in the future counts as very old, so that a clock that was wrong does no lasting
/// harm.
pub(super) fn age(now: SystemTime, then: SystemTime) -> Duration {
    match now.duration_since(then) {
        Ok(age) => age,
        Err(ahead) if ahead.duration() <= TOLERANCE => Duration::ZERO,
        Err(_) => Duration::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_takes_as_much_room_as_what_it_repeats() {
        let key = "k".repeat(1_000);
        let wrong: Vec<String> = (0..100).map(|n| format!(r#""a{n}": {{ "type": "nothing" }}"#)).collect();
        let inner = format!(r#"{{ "type": "object", "properties": {{ {} }} }}"#, wrong.join(","));
        let main = format!(r#"{{ "type": "object", "properties": {{ "{key}": {inner} }} }}"#);
        let text = format!(r#"{{ "lexicon": 1, "id": "com.example.thing", "defs": {{ "main": {main} }} }}"#);
        let mistakes = Document::parse(&text).unwrap_err().into_iter().collect();
        let mut entry = Entry::default();
        entry.fail(LexiconError::Document(mistakes), SystemTime::now());
        assert!(entry.bytes() > 100 * key.len());
    }
}
