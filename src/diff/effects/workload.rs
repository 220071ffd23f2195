//! Workloads: how many pods, from which template, how far apart.

use super::{amount, current};
use crate::diff::side::{Item, Unit};
use crate::kube::Kind;
use crate::kube::labels::ZONE;
use crate::yaml::Value;

/// Kinds whose pods run until they are told to stop.
pub(super) const LASTING: [&str; 3] = ["Deployment", "StatefulSet", "DaemonSet"];

/// Whether objects of a kind make pods.
pub(super) fn has_pods(kind: &str) -> bool {
    LASTING.contains(&kind) || ["Pod", "Job", "CronJob", "ReplicaSet"].contains(&kind)
}

/// The pod template of a workload.
pub(super) fn template<'a>(kind: &str, value: &'a Value) -> Option<&'a Value> {
    match kind {
        "CronJob" => value.at(&["spec", "jobTemplate", "spec", "template"]),
        "Pod" => Some(value),
        _ => value.at(&["spec", "template"]),
    }
}

/// What its pods say.
pub(super) fn pod<'a>(kind: &str, value: &'a Value) -> Option<&'a Value> {
    template(kind, value)?.get("spec")
}

/// The containers of a pod, those that run before the others among them, by name.
pub(super) fn containers(pod: &Value) -> Vec<(&str, &Value)> {
    let lists = ["initContainers", "containers"];
    let all = lists.iter().flat_map(|list| pod.get(list).map(Value::items).unwrap_or_default());
    all.filter_map(|container| Some((container.get("name")?.as_str()?, container))).collect()
}

/// The named ports of the pods of a workload: protocol, name, number.
pub(super) fn ports(item: &Item<'_>) -> Vec<(String, String, String)> {
    let pod = item.value().and_then(|value| pod(&item.identity.kind, value));
    let containers = pod.map(containers).unwrap_or_default();
    let all = containers
        .iter()
        .flat_map(|(_, container)| container.get("ports").map(Value::items).unwrap_or_default());
    let named = all.filter_map(|port| {
        let protocol = port.get("protocol").and_then(Value::as_str).unwrap_or("TCP");
        let name = port.get("name")?.as_str()?;
        Some((protocol.to_owned(), name.to_owned(), amount::shown(port.get("containerPort"))))
    });
    named.collect()
}

/// The containers that are on both sides: name, before, after.
pub(super) fn both<'a>(old: &'a Value, new: &'a Value) -> Vec<(&'a str, &'a Value, &'a Value)> {
    let then = containers(old);
    let pair = |(name, now): (&'a str, &'a Value)| {
        let (_, before) = then.iter().find(|(other, _)| *other == name)?;
        Some((name, *before, now))
    };
    containers(new).into_iter().filter_map(pair).collect()
}

/// The pods of a workload that are always there: the least that its autoscaler keeps, or its
/// replicas. Nobody knows it of a DaemonSet, which has one for each node.
pub(super) fn pods(unit: Option<&Unit<'_>>, item: &Item<'_>, value: &Value) -> Option<u64> {
    if item.identity.kind == "DaemonSet" {
        return None;
    }
    let scaled = autoscaler(unit, item)
        .map(|(scaler, min)| amount::count(scaler.at(&["spec", min])).unwrap_or(1));
    Some(scaled.unwrap_or_else(|| amount::count(value.at(&["spec", "replicas"])).unwrap_or(1)))
}

/// The autoscaler of a workload, and its field with the fewest replicas.
pub(super) fn autoscaler<'a>(
    unit: Option<&'a Unit<'a>>,
    item: &Item<'_>,
) -> Option<(&'a Value, &'static str)> {
    let identity = &item.identity;
    let of = |scaler: &&Value| {
        let target = scaler.at(&["spec", "scaleTargetRef"]);
        let field = |key| target.and_then(|target| target.get(key)).and_then(Value::as_str);
        field("kind") == Some(&identity.kind) && field("name") == Some(&item.name)
    };
    Kind::autoscalers().find_map(|(kind, min, _)| {
        let scaler = current(unit, kind, &identity.region)
            .filter(|scaler| scaler.identity.namespace == identity.namespace)
            .filter_map(Item::value)
            .find(of)?;
        Some((scaler, min))
    })
}

