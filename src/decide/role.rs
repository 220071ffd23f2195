//! What differs between the regions of a service.

use crate::model::{Strategy, WorkloadKind};

/// What a region does for a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Role {
    /// The word for it.
    pub word: &'static str,
    /// What runs.
    pub runs: Runs,
    /// Whether an autoscaler may add replicas.
    pub scales: bool,
    /// Whether data is written here, and so backed up or copied from here, where anything does that.
    pub backs_up: bool,
    /// Whether it takes over from others, and so reads their backups.
    pub takes_over: bool,
    /// Whether users are sent here while nothing is lost.
    pub serves: bool,
    /// Whether every region of the service serves, and carries the share of one that is lost.
    pub shares: bool,
}

/// How much of a service runs in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// What carries the peak.
    Peak,
    /// What carries the peak, and the share of a region that is lost.
    PeakAndShareOfLost,
    /// The tier's share of the peak.
    Share,
    /// Nothing.
    Nothing,
}

struct Row {
    strategy: Strategy,
    first: Role,
    others: Role,
    /// The others, for a service with volumes: no pod, and so no claim. A StatefulSet that ran there would make empty
    /// volumes, and Velero restores no data into a volume that exists (restore-reference.md).
    others_stateful: Role,
}

const ACTIVE: Role = Role {
    word: "active",
    runs: Runs::PeakAndShareOfLost,
    scales: true,
    backs_up: true,
    takes_over: true,
    serves: true,
    shares: true,
};
const PRIMARY: Role = Role {
    word: "primary",
    runs: Runs::Peak,
    scales: true,
    backs_up: true,
    takes_over: false,
    serves: true,
    shares: false,
};
const WARM: Role = Role {
    word: "standby",
    runs: Runs::Share,
    scales: true,
    backs_up: false,
    takes_over: true,
    serves: false,
    shares: false,
};
const COLD: Role = Role { runs: Runs::Nothing, scales: false, ..WARM };

const ROLES: &[Row] = &[
    Row {
        strategy: Strategy::BackupAndRestore,
        first: PRIMARY,
        others: COLD,
        others_stateful: COLD,
    },
    Row { strategy: Strategy::PilotLight, first: PRIMARY, others: COLD, others_stateful: COLD },
    Row { strategy: Strategy::WarmStandby, first: PRIMARY, others: WARM, others_stateful: COLD },
    Row {
        strategy: Strategy::ActiveActive,
        first: ACTIVE,
        others: ACTIVE,
        others_stateful: ACTIVE,
    },
];

/// The role of a region: `first` is the one that the spec names first.
pub fn of(strategy: Strategy, kind: WorkloadKind, first: bool) -> Role {
    let row = ROLES.iter().find(|row| row.strategy == strategy).expect("every strategy has a row");
    match (first, kind) {
        (true, _) => row.first,
        (false, WorkloadKind::Deployment) => row.others,
        (false, WorkloadKind::Stateful) => row.others_stateful,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn volumes_stand_by_without_pods_unless_every_region_writes() {
        for strategy in [Strategy::BackupAndRestore, Strategy::PilotLight, Strategy::WarmStandby] {
            assert_eq!(of(strategy, WorkloadKind::Stateful, false).runs, Runs::Nothing);
            assert_eq!(of(strategy, WorkloadKind::Stateful, true).runs, Runs::Peak);
        }
    }
}
