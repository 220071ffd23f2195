//! What services share in a region: namespaces, closed unless something is opened, and
//! priority classes.

use super::values::{Map, Meta, Values};
use super::{Origin, Planned};
use crate::kube::pod_security::Level;
use crate::kube::{Kind, Namespace};
use crate::model::{Model, Region, Service};

/// Namespaces that are planned at once: a fleet may have tens of thousands.
const AT_ONCE: usize = 16;

/// The objects of every namespace in every region, some at a time.
pub(crate) fn plan<'m>(model: &'m Model) -> impl Iterator<Item = Vec<Planned>> + 'm {
    let of = |service: &'m Service| service.regions.iter().map(move |region| (&**region, service));
    let mut users: Vec<(&Region, &Service)> = model.services().iter().flat_map(of).collect();
    // Of one namespace, they stay in the order of their names.
    users.sort_by_key(|(region, service)| (&region.name, &service.namespace));
    let mut users = users.into_iter().peekable();
    let mut next = move || {
        let (region, first) = users.next()?;
        let mut all = vec![first];
        let is_there = |(other, service): &(&Region, &Service)| {
            (&other.name, &service.namespace) == (&region.name, &first.namespace)
        };
        all.extend(std::iter::from_fn(|| users.next_if(is_there)).map(|(_, service)| service));
        Some(objects(model, &first.namespace, region, &all))
    };
    let namespaces = std::iter::from_fn(move || {
        let some = std::iter::from_fn(&mut next).take(AT_ONCE);
        let some: Vec<Planned> = some.flatten().collect();
        (!some.is_empty()).then_some(some)
    });
    std::iter::once(priority_classes(model)).chain(namespaces)
}

/// The priority classes of the fleet, in every cluster.
fn priority_classes(model: &Model) -> Vec<Planned> {
    let fleet = model.fleet();
    let class = |region: &Region, name: &String, priority: i64| {
        let meta = Meta {
            name: name.clone(),
            namespace: None,
            labels: managed(region),
            annotations: Map::new(),
        };
        let span = fleet.document.key(&["priority_classes", name]);
        let origin = Origin { span, key: "priority_classes" };
        let id = (Kind::PriorityClass, None, name.as_str(), name.as_str());
        super::shared(fleet, region, id, Values::PriorityClass { meta, priority }, origin)
    };
    let all = |region: &Region| -> Vec<Planned> {
        let classes = fleet.priority_classes.iter();
        classes.map(|(name, priority)| class(region, name, *priority)).collect()
    };
    fleet.hosts().flat_map(all).collect()
}

/// A namespace and its policy; `users` are the services in it.
fn objects(model: &Model, name: &Namespace, region: &Region, users: &[&Service]) -> [Planned; 2] {
    let user = users[0];
    let meta = |object: &str, namespace: Option<&Namespace>, labels: Map| Meta {
        name: object.to_owned(),
        namespace: namespace.map(ToString::to_string),
        labels,
        annotations: Map::new(),
    };
    let key = if user.document.has(&["namespace"]) { "namespace" } else { "name" };
    let origin = Origin { span: user.document.key(&[key]), key };
    let planned = |kind: Kind, object: &str, namespace: Option<Namespace>, values: Values| {
        let id = (kind, namespace, object, name.as_str());
        super::shared(model.fleet(), region, id, values, origin)
    };
    let closed = Values::NetworkPolicy {
        meta: meta("default-deny", Some(name), managed(region)),
        selector: Map::new(),
        ingress: Vec::new(),
        egress: Vec::new(),
    };
    let root = users.iter().any(|service| service.is_root());
    let level = model.fleet().level(name, root);
    let mut own = meta(name.as_str(), None, pod_security(region, level));
    for service in users {
        super::meta::add(&service.metadata.namespace, &mut own);
    }
    [
        planned(Kind::Namespace, name.as_str(), None, Values::Plain { meta: own }),
        planned(Kind::NetworkPolicy, "default-deny", Some(name.clone()), closed),
    ]
}

/// The labels of what services share.
pub(crate) fn managed(region: &Region) -> Map {
    Map::from([
        ("app.kubernetes.io/managed-by".to_owned(), "ninefold".to_owned()),
        (crate::kube::labels::REGION.to_owned(), region.name.to_string()),
    ])
}

/// A level of Pod Security, at the version that the cluster runs: an upgrade of the cluster then
/// changes nothing until the fleet says so.
pub(crate) fn pod_security(region: &Region, level: Level) -> Map {
    let mut labels = managed(region);
    let level = level.word();
    for mode in ["enforce", "audit", "warn"] {
        let key = format!("pod-security.kubernetes.io/{mode}");
        labels.insert(format!("{key}-version"), format!("v{}", region.kubernetes));
        labels.insert(key, level.to_owned());
    }
    labels
}
