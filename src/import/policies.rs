//! A network policy of the source that fields say: each of its rules is held against those that are
//! emitted for the service.

use super::group::Fate;
use super::guess::{End, Opening, opening};
use super::locate::Finder;
use super::object;
use super::path::{Step, general};
use crate::kube::labels;
use crate::yaml::Value;

/// Why a rule is another one.
const RULE: &str =
    "`depends_on` and `called_by` say it: pods of services by the label that every generation has";
const SELECTS: &str = "the pods of the service, whatever their generation";
const BOTH: &str = "both ways are closed, and opened one by one";

/// Which emitted place expresses a leaf of a policy, if one does by itself, and why it is another one.
type Expressed = (Option<(usize, Vec<Step>)>, &'static str);

impl Finder<'_> {
    /// Which emitted place expresses a leaf of a policy, and why it is another one.
    pub(super) fn of_policy(&self, at: usize, path: &[Step]) -> Option<Expressed> {
        let Fate::Policy(group) = self.context.groups.fates[at] else { return None };
        let general = general(path);
        if general.starts_with("spec.podSelector") {
            return Some((None, SELECTS));
        }
        if general.starts_with("spec.policyTypes") {
            return Some((None, BOTH));
        }
        let [Step::Key(_), Step::Key(list), Step::Index(index), ..] = path else { return None };
        let object = &self.context.objects[at];
        let rule = object.items(&["spec", list]).get(*index)?;
        let opening = opening(self.context, group, object, rule, list == "egress")?;
        let name = &self.context.groups.groups[group].name;
        let (emitted, _) = self
            .of_unit(group)
            .find(|(_, one)| one.kind == "NetworkPolicy" && !one.own && one.logical == *name)?;
        let rules = object::items(self.emitted[emitted].value.get("spec")?, list);
        let mut first = None;
        for end in &opening.ends {
            if *end == End::Usual {
                continue;
            }
            let found = rules.iter().position(|rule| self.covers(rule, end, &opening))?;
            first.get_or_insert(found);
        }
        let place = first.map(|rule| {
            let path = [Step::Key("spec".to_owned()), Step::Key(list.clone()), Step::Index(rule)];
            (emitted, path.to_vec())
        });
        Some((place, RULE))
    }

    /// Whether an emitted rule lets through what another one does, to or from one end.
    fn covers(&self, rule: &Value, end: &End, opening: &Opening) -> bool {
        let peers = object::items(rule, if opening.out { "to" } else { "from" });
        let namespace = |peer: &Value| {
            let labels = peer.at(&["namespaceSelector", "matchLabels"]).map(object::labels);
            labels.and_then(|mut labels| labels.remove("kubernetes.io/metadata.name"))
        };
        let pods = |peer: &Value| {
            peer.at(&["podSelector", "matchLabels"]).map(object::labels).unwrap_or_default()
        };
        let is = |peer: &Value| match end {
            End::Service(at) => {
                pods(peer).get(labels::SERVICE) == Some(&self.context.groups.groups[*at].name)
            }
            End::Pods(wanted, labels) => {
                let there = namespace(peer);
                there.is_none_or(|there| there == *wanted) && pods(peer) == *labels
            }
            End::Range(range) => object::text(peer, &["ipBlock", "cidr"]) == Some(range),
            End::Outside | End::Usual => false,
        };
        let open = |number: u16, protocol: &str| {
            object::items(rule, "ports").iter().any(|port| {
                object::number(port.get("port")) == Some(i64::from(number))
                    && object::text(port, &["protocol"]).unwrap_or("TCP") == protocol
            })
        };
        let ports = &opening.ports;
        peers.iter().any(is)
            && ports.tcp.iter().all(|port| open(*port, "TCP"))
            && ports.udp.iter().all(|port| open(*port, "UDP"))
    }
}
