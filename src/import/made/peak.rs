//! Replicas that carry the peak: a tree says those of a region, and a spec those of the service.

use super::{Made, Service, of};
use crate::import::compile::Emitted;
use crate::import::object::{self, Object};
use crate::kube::labels;
use crate::yaml::Value;

impl Made {
    /// How many replicas carry the peak of each service where it is read: in the tree, and in what is
    /// emitted.
    pub(in crate::import) fn peaks(
        &self,
        objects: &[Object],
        emitted: &[Emitted],
    ) -> Vec<(String, i64, i64)> {
        let of = |(name, service): (&String, &Service)| {
            let source = of(objects, name).into_iter().find(|object| {
                object::is_workload(object) && object.region.as_ref() == Some(&service.home)
            })?;
            let same = |one: &&Emitted| {
                one.unit == *name
                    && one.region == service.home
                    && one.kind == source.kind
                    && !one.own
            };
            let there = emitted.iter().find(same)?;
            Some((name.clone(), peak(&source.value)?, peak(&there.value)?))
        };
        self.services.iter().filter_map(of).collect()
    }
}

fn peak(value: &Value) -> Option<i64> {
    let peak = value.at(&["metadata", "annotations", labels::PEAK])?.as_str()?;
    peak.parse::<i64>().ok().filter(|peak| *peak > 0)
}
