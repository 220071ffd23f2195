//! Network policies for what was open before: a namespace of services is closed unless something opens
//! it.

use super::guess::{Context, called, ports_of};
use super::object::{self, Object};
use crate::kube::labels;
use crate::yaml::Value;

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn policy((name, namespace): (&str, &str), spec: Value) -> Value {
    let mut policy = map([
        ("apiVersion", text("networking.k8s.io/v1")),
        ("kind", text("NetworkPolicy")),
        ("metadata", map([("name", text(name)), ("namespace", text(namespace))])),
        ("spec", spec),
    ]);
    policy.sort();
    policy
}

fn port(number: u16, protocol: &str) -> Value {
    map([("port", Value::Int(i64::from(number))), ("protocol", text(protocol))])
}

fn service(name: &str) -> Value {
    map([("matchLabels", map([(labels::SERVICE, text(name))]))])
}

/// Lets in what comes by a node port or a load balancer.
pub(super) fn from_outside(context: Context<'_>, at: usize) -> Option<Value> {
    let group = &context.groups.groups[at];
    let ports = ports_of(context, at);
    let ports: Vec<Value> = ports.iter().map(|one| port(one.number, &one.protocol)).collect();
    if !group.exposed || ports.is_empty() {
        return None;
    }
    let spec = map([
        ("podSelector", service(&group.name)),
        ("policyTypes", Value::List(vec![text("Ingress")])),
        ("ingress", Value::List(vec![map([("ports", Value::List(ports))])])),
    ]);
    Some(policy((&format!("{}-from-outside", group.name), &group.namespace), spec))
}

/// Lets pods of manifests ask for names, and reach the services that they are given addresses of.
pub(super) fn of_pods(context: Context<'_>, object: &Object) -> Option<Value> {
    object::pod(object)?;
    let own = object::pod_labels(object);
    if own.is_empty() {
        return None;
    }
    let namespace = context.options.namespace_of(object);
    let of_names = map([
        (
            "to",
            Value::List(vec![map([
                (
                    "namespaceSelector",
                    map([(
                        "matchLabels",
                        map([("kubernetes.io/metadata.name", text("kube-system"))]),
                    )]),
                ),
                ("podSelector", map([("matchLabels", map([("k8s-app", text("kube-dns"))]))])),
            ])]),
        ),
        ("ports", Value::List(vec![port(53, "UDP"), port(53, "TCP")])),
    ]);
    let mut egress = vec![of_names];
    for group in called(context, object, &namespace) {
        let ports = ports_of(context, group);
        let to = &context.groups.groups[group];
        let there =
            map([("matchLabels", map([("kubernetes.io/metadata.name", text(&to.namespace))]))]);
        let ports: Vec<Value> = ports.iter().map(|one| port(one.number, &one.protocol)).collect();
        let peer = map([("namespaceSelector", there), ("podSelector", service(&to.name))]);
        egress.push(map([("to", Value::List(vec![peer])), ("ports", Value::List(ports))]));
    }
    let own = own.iter().map(|(key, value)| (key.as_str(), text(value)));
    // Pods of services may bear the same labels, and have policies of their own.
    let other = map([("key", text(labels::SERVICE)), ("operator", text("DoesNotExist"))]);
    let selector = map([("matchLabels", map(own)), ("matchExpressions", Value::List(vec![other]))]);
    let spec = map([
        ("podSelector", selector),
        ("policyTypes", Value::List(vec![text("Egress")])),
        ("egress", Value::List(egress)),
    ]);
    Some(policy((&format!("{}-calls", object.name), &namespace), spec))
}
