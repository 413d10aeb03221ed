//! Buckets of services that speak S3.

use std::{fmt, sync::Arc, time::Duration};

use object_store::{
    ClientOptions, ObjectStore,
    aws::AmazonS3Builder,
    client::{HttpClient, HttpConnector},
    prefix::PrefixStore,
};
use rustls::{ClientConfig, RootCertStore, crypto::ring};

use crate::error::Error;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// How long the service may be silent. Within that time a part of an upload has to go through.
const SILENCE: Duration = Duration::from_secs(120);

/// A bucket of a service that speaks S3. What uploads of several parts left behind after a crash is not seen here: the
/// bucket should have a rule that ends such uploads after a day or so.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct S3Bucket {
    /// Its name.
    pub bucket: Box<str>,
    /// Its region; `auto` or `us-east-1` where there are none.
    pub region: Box<str>,
    /// Where the service is reached, with its scheme: `https://s3.example.com`. Default: AWS.
    pub endpoint: Option<Box<str>>,
    /// The ID of the access key.
    pub key_id: Box<str>,
    /// The secret of the access key, which is shown nowhere.
    pub secret: Box<str>,
    /// What all keys begin with, so that a bucket can hold other things too. Default: nothing.
    pub prefix: Option<Box<str>>,
    /// Whether the name of the bucket is part of the path, and not of the host. Default: yes.
    pub path_style: bool,
    /// Whether an endpoint without TLS is allowed. Default: no.
    pub allow_http: bool,
}

impl S3Bucket {
    /// A bucket at AWS, until other things are set.
    #[must_use]
    pub fn new(
        bucket: impl Into<Box<str>>,
        region: impl Into<Box<str>>,
        key_id: impl Into<Box<str>>,
        secret: impl Into<Box<str>>,
    ) -> Self {
        Self {
            bucket: bucket.into(),
            region: region.into(),
            endpoint: None,
            key_id: key_id.into(),
            secret: secret.into(),
            prefix: None,
            path_style: true,
            allow_http: false,
        }
    }

    pub(super) fn open(&self) -> Result<Arc<dyn ObjectStore>, Error> {
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&*self.bucket)
            .with_region(&*self.region)
            .with_access_key_id(&*self.key_id)
            .with_secret_access_key(&*self.secret)
            .with_virtual_hosted_style_request(!self.path_style)
            .with_allow_http(self.allow_http)
            // Objects are deleted one by one, which all services can do.
            .with_disable_bulk_delete(true)
            .with_http_connector(Connector { allow_http: self.allow_http });
        if let Some(endpoint) = &self.endpoint {
            builder = builder.with_endpoint(self.address(endpoint)?);
        }
        let objects = builder.build().map_err(Error::internal)?;
        Ok(match &self.prefix {
            Some(prefix) => Arc::new(PrefixStore::new(objects, &**prefix)),
            None => Arc::new(objects),
        })
    }

    /// The endpoint, with the bucket in its host if it belongs there.
    fn address(&self, endpoint: &str) -> Result<String, Error> {
        let endpoint = endpoint.trim_end_matches('/');
        match endpoint.split_once("://") {
            Some(("http", _)) if !self.allow_http => {
                Err(Error::internal("the endpoint of the bucket is without TLS, which is not allowed"))
            }
            Some((scheme @ ("http" | "https"), host)) if !self.path_style => {
                Ok(format!("{scheme}://{}.{host}", self.bucket))
            }
            Some(("http" | "https", _)) => Ok(endpoint.to_owned()),
            _ => Err(Error::internal("the endpoint of the bucket is no URL")),
        }
    }
}

/// Without the secret.
impl fmt::Debug for S3Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Bucket")
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("endpoint", &self.endpoint)
            .field("prefix", &self.prefix)
            .finish_non_exhaustive()
    }
}

/// Connects with what is built in: ring, and the certificate authorities of Mozilla. What would be used otherwise
/// depends on what the process has chosen for TLS, and fails where it has chosen nothing.
#[derive(Debug)]
struct Connector {
    allow_http: bool,
}

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        let client = tls().map_err(Into::into).and_then(|tls| client(tls, self.allow_http).map_err(Into::into));
        client.map(HttpClient::new).map_err(|source| object_store::Error::Generic { store: "S3", source })
    }
}

fn tls() -> Result<ClientConfig, rustls::Error> {
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let mut config = config.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

fn client(tls: ClientConfig, allow_http: bool) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .https_only(!allow_http)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .build()
}
