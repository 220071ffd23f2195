//! What governs the pods of a namespace is in the claims of every service there, whoever wrote it: quotas,
//! ranges, budgets, and autoscalers of requests.

use crate::escapes::void;
use crate::support::{FLEET, Outcome, compile};
use std::collections::BTreeSet;

const ROOM: &str = "zone rto";

fn spec(name: &str, more: &str) -> String {
    format!(
        "name = \"{name}\"\nimage = \"registry.example.com/{name}@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\ntier = \"gold\"\nregions = [\"eastus2\"]\nrpo = \"4h\"\nrto = \"4h\"\nnamespace = \"shop\"\n{more}[probes]\nready = \"/ready\"\nlive = \"/live\"\n"
    )
}

const OWN: &str = "manifests = [{ path = \"manifests/own.yaml\" }]\n";

fn object(kind: &str, spec: &str) -> String {
    let version = match kind {
        "VerticalPodAutoscaler" => "autoscaling.k8s.io/v1",
        "PodDisruptionBudget" => "policy/v1",
        _ => "v1",
    };
    format!(
        "apiVersion: {version}\nkind: {kind}\nmetadata: {{ name: own, namespace: shop }}\nspec: {spec}\n"
    )
}

/// Who wrote an object: the service itself, another one of its namespace, or the fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Itself,
    Neighbour,
    Fleet,
}

fn with(by: By, object: &str) -> Outcome {
    let own = |wanted: By| if by == wanted { OWN } else { "" };
    let fleet = match by {
        By::Fleet => {
            format!(
                "manifests = [{{ path = \"manifests/own.yaml\", regions = [\"eastus2\"] }}]\n{FLEET}"
            )
        }
        By::Itself | By::Neighbour => FLEET.to_owned(),
    };
    compile(&[
        ("fleet.toml", &fleet),
        ("web.toml", &spec("web", own(By::Itself))),
        ("other.toml", &spec("other", own(By::Neighbour))),
        ("manifests/own.yaml", object),
    ])
}

const QUOTA: &str = "ResourceQuota";
const RANGE: &str = "LimitRange";

/// Two services of three replicas share the namespace.
#[test]
fn a_quota_counts_all_that_run_in_its_namespace() {
    for by in [By::Itself, By::Neighbour, By::Fleet] {
        for hard in ["pods: 5", "requests.cpu: 1499m", "memory: 1535Mi"] {
            let outcome = with(by, &object(QUOTA, &format!("{{ hard: {{ {hard} }} }}")));
            let found: BTreeSet<&str> = outcome.codes().into_iter().collect();
            assert_eq!(found, BTreeSet::from(["claims-unproven"]), "{by:?}\n{}", outcome.report());
            for service in ["web", "other"] {
                assert!(void(&outcome, service).contains(ROOM), "{by:?} {hard} {service}");
            }
        }
        let ample = "{ hard: { pods: 6, requests.cpu: 1500m, memory: 1536Mi } }";
        let outcome = with(by, &object(QUOTA, ample));
        assert_eq!(outcome.report(), "", "{by:?}");
        assert_eq!(void(&outcome, "web"), BTreeSet::new());
    }
}

#[test]
fn a_range_that_refuses_pods_is_found() {
    let range = |limit: &str| object(RANGE, &format!("{{ limits: [{{ {limit} }}] }}"));
    for by in [By::Itself, By::Neighbour, By::Fleet] {
        for limit in [
            "type: Container, max: { memory: 64Mi }",
            "type: Container, min: { cpu: 400m }",
            "type: Container, max: { cpu: 100m }",
            "type: Pod, max: { memory: 64Mi }",
        ] {
            let outcome = with(by, &range(limit));
            let found: BTreeSet<&str> = outcome.codes().into_iter().collect();
            assert_eq!(found, BTreeSet::from(["claims-unproven"]), "{limit}\n{}", outcome.report());
            assert!(void(&outcome, "web").contains("pod rto"), "{by:?} {limit}");
        }
        for limit in [
            "type: Container, max: { cpu: 4, memory: 8Gi }, min: { cpu: 10m }",
            "type: PersistentVolumeClaim, max: { storage: 1Gi }",
        ] {
            assert_eq!(with(by, &range(limit)).report(), "", "{by:?} {limit}");
        }
    }
}

