//! Gets lexicons from the network: from the repositories of their authorities, each with the proof
//! that it is there, and writes their facts as [`import`](crate::import) does.
//!
//! The manifest remembers the authority as the source of a lexicon, and the revision of its
//! repository as the version. An older revision is refused later, and so is another authority.

mod failure;
mod gather;
mod network;
mod wanted;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use arobase_lexicon::{
    json::Json,
    syntax::{Did, Nsid, Tid},
};
use arobase_runtime::catalog::ResolvedLexicon;

use self::{gather::Gathered, network::Network, wanted::Wanted};
pub use crate::import::Report;
use crate::{
    diagnostic::{Diagnostic, Diagnostics},
    import::{Label, Manifest, Plan},
    resolve::{self, Corpus, OtherJson},
    source::{Input, display},
};

/// What to get, and from where.
#[derive(Clone, Debug)]
pub struct Pull {
    /// NSIDs, or groups: `com.example.*` is all that the authority of `com.example` publishes in
    /// it, without the groups below, which may have other authorities.
    pub wanted: Vec<String>,
    /// The directory of facts and its manifest; it need not exist.
    pub into: PathBuf,
    /// The PLC directory; by default the public one.
    pub plc: Option<String>,
    /// The name server; by default those of the system.
    pub dns: Option<SocketAddr>,
    /// Whether hosts may have any address, and no TLS.
    pub development: bool,
    /// Whether lexicons are fetched that others refer to, unless they are there or official.
    pub references: bool,
    /// Whether nothing is written, and what would be is an error.
    pub check: bool,
    /// Whether an older revision of a repository is taken in the place of a newer one.
    pub allow_downgrade: bool,
}

impl Pull {
    /// Pulls. Where the collector has errors afterwards, nothing was written, unless the disk
    /// failed in the midst of renaming.
    pub fn run(&self, dx: &mut Diagnostics) -> Report {
        let wanted = Wanted::read(&self.wanted, dx);
        let Some(manifest) = Manifest::read(&self.into, dx) else { return Report::default() };
        if dx.has_errors() {
            return Report::default();
        }
        let seen = if self.allow_downgrade { BTreeMap::new() } else { seen(&manifest) };
        let known = self.known();
        let gathered = match Network::open(self, seen) {
            Ok(network) => network.gather(&wanted, |nsid| !self.references || known.entry(nsid).is_some()),
            Err(message) => {
                dx.push(Diagnostic::error("network", message));
                return Report::default();
            }
        };
        gathered.report(dx);
        let plan = self.plan(&gathered, &manifest, dx);
        if dx.has_errors() {
            return Report::default();
        }
        if self.check { compare(plan, dx) } else { plan.write(dx) }
    }

    /// The lexicons that references need not be followed to: those that are there, and the official
    /// ones.
    fn known(&self) -> Corpus {
        let documents = arobase_lexicons::DOCUMENTS.iter();
        let official = documents.map(|(id, text)| Input::Text { name: (*id).to_owned(), text: (*text).to_owned() });
        let there = self.into.is_dir().then(|| Input::Path(self.into.clone()));
        // What is wrong with them is not what this is about.
        let mut ignored = Diagnostics::new();
        let inputs: Vec<Input> = official.chain(there).collect();
        let corpus = resolve::open(&[], &inputs, OtherJson::Skip, &mut ignored);
        let _ = ignored.counts();
        corpus
    }

    fn plan(&self, gathered: &Gathered, manifest: &Manifest, dx: &mut Diagnostics) -> Plan {
        for (nsid, lexicon) in &gathered.lexicons {
            report_conflict(nsid, lexicon, manifest, dx);
        }
        let mut plan = Plan::new(&self.into, manifest.clone());
        for (nsid, lexicon) in &gathered.lexicons {
            add(&mut plan, nsid, lexicon, manifest, dx);
        }
        report_own_files(&plan, dx);
        report_case_collisions(plan.manifest(), dx);
        plan
    }
}

/// The latest revision that each authority showed.
fn seen(manifest: &Manifest) -> BTreeMap<Did, Tid> {
    let mut seen = BTreeMap::new();
    for (_, record) in manifest.iter() {
        if let (Ok(did), Ok(rev)) = (record.source.parse::<Did>(), record.version.parse::<Tid>()) {
            let latest = seen.entry(did).or_insert_with(|| rev.clone());
            if *latest < rev {
                *latest = rev;
            }
        }
    }
    seen
}

/// Takes a lexicon. If it is the one that was there before, its entry in the manifest stays.
fn add(plan: &mut Plan, nsid: &Nsid, lexicon: &ResolvedLexicon, manifest: &Manifest, dx: &mut Diagnostics) {
    let json = lexicon.record.to_json().ok().and_then(|text| Json::parse_bytes(&text).ok());
    let Some(json) = json else {
        dx.push(Diagnostic::error("lexicon-invalid", format!("`{nsid}` cannot be written as JSON")));
        return;
    };
    // The CID has the hash of the record as it was published.
    let sha256: String = lexicon.cid.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    let (source, rev) = (lexicon.did.as_str(), lexicon.rev.as_str());
    let same = manifest.get(nsid.as_str()).filter(|old| old.source == source && old.source_sha256 == sha256);
    let version = same.map_or(rev, |old| &old.version);
    plan.add(nsid.as_str(), &json, Label { source, version, sha256 });
}

/// One lexicon has one source.
fn report_conflict(nsid: &Nsid, lexicon: &ResolvedLexicon, manifest: &Manifest, dx: &mut Diagnostics) {
    let Some(record) = manifest.get(nsid.as_str()).filter(|record| record.source != lexicon.did.as_str()) else {
        return;
    };
    let message = format!("`{nsid}` is here from `{}`, and its authority is `{}` now", record.source, lexicon.did);
    dx.push(Diagnostic::error("source-conflict", message).expected("one source for each lexicon").help(
        "if that is right, remove what is from the old source, files and entries of the manifest, and pull again",
    ));
}

/// What nobody pulled or imported is not replaced.
fn report_own_files(plan: &Plan, dx: &mut Diagnostics) {
    for path in plan.own_files() {
        let file = dx.sources_mut().add(display(path), "");
        dx.push(
            Diagnostic::error("own-lexicon", "this would be replaced, and the manifest does not list it")
                .in_file(file)
                .help("pull into a directory of its own, or remove this file and pull again"),
        );
    }
}

/// Two NSIDs that differ only in case would be one file on many systems.
fn report_case_collisions(manifest: &Manifest, dx: &mut Diagnostics) {
    let mut by_lower_case: BTreeMap<String, &str> = BTreeMap::new();
    for (nsid, _) in manifest.iter() {
        if let Some(first) = by_lower_case.insert(nsid.to_ascii_lowercase(), nsid) {
            let message = format!("`{nsid}` differs only by case from `{first}`");
            dx.push(Diagnostic::error("case-collision", message).help("pull one of them into another directory"));
        }
    }
}

/// Says what would be written.
fn compare(plan: Plan, dx: &mut Diagnostics) -> Report {
    let (stale, report) = plan.stale();
    for path in stale {
        let file = dx.sources_mut().add(display(&path), "");
        dx.push(
            Diagnostic::error("stale-lexicon", "this is not what its authority publishes now")
                .in_file(file)
                .help("pull without `--check`, and commit the result"),
        );
    }
    report
}