/// The workloads with lasting pods that are current in a region.
pub(super) fn of_region<'a>(
    unit: Option<&'a Unit<'a>>,
    region: &str,
) -> impl Iterator<Item = (&'a Item<'a>, &'a Value)> {
    let items = LASTING.iter().flat_map(move |kind| current(unit, kind, region));
    items.filter_map(|item| Some((item, item.value()?)))
}

/// The pods that a service has in a region.
pub(super) fn running(unit: Option<&Unit<'_>>, region: &str) -> u64 {
    of_region(unit, region).filter_map(|(item, value)| pods(unit, item, value)).sum()
}

/// Whether an object keeps data in volumes of its own. A StatefulSet without pods has made none.
pub(super) fn keeps_data(item: &Item<'_>) -> bool {
    match item.identity.kind.as_str() {
        "PersistentVolumeClaim" => true,
        "StatefulSet" => item.value().is_some_and(|value| {
            !claims(value).is_empty() && amount::count(value.at(&["spec", "replicas"])) != Some(0)
        }),
        _ => false,
    }
}

/// The names of the claim templates of a StatefulSet.
pub(super) fn claims(value: &Value) -> Vec<&str> {
    let templates = value.at(&["spec", "volumeClaimTemplates"]).map(Value::items);
    let names = templates.unwrap_or_default().iter();
    names.filter_map(|claim| claim.at(&["metadata", "name"])?.as_str()).collect()
}

/// How the pods of a template are kept apart by zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spread {
    /// How many more pods than the emptiest the fullest zone may have.
    pub(super) skew: u64,
    /// Whether a pod rather waits than break it.
    pub(super) hard: bool,
}

/// The spread over zones, the strictest where there are several.
pub(super) fn spread(pod: &Value) -> Option<Spread> {
    let constraints = pod.get("topologySpreadConstraints").map(Value::items).unwrap_or_default();
    let of_zones = constraints
        .iter()
        .filter(|constraint| constraint.get("topologyKey").and_then(Value::as_str) == Some(ZONE));
    let read = |constraint: &Value| Spread {
        skew: amount::count(constraint.get("maxSkew")).unwrap_or(1),
        hard: hard(constraint),
    };
    of_zones.map(read).min_by_key(|spread| (!spread.hard, spread.skew))
}

/// Whether a constraint is `DoNotSchedule`, as it is unless it says otherwise.
pub(super) fn hard(constraint: &Value) -> bool {
    let otherwise = constraint.get("whenUnsatisfiable").and_then(Value::as_str);
    otherwise != Some("ScheduleAnyway")
}

/// The most pods that one of `zones` zones may hold, of `pods`: `min(R, ⌊(R + s(Z−1))/Z⌋)` where
/// the spread is hard, and all of them where it is not. What the scheduler keeps to when it places
/// pods; nothing evens them out later.
pub(super) fn fullest_zone(pods: u64, zones: u64, spread: Option<Spread>) -> u64 {
    match spread.filter(|spread| spread.hard && zones > 0) {
        Some(spread) => pods.min((pods + spread.skew * (zones - 1)) / zones),
        None => pods,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fullest_zone_follows_the_skew() {
        let hard = |skew| Some(Spread { skew, hard: true });
        // R = 6, Z = 3: 4 survive; R = 4: 2 survive.
        assert_eq!(fullest_zone(6, 3, hard(1)), 2);
        assert_eq!(fullest_zone(4, 3, hard(1)), 2);
        assert_eq!(fullest_zone(6, 3, hard(3)), 4);
        assert_eq!(fullest_zone(6, 3, Some(Spread { skew: 1, hard: false })), 6);
        assert_eq!(fullest_zone(6, 3, None), 6);
        assert_eq!(fullest_zone(1, 3, hard(5)), 1);
    }

    #[test]
    fn no_way_to_place_pods_within_the_skew_has_a_fuller_zone() {
        // By trying every way to place the pods into three zones.
        for pods in 1..12u64 {
            for skew in 1..4u64 {
                let mut fullest = 0;
                for a in 0..=pods {
                    for b in 0..=pods - a {
                        let zones = [a, b, pods - a - b];
                        let (max, min) = (zones.iter().max().unwrap(), zones.iter().min().unwrap());
                        if max - min <= skew {
                            fullest = fullest.max(*max);
                        }
                    }
                }
                let told = fullest_zone(pods, 3, Some(Spread { skew, hard: true }));
                assert_eq!(told, fullest, "{pods} pods, skew {skew}");
            }
        }
    }
}
