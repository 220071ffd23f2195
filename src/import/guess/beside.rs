//! Containers beside that of a service.

use super::Guessing;
use super::listen::{Listened, start_of};
use super::mounts::{Kept, bytes};
use super::size::millis;
use crate::import::object;
use crate::import::toml::{Table, inline, texts};
use crate::quantity::{Cpu, Duration};
use crate::yaml::Value;

/// How long what ends before a service may take, in seconds, where a spec says nothing.
const TAKES: u64 = 60;

impl Guessing<'_> {
    /// `[[init]]` and `[[sidecars]]`.
    pub(super) fn beside(&mut self, kept: &[Kept], listened: &[Listened]) {
        let containers: Vec<(&str, Value)> = object::containers(self.pod)
            .map(|(list, container)| (list, container.clone()))
            .collect();
        let mut takes = self.takes().into_iter();
        for (list, container) in containers {
            if container == *self.main {
                continue;
            }
            let stays = list == "containers"
                || object::text(&container, &["restartPolicy"]) == Some("Always");
            let name = object::text(&container, &["name"]).unwrap_or_default().to_owned();
            let inherits = self.inherits(&container);
            let mut table = Table::default();
            table.set("name", name.as_str());
            if !inherits {
                table.set("image", self.image(&container));
            }
            for key in ["command", "args"] {
                let words = object::words(&container, key);
                if !words.is_empty() {
                    table.set(key, texts(&words));
                }
            }
            let mut config = self.variables(&container);
            if inherits {
                let usual = self.variables(self.main);
                config.retain(|name, value| usual.get(name) != Some(value));
            }
            if !config.is_empty() {
                table.set("config", toml::Value::Table(config.into_iter().collect()));
            }
            let seen = mounts(&container, kept);
            let usual = if inherits { mounts(self.main, kept) } else { Vec::new() };
            if seen != usual {
                table.set("mounts", toml::Value::Array(seen));
            }
            let mine: Vec<&Listened> =
                listened.iter().filter(|port| port.container == name).collect();
            if stays && !mine.is_empty() {
                let ports = mine.iter().map(|port| self.port(port).into_inline());
                table.set("ports", toml::Value::Array(ports.collect()));
            }
            let probes = self.probes(&container, &mine);
            if stays && !probes.is_empty() {
                table.set("probes", inline(probes));
            }
            room(&container, &mut table);
            if !stays && let Some(takes) = takes.next() {
                table.set("takes", takes.compact());
            }
            if list == "containers" {
                // The others begin after what ends first has ended.
                let first = !object::items(self.pod, "initContainers").is_empty();
                if first {
                    table.set("after_init", true);
                }
            }
            self.document.item(if stays { "sidecars" } else { "init" }, table);
        }
    }
}

impl Guessing<'_> {
    /// How long what ends before the service may take, one by one. No object says it: the ledger has the
    /// whole start, and what is left of it is theirs.
    fn takes(&self) -> Vec<Duration> {
        let tree = self.context.of_tree(self.at);
        let Some(start) = tree.and_then(|tree| tree.promises.start) else { return Vec::new() };
        let first = object::items(self.pod, "initContainers").iter();
        let ends = |one: &&Value| object::text(one, &["restartPolicy"]) != Some("Always");
        let count = first.filter(ends).count() as u64;
        let asked: u64 = object::containers(self.pod).filter_map(|(_, one)| start_of(one)).sum();
        let left = start.as_seconds().saturating_sub(asked);
        if count == 0 || left < count || left == count * TAKES {
            return Vec::new();
        }
        let part = |index| left / count + if index == 0 { left % count } else { 0 };
        (0..count).map(|index| Duration::seconds(part(index))).collect()
    }

    /// Whether a container has the image of the service, and all that the service is given with it.
    fn inherits(&mut self, container: &Value) -> bool {
        let main = self.main;
        let says = |container: &Value, key| !object::words(container, key).is_empty();
        let (command, args) = (says(container, "command"), says(container, "args"));
        let words = command || !says(main, "command") && (args || !says(main, "args"));
        let secrets = |container: &Value| -> Vec<Value> {
            let all = object::items(container, "envFrom").iter();
            all.filter(|source| source.get("secretRef").is_some()).cloned().collect()
        };
        let same = self.image(container) == self.image(main);
        if !same || !words || secrets(container) != secrets(main) {
            return false;
        }
        let own = self.variables(container);
        self.variables(main).keys().all(|name| own.contains_key(name))
    }
}

/// What a container needs, which is what it may have: its limits, where it has some.
fn room(container: &Value, table: &mut Table) {
    let of = |sort: &str, what: &str| container.at(&["resources", sort, what]).cloned();
    let cpu = of("requests", "cpu").or_else(|| of("limits", "cpu")).as_ref().and_then(millis);
    // A fourth of the limit, as `cpu_burst` of the tiers has it.
    let burst = of("limits", "cpu").as_ref().and_then(millis).map(|limit| limit.div_ceil(4));
    if let Some(cpu) = cpu.max(burst) {
        table.set("cpu", Cpu::millis(cpu).to_string());
    }
    let memory = of("limits", "memory").or_else(|| of("requests", "memory"));
    if let Some(memory) = memory.as_ref().and_then(bytes) {
        table.set("memory", memory);
    }
}

/// What of the service's mounts a container sees.
fn mounts(container: &Value, kept: &[Kept]) -> Vec<toml::Value> {
    let mut found: Vec<toml::Value> = Vec::new();
    for mount in object::items(container, "volumeMounts") {
        let text = |key: &str| object::text(mount, &[key]);
        let (Some(volume), Some(at)) = (text("name"), text("mountPath")) else { continue };
        let at = if at.len() > 1 { at.trim_end_matches('/') } else { at };
        let read_only = object::is(mount.get("readOnly"), true);
        for one in kept.iter().filter(|one| one.volume == volume) {
            let path = match &one.file {
                // The folder of the file, or the file itself.
                Some((_, key)) => match text("subPath") {
                    Some(below) if !below.is_empty() && below != key => continue,
                    Some(below) if !below.is_empty() => at.to_owned(),
                    _ => format!("{at}/{}", one.path.rsplit('/').next().unwrap_or_default()),
                },
                None => at.to_owned(),
            };
            let same = path == one.path && !read_only;
            let mounted = match same {
                true => one.path.as_str().into(),
                false => {
                    let mut entries = vec![("of", one.path.as_str().into()), ("path", path.into())];
                    if read_only && one.file.is_none() {
                        entries.push(("read_only", true.into()));
                    }
                    inline(entries)
                }
            };
            if !found.contains(&mounted) {
                found.push(mounted);
            }
        }
    }
    found
}
