//! Objects → what runs.

use super::super::cluster::{HOST, Region, Storage, ZONE};
use super::super::databases;
use super::super::fields::{Fields, Problem};
use super::super::pods::{Autoscaler, Budget, Object, Term, Workload};
use super::super::read;
use super::claims::Claims;
use super::{Beside, Foreign, Origin, Seen, Unread, nodes};
use crate::kube::read::selector::Selector;
use crate::kube::schema::KNOWN;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A workload as it runs.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) kind: String,
    /// Called `Deployment/shop/web`; its path is its file and line.
    pub(super) workload: Workload,
    /// Whether something recreates its pods.
    pub(super) returns: bool,
    pub(super) claims: Vec<Claim>,
    /// Whether a probe says when its pods are ready, and whether all containers ask for room.
    pub(super) probed: bool,
    pub(super) sized: bool,
}

/// A volume that a workload claims.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Its name, or that of its template.
    pub name: String,
    /// Its storage class; none where nobody says.
    pub class: Option<String>,
    /// How large it is, as it is written.
    pub size: Option<String>,
    /// Its file and line.
    pub at: String,
    /// Whether pods of several nodes may use it.
    pub shared: bool,
    /// Whether every pod has one of its own.
    pub each: bool,
    /// Whether it stands on one node.
    pub local: bool,
    /// Who makes copies of it, in words.
    pub kept: Option<String>,
}

pub(super) fn read(seen: &[Seen], mut unread: Vec<Unread>, beside: Beside<'_>) -> Foreign {
    let classes = nodes::classes(seen);
    let default = classes.first().map(|(name, _)| name.clone());
    let claims = Claims::of(seen, nodes::local(seen), default);
    let mut found = Found::default();
    for one in seen {
        if let Err(problem) = found.add(one, &claims) {
            unread.push(Unread {
                at: one.at(),
                why: format!("{}: {}", one.shown(), problem.message),
            });
        }
    }
    let Found { mut running, scalers, mut budgets, daemons, unknown } = found;
    let pods = running.iter().map(|one| &one.workload.pod);
    let (mut regions, origin) = nodes::regions(seen, beside, pods);
    if matches!(origin, Origin::Assumed { .. }) {
        // Nobody says which labels the nodes have: those that pods ask for.
        running.iter_mut().for_each(|one| one.workload.pod.nodes.clear());
    }
    let mut guessed = BTreeSet::new();
    for region in &mut regions {
        let own = std::mem::take(&mut region.storage);
        region.storage.extend(classes.iter().cloned());
        region.storage.extend(own);
        for claim in running.iter().flat_map(|one| &one.claims) {
            let class = claim.class.clone().unwrap_or_else(|| "default".to_owned());
            if region.storage(&class).is_none() {
                region.storage.push((class.clone(), Storage::Bound));
                guessed.insert(class);
            }
        }
    }
    let region_is_guessed = place(&regions, &mut running, &mut budgets, &scalers);
    for one in &mut running {
        let region = regions.iter().find(|region| region.name == one.workload.place.region);
        one.bind(region);
    }
    running.sort_by(|a, b| a.workload.service.cmp(&b.workload.service));
    unread.sort();
    Foreign {
        regions,
        origin,
        running,
        budgets,
        daemons,
        unknown,
        guessed,
        region_is_guessed,
        unread,
    }
}

/// Says where everything runs: in the region whose name a folder of its file has, or in the only one. Where
/// there are several and no folder says it, the one that is taken comes back.
fn place(
    regions: &[Region],
    running: &mut [Running],
    budgets: &mut [Budget],
    scalers: &[Autoscaler],
) -> Option<String> {
    let mut guessed = None;
    let mut region = |file: &str| -> String {
        let steps: BTreeSet<&str> = file.split('/').collect();
        let named = regions.iter().find(|region| steps.contains(region.name.as_str()));
        if named.is_none() && regions.len() > 1 {
            guessed = Some(regions[0].name.clone());
        }
        named.or(regions.first()).map(|region| region.name.clone()).unwrap_or_default()
    };
    for one in running.iter_mut() {
        one.workload.place.region = region(&one.workload.place.path);
    }
    for budget in budgets.iter_mut() {
        budget.place.region = region(&budget.place.path);
    }
    let least: BTreeMap<_, usize> = (scalers.iter())
        .map(|scaler| {
            let place = &scaler.place;
            let key = (region(&place.path), place.namespace.clone(), scaler.target.clone());
            (key, scaler.min)
        })
        .collect();
    for one in running.iter_mut() {
        let place = &one.workload.place;
        let target = (one.kind.clone(), place.name.clone());
        let key = (place.region.clone(), place.namespace.clone(), target);
        if let Some(min) = least.get(&key) {
            one.workload.replicas = *min;
        }
    }
    guessed
}

impl Running {
    /// Lets its volumes say where its pods may be: those that share one are near each other.
    fn bind(&mut self, region: Option<&Region>) {
        let class = |claim: &Claim| claim.class.clone().or_else(|| Some("default".to_owned()));
        let pod = &mut self.workload.pod;
        pod.classes = self.claims.iter().map(class).collect();
        for claim in self.claims.iter().filter(|claim| !claim.each) {
            let bound =
                region.and_then(|region| region.storage(&class(claim)?)) != Some(Storage::Free);
            let key = match (claim.shared, bound) {
                (false, _) => HOST,
                (true, true) => ZONE,
                (true, false) => continue,
            };
            let selector = Selector::of(&pod.labels);
            pod.near.push(Term { key: key.to_owned(), selector });
        }
    }
}

