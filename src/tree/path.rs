//! Identity → path. A path never contains the hash of a current object, so that `git diff` shows
//! an edit as an edit.

use super::ledger::RECOVERY;
use crate::kube::RegionName;
use crate::plan::Unit;

/// The folder of former generations.
const RETAINED: &str = "retained";

/// `eastus2/checkout/config-map-region.yaml`
pub(super) fn of(unit: &Unit, region: &RegionName, file: &str) -> String {
    format!("{region}/{}/{file}.yaml", unit.name())
}

/// `recovery/checkout/restore-eastus2/1-restore.yaml`
pub(super) fn of_recovery(unit: &Unit, file: &str) -> String {
    format!("{RECOVERY}/{}/{file}", unit.name())
}

/// `recovery/checkout.md`
pub(super) fn of_page(file: &str) -> String {
    format!("{RECOVERY}/{file}")
}

/// `eastus2/checkout/retained/6kq2vx9rzd/config-map-region.yaml`; `file` is the path at which the
/// object stood.
pub(super) fn retained(unit: &str, region: &str, generation: &str, file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    format!("{region}/{unit}/{RETAINED}/{generation}/{name}")
}
