//! What pods mount: folders that begin empty, files of ConfigMaps, Secrets, volumes that stay.

use super::Guessing;
use crate::import::fleet;
use crate::import::made;
use crate::import::object::{self, Object};
use crate::import::toml::Table;
use crate::kube::id;
use crate::kube::read::quantity::Quantity;
use crate::quantity::Bytes;
use crate::yaml::Value;
use base64::Engine;
use std::collections::BTreeSet;

/// A mount that a field of the spec says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Kept {
    /// The volume of the pod, or of its claims.
    pub(in crate::import) volume: String,
    /// What it is.
    pub(in crate::import) what: What,
    /// Where the service has it.
    pub(in crate::import) path: String,
    /// For a file: its ConfigMap, and the key in it.
    pub(in crate::import) file: Option<(usize, String)>,
    /// For a volume of a claim that stands by itself: the claim.
    pub(in crate::import) claim: Option<usize>,
}

/// What is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum What {
    Scratch,
    File,
    Secret,
    Volume,
}

/// The size of a folder without a limit.
const SCRATCH: &str = "1Gi";

/// The mode of files that nobody says.
const USUAL: i64 = 0o644;

/// The most characters of the names of a service and of one of its files together: the rest of the name of
/// a ConfigMap, and the hash behind it, must fit, too.
const LONGEST_NAME: usize = 63 - "-file-".len() - 1 - id::SUFFIX_LENGTH;

/// A mount of a container.
struct Mount<'a> {
    path: &'a str,
    below: Option<&'a str>,
}

impl<'a> Guessing<'a> {
    /// Writes `[[secrets]]`, `[[files]]`, `[[scratch]]` and `[[volumes]]`. What none of them can say is
    /// left to a patch.
    pub(super) fn mounts(&mut self) -> Vec<Kept> {
        let mut kept = Vec::new();
        let volumes: &'a [Value] = object::items(self.pod, "volumes");
        for volume in volumes {
            let Some(name) = object::text(volume, &["name"]) else { continue };
            let mounts = self.mounts_of(name);
            let Some(first) = mounts.first() else { continue };
            let whole = mounts.iter().all(|mount| mount.below.is_none());
            // Of a folder, a patch says which part of it is mounted.
            let apart = is_apart(&mounts);
            let one = |what| Kept {
                volume: name.to_owned(),
                what,
                path: first.path.to_owned(),
                file: None,
                claim: None,
            };
            if volume.get("emptyDir").is_some() && apart {
                self.scratch(volume, first.path);
                kept.push(one(What::Scratch));
            } else if let Some(map) = volume.get("configMap") {
                self.files(name, map, &mounts, &mut kept);
            } else if let Some(secret) = object::text(volume, &["secret", "secretName"]) {
                let plain = volume.at(&["secret", "items"]).is_none();
                let twice = kept
                    .iter()
                    .any(|one: &Kept| one.what == What::Secret && one.path == first.path);
                if plain && whole && !twice && id::label_problem(secret).is_none() {
                    kept.push(Kept { file: None, ..one(What::Secret) });
                }
            } else if let Some(claim) =
                object::text(volume, &["persistentVolumeClaim", "claimName"])
                && let Some(claim) = self.claim(claim).filter(|_| apart)
            {
                let object = &self.context.objects[claim];
                self.volume(name, first.path, &object.value);
                kept.push(Kept { claim: Some(claim), ..one(What::Volume) });
            }
        }
        let templates: &'a [Value] = self.workload.items(&["spec", "volumeClaimTemplates"]);
        for template in templates {
            let Some(name) = object::text(template, &["metadata", "name"]) else { continue };
            let mounts = self.mounts_of(name);
            let Some(first) = mounts.first().filter(|_| is_apart(&mounts)) else { continue };
            self.volume(name, first.path, template);
            let (path, volume) = (first.path.to_owned(), name.to_owned());
            kept.push(Kept { volume, what: What::Volume, path, file: None, claim: None });
        }
        self.secrets(&kept);
        kept
    }

