//! Network policies as `[[depends_on]]` and `[[called_by]]`, where these say the same.

use super::Context;
use super::listen::{self, Listened};
use crate::import::group::Fate;
use crate::import::made;
use crate::import::object::{self, Object};
use crate::kube::labels;
use crate::kube::read::selector::Selector;
use crate::yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Ports by their numbers; none for all.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) struct Reach {
    pub(in crate::import) tcp: BTreeSet<u16>,
    pub(in crate::import) udp: BTreeSet<u16>,
}

impl Reach {
    pub(super) fn is_empty(&self) -> bool {
        self.tcp.is_empty() && self.udp.is_empty()
    }

    pub(super) fn extend(&mut self, other: Reach) {
        self.tcp.extend(other.tcp);
        self.udp.extend(other.udp);
    }

    /// Whether a port of a container is among them.
    fn has(&self, port: &Listened) -> bool {
        let ports = if port.protocol == "UDP" { &self.udp } else { &self.tcp };
        self.is_empty() || ports.contains(&port.number)
    }

    /// The names that a service has for them.
    pub(super) fn names(&self, listened: &[Listened]) -> BTreeSet<String> {
        listened.iter().filter(|port| self.has(port)).map(|port| port.name.clone()).collect()
    }
}

/// Who is at the other end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) enum End {
    /// A service, by its place.
    Service(usize),
    /// Pods of a namespace; all of it without labels.
    Pods(String, BTreeMap<String, String>),
    /// A range of addresses.
    Range(String),
    /// Every address outside of the cluster: what a host is.
    Outside,
    /// Name servers, and what belongs to the service itself.
    Usual,
}

/// What a policy opens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import) struct Opening {
    /// Whether it is the way out.
    pub(in crate::import) out: bool,
    pub(in crate::import) ends: Vec<End>,
    pub(in crate::import) ports: Reach,
}

const NAMESPACE: &str = "kubernetes.io/metadata.name";
const DATABASE: &str = "cnpg.io/cluster";
const NAMES: u16 = 53;

/// What the policies of a service open, that fields say.
pub(super) fn openings(context: Context<'_>, at: usize) -> Vec<Opening> {
    let of = |index: &usize| {
        let (object, fate) = (&context.objects[*index], &context.groups.fates[*index]);
        match *fate == Fate::Policy(at) {
            true => read(context, at, object),
            false => of_tree(context, at, object).filter(|_| *fate == Fate::Made(true)),
        }
    };
    context.groups.of(at).iter().filter_map(of).flatten().collect()
}

/// Whether policies say whom a service calls: what none of them opens is closed to it.
pub(super) fn closes(context: Context<'_>, at: usize, kind: &str) -> bool {
    let closes = |object: &Object| {
        object::words(&object.value.at(&["spec"]).cloned().unwrap_or(Value::Null), "policyTypes")
            .iter()
            .any(|word| word == kind)
    };
    let is = |index: &usize| context.groups.fates[*index] == Fate::Policy(at);
    let mut mine = context.groups.of(at).iter().copied().filter(is);
    context.of_tree(at).is_some() || mine.any(|index| closes(&context.objects[index]))
}

/// The policy of a service that its tree has where it is read.
fn of_tree(context: Context<'_>, at: usize, object: &Object) -> Option<Vec<Opening>> {
    let name = context.groups.groups[at].name.as_str();
    let tree = context.of_tree(at)?;
    let mine = object.kind == "NetworkPolicy"
        && made::service(object) == Some(name)
        && object.region.as_ref() == Some(&tree.home)
        && made::logical(&object.name) == name;
    mine.then(|| read(context, at, object)).flatten()
}

/// All that a policy opens; nothing where fields cannot say all of it.
pub(in crate::import) fn is_sayable(context: Context<'_>, at: usize, object: &Object) -> bool {
    read(context, at, object).is_some()
}

fn read(context: Context<'_>, at: usize, object: &Object) -> Option<Vec<Opening>> {
    let rules = |list, out| object.items(&["spec", list]).iter().map(move |rule| (rule, out));
    let all = rules("ingress", false).chain(rules("egress", true));
    all.map(|(rule, out)| opening(context, at, object, rule, out)).collect()
}

