//! The built-in templates.

use super::engine::Engine;
use crate::kube::kinds::KINDS;
use std::sync::{Arc, OnceLock};

macro_rules! templates {
    ($($name:literal)*) => {
        /// The built-in templates that are no kind's, by name.
        pub(super) const OTHERS: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../../templates/", $name)))),*];
    };
}

templates! {
    "delivery/apply.sh"
    "drill-job.yaml"
    "descheduler-policy.yaml"
    "etcd-snapshots.yaml"
    "parts/container.yaml"
    "parts/metadata.yaml"
    "parts/mover.yaml"
    "parts/pace.yaml"
    "parts/peers.yaml"
    "parts/pod.yaml"
    "parts/policies.yaml"
    "parts/probe.yaml"
    "parts/sidecars.yaml"
    "card/card.md"
    "card/cluster.md"
    "card/head.md"
    "card/runbook.md"
    "card/section.md"
    "procedures/backup-elsewhere.md"
    "procedures/bad-release.md"
    "procedures/cluster.md"
    "procedures/cluster-whole.md"
    "procedures/control-plane.md"
    "procedures/damaged-copies.md"
    "procedures/damaged-database.md"
    "procedures/damaged-elsewhere.md"
    "procedures/damaged-volumes.md"
    "procedures/data.md"
    "procedures/delivery.md"
    "procedures/drill-end.md"
    "procedures/drill.md"
    "procedures/evidence.md"
    "procedures/functions.sh"
    "procedures/late-copies.md"
    "procedures/new-cluster.md"
    "procedures/node.md"
    "procedures/one-service.md"
    "procedures/ready.md"
    "procedures/region.md"
    "procedures/shared-alerts.md"
    "procedures/standby.md"
    "procedures/users.md"
    "procedures/zone.md"
    "procedures/parts/answers.md"
    "procedures/parts/backup.md"
    "procedures/parts/backups.md"
    "procedures/parts/cluster-by-hand.md"
    "procedures/parts/cluster-end.md"
    "procedures/parts/cluster-etcd.md"
    "procedures/parts/cluster-managed.md"
    "procedures/parts/cluster-member.md"
    "procedures/parts/cluster-rewound.md"
    "procedures/parts/cluster-whole.md"
    "procedures/parts/data-abort.md"
    "procedures/parts/data-away.md"
    "procedures/parts/data-failback.md"
    "procedures/parts/data-fence.md"
    "procedures/parts/data.md"
    "procedures/parts/evidence-full.md"
    "procedures/parts/evidence.md"
    "procedures/parts/go-on.md"
    "procedures/parts/head.md"
    "procedures/parts/hold.md"
    "procedures/parts/pause.md"
    "procedures/parts/kept-volumes.md"
    "procedures/parts/ready.md"
    "procedures/parts/restore.md"
    "procedures/parts/resume.md"
    "procedures/parts/rolled.md"
    "procedures/parts/stop.md"
    "procedures/parts/users.md"
}

/// The built-in templates, by name.
pub(super) fn texts() -> impl Iterator<Item = (&'static str, &'static str)> {
    KINDS.iter().filter_map(|row| row.template).chain(OTHERS.iter().copied())
}

/// The text of a built-in template.
pub(super) fn text(name: &str) -> Option<&'static str> {
    texts().find_map(|(known, text)| (known == name).then_some(text))
}

/// The built-in templates alone: they are parsed once, and what they make of values is kept, however many
/// fleets are compiled.
pub(super) fn built_in() -> Arc<Engine> {
    static BUILT: OnceLock<Arc<Engine>> = OnceLock::new();
    let owned = || texts().map(|(name, text)| (name.to_owned(), text.to_owned()));
    let parse = || Arc::new(Engine::of(owned().collect()).expect("a test compiles them"));
    Arc::clone(BUILT.get_or_init(parse))
}