    /// Where a volume is mounted: the mounts of the service's container come first.
    fn mounts_of(&self, volume: &str) -> Vec<Mount<'a>> {
        let of = |container: &'a Value| {
            let mounts = object::items(container, "volumeMounts").iter();
            mounts.filter_map(|mount| {
                let name = object::text(mount, &["name"]);
                let path = object::text(mount, &["mountPath"])?;
                let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
                let below = object::text(mount, &["subPath"]).filter(|below| !below.is_empty());
                (name == Some(volume)).then_some(Mount { path, below })
            })
        };
        let own = of(self.main);
        own.chain(object::containers(self.pod).flat_map(|(_, container)| of(container))).collect()
    }

    fn scratch(&mut self, volume: &Value, path: &str) {
        let empty = volume.get("emptyDir");
        let limit = empty.and_then(|empty| empty.get("sizeLimit"));
        let memory = self.main.at(&["resources", "limits", "memory"]);
        let in_memory = empty.and_then(|empty| object::text(empty, &["medium"])) == Some("Memory");
        let size = limit.or(memory.filter(|_| in_memory)).and_then(bytes);
        let mut table = Table::default();
        table.set("path", path).set("size", size.unwrap_or_else(|| SCRATCH.to_owned()));
        if self.context.of_tree(self.at).is_some() {
            let volume = object::text(volume, &["name"]).unwrap_or_default();
            let name = volume.strip_prefix("scratch-").filter(|name| name.parse::<u32>().is_err());
            if let Some(name) = name {
                table.set("name", name);
            }
            if in_memory {
                table.set("medium", "memory");
            }
        }
        self.document.item("scratch", table);
    }

    /// A file for each key that is mounted.
    fn files(&mut self, volume: &str, source: &Value, mounts: &[Mount<'a>], kept: &mut Vec<Kept>) {
        let Some(map) =
            object::text(source, &["name"]).and_then(|name| self.find("ConfigMap", name))
        else {
            return;
        };
        let object: &'a Object = &self.context.objects[map];
        let keys: Vec<(String, String)> = match object::items(source, "items") {
            [] => {
                let parts = ["data", "binaryData"].into_iter();
                let entries = parts
                    .flat_map(|part| object.at(&[part]).map(Value::entries).unwrap_or_default());
                entries.map(|(key, _)| (key.clone(), key.clone())).collect()
            }
            items => items
                .iter()
                .filter_map(|item| {
                    let text = |key: &str| object::text(item, &[key]).map(str::to_owned);
                    Some((text("key")?, text("path")?))
                })
                .collect(),
        };
        let mode = mode(source);
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for mount in mounts {
            let wanted =
                keys.iter().filter(|(_, path)| mount.below.is_none_or(|below| below == path));
            for (key, below) in wanted {
                let path = match mount.below {
                    Some(_) => mount.path.to_owned(),
                    None => format!("{}/{below}", mount.path.trim_end_matches('/')),
                };
                let taken = kept.iter().any(|one| one.path == path);
                if seen.contains(key) || taken || !self.file(map, key, &path, mode.as_deref()) {
                    continue;
                }
                seen.insert(key.clone());
                let (volume, file) = (volume.to_owned(), Some((map, key.clone())));
                kept.push(Kept { volume, what: What::File, path, file, claim: None });
            }
        }
    }

    /// Whether a key of a ConfigMap became a file; `mode` is who may read it.
    fn file(&mut self, map: usize, key: &str, path: &str, mode: Option<&str>) -> bool {
        if id::data_key_problem(key).is_some() {
            return false;
        }
        let object = &self.context.objects[map];
        let content = match (object.text(&["data", key]), object.text(&["binaryData", key])) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(coded)) => {
                let coded: String = coded.split_whitespace().collect();
                let Ok(bytes) = base64::engine::general_purpose::STANDARD.decode(coded) else {
                    return false;
                };
                bytes
            }
            (None, None) => return false,
        };
        let source = format!("files/{}/{key}", self.group.name);
        // Another ConfigMap may have a key of this name.
        if self.files.get(&source).is_some_and(|known| *known != content) {
            return false;
        }
        let called = id::nearest_label(path.rsplit('/').next().unwrap_or_default());
        let of_tree = made::file_name(object).filter(|name| *name != called).map(str::to_owned);
        let own = self.file_name(called, path);
        let name = of_tree.or(own);
        let mut table = Table::default();
        if let Some(name) = name {
            table.set("name", name);
        }
        table.set("path", path);
        let by_region = made::by_region(self.context.objects, object, key);
        match by_region {
            Some(by_region) => drop(table.set("content", inline_of(by_region))),
            None => {
                table.set("source", source.as_str());
                self.files.insert(source, content);
            }
        }
        if let Some(mode) = mode {
            table.set("mode", mode);
        }
        self.written.insert((map, key.to_owned()));
        self.document.item("files", table);
        true
    }

    /// The name of a file, where it cannot have that of its path: another file has it, or the name of its
    /// ConfigMap would be too long.
    fn file_name(&mut self, called: String, path: &str) -> Option<String> {
        let room = LONGEST_NAME.saturating_sub(self.group.name.len());
        if called.len() <= room && self.names.insert(called) {
            return None;
        }
        let whole = id::nearest_label(&path[1..]);
        let end = &whole[whole.len().saturating_sub(room)..];
        let end = end.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        let mut name = if end.is_empty() { "file".to_owned() } else { end.to_owned() };
        let mut count = 1;
        while !self.names.insert(name.clone()) {
            count += 1;
            name = format!("f{count}");
        }
        Some(name)
    }

    /// A claim that this service alone has, and one node at a time.
    fn claim(&self, name: &str) -> Option<usize> {
        let at = self.find("PersistentVolumeClaim", name)?;
        matches!(&self.context.groups.fates[at], super::Fate::Given(_)).then_some(at)
    }

    fn volume(&mut self, name: &str, path: &str, claim: &Value) {
        let size = claim.at(&["spec", "resources", "requests", "storage"]).and_then(bytes);
        let class = fleet::class(claim);
        let mut table = Table::default();
        table
            .set("name", name)
            .set("path", path)
            .set("size", size.unwrap_or_else(|| SCRATCH.to_owned()));
        if let Some(class) = class.filter(|class| !class.is_empty()) {
            table.set("class", class);
        }
        if made::is_left_out(self.context.objects, &self.group.name, name) {
            table.set("backup", false);
        } else if !self.context.backups {
            table.set_with_comment(
                "backup",
                false,
                "nothing backs it up today, and what is on it may be lost",
            );
        }
        self.document.item("volumes", table);
    }

    /// `[[secrets]]`: what is mounted, and what becomes variables.
    fn secrets(&mut self, kept: &[Kept]) {
        let mut tables = self.env_secrets();
        for one in kept.iter().filter(|one| one.what == What::Secret) {
            let volumes = object::items(self.pod, "volumes");
            let volume =
                volumes.iter().find(|volume| object::text(volume, &["name"]) == Some(&one.volume));
            let Some(volume) = volume else { continue };
            let secret = object::text(volume, &["secret", "secretName"]).unwrap_or_default();
            let table = tables.entry(secret.to_owned()).or_insert_with(|| {
                let mut table = Table::default();
                table.set("name", secret);
                table
            });
            if !table.has("mount") {
                table.set("mount", one.path.as_str());
                if let Some(mode) = volume.get("secret").and_then(mode) {
                    table.set("mode", mode);
                }
                if object::is(volume.at(&["secret", "optional"]), true) && !table.has("optional") {
                    table.set("optional", true);
                }
            }
        }
        let mut path = object::pod_path(self.workload).unwrap_or_default();
        path.pop();
        path.extend(["metadata", "annotations"]);
        let marks = self.workload.at(&path).map(object::labels).unwrap_or_default();
        for (name, mut table) in tables {
            if let Some(version) = marks.get(&format!("secret.ninefold.dev/{name}")) {
                table.set("version", version.as_str());
            }
            self.document.item("secrets", table);
        }
    }
}

