//! Whom the commands ask.

use std::{future::Future, sync::Arc, time::Duration};

use arobase::{
    client::ConfigError,
    identity::{AddressPolicy, Dns, DnsError, PublicTransport, Resolver, SystemDns, plc::PlcClient},
};

use crate::failure::Failure;

use super::args::Network;

/// The public directory.
const DIRECTORY: &str = "https://plc.directory";
/// For one look-up in DNS.
const DNS_TIMEOUT: Duration = Duration::from_secs(3);

impl Network {
    /// A resolver.
    ///
    /// # Errors
    /// An option cannot be used, or the system is not set up.
    pub(crate) fn resolver(&self) -> Result<Resolver, Failure> {
        let policy = if self.development { AddressPolicy::Any } else { AddressPolicy::Public };
        let builder = Resolver::native(self.dns()?, policy).map_err(|error| config(&error))?;
        builder.plc_url(self.plc_url()).build().map_err(|error| config(&error))
    }

    /// A client of the directory.
    ///
    /// # Errors
    /// An option cannot be used, or the system is not set up.
    pub(crate) fn plc(&self) -> Result<PlcClient, Failure> {
        let transport = PublicTransport::new(self.dns()?, AddressPolicy::Any).map_err(|error| config(&error))?;
        PlcClient::new(self.plc_url(), Arc::new(transport)).map_err(|error| config(&error))
    }

    fn plc_url(&self) -> &str {
        self.plc.as_deref().unwrap_or(DIRECTORY)
    }

    fn dns(&self) -> Result<Arc<dyn Dns>, Failure> {
        let dns = match self.dns {
            Some(server) => SystemDns::with_servers(&[server], DNS_TIMEOUT),
            None => SystemDns::new(),
        };
        let no_dns = |error: DnsError| Failure::Network { who: "DNS".to_owned(), reason: error.to_string() };
        Ok(Arc::new(dns.map_err(no_dns)?))
    }
}

fn config(error: &ConfigError) -> Failure {
    Failure::Usage(error.to_string())
}

/// Carries out what asks others.
///
/// # Errors
/// That of the future, or the system gives no runtime.
pub(crate) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.map_err(|error| Failure::io("the runtime", &error))?.block_on(future)
}
