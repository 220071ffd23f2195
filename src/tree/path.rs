//! Identity → path. A path never contains a hash, so that `git diff` shows an edit as an edit.

use crate::kube::RegionName;
use crate::plan::Unit;

/// `eastus2/checkout/config-map-region.yaml`
pub(super) fn of(unit: &Unit, region: &RegionName, file: &str) -> String {
    format!("{region}/{}/{file}.yaml", unit.name())
}
