//! A fleet from `fleet.toml`, with every default filled.

use super::{Backups, Descheduler, Fleet, Region, level};
use crate::diag::{self, Code, Diagnostic, Sink, Span};
use crate::kube::version::{self, Version};
use crate::kube::{Namespace, RegionName, descheduler, velero, volsync};
use crate::model::manifests;
use crate::model::pool;
use crate::model::tier;
use crate::model::{Accept, references};
use crate::quantity::{Bytes, Cpu};
use crate::spec::fleet::{Provider, Zone};
use crate::spec::{Document, Doubts, Spec, fleet as written};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

/// Fills the defaults of the fleet. What is wrong with it stops nothing here: its services are
/// still held against the rest.
pub(in crate::model) fn resolve(sink: &mut Sink, spec: Spec<crate::spec::Fleet>) -> Fleet {
    let mut spec = spec;
    let tiers = tier::resolve(sink, &mut spec);
    let Spec { value, document, doubts } = spec;
    let value = *value;
    let names = region_names(value.regions.keys().map(String::as_str), &doubts);
    let mut resolved = Vec::new();
    for (name, region) in value.regions {
        let mut reader = Reader { sink, document: &document, name: &name, names: &names };
        resolved.push(reader.read(region));
    }
    crate::model::cluster::share(&mut resolved);
    let mut regions = BTreeMap::new();
    let mut pools = BTreeMap::new();
    for region in resolved {
        pools.insert(region.name.clone(), pool::views(&region));
        regions.insert(region.name.clone(), Arc::new(region));
    }
    let (delivery, installation) = crate::model::delivery::resolve(value.delivery);
    let defaults = value.defaults;
    let known: Vec<&RegionName> = regions.keys().collect();
    let manifests = manifests::read(sink, &document, value.manifests, (&known, "the fleet has"));
    Fleet {
        inventory: value.inventory,
        delivery,
        installation,
        dns: value.dns,
        priority_classes: value.priority_classes,
        pod_security: value
            .pod_security
            .into_iter()
            .map(|(name, word)| (name, level(word)))
            .collect(),
        registries: value.registries,
        regions,
        pools,
        tiers,
        cpu: defaults.cpu.unwrap_or(Cpu::millis(250)),
        memory: defaults.memory.unwrap_or(Bytes::mebibytes(256)),
        user: defaults.user.unwrap_or(10_001),
        team: defaults.team,
        namespace: defaults.namespace,
        pool: defaults.placement.pool,
        node_labels: defaults.placement.labels,
        metadata: Arc::new(defaults.metadata),
        measured: value.measured,
        manifests,
        accepts: accepts(value.accept),
        references: references::read(sink, &document, value.references),
        document,
        doubts,
    }
}

fn accepts(written: Vec<written::AcceptedOf>) -> Vec<Accept> {
    let of =
        |one: written::AcceptedOf| Accept { rule: one.rule, reason: one.reason, until: one.until };
    written.into_iter().map(of).collect()
}

/// The names of all regions that a fleet writes: those that could be read, then the others.
pub(super) fn region_names<'a>(
    read: impl Iterator<Item = &'a str>,
    doubts: &'a Doubts,
) -> Vec<String> {
    read.chain(doubts.names("regions")).map(str::to_owned).collect()
}

/// The place of a cluster, as the names of its zones tell it; else its own name.
fn location(provider: Provider, name: &str, zones: &[Zone]) -> String {
    let of_zone = zones.first().and_then(|zone| provider.place_of(&zone.name));
    of_zone.unwrap_or(name).to_owned()
}

struct Reader<'a> {
    sink: &'a mut Sink,
    document: &'a Document,
    name: &'a str,
    names: &'a [String],
}

