//! Volumes, and whether a backup has them.

use super::Seen;
use super::read::Claim;
use crate::kube::read::selector::{Labels, Selector};
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the objects say of volumes.
pub(super) struct Claims<'a> {
    /// By namespace and name.
    written: BTreeMap<(&'a str, &'a str), &'a Seen>,
    backups: Vec<Backup<'a>>,
    /// Storage classes whose volumes stand on one node.
    local: BTreeSet<String>,
    /// The class of a claim that names none.
    default: Option<String>,
}

/// What makes copies.
enum Backup<'a> {
    Velero {
        seen: &'a Seen,
        selector: Option<Selector>,
        moves: bool,
    },
    /// Of one claim.
    VolSync {
        seen: &'a Seen,
        claim: &'a str,
    },
}

impl<'a> Claims<'a> {
    pub(super) fn of(seen: &'a [Seen], local: BTreeSet<String>, default: Option<String>) -> Self {
        let claims = seen.iter().filter(|one| one.kind == "PersistentVolumeClaim");
        let written =
            claims.map(|one| ((one.namespace.as_str(), one.name.as_str()), one)).collect();
        Claims { written, backups: seen.iter().filter_map(backup).collect(), local, default }
    }

    /// The claims of a workload: those of its template, and those that its pods name.
    pub(super) fn of_workload(&self, seen: &Seen, pod: &Value) -> Vec<Claim> {
        let templates = seen.value.at(&["spec", "volumeClaimTemplates"]).map(Value::items);
        let labels = labels(seen.value.at(&["spec", "selector", "matchLabels"]));
        let own = templates.unwrap_or_default().iter().map(|template| {
            let name = text(template, &["metadata", "name"]).unwrap_or_default();
            self.claim(seen, name, template, &labels, true)
        });
        let volumes = pod.get("volumes").map(Value::items).unwrap_or_default();
        let named = volumes.iter().filter_map(|volume| {
            let name = text(volume, &["persistentVolumeClaim", "claimName"])?;
            Some(match self.written.get(&(seen.namespace.as_str(), name)) {
                Some(claim) => self.claim(claim, name, &claim.value, &Labels::new(), false),
                None => self.claim(seen, name, &Value::Null, &Labels::new(), false),
            })
        });
        own.chain(named).collect()
    }

    /// The volumes of a database: of each instance one for its data, and one for its log where that is
    /// apart. An archive of its own is what makes copies of them.
    pub(super) fn of_database(&self, seen: &Seen) -> Vec<Claim> {
        let spec = seen.value.get("spec").cloned().unwrap_or(Value::Null);
        let archived = archive(&spec);
        let claim = |name: &str, key: &str| {
            let storage = spec.get(key)?;
            let class = text(storage, &["storageClass"]).map(str::to_owned);
            let class = class.or_else(|| self.default.clone());
            Some(Claim {
                name: name.to_owned(),
                local: class.as_ref().is_some_and(|class| self.local.contains(class)),
                class,
                size: text(storage, &["size"]).map(str::to_owned),
                at: seen.at(),
                shared: false,
                each: true,
                kept: archived.clone(),
            })
        };
        [claim("data", "storage"), claim("log", "walStorage")].into_iter().flatten().collect()
    }

    fn claim(&self, at: &Seen, name: &str, value: &Value, more: &Labels, each: bool) -> Claim {
        let class = text(value, &["spec", "storageClassName"]).filter(|class| !class.is_empty());
        let class = class.map(str::to_owned).or_else(|| self.default.clone());
        let modes = value.at(&["spec", "accessModes"]).map(Value::items).unwrap_or_default();
        let shared = modes.iter().filter_map(Value::as_str).any(|mode| mode.ends_with("Many"));
        let mut labels = labels(value.at(&["metadata", "labels"]));
        labels.extend(more.clone());
        let size = text(value, &["spec", "resources", "requests", "storage"]);
        let kept = self.backups.iter().find_map(|one| one.of(&at.namespace, name, &labels, each));
        Claim {
            name: name.to_owned(),
            local: class.as_ref().is_some_and(|class| self.local.contains(class)),
            class,
            size: size.map(str::to_owned),
            at: at.at(),
            shared,
            each,
            kept,
        }
    }
}

fn text<'v>(value: &'v Value, path: &[&str]) -> Option<&'v str> {
    value.at(path)?.as_str()
}

fn labels(value: Option<&Value>) -> Labels {
    let entries = value.map(Value::entries).unwrap_or_default().iter();
    entries.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// Where a database archives what it writes, in words, where it does.
fn archive(spec: &Value) -> Option<String> {
    let plugins = spec.get("plugins").map(Value::items).unwrap_or_default();
    let archives = |plugin: &&Value| plugin.get("isWALArchiver") == Some(&Value::Bool(true));
    let plugin = plugins.iter().find(archives).and_then(|plugin| text(plugin, &["name"]));
    match (plugin, spec.at(&["backup", "barmanObjectStore"])) {
        (Some(plugin), _) => Some(format!("its archive, by `{plugin}`")),
        (None, Some(_)) => Some("its archive".to_owned()),
        (None, None) => None,
    }
}

fn backup(seen: &Seen) -> Option<Backup<'_>> {
    match (seen.group(), seen.kind.as_str()) {
        ("velero.io", "Schedule") => {
            let template = seen.value.at(&["spec", "template"])?;
            let is = |key: &str, value| template.get(key) == Some(&Value::Bool(value));
            let paused = seen.value.at(&["spec", "paused"]) == Some(&Value::Bool(true));
            let files = is("defaultVolumesToFsBackup", true);
            if paused || (is("snapshotVolumes", false) && !files) {
                return None;
            }
            // A selector that cannot be read selects nothing that anybody could count on.
            let selector = match template.get("labelSelector") {
                None | Some(Value::Null) => None,
                Some(value) => Some(Selector::read(value).ok()?),
            };
            Some(Backup::Velero { seen, selector, moves: files || is("snapshotMoveData", true) })
        }
        ("volsync.backube", "ReplicationSource") => {
            Some(Backup::VolSync { seen, claim: text(&seen.value, &["spec", "sourcePVC"])? })
        }
        _ => None,
    }
}

impl Backup<'_> {
    /// Who copies a claim, in words, where it does.
    fn of(&self, namespace: &str, claim: &str, labels: &Labels, each: bool) -> Option<String> {
        match self {
            Backup::Velero { seen, selector, moves } => {
                let list = |key: &str| -> Vec<&str> {
                    let items = seen.value.at(&["spec", "template", key]).map(Value::items);
                    items.unwrap_or_default().iter().filter_map(Value::as_str).collect()
                };
                let (included, excluded) = (list("includedNamespaces"), list("excludedNamespaces"));
                let all = included.is_empty() || included.contains(&"*");
                let meant =
                    (all || included.contains(&namespace)) && !excluded.contains(&namespace);
                let selected = selector.as_ref().is_none_or(|one| one.selects(labels));
                let how = if *moves { "copied" } else { "as snapshots beside the volume" };
                (meant && selected).then(|| format!("Velero `{}`, {how}", seen.name))
            }
            Backup::VolSync { seen, claim: source } => {
                let ours = |rest: &str| rest.starts_with('-');
                let of_each = each && source.strip_prefix(claim).is_some_and(ours);
                let same = seen.namespace == namespace && (*source == claim || of_each);
                same.then(|| format!("VolSync `{}`", seen.name))
            }
        }
    }
}