/// Whether a path leads to one part of a volume, whoever mounts it.
fn is_apart(mounts: &[Mount<'_>]) -> bool {
    let parts: BTreeSet<(&str, Option<&str>)> =
        mounts.iter().map(|mount| (mount.path, mount.below)).collect();
    let paths: BTreeSet<&str> = parts.iter().map(|(path, _)| *path).collect();
    parts.len() == paths.len()
}

/// A value for each region.
fn inline_of(by_region: Vec<(String, String)>) -> toml::Value {
    let entries = by_region.into_iter().map(|(region, text)| (region, text.into()));
    toml::Value::Table(entries.collect())
}

/// Who may read the files of a volume, where it says another mode than the usual one.
fn mode(source: &Value) -> Option<String> {
    let mode = object::number(source.get("defaultMode")).filter(|mode| *mode != USUAL)?;
    (0..=0o777).contains(&mode).then(|| format!("0{mode:o}"))
}

/// An amount of bytes as a spec writes it: what has no unit of its own is rounded up to whole Ki.
pub(super) fn bytes(value: &Value) -> Option<String> {
    let thousandths = Quantity::of(value)?.thousandths()?;
    let bytes = u64::try_from(thousandths.div_ceil(1000)).ok().filter(|bytes| *bytes > 0)?;
    let shown = Bytes::new(bytes).to_string();
    let unit = shown.ends_with(|c: char| c.is_ascii_alphabetic());
    Some(if unit { shown } else { Bytes::new(bytes.div_ceil(1024) * 1024).to_string() })
}