impl Reader<'_> {
    fn read(&mut self, region: written::Region) -> Region {
        let name = self.name;
        let delivered_from = region.delivered_from.unwrap_or_else(|| name.to_owned());
        let place = self.document.at(&["regions", name, "delivered_from"]);
        known_region(self.sink, place, &delivered_from, self.names);
        let velero = region.backup.is_some();
        let backup = region.backup.unwrap_or_default();
        let namespace = backup.namespace.unwrap_or_else(|| "velero".to_owned());
        Region {
            name: RegionName::new(name),
            short: region.short.unwrap_or_else(|| name.to_owned()),
            geography: region.geography,
            location: location(region.provider, name, &region.zones),
            provider: region.provider,
            cluster: region.cluster,
            environment: region.environment,
            host: RegionName::new(name),
            kubernetes: self.version(&region.kubernetes),
            zones: region.zones,
            pools: region.pools,
            pool: None,
            storage: region.storage,
            velero,
            velero_version: region.velero.and_then(|text| self.velero_version(&text)),
            volsync_version: region.volsync.and_then(|text| self.volsync_version(&text)),
            descheduler: region.descheduler.and_then(|written| self.descheduler(written)),
            backup_namespace: Namespace::new(namespace),
            backup_locations: backup.locations,
            snapshot_locations: backup.snapshot_locations,
            postgresql: region.postgresql,
            object_storage: region.object_storage,
            api_server: region.api_server,
            registries: region.registries,
            cluster_ranges: region.cluster_ranges,
            keda: region.keda,
            backups: Backups {
                concurrency: backup.concurrency,
                max: backup.max_backups,
                throughput: backup.throughput,
                queue: backup.queue,
                objects: backup.objects,
                snapshot: backup.snapshot,
            },
            node_local_dns: region.dns.node_local.and_then(|text| self.address(&text)),
            gateway: region.gateway.map(Namespace::new),
            gateway_ranges: region.gateway_ranges,
            entry: region.entry,
            prometheus: region.prometheus,
            control_plane: region.control_plane,
            delivered_from: RegionName::new(delivered_from),
            lost: region.lost,
        }
    }

    fn version(&mut self, text: &str) -> Version {
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

    fn velero_version(&mut self, text: &str) -> Option<velero::Version> {
        let version = text.parse().ok();
        if version.is_none() {
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is not a version of Velero"))
                    .at(self.document.at(&["regions", self.name, "velero"]), "")
                    .help("it is written like `1.18.4`, as `velero version` prints of the server"),
            );
        }
        version
    }

    fn volsync_version(&mut self, text: &str) -> Option<volsync::Version> {
        let version = text.parse().ok();
        if version.is_none() {
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is not a version of VolSync"))
                    .at(self.document.at(&["regions", self.name, "volsync"]), "")
                    .help("it is written like `0.16.0`, as its image is tagged"),
            );
        }
        version
    }

    fn descheduler(&mut self, written: written::Descheduler) -> Option<Descheduler> {
        let Ok(version) = written.version.parse() else {
            let message = format!("`{}` is no version of the descheduler", written.version);
            let at = self.document.at(&["regions", self.name, "descheduler", "version"]);
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, message)
                    .at(at, "")
                    .help("it is written like `0.34.0`, as its image is tagged"),
            );
            return None;
        };
        let namespace = written.namespace.unwrap_or_else(|| descheduler::NAMESPACE.to_owned());
        Some(Descheduler {
            version,
            interval: written.interval,
            namespace: Namespace::new(namespace),
            policy: written.policy.unwrap_or_else(|| descheduler::POLICY.to_owned()),
        })
    }

    fn address(&mut self, text: &str) -> Option<IpAddr> {
        let address = text.parse().ok();
        if address.is_none() {
            self.sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{text}` is not an address"))
                    .at(self.document.at(&["regions", self.name, "dns", "node_local"]), "")
                    .help("it is written like `169.254.20.10`"),
            );
        }
        address
    }
}

/// Reports that `region`, which stands at `place`, is not one of the fleet's, unless it is.
pub(crate) fn known_region(sink: &mut Sink, place: Span, region: &str, known: &[String]) {
    if known.iter().any(|name| name == region) {
        return;
    }
    sink.error(
        Diagnostic::new(Code::UNKNOWN_REGION, format!("the fleet has no region `{region}`"))
            .at(place, "")
            .help(diag::did_you_mean(region, known.iter().map(String::as_str))),
    );
}

/// The type of a record that points at an address.
pub(crate) fn record_type(address: &str) -> &'static str {
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => "A",
        Ok(IpAddr::V6(_)) => "AAAA",
        Err(_) => "CNAME",
    }
}
