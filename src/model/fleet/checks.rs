//! What can be wrong with a region by itself: its storage classes, its version, its zones.

use super::{Reader, Region};
use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::version::{self, Version};
use crate::kube::{RegionName, id};
use crate::quantity::Duration;
use crate::spec::Document;
use crate::spec::fleet::{BackupServer, Provider, StorageClass, Zone};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Reader<'_> {
    pub(super) fn classes(&mut self, classes: &[StorageClass]) {
        for (index, class) in classes.iter().enumerate() {
            let place = |index: usize, key| {
                let index = index.to_string();
                self.document.at(&["regions", self.name, "storage", &index, key])
            };
            let mut names = vec![("name", class.name.as_str(), "a storage class")];
            names.extend(
                class
                    .snapshots
                    .iter()
                    .map(|name| ("snapshots", name.as_str(), "a VolumeSnapshotClass")),
            );
            for (key, name, what) in names {
                if let Some(problem) = id::subdomain_problem(name) {
                    self.sink.error(
                        Diagnostic::new(
                            Code::INVALID_NAME,
                            format!("`{name}` cannot name {what}"),
                        )
                        .at(place(index, key), problem)
                        .help("write it as `kubectl get storageclass,volumesnapshotclass` shows it"),
                    );
                }
            }
            if let Some(first) = classes[..index].iter().position(|other| other.name == class.name)
            {
                self.sink.error(
                    Diagnostic::new(
                        Code::DUPLICATE_NAME,
                        format!("two storage classes are called `{}`", class.name),
                    )
                    .at(place(index, "name"), "here again")
                    .related(place(first, "name"), "first here"),
                );
            }
        }
    }

    pub(super) fn version(&mut self, text: &str) -> Version {
        let place = self.document.at(&["regions", self.name, "kubernetes"]);
        let known = (version::OLDEST, version::NEWEST);
        let finding = match text.parse::<Version>() {
            Ok(version) if version >= known.0 && version <= known.1 => return version,
            Ok(version) if version < known.0 => Diagnostic::new(
                Code::KUBERNETES_VERSION,
                format!(
                    "`{}` runs Kubernetes {version}, the oldest that will do is {}",
                    self.name, known.0
                ),
            )
            .note("older ones lack fields that keep pods spread and drains moving")
            .help("upgrade the cluster, then write its version here"),
            Ok(version) => Diagnostic::new(
                Code::KUBERNETES_VERSION,
                format!("Kubernetes {version} is newer than this version of Ninefold knows"),
            )
            .help(format!("up to {} is known; use a newer Ninefold", known.1)),
            Err(()) => {
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is no Kubernetes version"))
                    .help("it is written like `1.34`")
            }
        };
        self.sink.error(finding.at(place, ""));
        version::OLDEST
    }

    /// The zones have names of their own, and on Azure real ones.
    ///
    /// Without availability zones, Azure labels nodes with the number of their fault domain
    /// (cloud-provider-azure, `pkg/provider/azure_zones.go`): spread over `0`, `1` and `2` looks
    /// right inside one datacentre.
    pub(super) fn zones(&mut self, provider: Provider, zones: &[Zone]) {
        let place = |index: usize| {
            self.document.at(&["regions", self.name, "zones", &index.to_string(), "name"])
        };
        for (index, zone) in zones.iter().enumerate() {
            if let Some(first) = zones[..index].iter().position(|other| other.name == zone.name) {
                self.sink.error(
                    Diagnostic::new(
                        Code::DUPLICATE_NAME,
                        format!("two zones are called `{}`", zone.name),
                    )
                    .at(place(index), "here again")
                    .related(place(first), "first here"),
                );
            }
            if let Some(problem) = id::label_value_problem(&zone.name) {
                self.sink.error(
                    Diagnostic::new(
                        Code::INVALID_NAME,
                        format!("`{}` cannot name a zone", zone.name),
                    )
                    .at(place(index), problem)
                    .note("it is the value of the label `topology.kubernetes.io/zone`"),
                );
                continue;
            }
            let (location, number) = zone.name.rsplit_once('-').unwrap_or_default();
            let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
            // A location may have several clusters: `eastus2`, or `eastus2-a` and `eastus2-b`.
            let rest = self.name.strip_prefix(location);
            let of_location = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
            let real = !number.is_empty() && digits(number) && !location.is_empty() && of_location;
            if provider == Provider::Azure && !real {
                self.sink.error(
                    Diagnostic::new(
                        Code::ZONES_NOT_REAL,
                        format!("`{}` is no zone of `{}`", zone.name, self.name),
                    )
                    .at(place(index), "")
                    .note("without zones, Azure labels nodes with the number of a fault domain, in one datacentre")
                    .help(format!("a real zone is called `{}-{}`", self.name, index + 1)),
                );
            }
        }
    }

    /// Times of backups that an enforced timeout can hold, and an RPO can bear.
    pub(super) fn times_of_backups(&mut self, backup: &BackupServer) {
        let times = [
            ("queue", backup.queue, 0, Duration::minutes(240)),
            ("objects", backup.objects, 1, Duration::minutes(60)),
            ("snapshot", backup.snapshot, 1, Duration::minutes(60)),
        ];
        for (key, time, least, most) in times {
            let Some(time) = time.filter(|time| *time < Duration::seconds(least) || *time > most)
            else {
                continue;
            };
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` cannot be {time}"))
                    .at(self.document.at(&["regions", self.name, "backup", key]), "")
                    .help(format!("it is from {} to {most}", Duration::seconds(least))),
            );
        }
    }

    pub(super) fn address(&mut self, text: &str) -> Option<std::net::IpAddr> {
        let address = text.parse().ok();
        if address.is_none() {
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is no address"))
                    .at(self.document.at(&["regions", self.name, "dns", "node_local"]), "")
                    .help("it is written like `169.254.20.10`"),
            );
        }
        address
    }
}

pub(super) fn shorts_are_unique(
    sink: &mut Sink,
    document: &Document,
    regions: &BTreeMap<RegionName, Arc<Region>>,
) {
    let mut seen: BTreeMap<&str, &RegionName> = BTreeMap::new();
    for region in regions.values() {
        if let Some(first) = seen.insert(&region.short, &region.name) {
            sink.error(
                Diagnostic::new(
                    Code::DUPLICATE_NAME,
                    format!(
                        "`{first}` and `{}` are both `{}` for short",
                        region.name, region.short
                    ),
                )
                .at(document.at(&["regions", region.name.as_str(), "short"]), "here again")
                .related(document.at(&["regions", first.as_str(), "short"]), "first here"),
            );
        }
    }
}
