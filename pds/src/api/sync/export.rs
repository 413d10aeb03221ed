//! Whole repositories (`getRepo`, `getCheckout`).

use arobase::{
    Context, Failure,
    repo::Repo,
    syntax::{Did, Tid},
    xrpc::Body,
};
use http::{HeaderValue, header};

use crate::{accounts::find_readable, auth, error::Error, pds::Pds, repos, store::View};

use super::{ahead::Ahead, policy::Policy, stream::Outlet, tag};

/// What is wanted.
struct Export {
    did: Did,
    since: Option<Tid>,
    reader: Option<auth::Credentials>,
    policy: Policy,
    cx: Context,
}

/// What the answer begins with.
enum Head {
    /// What names the state of the repository. A part of it has no name.
    Tag(Option<HeaderValue>),
    /// The caller has it already.
    Known(HeaderValue),
}

/// A repository, or what of it is newer than a revision, from one snapshot.
pub(super) async fn export<E>(pds: &Pds, cx: &Context, did: Did, since: Option<Tid>) -> Result<Body, Failure<E>> {
    let export = Export { did, since, reader: auth::caller(cx).cloned(), policy: Policy::of(pds, cx), cx: cx.clone() };
    let inner = &pds.inner;
    let streamed = inner.exports.stream(&inner.db, cx.client_ip(), move |view, outlet| export.run(view, outlet)).await;
    let (head, body) = streamed.map_err(Error::into_failure)?;
    match head {
        Head::Tag(None) => Ok(body),
        Head::Tag(Some(tag)) => {
            cx.set_header(header::ETAG, tag);
            Ok(body)
        }
        Head::Known(tag) => Err(tag::not_modified(tag)),
    }
}

impl Export {
    fn run(&self, view: &dyn View, outlet: &mut Outlet<Head>) -> Result<(), Error> {
        let account = find_readable(view, &self.did.clone().into(), self.reader.as_ref())?;
        self.policy.check(&account, self.reader.as_ref())?;
        let repo = repos::open(view, &account)?;
        let blocks = Ahead::new(view, account.id);
        let export = match &self.since {
            Some(rev) => repo.export_since(rev, &blocks, &blocks),
            None => repo.export(&blocks),
        };
        let head = self.head(&repo);
        let known = matches!(head, Head::Known(_));
        outlet.begin(head)?;
        if !known {
            for piece in export.into_car() {
                outlet.send(piece?)?;
            }
        }
        Ok(())
    }

    fn head(&self, repo: &Repo) -> Head {
        if self.since.is_some() {
            return Head::Tag(None);
        }
        match tag::weak(repo.commit().rev().as_str()) {
            Some(tag) if tag::is_known(&self.cx, &tag) => Head::Known(tag),
            tag => Head::Tag(tag),
        }
    }
}
