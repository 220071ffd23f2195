//! What an object takes for granted: names of things that stand in a cluster and that nothing of a
//! tree makes, kinds that Kubernetes has not of itself, images.

use super::{Kind, ObjectId, operators, references};
use crate::yaml::Value;

/// Something that must be in a cluster before an object works there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The API serves a kind.
    Served {
        /// `velero.io/v1`
        api_version: String,
        /// `Schedule`
        kind: String,
    },
    /// An image can be pulled.
    Image(String),
    /// Something of that name is there.
    Named {
        /// What it is.
        thing: Thing,
        /// Where it is, when it stands in a namespace.
        namespace: Option<String>,
        /// Its name.
        name: String,
    },
    /// The cloud knows the ServiceAccount.
    Identity {
        /// The annotation that says who it is to the cloud.
        annotation: &'static str,
        /// The namespace of the ServiceAccount.
        namespace: String,
        /// Its name.
        account: String,
    },
    /// What the tree asks an operator for has been done.
    Done {
        /// The kind of what asks.
        kind: Kind,
        /// Its namespace.
        namespace: String,
        /// Its name.
        name: String,
    },
}

/// What is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// A Secret.
    Secret,
    /// A Secret with a certificate and its key.
    Certificate,
    /// A PriorityClass.
    PriorityClass,
    /// A `RuntimeClass`.
    RuntimeClass,
    /// A StorageClass.
    StorageClass,
    /// A VolumeSnapshotClass.
    SnapshotClass,
    /// An IngressClass.
    IngressClass,
    /// A Gateway.
    Gateway,
    /// An ObjectStore of the Barman Cloud plugin.
    Archive,
    /// An API that something adds to Kubernetes' own.
    Api,
}

/// How `kubectl` calls each, and how a person does.
const WORDS: &[(Thing, &str, &str)] = &[
    (Thing::Secret, "secret", "Secret"),
    (Thing::Certificate, "secret", "certificate in the Secret"),
    (Thing::PriorityClass, "priorityclass", "PriorityClass"),
    (Thing::RuntimeClass, "runtimeclass", "RuntimeClass"),
    (Thing::StorageClass, "storageclass", "StorageClass"),
    (Thing::SnapshotClass, "volumesnapshotclasses.snapshot.storage.k8s.io", "VolumeSnapshotClass"),
    (Thing::IngressClass, "ingressclass", "IngressClass"),
    (Thing::Gateway, "gateways.gateway.networking.k8s.io", "Gateway"),
    (Thing::Archive, "objectstores.barmancloud.cnpg.io", "ObjectStore"),
    (Thing::Api, "apiservice", "API"),
];

impl Thing {
    /// How `kubectl` calls it.
    pub fn resource(self) -> &'static str {
        self.row().1
    }

    /// How a person calls it.
    pub fn word(self) -> &'static str {
        self.row().2
    }

    fn row(self) -> &'static (Thing, &'static str, &'static str) {
        WORDS.iter().find(|(thing, ..)| *thing == self).expect("every thing has its words")
    }
}

/// Fields below a pod's `spec`.
const IN_PODS: &[(&str, Option<Thing>)] = &[
    ("containers[].image", None),
    ("initContainers[].image", None),
    ("containers[].envFrom[].secretRef.name", Some(Thing::Secret)),
    ("containers[].env[].valueFrom.secretKeyRef.name", Some(Thing::Secret)),
    ("initContainers[].envFrom[].secretRef.name", Some(Thing::Secret)),
    ("initContainers[].env[].valueFrom.secretKeyRef.name", Some(Thing::Secret)),
    ("volumes[].secret.secretName", Some(Thing::Secret)),
    ("volumes[].projected.sources[].secret.name", Some(Thing::Secret)),
    ("volumes[].csi.nodePublishSecretRef.name", Some(Thing::Secret)),
    ("imagePullSecrets[].name", Some(Thing::Secret)),
    ("priorityClassName", Some(Thing::PriorityClass)),
    ("runtimeClassName", Some(Thing::RuntimeClass)),
];

/// What `kubectl wait --for` waits for, and how a person calls it, for a kind of [`Need::Done`].
pub fn done(kind: &Kind) -> Option<(&'static str, &'static str)> {
    kind.row()?.done
}

