//! How large a service is, how it follows its load, and who its processes are.

use super::Guessing;
use super::listen::Listened;
use super::mounts::bytes;
use crate::import::made;
use crate::import::object;
use crate::import::toml::inline;
use crate::kube::labels;
use crate::kube::read::quantity::Quantity;
use crate::quantity::Cpu;
use crate::yaml::Value;

/// A share of CPU in thousandths of a core.
pub(in crate::import) fn millis(value: &Value) -> Option<u64> {
    let millis = Quantity::of(value)?.thousandths()?;
    u64::try_from(millis).ok().filter(|millis| *millis > 0)
}

/// Replicas that a tier has unless a spec says otherwise.
const PEAKS: &[(&str, i64)] = &[("bronze", 1), ("silver", 2), ("gold", 2), ("platinum", 3)];

/// How much more CPU than it needs a replica may use.
const BURST: u64 = 4;

/// Ports below this one need a privilege.
const PRIVILEGED: u16 = 1024;

impl Guessing<'_> {
    /// `[capacity]`
    pub(super) fn size(&mut self) {
        let main = self.main;
        let of = |sort: &str, what: &str| main.at(&["resources", sort, what]);
        let cpu = of("requests", "cpu").or_else(|| of("limits", "cpu")).and_then(millis);
        let cpu_limit = of("limits", "cpu").and_then(millis);
        let memory = of("requests", "memory").or_else(|| of("limits", "memory")).and_then(bytes);
        let memory_limit = of("limits", "memory").and_then(bytes);
        let extended = extended(main);
        let scaled = self.scaled();
        let least = scaled.as_ref().map(|(min, _)| *min);
        let replicas = object::number(self.workload.at(&["spec", "replicas"])).unwrap_or(1);
        let annotations = object::annotations_of(self.workload);
        let written = annotations.get(labels::PEAK).and_then(|peak| peak.parse::<i64>().ok());
        let guessed =
            self.context.learned.peaks.get(&self.group.name).and_then(|guesses| guesses.first());
        let peak = guessed.copied().or(written).or(least).unwrap_or(replicas).max(1);
        let usual = PEAKS.iter().find(|(tier, _)| *tier == self.context.options.tier);
        let single = self.document.top.has("single_writer");
        let table = self.document.table(&["capacity"]);
        if usual.is_none_or(|(_, usual)| *usual != peak) && !single {
            table.set("peak", peak);
        }
        if let Some(cpu) = cpu {
            table.set("cpu", Cpu::millis(cpu).to_string());
        }
        if let Some(memory) = &memory {
            table.set("memory", memory.as_str());
        }
        if let Some(limit) = cpu_limit.filter(|limit| Some(*limit) != cpu.map(|cpu| cpu * BURST)) {
            table.set("cpu_limit", Cpu::millis(limit).to_string());
        }
        if let Some(limit) = memory_limit.filter(|limit| Some(limit) != memory.as_ref()) {
            table.set("memory_limit", limit);
        }
        if !extended.is_empty() {
            table.set("resources", toml::Value::Table(extended));
        }
        if let Some((_, autoscale)) = scaled {
            table.set("autoscale", autoscale);
        }
    }

    /// The least replicas of its autoscaler, and `autoscale`.
    fn scaled(&self) -> Option<(i64, toml::Value)> {
        let scaler = &self.context.objects[self.group.scaler?];
        let min = object::number(scaler.at(&["spec", "minReplicas"])).unwrap_or(1);
        let max = object::number(scaler.at(&["spec", "maxReplicas"]))?;
        // What Ninefold made has the least that the tier needs.
        let made = object::annotations_of(self.workload).contains_key(labels::PEAK);
        let mut entries: Vec<(&str, toml::Value)> = vec![("max", max.into())];
        entries.extend((!made).then(|| ("min", min.into())));
        let old = object::number(scaler.at(&["spec", "targetCPUUtilizationPercentage"]));
        entries.extend(old.map(|cpu| ("cpu", cpu.into())));
        let mut metrics = Vec::new();
        for metric in scaler.items(&["spec", "metrics"]) {
            let share = object::number(metric.at(&["resource", "target", "averageUtilization"]));
            match (object::text(metric, &["resource", "name"]), share) {
                (Some("cpu"), Some(share)) => entries.push(("cpu", share.into())),
                (Some("memory"), Some(share)) => entries.push(("memory", share.into())),
                _ => metrics.extend(self::metric(metric)),
            }
        }
        if !metrics.is_empty() {
            entries.push(("metrics", toml::Value::Array(metrics)));
        }
        Some((min, inline(entries)))
    }

    /// `[pod]`
    pub(super) fn who(&mut self, listened: &[Listened]) {
        let (pod, main) = (self.pod, self.main);
        let written = |field: &str| {
            let own = main.at(&["securityContext", field]);
            own.or_else(|| pod.at(&["securityContext", field]))
        };
        let user = object::number(written("runAsUser"));
        let group = object::number(written("runAsGroup"));
        let fs_group = object::number(pod.at(&["securityContext", "fsGroup"]));
        let root =
            user.is_none() && (becomes_another(main) || object::is(written("runAsNonRoot"), false));
        let account = object::account(self.workload).filter(|name| *name != "default");
        let shared = account.is_some_and(|name| !self.makes_account(name));
        let account = account.filter(|name| shared || *name != self.group.name);
        let low_ports = listened.iter().any(|port| port.number < PRIVILEGED);
        let token = self.group.has_rights && self.context.of_tree(self.at).is_none()
            || object::is(pod.get("automountServiceAccountToken"), true);
        let writable = !object::is(written("readOnlyRootFilesystem"), true);
        let table = self.document.table(&["pod"]);
        if let Some(user) = user {
            table.set("user", user);
        } else if root {
            table.set_with_comment("user", 0, "it starts as root, and becomes another user");
        }
        if let Some(group) = group.filter(|group| Some(*group) != user) {
            table.set("group", group);
        }
        if let Some(fs_group) = fs_group.filter(|fs_group| Some(*fs_group) != group.or(user)) {
            table.set("fs_group", fs_group);
        }
        if writable {
            table.set("read_only_root", false);
        }
        if let Some(account) = account {
            table.set("service_account", account);
        }
        if shared {
            table.set("shared_account", true);
        }
        if token {
            table.set("token", true);
        }
        if low_ports {
            table.set("low_ports", true);
        }
        if user.is_none() && !root {
            let comment = "`user` is the image's own today, and nobody says which: without it, it is the fleet's.";
            self.document.comment_table(&["pod"], comment);
        }
    }

    /// Whether the ServiceAccount of its pods is made for it, and not for others too.
    fn makes_account(&self, name: &str) -> bool {
        if self.context.of_tree(self.at).is_none() {
            return self.group.account.is_some();
        }
        let own = made::of(self.context.objects, &self.group.name);
        own.into_iter().any(|object| object.kind == "ServiceAccount" && object.name == name)
    }
}

