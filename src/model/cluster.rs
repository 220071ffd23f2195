//! Clusters that regions of several environments name: they share its nodes, its Velero and its names.

use super::fleet::Region;
use crate::kube::RegionName;
use std::collections::BTreeMap;

/// Sets of every region which stands for its cluster. Of regions of one environment, each has a cluster
/// of its own, whatever that is called: two clouds may each have a `prod`.
pub(super) fn share(regions: &mut [Region]) {
    let mut clusters: BTreeMap<String, Vec<(Option<String>, RegionName)>> = BTreeMap::new();
    for region in regions.iter() {
        let of = clusters.entry(region.cluster.clone()).or_default();
        of.push((region.environment.clone(), region.name.clone()));
    }
    for of in clusters.values_mut() {
        // The default environment comes first.
        of.sort();
    }
    for region in regions {
        let of = &clusters[&region.cluster];
        if of.iter().any(|(environment, _)| *environment != of[0].0) {
            region.host = of[0].1.clone();
        }
    }
}

impl Region {
    /// Whether another region stands for its cluster, and makes what the cluster has once.
    pub(crate) fn is_guest(&self) -> bool {
        self.host != self.name
    }
}
