//! Identity → path. A path never contains the hash of a current object, so that `git diff` shows
//! an edit as an edit.

use super::ledger::RECOVERY;
use crate::kube::{ObjectId, id};
use crate::plan::Unit;

/// The folder of what makes an engine deliver a region; the fleet's.
const DELIVERY: &str = "delivery";

/// The folder of former generations.
const RETAINED: &str = "retained";

/// `eastus2/checkout/config-map-region.yaml`, `eastus2/delivery/application-fleet.yaml`
pub(super) fn of(unit: &Unit, id: &ObjectId, file: &str) -> String {
    let delivers = *unit == Unit::Fleet && id.kind.delivers();
    let folder = if delivers { DELIVERY } else { unit.folder() };
    [id.region.as_str(), "/", folder, "/", file, ".yaml"].concat()
}

/// `eastus2/delivery/apply.sh`
pub(super) fn of_script(region: &str, file: &str) -> String {
    format!("{region}/{DELIVERY}/{file}")
}

/// Whether a unit may have files in a folder of a region.
pub(super) fn is_of(unit: &str, folder: &str) -> bool {
    folder == id::plain(unit) || (unit == Unit::Fleet.name() && folder == DELIVERY)
}

/// `recovery/checkout/restore-eastus2/1-restore.yaml`
pub(super) fn of_recovery(unit: &Unit, file: &str) -> String {
    format!("{RECOVERY}/{}/{file}", unit.folder())
}

/// `recovery/checkout.md`, `recovery/checkout@staging.md`
pub(super) fn of_page(file: &str) -> String {
    format!("{RECOVERY}/{file}")
}

/// `eastus2/checkout/retained/6kq2vx9rzd/config-map-region.yaml`; `file` is the path at which the
/// object stood.
pub(super) fn retained(unit: &str, region: &str, generation: &str, file: &str) -> String {
    let name = file.rsplit('/').next().unwrap_or(file);
    format!("{region}/{}/{RETAINED}/{generation}/{name}", id::plain(unit))
}
