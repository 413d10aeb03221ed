//! A server on SQLite, with nothing of the network.

use std::{
    env, error, fs,
    net::SocketAddr,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use arobase::{
    data::Value,
    identity::{Dns, DnsError, Resolver, plc::PlcClient},
    server,
    syntax::{Did, Nsid},
    xrpc::BoxFuture,
};
use arobase_pds::{
    Change, Pds, Settings, SignUp, Validate, WriteOptions,
    store::{SqliteOptions, SqliteStore},
};
use arobase_plc::{Directory, DirectoryTransport};
use tokio::net::TcpListener;

/// So many with `--bench`; else, as tests run it, hardly any.
pub(crate) fn full_or_few(full: usize) -> usize {
    if env::args().any(|argument| argument == "--bench") { full } else { full.div_ceil(100) }
}

pub(crate) type Failure = Box<dyn error::Error>;

/// How long something takes: as the clock says, and of the processor. On a machine that has other work, only the
/// latter says something.
pub(crate) struct Stopwatch {
    begun: Instant,
    cpu: Duration,
}

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self { begun: Instant::now(), cpu: cpu_time() }
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Says how much of something was done in a second.
    pub(crate) fn print(&self, what: &str, amount: f64, unit: &str) {
        let rate = |time: Duration| amount / time.as_secs_f64();
        let (clock, cpu) = (self.elapsed(), cpu_time().saturating_sub(self.cpu));
        println!("  {what}: {:.0} {unit}/s; {:.0} in a second of processor time", rate(clock), rate(cpu));
    }
}

/// The time that all threads of this process have had, where Linux says it.
fn cpu_time() -> Duration {
    let text = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name before may have spaces. Ticks are hundredths of a second.
    let fields = text.rsplit(") ").next().unwrap_or_default().split(' ');
    let ticks: u64 = fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    Duration::from_millis(10 * ticks)
}

/// No name is known.
struct NoDns;

impl Dns for NoDns {
    fn txt<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<String>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::NotFound)))
    }

    fn addresses<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Vec<SocketAddr>, DnsError>> {
        Box::pin(std::future::ready(Err(DnsError::NotFound)))
    }
}

/// A server whose store is in this folder, and where it is reached.
pub(crate) async fn start(folder: &Path) -> Result<(Pds, SocketAddr), Failure> {
    let store = SqliteStore::open(&folder.join("pds.sqlite"), SqliteOptions::default())?;
    let mut settings = Settings::new("http://localhost:2583")?;
    settings.development = true;
    settings.handle_domains = vec![".test".into()];
    let directory = Directory::new(arobase_plc::MemoryStore::new())?;
    let plc = Arc::new(DirectoryTransport::new(&directory));
    let resolver = Resolver::builder(Arc::new(NoDns), plc.clone(), plc.clone()).plc_url("http://plc.test");
    let builder = Pds::builder(store, settings).resolver(resolver.development(true).build()?);
    let pds = builder.plc(PlcClient::new("http://plc.test", plc)?).build().await?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(server::serve(listener, pds.xrpc().into_axum()).into_future());
    Ok((pds, address))
}

/// An account with so many records of about so many bytes.
pub(crate) async fn account(pds: &Pds, name: &str, records: usize, bytes: usize) -> Result<Did, Failure> {
    let mut sign_up = SignUp::default();
    sign_up.handle = Some(format!("{name}.test").parse()?);
    let did = pds.create_account(sign_up).await?.did;
    for first in (0..records).step_by(200) {
        let changes =
            (first..records.min(first + 200)).map(|number| create(number, bytes)).collect::<Result<_, _>>()?;
        write(pds, &did, changes).await?;
    }
    Ok(did)
}

/// A record of about so many bytes.
pub(crate) fn create(number: usize, bytes: usize) -> Result<Change, Failure> {
    let collection: Nsid = "com.example.note".parse()?;
    let text = format!("{number:>width$}", width = bytes.saturating_sub(60).max(1));
    let record = Value::from_json(format!(r#"{{"$type":"com.example.note","text":"{text}"}}"#).as_bytes())?;
    let rkey = Some(format!("{number:013}").parse()?);
    Ok(Change::Create { collection, rkey, record })
}

/// Writes with one commit, without a look at lexicons.
pub(crate) async fn write(pds: &Pds, did: &Did, changes: Vec<Change>) -> Result<(), Failure> {
    let mut options = WriteOptions::default();
    options.validate = Validate::Off;
    pds.write(did, changes, options).await?;
    Ok(())
}
