//! What the objects of the service take for granted in the region.

use super::{Row, Says, command};
use crate::decide::ServiceInRegion;
use crate::kube::needs::{self, Need, Thing};
use crate::kube::{Kind, operators};
use crate::model::DnsEngine;

/// Whether the fleet declares something in a region.
type Declared = fn(&ServiceInRegion<'_>) -> bool;

/// Whether the fleet declares who serves a group, for groups of which it can.
const DECLARED: &[(&str, Declared)] = &[
    ("externaldns.k8s.io", |here| engine(here) == Some(DnsEngine::ExternalDns)),
    ("gateway.networking.k8s.io", |here| {
        here.region.entry.as_ref().is_some_and(|entry| entry.gateway.is_some())
    }),
    ("k8gb.io", |here| engine(here) == Some(DnsEngine::K8gb)),
    ("monitoring.coreos.com", |here| here.region.prometheus.is_some()),
    ("postgresql.cnpg.io", |here| here.region.postgresql.is_some()),
    ("velero.io", |_| true),
];

pub(super) fn rows<'a>(
    here: &'a ServiceInRegion<'_>,
    needs: impl Iterator<Item = &'a Need>,
) -> impl Iterator<Item = Row> {
    let all = needs.cloned().chain(once_it_leads(here));
    all.map(|need| row(here, &need))
}

/// What the region gets once it leads, and may not have yet.
fn once_it_leads(here: &ServiceInRegion<'_>) -> Vec<Need> {
    let served = |kind: Kind| {
        let row = kind.row()?;
        Some(Need::Served { api_version: row.api_version.to_owned(), kind: row.name.to_owned() })
    };
    let mut kinds = vec![Kind::Schedule];
    if here.service.keeps_data() {
        kinds.push(Kind::Restore);
    }
    kinds.extend(engine(here).map(|engine| match engine {
        DnsEngine::ExternalDns => Kind::DnsEndpoint,
        DnsEngine::K8gb => Kind::Gslb,
    }));
    let mut needs: Vec<Need> = kinds.into_iter().filter_map(served).collect();
    // Its volumes are backed up then.
    let backed_up = here.service.volumes.iter().filter(|volume| volume.backup != Some(false));
    let classes = backed_up.filter_map(|volume| here.service.class_of(volume, here.region));
    needs.extend(classes.filter_map(|class| class.snapshots.clone()).map(|name| Need::Named {
        thing: Thing::SnapshotClass,
        namespace: None,
        name,
    }));
    needs
}

/// Who makes the records of the service, where the fleet says.
pub(super) fn engine(here: &ServiceInRegion<'_>) -> Option<DnsEngine> {
    let host = here.service.traffic.as_ref()?.hosts.first()?;
    Some(here.fleet.zone_of(host)?.1.engine)
}

fn row(here: &ServiceInRegion<'_>, need: &Need) -> Row {
    match need {
        Need::Served { api_version, kind } => served(here, api_version, kind),
        Need::Image(image) => pulled(here, image),
        Need::Named { thing, namespace, name } => named(here, *thing, namespace.as_deref(), name),
        Need::Identity { annotation, namespace, account } => {
            let what = format!(
                "The cloud trusts this cluster for the ServiceAccount `{account}` of `{namespace}` (`{annotation}`): its issuer is another one than in the other regions."
            );
            let path = "/.well-known/openid-configuration";
            Row::judge(what, Some(command::kubectl(here, None, &["get", "--raw", path])))
        }
        Need::Done { kind, namespace, name } => {
            let (state, word) = needs::done(kind).unwrap_or_default();
            let group = kind.row().map(|row| operators::group(row.api_version)).unwrap_or_default();
            let resource = format!("{}.{group}/{name}", kind.name().to_ascii_lowercase());
            let what = format!("{kind} `{name}` {word}");
            Row::new(Says::Tree, what, command::wait(here, Some(namespace), &resource, state))
        }
    }
}

fn served(here: &ServiceInRegion<'_>, api_version: &str, kind: &str) -> Row {
    let group = operators::group(api_version);
    let declared = DECLARED.iter().find(|(of, _)| *of == group);
    let says = if declared.is_some_and(|(_, says)| says(here)) { Says::Fleet } else { Says::You };
    let by =
        operators::of(group).map_or_else(|| format!("whatever serves `{group}`"), str::to_owned);
    let what = format!("{kind} (`{api_version}`), served by {by}");
    Row::new(says, what, command::served(here, api_version, kind))
}

fn named(here: &ServiceInRegion<'_>, thing: Thing, namespace: Option<&str>, name: &str) -> Row {
    let what = format!("{} `{name}`", thing.word());
    let get =
        |says| Row::new(says, what.clone(), command::get(here, namespace, thing.resource(), name));
    let wait = |says, state| {
        let object = format!("{}/{name}", thing.resource());
        Row::new(says, what.clone(), command::wait(here, namespace, &object, state))
    };
    match thing {
        Thing::Secret => get(Says::You).tonight(),
        Thing::Certificate => wait(Says::You, "jsonpath={.type}=kubernetes.io/tls").tonight(),
        Thing::PriorityClass if here.fleet.priority_classes.contains_key(name) => get(Says::Tree),
        Thing::PriorityClass | Thing::RuntimeClass => get(Says::You),
        Thing::StorageClass | Thing::SnapshotClass | Thing::IngressClass | Thing::Archive => {
            get(Says::Fleet)
        }
        Thing::Gateway => wait(Says::Fleet, "condition=Programmed"),
        Thing::Api => wait(Says::You, "condition=Available"),
    }
}

/// A pod that pulls the image and runs nothing: with the ServiceAccount of the service, as that may
/// hold what opens the registry, and as `restricted` as its namespace asks.
fn pulled(here: &ServiceInRegion<'_>, image: &str) -> Row {
    let service = here.service;
    let name = service.logical("pull");
    let pod = serde_json::json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": name },
        "spec": {
            "restartPolicy": "Never",
            "serviceAccountName": service.logical(""),
            "automountServiceAccountToken": false,
            "securityContext": {
                "runAsNonRoot": true,
                "runAsUser": here.fleet.user,
                "seccompProfile": { "type": "RuntimeDefault" },
            },
            "containers": [{
                "name": "pull",
                "image": image,
                "imagePullPolicy": "Always",
                "command": ["/this-is-not-run"],
                "securityContext": {
                    "allowPrivilegeEscalation": false,
                    "capabilities": { "drop": ["ALL"] },
                },
            }],
        },
    });
    let namespace = Some(service.namespace.as_str());
    let create = command::kubectl(here, namespace, &["create", "-f", "-"]);
    let seen = ["events", "--for", &format!("pod/{name}")];
    let delete = command::kubectl(here, namespace, &["delete", "pod", &name]);
    let commands = [
        format!("echo {} | {create}", command::word(&pod.to_string())),
        format!("sleep 60; {}", command::kubectl(here, namespace, &seen)),
        delete,
    ];
    let what =
        format!("`{image}` can be pulled: the events say `Pulled`, and that it cannot be run.");
    Row::judge(what, Some(commands.join("\n")))
}