/// Calls `found` for everything that an object needs. What is marked `optional: true` is not needed.
pub fn visit(id: &ObjectId, object: &Value, found: &mut impl FnMut(Need)) {
    let namespace = || id.namespace.as_ref().map(ToString::to_string);
    let api_version = object.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    if !operators::is_own(operators::group(api_version)) {
        let (api_version, kind) = (api_version.to_owned(), id.kind.name().to_owned());
        found(Need::Served { api_version, kind });
    }
    let mut tell = |thing: Option<Thing>, holder: &Value, name: &str| {
        let Some(thing) = thing else { return found(Need::Image(name.to_owned())) };
        let namespace = match thing {
            Thing::Secret | Thing::Certificate | Thing::Archive => namespace(),
            Thing::Gateway => {
                let other = holder.get("namespace").and_then(Value::as_str).map(str::to_owned);
                other.or_else(namespace)
            }
            Thing::PriorityClass
            | Thing::RuntimeClass
            | Thing::StorageClass
            | Thing::SnapshotClass
            | Thing::IngressClass
            | Thing::Api => None,
        };
        found(Need::Named { thing, namespace, name: name.to_owned() });
    };
    let row = id.kind.facts();
    for (path, thing) in row.needs {
        follow(object, path, &mut |holder, name| tell(*thing, holder, name));
    }
    if let Some(path) = references::pods(&id.kind) {
        let spec = object.at(&path);
        for (path, thing) in IN_PODS {
            spec.into_iter().for_each(|spec| {
                follow(spec, path, &mut |holder, name| tell(*thing, holder, name));
            });
        }
    }
    for (thing, name) in row.always {
        tell(Some(*thing), object, name);
    }
    let (Some(namespace), Some(name)) =
        (namespace(), object.at(&["metadata", "name"]).and_then(Value::as_str))
    else {
        return;
    };
    let annotations = object.at(&["metadata", "annotations"]);
    let is_there = |key: &&&str| annotations.and_then(|all| all.get(key)).is_some();
    for annotation in row.identities.iter().filter(is_there) {
        let (namespace, account) = (namespace.clone(), name.to_owned());
        found(Need::Identity { annotation, namespace, account });
    }
    if row.done.is_some() {
        found(Need::Done { kind: id.kind.clone(), namespace, name: name.to_owned() });
    }
}

/// Calls `found` with every text at the end of `path`, and with the map that holds it.
fn follow(value: &Value, path: &str, found: &mut impl FnMut(&Value, &str)) {
    if value.get("optional") == Some(&Value::Bool(true)) {
        return;
    }
    let (segment, rest) = path.split_once('.').unwrap_or((path, ""));
    let (key, every) = segment.strip_suffix("[]").map_or((segment, false), |key| (key, true));
    match value.get(key) {
        Some(Value::List(items)) if every => {
            items.iter().for_each(|item| follow(item, rest, found));
        }
        Some(Value::String(name)) if rest.is_empty() => found(value, name),
        Some(child) if !rest.is_empty() => follow(child, rest, found),
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kube::{LogicalName, Namespace, RegionName};
    use crate::yaml::read;

    fn needs(kind: Kind, text: &str) -> Vec<Need> {
        let object = read::document(text).expect("YAML");
        let id = ObjectId {
            region: RegionName::new("north"),
            kind,
            namespace: Some(Namespace::new("shop")),
            name: LogicalName::new("shop"),
        };
        let mut needs = Vec::new();
        visit(&id, &object, &mut |need| needs.push(need));
        needs
    }

    fn named(thing: Thing, namespace: Option<&str>, name: &str) -> Need {
        Need::Named { thing, namespace: namespace.map(str::to_owned), name: name.to_owned() }
    }

    #[test]
    fn every_thing_has_words() {
        for (thing, resource, word) in WORDS {
            assert_eq!((thing.resource(), thing.word()), (*resource, *word));
        }
    }

    #[test]
    fn a_pod_needs_its_images_and_its_secrets_but_not_what_is_optional() {
        let text = "apiVersion: apps/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      priorityClassName: high\n      containers:\n        - name: app\n          image: a@sha256:0\n          envFrom:\n            - secretRef: { name: one }\n            - secretRef: { name: two, optional: true }\n      volumes:\n        - name: keys\n          secret: { secretName: three }\n        - name: more\n          secret: { secretName: four, optional: true }\n";
        assert_eq!(
            needs(Kind::Deployment, text),
            [
                Need::Image("a@sha256:0".to_owned()),
                named(Thing::Secret, Some("shop"), "one"),
                named(Thing::Secret, Some("shop"), "three"),
                named(Thing::PriorityClass, None, "high"),
            ]
        );
    }

    #[test]
    fn a_route_needs_the_gateway_where_it_is() {
        let text = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nspec:\n  parentRefs:\n    - { name: users, namespace: edge }\n    - { name: own }\n";
        let served = Need::Served {
            api_version: "gateway.networking.k8s.io/v1".to_owned(),
            kind: "HTTPRoute".to_owned(),
        };
        assert_eq!(
            needs(Kind::HttpRoute, text),
            [
                served,
                named(Thing::Gateway, Some("edge"), "users"),
                named(Thing::Gateway, Some("shop"), "own"),
            ]
        );
    }

    #[test]
    fn an_account_with_an_identity_is_known_to_the_cloud() {
        let text = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: shop\n  annotations:\n    azure.workload.identity/client-id: one\n    team: two\n";
        let found = needs(Kind::ServiceAccount, text);
        assert!(
            matches!(&found[..], [Need::Identity { annotation, account, .. }] if *annotation == "azure.workload.identity/client-id" && account == "shop")
        );
    }
}
