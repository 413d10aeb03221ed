//! A document, and what is read out of it again and again.

use std::sync::{Arc, OnceLock};

use arobase_lexicon::syntax::Handle;

use crate::{crypto::PublicKey, identity::DidDocument};

/// A document, and what is read out of it again and again.
#[derive(Debug)]
pub(super) struct Known {
    document: Arc<DidDocument>,
    /// The handle that it claims, in its normal form.
    handle: Option<Handle>,
    pds: Option<Box<str>>,
    /// Its keys of the usual names, parsed when they are first wanted.
    signing: OnceLock<Option<PublicKey>>,
    label: OnceLock<Option<PublicKey>>,
}

impl Known {
    pub(super) fn new(document: DidDocument) -> Self {
        let handle = document.handle().map(|handle| handle.normalize());
        let pds = document.pds().map(Box::from);
        Self { document: Arc::new(document), handle, pds, signing: OnceLock::new(), label: OnceLock::new() }
    }

    pub(super) fn document(&self) -> &Arc<DidDocument> {
        &self.document
    }

    pub(super) fn handle(&self) -> Option<&Handle> {
        self.handle.as_ref()
    }

    /// The endpoint of the PDS, with TLS or without.
    pub(super) fn pds(&self) -> Option<&str> {
        self.pds.as_deref()
    }

    pub(super) fn claims(&self, handle: &Handle) -> bool {
        self.handle.as_ref().is_some_and(|own| own.as_str().eq_ignore_ascii_case(handle.as_str()))
    }

    pub(super) fn key(&self, name: &str) -> Option<PublicKey> {
        let parsed = match name {
            "atproto" => &self.signing,
            "atproto_label" => &self.label,
            _ => return self.document.key(name),
        };
        parsed.get_or_init(|| self.document.key(name)).clone()
    }

    /// About how many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        /// What a piece of text takes besides its bytes, and its share of what holds it.
        const PIECE: usize = 32;
        let document = &self.document;
        let names = document.also_known_as().iter().map(|name| name.len() + PIECE);
        let keys = document.verification_methods().iter().map(|method| {
            let key = method.public_key_multibase.as_deref().map_or(0, str::len);
            method.id.len() + method.kind.len() + method.controller.len() + key + 4 * PIECE
        });
        let services = document.services().iter().map(|service| {
            service.id.len() + service.kind.len() + service.endpoint.as_deref().map_or(0, str::len) + 3 * PIECE
        });
        size_of::<Self>() + size_of::<DidDocument>() + names.chain(keys).chain(services).sum::<usize>()
    }
}
