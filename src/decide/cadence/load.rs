//! What a backup costs the Velero that makes it.

use super::{LONGEST_QUEUE, OBJECTS, SHORTEST_SNAPSHOT, SNAPSHOT, TICKS};
use crate::decide::ServiceInRegion;
use crate::model::{Service, Volume};
use crate::quantity::Duration;

/// The numbers of a service in a region that no cadence changes.
pub(super) struct Load {
    /// What the hooks of all pods may take.
    pub(super) hooks: Duration,
    /// What collecting the objects may take.
    pub(super) objects: Duration,
    /// The snapshots of one backup, one after the other (`item-block-worker-count` is 1).
    pub(super) snapshots: u64,
    /// What one of them is given where there is room, and at least.
    pub(super) snapshot: (Duration, Duration),
    /// How long a backup may wait for its turn, where the fleet says.
    pub(super) queue: Option<Duration>,
}

pub(super) fn load(here: &ServiceInRegion<'_>) -> Load {
    let pods = u64::from(here.size.full);
    let declared = here.region.backups.snapshot;
    Load {
        hooks: hooks(here.service) * pods,
        objects: here.region.backups.objects.unwrap_or(OBJECTS),
        snapshots: kept_volumes(here.service).count() as u64 * pods,
        snapshot: (
            declared.unwrap_or(SNAPSHOT),
            declared.map_or(SHORTEST_SNAPSHOT, |declared| declared.min(SHORTEST_SNAPSHOT)),
        ),
        queue: here.region.backups.queue,
    }
}

impl Load {
    /// What a backup holds a slot of Velero for, when each snapshot takes `snapshot`.
    pub(super) fn slot(&self, snapshot: Duration) -> Duration {
        self.hooks + self.objects + snapshot * self.snapshots
    }

    /// How long a backup that is made every `interval` may wait for those of other services: what
    /// the fleet says, or a third of the interval in whole minutes. It follows from nothing that
    /// another service says, so that none moves the Schedules of another.
    pub(super) fn queue(&self, interval: Duration) -> Duration {
        let third = Duration::minutes(interval.as_seconds() / 180).min(LONGEST_QUEUE);
        self.queue.unwrap_or(third)
    }

    /// What is left of an interval for the slot of a backup: after ticks and wait, before the next.
    pub(super) fn room(&self, interval: Duration) -> Duration {
        interval.saturating_sub(TICKS + self.queue(interval))
    }

    /// The longest that each snapshot may take so that all of it fits into `room`, in steps of a
    /// minute above the least; none when not even that fits.
    pub(super) fn snapshot_within(&self, room: Duration) -> Option<Duration> {
        let (max, min) = self.snapshot;
        if self.slot(min) > room {
            return None;
        }
        let fits = |snapshot: &Duration| self.slot(*snapshot) <= room;
        let minutes = (1..=max.as_seconds() / 60).rev().map(Duration::minutes);
        Some(std::iter::once(max).chain(minutes).find(fits).unwrap_or(min).max(min))
    }
}

/// The volumes that are backed up.
pub(crate) fn kept_volumes(service: &Service) -> impl Iterator<Item = &Volume> {
    service.volumes.iter().filter(|volume| volume.backup != Some(false))
}

/// What the hooks of one pod may take.
fn hooks(service: &Service) -> Duration {
    service.backup.hooks.iter().fold(Duration::default(), |sum, hook| {
        let commands = u64::from(!hook.before.is_empty()) + u64::from(!hook.after.is_empty());
        sum + hook.timeout.unwrap_or(crate::decide::schedules::HOOK_TIMEOUT) * commands
    })
}