/// Whether a container may change its user, which only root does.
fn becomes_another(container: &Value) -> bool {
    let added = container.at(&["securityContext", "capabilities", "add"]).map(Value::items);
    let changes = |name: &Value| matches!(name.as_str(), Some("SETUID" | "SETGID" | "CHOWN"));
    added.unwrap_or_default().iter().any(changes)
}

/// What a device plugin gives.
fn extended(container: &Value) -> toml::Table {
    let limits = container.at(&["resources", "limits"]).map(Value::entries).unwrap_or_default();
    let devices =
        limits.iter().filter(|(name, _)| name.contains('/') && !name.starts_with("hugepages"));
    devices
        .filter_map(|(name, amount)| {
            let amount = millis(amount)? / 1000;
            Some((name.clone(), i64::try_from(amount).ok()?.into()))
        })
        .collect()
}

/// A metric of an adapter; none where `metrics` cannot say it.
fn metric(metric: &Value) -> Option<toml::Value> {
    let (sort, of) = [("external", "external"), ("pods", "pods"), ("object", "object")]
        .into_iter()
        .find_map(|(key, word)| Some((word, metric.get(key)?)))?;
    let name = object::text(of, &["metric", "name"])?;
    let target = of.get("target")?;
    let (amount, total) = match (target.get("averageValue"), target.get("value")) {
        (Some(each), _) => (each, false),
        (None, Some(total)) => (total, true),
        (None, None) => return None,
    };
    let mut entries = vec![(sort, name.into()), ("target", object::scalar(amount)?.into())];
    // Of an object it is of all replicas, of all else of each.
    if total != (sort == "object") {
        entries.push(("total", total.into()));
    }
    let labels =
        of.at(&["metric", "selector", "matchLabels"]).map(object::labels).unwrap_or_default();
    if !labels.is_empty() {
        let labels = labels.into_iter().map(|(key, value)| (key, value.into()));
        entries.push(("labels", toml::Value::Table(labels.collect())));
    }
    if let Some(described) = of.get("describedObject") {
        let text = |key: &str| object::text(described, &[key]).unwrap_or_default().to_owned();
        let of = inline([
            ("api_version", text("apiVersion").into()),
            ("kind", text("kind").into()),
            ("name", text("name").into()),
        ]);
        entries.push(("of", of));
    }
    Some(inline(entries))
}