/// What one rule of a policy opens; nothing where fields cannot say it.
pub(in crate::import) fn opening(
    context: Context<'_>,
    at: usize,
    policy: &Object,
    rule: &Value,
    out: bool,
) -> Option<Opening> {
    let ports = ports(context, at, rule, out)?;
    let names = |ports: &BTreeSet<u16>| ports.iter().all(|port| *port == NAMES);
    let asks_for_names = out && !ports.is_empty() && names(&ports.tcp) && names(&ports.udp);
    let peers = object::items(rule, if out { "to" } else { "from" });
    let ends = match peers {
        _ if asks_for_names => vec![End::Usual],
        [] => return None,
        peers => ends(context, at, policy, peers)?,
    };
    let is_range = |end: &End| matches!(end, End::Range(_) | End::Outside);
    let is_bare = |end: &End| is_range(end) || matches!(end, End::Pods(..));
    let implied = match out {
        true => ports.is_empty() && ends.iter().any(is_bare),
        false => ends.iter().any(is_range),
    };
    (!implied).then_some(Opening { out, ends, ports })
}

fn ports(context: Context<'_>, at: usize, rule: &Value, out: bool) -> Option<Reach> {
    let mut found = Reach::default();
    for port in object::items(rule, "ports") {
        let protocol = object::text(port, &["protocol"]).unwrap_or("TCP");
        if port.get("endPort").is_some() {
            return None;
        }
        let wanted = port.get("port")?;
        let number = match object::number(Some(wanted)) {
            Some(number) => u16::try_from(number).ok()?,
            None if out => return None,
            None => {
                let listened = listen::ports(context, at);
                listened.iter().find(|port| wanted.as_str() == Some(&port.name))?.number
            }
        };
        match protocol {
            "TCP" => found.tcp.insert(number),
            "UDP" => found.udp.insert(number),
            _ => return None,
        };
    }
    Some(found)
}

fn ends(context: Context<'_>, at: usize, policy: &Object, peers: &[Value]) -> Option<Vec<End>> {
    let mut found = Vec::new();
    for peer in peers {
        if let Some(block) = peer.get("ipBlock") {
            let range = object::text(block, &["cidr"])?;
            let except = !object::items(block, "except").is_empty();
            found.push(match (except, context.of_tree(at).is_some()) {
                (false, _) => End::Range(range.to_owned()),
                (true, true) => End::Outside,
                (true, false) => return None,
            });
            continue;
        }
        let namespace = match peer.get("namespaceSelector") {
            None => context.options.namespace_of(policy),
            Some(selector) => {
                let labels = plain(selector)?;
                let name = labels.get(NAMESPACE).filter(|_| labels.len() == 1)?;
                context.options.namespace(Some(name))
            }
        };
        let pods = peer.get("podSelector").map_or(Some(BTreeMap::new()), plain)?;
        found.extend(pods_of(context, at, namespace, pods));
    }
    Some(found)
}

/// Who pods of these labels are.
fn pods_of(
    context: Context<'_>,
    at: usize,
    namespace: String,
    pods: BTreeMap<String, String>,
) -> Vec<End> {
    if context.of_tree(at).is_some() {
        if let Some(service) = pods.get(labels::SERVICE) {
            let found = context.groups.groups.iter().position(|group| group.name == *service);
            return found
                .map(|found| if found == at { End::Usual } else { End::Service(found) })
                .into_iter()
                .collect();
        }
        if pods.contains_key(labels::JOB_OF) || pods.contains_key(DATABASE) {
            return vec![End::Usual];
        }
    }
    let selector = Selector::of(&pods);
    let services: Vec<usize> = (0..context.groups.groups.len())
        .filter(|group| {
            let group = &context.groups.groups[*group];
            let labels = object::pod_labels(&context.objects[group.workload]);
            !pods.is_empty() && group.namespace == namespace && selector.selects(&labels)
        })
        .collect();
    match services.is_empty() {
        true => vec![End::Pods(namespace, pods)],
        false => services
            .into_iter()
            .map(|one| if one == at { End::Usual } else { End::Service(one) })
            .collect(),
    }
}

/// The labels of a selector that asks for nothing else.
fn plain(selector: &Value) -> Option<BTreeMap<String, String>> {
    let more = !object::items(selector, "matchExpressions").is_empty();
    let labels = selector.get("matchLabels").map(object::labels).unwrap_or_default();
    (!more).then(|| labels.into_iter().collect())
}
