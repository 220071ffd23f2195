//! Small worlds for tests.

use super::cluster::{Region, Resources, Zone};
use super::pods::{Place, Pod, Spread, Workload};
use crate::kube::read::selector::{Labels, Selector};

/// A region with zones of so many nodes, of 8 cores each.
pub(super) fn region(nodes: &[usize]) -> Region {
    let node = Resources { cpu: 8000, memory: 32 << 30, ..Resources::default() };
    let zone = |(index, nodes): (usize, &usize)| Zone {
        name: format!("z{index}"),
        nodes: *nodes,
        node: node.clone(),
    };
    Region::with_zones(nodes.iter().enumerate().map(zone).collect())
}

/// So many replicas that ask for nothing.
pub(super) fn workload(replicas: usize) -> Workload {
    let place = Place {
        path: "r/s/deployment.yaml".to_owned(),
        region: "r".to_owned(),
        namespace: "s".to_owned(),
        name: "s".to_owned(),
    };
    let labels = Labels::from([("app".to_owned(), "s".to_owned())]);
    Workload {
        place,
        service: "s".to_owned(),
        tier: "gold".to_owned(),
        single_writer: false,
        stateful: false,
        ends: false,
        former: false,
        carries: true,
        serves: true,
        replicas,
        resting: 0,
        database: None,
        pod: Pod {
            labels,
            requests: Resources::default(),
            nodes: Vec::new(),
            spread: Vec::new(),
            wishes: false,
            near: Vec::new(),
            apart: Vec::new(),
            tolerations: Vec::new(),
            classes: Vec::new(),
            start: 0,
            grace: 30,
            not_simulated: Vec::new(),
        },
    }
}

impl Workload {
    /// The same with one more constraint.
    pub(super) fn spread(mut self, key: &str, max_skew: usize, min_domains: usize) -> Workload {
        self.pod.spread.push(Spread {
            key: key.to_owned(),
            max_skew,
            min_domains,
            honours_nodes: true,
            honours_taints: true,
            selector: Selector::of(&self.pod.labels),
        });
        self
    }
}