#[derive(Default)]
struct Found {
    running: Vec<Running>,
    scalers: Vec<Autoscaler>,
    budgets: Vec<Budget>,
    daemons: Vec<String>,
    unknown: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, seen: &Seen, claims: &Claims<'_>) -> Result<(), Problem> {
        let value = &seen.value;
        let owners = value.at(&["metadata", "ownerReferences"]).map(Value::items);
        let owned = owners.is_some_and(|owners| !owners.is_empty());
        // What a hook makes is there while Helm works.
        let hook = value.at(&["metadata", "annotations", "helm.sh/hook"]).is_some();
        if owned || hook {
            return Ok(());
        }
        let at = seen.at();
        match (seen.group(), seen.kind.as_str()) {
            ("apps", "DaemonSet") => self.daemons.push(seen.shown()),
            ("", "Pod") => self.pod(seen, claims)?,
            ("apps", "ReplicaSet") | ("", "ReplicationController") => {
                let value = with_selector(value);
                let workload = read::workload(&at, &Fields::new(&at, &value), false)?;
                self.run(seen, workload, true, claims);
            }
            (_, databases::KIND) if databases::is(&seen.api_version) => {
                let workload = databases::read(&at, &Fields::new(&at, value))?;
                self.database(seen, workload, claims);
            }
            (group, kind) if KNOWN.is_own(group) || ["velero.io", "keda.sh"].contains(&group) => {
                if kind == "Pod" || kind == "ReplicaSet" || kind == "DaemonSet" {
                    return Ok(());
                }
                match read::of(&at, value)? {
                    Some(Object::Workload(workload)) => self.run(seen, *workload, true, claims),
                    Some(Object::Autoscaler(scaler)) => self.scalers.push(scaler),
                    Some(Object::Budget(budget)) => self.budgets.push(budget),
                    Some(
                        Object::Backup(_)
                        | Object::Unknown(_)
                        | Object::Watch(_)
                        | Object::Weights { .. },
                    )
                    | None => {}
                }
            }
            (_, kind) => drop(self.unknown.insert(kind.to_owned())),
        }
        Ok(())
    }

    /// A pod that nothing recreates.
    fn pod(&mut self, seen: &Seen, claims: &Claims<'_>) -> Result<(), Problem> {
        let phase = seen.value.at(&["status", "phase"]).and_then(Value::as_str);
        if matches!(phase, Some("Succeeded" | "Failed")) {
            return Ok(());
        }
        let at = seen.at();
        let metadata = seen.value.get("metadata").cloned().unwrap_or(Value::Null);
        let spec = seen.value.get("spec").cloned().unwrap_or(Value::Null);
        let template =
            Value::Map(vec![("metadata".to_owned(), metadata.clone()), ("spec".to_owned(), spec)]);
        let spec = Value::Map(vec![("template".to_owned(), template)]);
        let whole = Value::Map(vec![("metadata".to_owned(), metadata), ("spec".to_owned(), spec)]);
        let mut workload = read::workload(&at, &Fields::new(&at, &whole), false)?;
        workload.replicas = 1;
        let seen = Seen { value: whole, ..seen.clone() };
        self.run(&seen, workload, false, claims);
        Ok(())
    }

    /// A database: its operator makes its pods, asks them, and gives them the room that it is configured with.
    fn database(&mut self, seen: &Seen, workload: Workload, claims: &Claims<'_>) {
        let resources = seen.value.at(&["spec", "resources"]).map(Value::entries);
        self.running.push(Running {
            kind: seen.kind.clone(),
            sized: resources.is_some_and(|resources| !resources.is_empty()),
            workload: Workload {
                service: seen.shown(),
                tier: String::new(),
                carries: true,
                former: false,
                ..workload
            },
            returns: true,
            claims: claims.of_database(seen),
            probed: true,
        });
    }

    fn run(&mut self, seen: &Seen, workload: Workload, returns: bool, claims: &Claims<'_>) {
        let path: &[&str] = match seen.kind.as_str() {
            "CronJob" => &["spec", "jobTemplate", "spec", "template", "spec"],
            _ => &["spec", "template", "spec"],
        };
        let pod = seen.value.at(path).unwrap_or(&Value::Null);
        let containers = pod.get("containers").map(Value::items).unwrap_or_default();
        let has = |key: &str| containers.iter().any(|one| one.get(key).is_some());
        let sized = |one: &Value| {
            let of = |sort| one.at(&["resources", sort]).map(Value::entries).unwrap_or_default();
            !of("requests").is_empty() || !of("limits").is_empty()
        };
        self.running.push(Running {
            kind: seen.kind.clone(),
            workload: Workload {
                service: seen.shown(),
                tier: String::new(),
                carries: !workload.ends,
                former: false,
                ..workload
            },
            returns,
            claims: claims.of_workload(seen, pod),
            probed: has("readinessProbe") || has("startupProbe"),
            sized: containers.iter().all(sized),
        });
    }
}

/// A `ReplicationController` says its labels without `matchLabels`, and may leave them out.
fn with_selector(value: &Value) -> Value {
    let mut value = value.clone();
    let plain = value.get("kind").and_then(Value::as_str) == Some("ReplicationController");
    if plain && let Some(spec) = value.get_mut("spec") {
        spec.remove("selector");
    }
    value
}
