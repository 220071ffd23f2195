//! Trees that have no ledger: manifests that run today, of which nobody promises anything.

use super::args::{Cluster, Inputs};
use super::disk::{self, Tree, Trouble};
use super::print;
use crate::diag::{FileId, Sink, Sources};
use crate::explain::foreign::{self as explain, Number, OneLoss, Page};
use crate::import::foreign::{self, Foreign};
use crate::judge::foreign::{Assumed, Beside, Foreign as Judged, Seen};
use crate::judge::{How, Outcome, Question, Report, Scope};
use crate::kube::labels;
use crate::model::Fleet;
use crate::yaml::Value;
use std::path::Path;

/// The texts of a folder, or of a file, without a ledger; none where there is one, or where what is there is
/// Ninefold's and has lost it.
pub(super) fn texts(out: &Path) -> Result<Option<Texts>, Trouble> {
    let is_input = out.as_os_str() == "-";
    let has_ledger = || -> Result<bool, Trouble> {
        Ok(disk::is_folder(out) && !Tree::look_at(out)?.units()?.is_empty())
    };
    if !is_input && (!disk::exists(out) || has_ledger()?) {
        return Ok(None);
    }
    let mut sources = Sources::default();
    let files = disk::read_manifests(&mut sources, &[out.to_owned()])?.files;
    Ok((!files.is_empty()).then_some(Texts { sources, files }))
}

/// What was read of a folder.
pub(super) struct Texts {
    sources: Sources,
    files: Vec<FileId>,
}

impl Texts {
    /// The objects in them; none where Ninefold wrote them.
    pub(super) fn objects(&self, out: &Path) -> Option<Foreign<'_>> {
        let read = foreign::read(&self.sources, &self.files, &disk::shown(out));
        let ours = |value: &Value| value.at(&["metadata", "labels", labels::SERVICE]).is_some();
        (!read.seen.iter().any(|seen| ours(&seen.value))).then_some(read)
    }
}

/// What is judged of them, with what is said of the cluster; none where the fleet is refused, which is
/// told.
pub(super) fn judged(read: &Foreign<'_>, cluster: &Cluster) -> Result<Option<Judged>, Trouble> {
    let fleet = match &cluster.fleet {
        None => None,
        Some(path) => match fleet(path)? {
            Some(fleet) => Some(fleet),
            None => return Ok(None),
        },
    };
    let beside = match &fleet {
        Some(fleet) => Beside::Fleet(fleet),
        None => Beside::Assumed(Assumed {
            zones: cluster.zones,
            nodes: cluster.nodes,
            size: cluster.node_cpu.zip(cluster.node_memory),
        }),
    };
    Ok(Some(Judged::read(&read.seen, read.unread.clone(), beside)))
}

/// The fleet in a file, with the services beside it, which it may name.
fn fleet(path: &Path) -> Result<Option<Fleet>, Trouble> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let specs = folder.unwrap_or(Path::new(".")).to_owned();
    if path.file_name().is_none_or(|name| name != "fleet.toml") || !disk::exists(path) {
        return Err(Trouble::new("reading", path, "a fleet is in a file called `fleet.toml`"));
    }
    let mut sink = Sink::default();
    let input = disk::read_input(&mut sink, &Inputs { specs, templates: None })?.input;
    match crate::compile::fleet(&mut sink, input) {
        Ok(fleet) => Ok(Some(fleet)),
        Err(sources) => {
            print::findings(&sink.sorted(&sources), &sources);
            Ok(None)
        }
    }
}

/// What is known of the workloads that a name may mean: `web`, `shop/web` or `Deployment/shop/web`.
pub(super) fn explained(read: &Foreign<'_>, judged: &Judged, name: &str) -> Vec<Page> {
    let scopes = [Scope::Node, Scope::Zone, Scope::Region];
    let reports: Vec<Report> = (scopes.into_iter())
        .filter_map(|scope| judged.lose(&Question { scope, name: None, how: How::Gone }).ok())
        .collect();
    let meant = |service: &str| service == name || service.ends_with(&format!("/{name}"));
    let found = judged.names().into_iter().filter(|service| meant(service));
    found
        .filter_map(|service| {
            let at = read.seen.iter().position(|seen| seen.shown() == service)?;
            let seen = &read.seen[at];
            let mut numbers = explain::numbers(&seen.value);
            for number in &mut numbers {
                let path: Vec<&str> = number.path.iter().map(String::as_str).collect();
                let line = if path.is_empty() { None } else { read.line(at, &path) };
                number.at = format!("{}:{}", seen.file, line.unwrap_or(seen.line));
            }
            numbers.extend(beside(read, judged, seen));
            let outcomes: Vec<&Outcome> = (reports.iter())
                .filter_map(|report| report.services.iter().find(|one| one.service == service))
                .collect();
            Some(Page {
                workload: service.to_owned(),
                at: seen.at(),
                numbers,
                losses: outcomes.iter().map(|outcome| OneLoss::of(outcome)).collect(),
                weaknesses: outcomes.first().map(|one| one.weaknesses.clone()).unwrap_or_default(),
                premises: reports.get(1).map(|report| report.premises.clone()).unwrap_or_default(),
            })
        })
        .collect()
}

/// The numbers of other objects that decide about a workload: its autoscaler, its claims.
fn beside(read: &Foreign<'_>, judged: &Judged, workload: &Seen) -> Vec<Number> {
    let mut numbers = Vec::new();
    let fields = [
        ("minReplicas", "fewest replicas of the autoscaler"),
        ("maxReplicas", "most replicas of the autoscaler"),
        ("minReplicaCount", "fewest replicas of the autoscaler"),
        ("maxReplicaCount", "most replicas of the autoscaler"),
    ];
    for (at, seen) in read.seen.iter().enumerate() {
        let target = |key| seen.value.at(&["spec", "scaleTargetRef", key]).and_then(Value::as_str);
        let kind = target("kind").unwrap_or("Deployment");
        let meant = seen.namespace == workload.namespace
            && target("name") == Some(workload.name.as_str())
            && kind == workload.kind;
        for (field, what) in fields.iter().filter(|_| meant) {
            let Some(Value::Int(number)) = seen.value.at(&["spec", *field]) else { continue };
            let line = read.line(at, &["spec", *field]).unwrap_or(seen.line);
            numbers.push(Number::new(what, number.to_string(), format!("{}:{line}", seen.file)));
        }
    }
    for claim in judged.claims(&workload.shown()) {
        let class = claim.class.as_deref().unwrap_or("the default");
        let size = claim.size.as_deref().unwrap_or("size unknown");
        let kept = claim.kept.as_deref().unwrap_or("no copies");
        let value = format!("{size}, class {class}, {kept}");
        numbers.push(Number::new(&format!("claim {}", claim.name), value, claim.at.clone()));
    }
    numbers
}
