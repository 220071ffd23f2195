//! Pools: nodes apart, for the services that name them.

use super::fleet::Region;
use crate::spec::fleet as written;
use crate::spec::fleet::Zone;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Nodes of a region apart from the others.
#[derive(Debug)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// Its place in the list of the region.
    pub(crate) index: usize,
    /// The labels of its nodes.
    pub labels: BTreeMap<String, String>,
    /// What keeps other pods away.
    pub taints: Vec<Taint>,
    /// What else its nodes have, all of them together, in each zone.
    pub resources: BTreeMap<String, u32>,
}

/// A taint of nodes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Taint {
    /// Its key.
    pub key: String,
    /// Its value; often none.
    pub value: Option<String>,
    /// `NoSchedule`, `PreferNoSchedule` or `NoExecute`.
    pub effect: String,
}

/// What a spec names in place of a pool, for the nodes of the zones.
pub(crate) const NONE: &str = "none";

/// The effects of taints (kubernetes `pkg/apis/core/types.go`).
pub(crate) const EFFECTS: [&str; 3] = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

impl Taint {
    /// Reads `key=value:Effect` or `key:Effect`, as `kubectl taint nodes` takes it; none for what is
    /// written otherwise.
    pub(crate) fn parse(text: &str) -> Option<Taint> {
        let (left, effect) = text.rsplit_once(':')?;
        let (key, value) = match left.split_once('=') {
            Some((key, value)) => (key, Some(value).filter(|value| !value.is_empty())),
            None => (left, None),
        };
        let known = !key.is_empty() && EFFECTS.contains(&effect);
        known.then(|| Taint {
            key: key.to_owned(),
            value: value.map(str::to_owned),
            effect: effect.to_owned(),
        })
    }

    /// Whether the scheduler keeps pods away that do not bear it.
    pub(crate) fn keeps_away(&self) -> bool {
        self.effect != "PreferNoSchedule"
    }
}

/// Each pool of `region` as a region of its own: the same, with the nodes of that pool. What cannot be
/// read of a taint is left out, and `check` says so.
pub(super) fn views(region: &Region) -> BTreeMap<String, Arc<Region>> {
    let view = |(index, pool): (usize, &written::Pool)| {
        let zones = region
            .zones
            .iter()
            .filter(|zone| pool.zones.as_ref().is_none_or(|zones| zones.contains(&zone.name)));
        let zone = |zone: &Zone| Zone {
            name: zone.name.clone(),
            nodes: pool.nodes,
            cpu: pool.cpu,
            memory: pool.memory,
        };
        let own = Pool {
            name: pool.name.clone(),
            index,
            labels: pool.labels.clone(),
            taints: pool.taints.iter().filter_map(|taint| Taint::parse(taint)).collect(),
            resources: pool.resources.clone(),
        };
        let mut view = region.clone();
        view.zones = zones.map(zone).collect();
        view.pool = Some(Arc::new(own));
        (pool.name.clone(), Arc::new(view))
    };
    region.pools.iter().enumerate().map(view).filter(|(_, view)| !view.zones.is_empty()).collect()
}

impl Region {
    /// What tells these nodes from others: the cluster, by the region that stands for it, and the pool
    /// if they are of one.
    pub(crate) fn nodes_of(&self) -> (&str, Option<&str>) {
        (self.host.as_str(), self.pool.as_ref().map(|pool| pool.name.as_str()))
    }

    /// What these nodes are called: `` `eastus2` ``, `` the pool `gpu` of `eastus2` ``.
    pub(crate) fn called(&self) -> String {
        match &self.pool {
            Some(pool) => format!("the pool `{}` of `{}`", pool.name, self.name),
            None => format!("`{}`", self.name),
        }
    }

    /// Where the fleet says in which zones these nodes are.
    pub(crate) fn path_of_zones(&self) -> Vec<String> {
        let path = match &self.pool {
            Some(pool) => vec!["pools".to_owned(), pool.index.to_string()],
            None => vec!["zones".to_owned()],
        };
        ["regions".to_owned(), self.name.to_string()].into_iter().chain(path).collect()
    }

    /// Where the fleet says what they have in one zone: of a pool, it is the same in each.
    pub(crate) fn path_of_zone(&self, index: usize, field: &str) -> Vec<String> {
        let mut path = self.path_of_zones();
        if self.pool.is_none() {
            path.push(index.to_string());
        }
        path.push(field.to_owned());
        path
    }
}

#[cfg(test)]
mod tests {
    use super::Taint;

    #[test]
    fn a_taint_is_written_as_kubectl_takes_it() {
        let taint = |value: Option<&str>, effect: &str| Taint {
            key: "gpu".to_owned(),
            value: value.map(str::to_owned),
            effect: effect.to_owned(),
        };
        assert_eq!(Taint::parse("gpu=true:NoSchedule"), Some(taint(Some("true"), "NoSchedule")));
        assert_eq!(Taint::parse("gpu:NoExecute"), Some(taint(None, "NoExecute")));
        assert_eq!(Taint::parse("gpu=:NoSchedule"), Some(taint(None, "NoSchedule")));
        for wrong in ["gpu", "gpu=true", "gpu:Never", ":NoSchedule", "=x:NoSchedule", ""] {
            assert_eq!(Taint::parse(wrong), None, "{wrong}");
        }
    }
}
