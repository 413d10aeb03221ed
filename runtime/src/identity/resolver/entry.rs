//! What is remembered under one key, and whether it is good enough.

use std::time::{Duration, SystemTime};

use super::{
    Freshness,
    times::{Times, is_within},
};

/// What is remembered under one key.
#[derive(Clone, Debug)]
pub(super) struct Entry<V, E> {
    /// The last answer that is certain: something, or that there is nothing.
    answer: Option<(Result<V, E>, SystemTime)>,
    /// The failure of the last look-up, if it failed.
    failure: Option<(E, SystemTime)>,
    /// When it was last asked for past what is remembered.
    forced: Option<SystemTime>,
}

/// What to do with a request.
#[derive(Clone, Debug)]
pub(super) enum Decision<V, E> {
    /// This is the answer.
    Give(Result<V, E>),
    /// This is an answer, but somebody should ask.
    Refresh(V),
    /// Ask.
    Ask,
}

/// What a look-up brought, when it began and when it ended.
#[derive(Clone, Debug)]
pub(super) struct Landed<V, E> {
    pub(super) result: Result<V, E>,
    /// Whether an error says for certain that there is nothing.
    pub(super) is_certain: bool,
    /// Whether it was asked for past what was remembered.
    pub(super) was_forced: bool,
    pub(super) began: SystemTime,
    pub(super) ended: SystemTime,
}

impl<V: Clone, E: Clone> Entry<V, E> {
    /// What is remembered after a look-up: an answer takes the place of everything; a failure leaves the answer that
    /// was there before, as long as it may be given.
    pub(super) fn after(previous: Option<&Self>, landed: &Landed<V, E>, times: &Times) -> Self {
        let Landed { result, began, ended, .. } = landed;
        let forced = if landed.was_forced { Some(*ended) } else { previous.and_then(|entry| entry.forced) };
        match result {
            Err(error) if !landed.is_certain => {
                let answer = previous.and_then(|entry| entry.settled(*ended, times));
                Self { answer, failure: Some((error.clone(), *ended)), forced }
            }
            // What was read is as old as the question.
            result => Self { answer: Some((result.clone(), *began)), failure: None, forced },
        }
    }

    /// Whether what is remembered answers a request.
    pub(super) fn decide(&self, freshness: Freshness, now: SystemTime, times: &Times) -> Decision<V, E> {
        match freshness {
            Freshness::Cached => self.cached(now, times),
            // Strangers may cause these as often as forced ones.
            Freshness::MaxAge(age) => self.younger(age.max(times.forced), now, times),
            Freshness::Fresh => self.forced(now, times),
        }
    }

    fn cached(&self, now: SystemTime, times: &Times) -> Decision<V, E> {
        if let Some(result) = self.young(None, now, times) {
            return Decision::Give(result.clone());
        }
        match (self.usable(now, times), self.failing(now, times)) {
            (Some(value), None) => Decision::Refresh(value.clone()),
            (Some(value), Some(_)) => Decision::Give(Ok(value.clone())),
            (None, Some(error)) => Decision::Give(Err(error.clone())),
            (None, None) => Decision::Ask,
        }
    }

    fn younger(&self, limit: Duration, now: SystemTime, times: &Times) -> Decision<V, E> {
        match (self.young(Some(limit), now, times), self.failing(now, times)) {
            (Some(result), _) => Decision::Give(result.clone()),
            (None, Some(error)) => Decision::Give(Err(error.clone())),
            (None, None) => Decision::Ask,
        }
    }

    /// Soon after a forced look-up, what it brought has to do.
    fn forced(&self, now: SystemTime, times: &Times) -> Decision<V, E> {
        if !self.forced.is_some_and(|at| is_within(at, now, times.forced)) {
            return Decision::Ask;
        }
        match (&self.failure, self.young(Some(Duration::MAX), now, times)) {
            (Some((error, _)), _) => Decision::Give(Err(error.clone())),
            (None, Some(result)) => Decision::Give(result.clone()),
            (None, None) => Decision::Ask,
        }
    }

    /// The answer, if there is something and it may still be given, however old it is.
    pub(super) fn usable(&self, now: SystemTime, times: &Times) -> Option<&V> {
        match &self.answer {
            Some((Ok(value), at)) if is_usable(*at, now, times) => Some(value),
            _ => None,
        }
    }

    /// The value, however old it is.
    pub(super) fn value(&self) -> Option<&V> {
        self.answer.as_ref().and_then(|(result, _)| result.as_ref().ok())
    }

    /// The answer, if it is young enough: by a limit of the request, or by the usual ones.
    fn young(&self, limit: Option<Duration>, now: SystemTime, times: &Times) -> Option<&Result<V, E>> {
        let (result, at) = self.answer.as_ref()?;
        let (usual, end) = match result {
            Ok(_) => (times.fresh, times.end()),
            Err(_) => (times.negative, times.negative),
        };
        is_within(*at, now, limit.map_or(usual, |limit| limit.min(end))).then_some(result)
    }

    fn failing(&self, now: SystemTime, times: &Times) -> Option<&E> {
        self.failure.as_ref().filter(|(_, at)| is_within(*at, now, times.backoff)).map(|(error, _)| error)
    }

    /// The positive answer, if it may still be given. One from the future becomes stale from now on, so that it ends
    /// some time even if nobody can be asked.
    fn settled(&self, now: SystemTime, times: &Times) -> Option<(Result<V, E>, SystemTime)> {
        let (result, at) = self.answer.as_ref()?;
        result.as_ref().ok().filter(|_| is_usable(*at, now, times))?;
        let at = if *at > now { now.checked_sub(times.fresh).unwrap_or(SystemTime::UNIX_EPOCH) } else { *at };
        Some((result.clone(), at))
    }
}

/// Whether a positive answer may still be given, if only while another one is asked for.
fn is_usable(at: SystemTime, now: SystemTime, times: &Times) -> bool {
    at > now || is_within(at, now, times.end())
}
