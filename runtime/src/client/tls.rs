//! TLS for HTTP and WebSockets: ring and the certificate authorities of Mozilla. No provider is set
//! for the whole program, which may have chosen another.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::ring};

/// A configuration that offers these protocols, best first (ALPN); none for WebSockets.
pub(super) fn config(protocols: &[&str]) -> Result<ClientConfig, rustls::Error> {
    config_with(protocols, public_roots())
}

/// The certificate authorities of Mozilla.
pub(crate) fn public_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    roots
}

/// The same with other authorities.
pub(crate) fn config_with(protocols: &[&str], roots: RootCertStore) -> Result<ClientConfig, rustls::Error> {
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(config)
}