#[test]
fn a_second_budget_over_the_pods_of_a_service_is_found() {
    let budget = |selector: &str| {
        object("PodDisruptionBudget", &format!("{{ maxUnavailable: 0, selector: {selector} }}"))
    };
    for selector in ["{}", "{ matchLabels: { app.kubernetes.io/name: web } }"] {
        for by in [By::Neighbour, By::Fleet] {
            let outcome = with(by, &budget(selector));
            assert!(void(&outcome, "web").contains(ROOM), "{by:?}\n{}", outcome.report());
            let told = outcome.report();
            assert!(told.contains("it is a second disruption budget over the pods"), "{told}");
        }
        let outcome = with(By::Itself, &budget(selector));
        assert!(outcome.codes().contains(&"governed-twice"), "{}", outcome.report());
    }
    let outcome = with(By::Fleet, &budget("{ matchLabels: { app: agent } }"));
    assert!(!outcome.codes().contains(&"claims-unproven"), "{}", outcome.report());
    assert_eq!(void(&outcome, "web"), BTreeSet::new());
}

/// An object that other regions have is none of this one.
#[test]
fn what_is_elsewhere_governs_nothing_here() {
    let fleet = format!(
        "manifests = [{{ path = \"manifests/own.yaml\", regions = [\"centralus\"] }}]\n{FLEET}"
    );
    let quota = object(QUOTA, "{ hard: { pods: 1 } }");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n---\n";
    let outcome = compile(&[
        ("fleet.toml", &fleet),
        ("web.toml", &spec("web", "")),
        ("manifests/own.yaml", &format!("{namespace}{quota}")),
    ]);
    assert_eq!(outcome.report(), "");
    assert_eq!(void(&outcome, "web"), BTreeSet::new());
    let quota = quota.replace("namespace: shop", "namespace: agents");
    let outcome = with(By::Fleet, &format!("{}{quota}", namespace.replace("shop", "agents")));
    assert_eq!(outcome.report(), "");
}

const DEFINITION: &str = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: verticalpodautoscalers.autoscaling.k8s.io\nspec:\n  group: autoscaling.k8s.io\n  names: { kind: VerticalPodAutoscaler, plural: verticalpodautoscalers }\n  scope: Namespaced\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            x-kubernetes-preserve-unknown-fields: true\n";

/// It evicts pods and gives them other requests, or gives them to those that come; or only recommends.
#[test]
fn an_autoscaler_of_requests_voids_the_room_unless_it_only_recommends() {
    let target = "targetRef: { apiVersion: apps/v1, kind: Deployment, name: web }";
    let policy = |mode: &str| {
        format!("resourcePolicy: {{ containerPolicies: [{{ containerName: '*', mode: {mode} }}] }}")
    };
    let cases = [
        (format!("{{ {target} }}"), Some("it evicts pods")),
        (mode(target, "Auto"), Some("it evicts pods")),
        (mode(target, "Recreate"), Some("it evicts pods")),
        (mode(target, "InPlaceOrRecreate"), Some("it evicts pods, or resizes them")),
        (mode(target, "Initial"), Some("it changes what new pods of Deployment `web` ask for")),
        (mode(target, "Off"), None),
        (mode(&format!("{target}, {}", policy("'Off'")), "Auto"), None),
        (mode(&format!("{target}, {}", policy("Auto")), "Auto"), Some("it evicts pods")),
        (mode(&target.replace("web", "another"), "Off"), None),
    ];
    for (spec, line) in cases {
        let own = object("VerticalPodAutoscaler", &spec).replace(", namespace: shop", "");
        let template = own.replace("name: own", "name: own, namespace: {{ meta.namespace }}");
        for (path, text, more) in
            [("manifests/own.yaml", own, OWN), ("templates/services/web/own.yaml", template, "")]
        {
            let outcome = compile(&[
                ("web.toml", &self::spec("web", more)),
                ("templates/crds/own.yaml", DEFINITION),
                (path, &text),
            ]);
            let report = outcome.report();
            if line.is_none() && spec.contains("another") {
                // A target that is not there is somebody else's mistake.
                assert!(!outcome.codes().contains(&"claims-unproven"), "{report}");
                continue;
            }
            let expected: &[&str] = if line.is_some() { &["claims-unproven"] } else { &[] };
            assert_eq!(outcome.codes(), expected, "{spec}\n{report}");
            assert!(line.is_none_or(|line| report.contains(line)), "{spec}\n{report}");
            assert_eq!(void(&outcome, "web").contains(ROOM), line.is_some(), "{spec}");
        }
    }
}

fn mode(spec: &str, mode: &str) -> String {
    format!("{{ {spec}, updatePolicy: {{ updateMode: '{mode}' }} }}")
}
