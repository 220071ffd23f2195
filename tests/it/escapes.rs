//! Nothing escapes: what a template, a patch or a manifest of the user's own changes of what a promise was
//! proven with is found at its line, and where somebody accepts it, nothing goes on saying "kept".

use crate::support::{Outcome, compile};
use serde_json::Value;
use std::collections::BTreeSet;

const SPEC: &str = "name = \"web\"\nimage = \"registry.example.com/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\ntier = \"gold\"\nregions = [\"eastus2\"]\nrpo = \"4h\"\nrto = \"4h\"\n";
const HTTP: &str = "[probes]\nready = \"/ready\"\nlive = \"/live\"\n";
const STATEFUL: &str =
    "kind = \"stateful\"\nvolumes = [{ name = \"data\", path = \"/data\", size = \"1Gi\" }]\n";

/// A template of ours, in which one text is replaced by another.
#[track_caller]
pub(crate) fn edited(template: &str, from: &str, to: &str) -> (String, String) {
    let path = crate::workbench::repository("templates").join(template);
    let text = std::fs::read_to_string(path).expect("a template of ours");
    assert!(text.contains(from), "{template} has no `{from}`");
    (format!("templates/{template}"), text.replace(from, to))
}

/// The claims of the ledger that are void, as `zone rto`.
pub(crate) fn void(outcome: &Outcome, service: &str) -> BTreeSet<String> {
    let Some(text) = outcome.files.get(&format!("ledger/{service}.json")) else {
        return BTreeSet::new();
    };
    let ledger: Value = serde_json::from_str(text).expect("JSON");
    let mut found = BTreeSet::new();
    for promise in ledger["promises"].as_object().expect("promises").values() {
        for (scope, claims) in promise["claims"].as_object().expect("claims") {
            for (objective, claim) in claims.as_object().expect("claims") {
                if claim.get("void").is_some() {
                    assert!(claim.get("worst").is_none(), "{scope} {objective}: {claim}");
                    found.insert(format!("{scope} {objective}"));
                }
            }
        }
    }
    found
}

fn set(claims: &[&str]) -> BTreeSet<String> {
    claims.iter().map(|claim| (*claim).to_owned()).collect()
}

const PLACED: &[&str] =
    &["node rto", "node survivors", "zone rto", "zone survivors", "zone availability"];

/// Holds that files beside a spec are refused at a line of theirs, and that what they void is void, and
/// nothing else, once the service accepts it.
#[track_caller]
fn refused(more: &str, file: (&str, &str), line: &str, expected: &[&str]) {
    let spec = format!("{SPEC}{more}");
    let outcome = compile(&[("web.toml", &spec), file]);
    let codes: BTreeSet<&str> = outcome.codes().into_iter().collect();
    assert_eq!(codes, BTreeSet::from(["object-unproven"]), "{}", outcome.report());
    let report = outcome.report();
    assert!(report.contains(line), "{report}");
    assert!(!outcome.files.contains_key("ledger/web.json"), "it is an error");
    let accept =
        "[[accept]]\nrule = \"object-unproven\"\nreason = \"as it is\"\nuntil = \"2099-12-31\"\n";
    let outcome = compile(&[("web.toml", &format!("{spec}{accept}")), file]);
    assert_eq!(outcome.codes(), [""; 0], "{}", outcome.report());
    assert_eq!(void(&outcome, "web"), set(expected));
    let card = &outcome.files["recovery/web.md"];
    assert!(!expected.contains(&"zone rto") || card.contains("void by"), "{card}");
}

#[test]
fn a_template_that_says_less_than_was_decided_is_refused_at_its_line() {
    let pod = |from: &str, to: &str| edited("parts/pod.yaml", from, to);
    let (path, text) = pod("tolerationSeconds: {{ pod.node_loss }}", "tolerationSeconds: 3600");
    refused(HTTP, (&path, &text), "stays on a lost node for 1h", PLACED);
    let (path, text) =
        pod("whenUnsatisfiable: {{ spread.when }}", "whenUnsatisfiable: ScheduleAnyway");
    let text = text.replace("          minDomains: {{ spread.min_domains }}\n", "");
    refused(HTTP, (&path, &text), "nothing keeps the pods apart over zones", PLACED);
    let (path, text) = pod(
        "terminationGracePeriodSeconds: {{ pod.grace }}",
        "terminationGracePeriodSeconds: 3600",
    );
    refused(HTTP, (&path, &text), "may take 1h to end", &["pod rto", "zone availability"]);
    let (path, text) = edited("deployment.yaml", "replicas: {{ replicas }}", "replicas: 1");
    let all = [PLACED, &["pod rto", "pod survivors"]].concat();
    refused(HTTP, (&path, &text), "templates/deployment.yaml:6", &all);
}

#[test]
fn probes_that_see_less_or_later_are_refused() {
    let connects = "            tcpSocket:\n              port: http\n            periodSeconds: {{ probe.period }}\n            timeoutSeconds: {{ probe.timeout }}\n            failureThreshold: {{ probe.failures }}\n";
    let file = ("templates/parts/probe.yaml", connects);
    refused(HTTP, file, "the probe only connects", &["pod rto", "zone availability"]);
    let from = "failureThreshold: {{ probe.failures }}";
    let (path, text) = edited("parts/probe.yaml", from, "failureThreshold: 50");
    let of_start = ["pod rto", "node rto", "zone rto", "zone availability"];
    refused(HTTP, (&path, &text), "is seen after", &of_start);
    let outcome = compile(&[("web.toml", SPEC), file]);
    assert_eq!(outcome.report(), "", "by default, probes only connect");
}

#[test]
fn more_than_was_decided_is_no_finding() {
    let (path, text) = edited("deployment.yaml", "replicas: {{ replicas }}", "replicas: 9");
    let (pod, with) =
        edited("parts/pod.yaml", "tolerationSeconds: {{ pod.node_loss }}", "tolerationSeconds: 1");
    let outcome = compile(&[("web.toml", &format!("{SPEC}{HTTP}")), (&path, &text), (&pod, &with)]);
    assert_eq!(outcome.report(), "");
    assert_eq!(void(&outcome, "web"), set(&[]));
}

#[test]
fn a_patch_is_told_at_its_own_line() {
    let patch = "[patch.deployment]\nremove = [\"spec.template.spec.tolerations\"]\n";
    let outcome = compile(&[("web.toml", &format!("{SPEC}{HTTP}{patch}"))]);
    assert_eq!(outcome.codes(), ["object-unproven"], "{}", outcome.report());
    assert!(outcome.report().contains("remove = [\"spec.template"), "{}", outcome.report());
    let volume = "[[patch.deployment.spec.template.spec.volumes]]\nname = \"data\"\npersistentVolumeClaim = { claimName = \"data\" }\n";
    let outcome = compile(&[("web.toml", &format!("{SPEC}{HTTP}{volume}"))]);
    assert_eq!(outcome.codes(), ["object-unproven"], "{}", outcome.report());
    assert!(outcome.report().contains("keeps data that no backup"), "{}", outcome.report());
}

/// Holds that a manifest is warned of, and what it voids.
#[track_caller]
fn beside(more: &str, manifest: &str, line: &str, expected: &[&str]) {
    let spec = format!("{SPEC}{more}[[manifests]]\npath = \"manifests/own.yaml\"\n");
    let outcome = compile(&[("web.toml", &spec), ("manifests/own.yaml", manifest)]);
    assert_eq!(outcome.codes(), ["claims-unproven"], "{}", outcome.report());
    assert!(outcome.report().contains(line), "{}", outcome.report());
    assert_eq!(void(&outcome, "web"), set(expected));
}

const SECURE: &str =
    "securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }";
const CONTAINER: &str = "{ name: own, image: registry.example.com/own:1, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }, resources: { requests: { cpu: 100m } } }";

#[test]
fn pods_and_data_beside_a_service_void_what_rests_on_them() {
    let job = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: own\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      {SECURE}\n      containers: [{CONTAINER}]\n"
    );
    beside(HTTP, &job, "each pod of Job `own` asks for 100m of cpu", PLACED);
    let without = job.replace("cpu: 100m", "");
    let spec = format!("{SPEC}{HTTP}[[manifests]]\npath = \"manifests/own.yaml\"\n");
    let outcome = compile(&[("web.toml", &spec), ("manifests/own.yaml", &without)]);
    assert_eq!(outcome.report(), "", "what asks for nothing takes nothing that was proven");
    let claim = "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata:\n  name: own\nspec:\n  accessModes: [ReadWriteOnce]\n  resources: { requests: { storage: 1Gi } }\n";
    let of_data = ["data rpo", "data rto", "region rpo", "zone rpo", "zone rto"];
    beside(
        &format!("{STATEFUL}{HTTP}"),
        claim,
        "keeps data that no backup was proven with",
        &of_data,
    );
}

#[test]
fn a_kind_that_nobody_can_read_voids_what_it_may_take() {
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata:\n  name: caches.example.com\nspec:\n  group: example.com\n  names: { kind: Cache, plural: caches }\n  scope: Namespaced\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec:\n            type: object\n            x-kubernetes-preserve-unknown-fields: true\n";
    let spec = format!("{SPEC}{HTTP}[[manifests]]\npath = \"manifests/own.yaml\"\n");
    let with = |own: &str| {
        let own = format!(
            "apiVersion: example.com/v1\nkind: Cache\nmetadata:\n  name: own\nspec:\n  {own}\n"
        );
        compile(&[
            ("web.toml", &spec),
            ("crds/cache.yaml", definition),
            ("manifests/own.yaml", &own),
        ])
    };
    let outcome = with("replicas: 3");
    assert_eq!(outcome.codes(), ["claims-unproven"], "{}", outcome.report());
    assert_eq!(void(&outcome, "web"), set(PLACED));
    let outcome = with("size: large");
    assert_eq!(outcome.report(), "");
}

#[test]
fn who_rests_on_a_void_promise_has_none_either() {
    let accept =
        "[[accept]]\nrule = \"object-unproven\"\nreason = \"as it is\"\nuntil = \"2099-12-31\"\n";
    let patch = "[patch.deployment]\nremove = [\"spec.template.spec.tolerations\"]\n";
    let called = format!("{SPEC}{HTTP}{patch}{accept}");
    let caller = SPEC.replace("\"web\"", "\"front\"").replace("/web@", "/front@");
    let caller = format!("{caller}{HTTP}[[depends_on]]\nservice = \"web\"\n");
    let outcome = compile(&[("web.toml", &called), ("front.toml", &caller)]);
    assert_eq!(outcome.codes(), [""; 0], "{}", outcome.report());
    assert_eq!(void(&outcome, "front"), set(&["node rto", "zone rto", "zone availability"]));
    let ledger = &outcome.files["ledger/front.json"];
    assert!(ledger.contains("of `web`, which it rests on"), "{ledger}");
    let page = explained(&[("web.toml", &called), ("front.toml", &caller)], "front");
    assert!(page.lines().any(|line| line.starts_with("void") && line.contains("web")), "{page}");
}

/// What `explain` has of a service, as its proofs say it.
fn explained(files: &[(&str, &str)], service: &str) -> String {
    let mut sink = ninefold::diag::Sink::default();
    let input = crate::support::input(files);
    let fleet = ninefold::compile::prepare_to_explain(&mut sink, input).expect("it compiles");
    let proofs = fleet.proofs(service).expect("a service");
    let words = |claim: &ninefold::decide::proof::Claim| {
        format!("{} {}\n", claim.verdict().word(), claim.formula)
    };
    let all: String = proofs.iter().flat_map(|proof| proof.claims.iter().map(words)).collect();
    assert!(all.contains("void"), "{all}");
    all
}

/// The number that a finding says the promise rests on is kept, and one less, or later, is not.
#[test]
fn what_a_promise_rests_on_is_enough_and_a_step_less_is_not() {
    let spec = format!("{SPEC}{HTTP}");
    let of = |template: &str, from: &str, to: &str| {
        let (path, text) = edited(template, from, to);
        compile(&[("web.toml", &spec), (&path, &text)])
    };
    let replicas = |count: u64| {
        of("deployment.yaml", "replicas: {{ replicas }}", &format!("replicas: {count}"))
    };
    let stays = |seconds: u64| {
        let to = format!("tolerationSeconds: {seconds}");
        of("parts/pod.yaml", "tolerationSeconds: {{ pod.node_loss }}", &to)
    };
    let grace = |seconds: u64| {
        let to = format!("terminationGracePeriodSeconds: {seconds}");
        of("parts/pod.yaml", "terminationGracePeriodSeconds: {{ pod.grace }}", &to)
    };
    let rests = |outcome: &Outcome| -> u64 {
        let message = &outcome.findings[0].message;
        let rest = message.split("the promise rests on ").nth(1).expect("a number");
        let word = rest.split(' ').next().expect("a number");
        word.parse()
            .or_else(|_| word.parse().map(ninefold::quantity::Duration::as_seconds))
            .expect("a number")
    };
    let (least, most) = (rests(&replicas(1)), [rests(&stays(9999)), rests(&grace(9999))]);
    assert_eq!(replicas(least).codes(), [""; 0]);
    assert_eq!(replicas(least + 5).codes(), [""; 0]);
    assert_eq!(replicas(least - 1).codes(), ["object-unproven"]);
    for (with, most) in [(&stays as &dyn Fn(u64) -> Outcome, most[0]), (&grace, most[1])] {
        assert_eq!(with(most).codes(), [""; 0]);
        assert_eq!(with(most - 1).codes(), [""; 0]);
        assert_eq!(with(most + 1).codes(), ["object-unproven"]);
    }
}

/// Holds that a patch is warned of at its line, and what it voids.
#[track_caller]
fn patched(more: &str, patch: &str, line: &str, expected: &[&str]) {
    let spec = format!("{SPEC}{more}{HTTP}{patch}");
    let outcome = compile(&[("web.toml", &spec)]);
    let codes: BTreeSet<&str> = outcome.codes().into_iter().collect();
    assert_eq!(codes, BTreeSet::from(["claims-unproven"]), "{patch}\n{}", outcome.report());
    assert!(outcome.report().contains(line), "{}", outcome.report());
    assert!(outcome.report().contains("web.toml:"), "{}", outcome.report());
    assert_eq!(void(&outcome, "web"), set(expected), "{patch}");
}

const POD: &str = "[patch.deployment.spec.template.spec]\n";
const STARTED: &[&str] = &["pod rto", "node rto", "zone rto", "zone availability"];
const SIDECAR: &str = "image = \"registry.example.com/own@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\nsecurityContext = { allowPrivilegeEscalation = false, capabilities = { drop = [\"ALL\"] } }\n";

#[test]
fn where_pods_may_run_is_proven_or_void() {
    let required = |of: &str, term: &str| {
        format!("{POD}affinity.{of}.requiredDuringSchedulingIgnoredDuringExecution{term}\n")
    };
    let zone =
        "{ key = \"topology.kubernetes.io/zone\", operator = \"In\", values = [\"eastus2-1\"] }";
    let own = "{ topologyKey = \"topology.kubernetes.io/region\", labelSelector = { matchLabels = { \"app.kubernetes.io/name\" = \"web\" } } }";
    for patch in [
        format!("{POD}nodeSelector = {{ \"topology.kubernetes.io/zone\" = \"eastus2-1\" }}\n"),
        format!("{POD}nodeSelector = {{ disk = \"fast\" }}\n"),
        format!("{POD}nodeName = \"node-1\"\n"),
        format!("{POD}schedulerName = \"another\"\n"),
        format!("{POD}schedulingGates = [{{ name = \"example.com/later\" }}]\n"),
        required(
            "nodeAffinity",
            &format!(".nodeSelectorTerms = [{{ matchExpressions = [{zone}] }}]"),
        ),
        required("podAffinity", &format!(" = [{own}]")),
        required("podAntiAffinity", &format!(" = [{own}]")),
    ] {
        patched("", &patch, "the promise was proven with", PLACED);
    }
    for patch in [
        "nodeSelector = { \"kubernetes.io/os\" = \"linux\" }\n",
        "schedulerName = \"default-scheduler\"\n",
        "affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution = [{ weight = 1, preference = { matchExpressions = [{ key = \"disk\", operator = \"Exists\" }] } }]\n",
    ] {
        let outcome = compile(&[("web.toml", &format!("{SPEC}{HTTP}{POD}{patch}"))]);
        assert_eq!(outcome.report(), "", "{patch}");
        assert_eq!(void(&outcome, "web"), set(&[]));
    }
}

#[test]
fn what_a_pod_waits_for_has_a_bound_or_nothing_is_claimed_of_its_start() {
    let gate = format!("{POD}readinessGates = [{{ conditionType = \"example.com/ready\" }}]\n");
    patched("", &gate, "readinessGates", STARTED);
    let list = |list: &str, more: &str| {
        format!("[[patch.deployment.spec.template.spec.{list}]]\nname = \"own\"\n{SIDECAR}{more}")
    };
    let line = "a pod waits for `own`, and nothing bounds how long";
    patched("", &list("initContainers", ""), line, STARTED);
    let ready = "readinessProbe = { tcpSocket = { port = 9 } }\n";
    patched("", &list("containers", ready), line, STARTED);
    let always = format!("restartPolicy = \"Always\"\n{ready}");
    patched("", &list("initContainers", &always), line, STARTED);
    for (of, more) in [("containers", ""), ("initContainers", "restartPolicy = \"Always\"\n")] {
        let outcome = compile(&[("web.toml", &format!("{SPEC}{HTTP}{}", list(of, more)))]);
        assert_eq!(outcome.report(), "", "it is ready at once");
    }
}

#[test]
fn what_a_pod_asks_for_as_a_whole_counts() {
    let line = "a pod asks for";
    for asks in [
        "resources = { requests = { cpu = \"2\" } }",
        "resources = { limits = { cpu = \"2\" }, requests = { cpu = \"2\" } }",
        "overhead = { cpu = \"2\" }",
    ] {
        patched("", &format!("{POD}{asks}\n"), line, PLACED);
    }
    let (path, text) = edited(
        "parts/pod.yaml",
        "      serviceAccountName: {{ pod.service_account }}",
        "      resources:\n        requests:\n          memory: 9Gi\n      serviceAccountName: {{ pod.service_account }}",
    );
    let outcome = compile(&[("web.toml", &format!("{SPEC}{HTTP}")), (&path, &text)]);
    assert!(outcome.codes().contains(&"object-unproven"), "{}", outcome.report());
    let none = format!("{SPEC}{HTTP}{POD}resources = {{ requests = {{ cpu = \"500\" }} }}\n");
    let none = compile(&[("web.toml", &none)]);
    assert!(none.codes().contains(&"fits-no-node"), "{}", none.report());
}

/// Two regions, of which the second stands by.
const TWO: &str = "name = \"web\"\nimage = \"registry.example.com/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\ntier = \"gold\"\nregions = [\"eastus2\", \"centralus\"]\nrecovery = \"warm standby\"\nrpo = \"4h\"\nrto = \"4h\"\n";

/// Holds that a patch is refused, unless it is accepted, and then voids claims.
#[track_caller]
fn unproven(spec: &str, patch: &str, expected: &[&str]) {
    let spec = format!("{spec}{HTTP}{patch}");
    let outcome = compile(&[("web.toml", &spec)]);
    let codes: BTreeSet<&str> = outcome.codes().into_iter().collect();
    assert_eq!(codes, BTreeSet::from(["object-unproven"]), "{patch}\n{}", outcome.report());
    let accept =
        "[[accept]]\nrule = \"object-unproven\"\nreason = \"as it is\"\nuntil = \"2099-12-31\"\n";
    let outcome = compile(&[("web.toml", &format!("{spec}{accept}"))]);
    assert_eq!(outcome.codes(), [""; 0], "{}", outcome.report());
    assert_eq!(void(&outcome, "web"), set(expected), "{patch}");
}

/// Holds that a patch says as much as was decided, or more.
#[track_caller]
fn as_good(spec: &str, patch: &str) {
    let outcome = compile(&[("web.toml", &format!("{spec}{HTTP}{patch}"))]);
    assert_eq!(outcome.report(), "", "{patch}");
    assert_eq!(void(&outcome, "web"), set(&[]), "{patch}");
}

#[test]
fn an_autoscaler_follows_as_fast_as_it_was_proven() {
    let spec = format!(
        "{TWO}capacity = {{ peak = 6, cpu = \"50m\", memory = \"64Mi\", autoscale = {{ max = 24 }} }}\nports = [{{ name = \"http\", port = 8080, gateway = true }}]\ntraffic = {{ hosts = [\"web.example.net\"], failover = \"automatic\" }}\n"
    );
    let up = "[patch.horizontal-pod-autoscaler.spec.behavior.scaleUp]\n";
    for slower in [
        "selectPolicy = \"Disabled\"\n",
        "selectPolicy = \"Min\"\n",
        "tolerance = \"0.5\"\n",
        "stabilizationWindowSeconds = 600\n",
        "policies = [{ type = \"Pods\", value = 1, periodSeconds = 600 }]\n",
    ] {
        unproven(&spec, &format!("{up}{slower}"), &["region availability", "region rto"]);
    }
    as_good(&spec, &format!("{up}selectPolicy = \"Max\"\n"));
    let down =
        "[patch.horizontal-pod-autoscaler.spec.behavior.scaleDown]\nselectPolicy = \"Disabled\"\n";
    as_good(&spec, down);
}

#[test]
fn backups_hold_what_was_proven_and_end_in_time() {
    let spec = format!("{SPEC}{STATEFUL}");
    let template = "[patch.schedule.spec.template]\n";
    let kept = &["data rpo", "data rto", "region rpo", "zone rpo", "zone rto"][..];
    let late = &["data rpo", "region rpo", "zone rpo"][..];
    for (patch, expected) in [
        ("snapshotMoveData = false\n", kept),
        ("snapshotVolumes = false\n", kept),
        ("labelSelector = { matchLabels = { a = \"b\" } }\n", kept),
        ("orLabelSelectors = [{ matchLabels = { a = \"b\" } }]\n", kept),
        ("includedNamespaceScopedResources = [\"configmaps\"]\n", kept),
        ("excludedNamespaceScopedResources = [\"persistentvolumeclaims\"]\n", kept),
        ("csiSnapshotTimeout = \"40h\"\n", late),
        ("itemOperationTimeout = \"40h\"\n", late),
        (
            "hooks = { resources = [{ name = \"own\", pre = [{ exec = { command = [\"/hold\"], timeout = \"1h\" } }] }] }\n",
            late,
        ),
        (
            "hooks = { resources = [{ name = \"own\", pre = [{ exec = { command = [\"/hold\"] } }] }] }\n",
            late,
        ),
    ] {
        unproven(&spec, &format!("{template}{patch}"), expected);
    }
    as_good(&spec, &format!("{template}itemOperationTimeout = \"1m\"\n"));
    let shorter = format!("{SPEC}{STATEFUL}{HTTP}{template}ttl = \"1h\"\n");
    assert_eq!(compile(&[("web.toml", &shorter)]).codes(), ["patch-proven"], "it is told once");
}

#[test]
fn copies_and_databases_do_what_was_proven() {
    let copied = format!(
        "{TWO}{STATEFUL}data = {{ replication = {{ engine = \"volsync\", mode = \"asynchronous\", lag = \"1h\" }} }}\n"
    );
    let source = |patch: &str| format!("[patch.replication-source-data-0.spec{patch}\n");
    let lost = ["region rpo", "zone rpo"];
    for patch in [
        ".trigger]\nschedule = \"0 3 * * *\"",
        ".restic]\nrepository = \"another\"",
        ".restic]\ncopyMethod = \"Direct\"",
    ] {
        unproven(&copied, &source(patch), &lost);
    }
    as_good(&copied, &source(".trigger]\nschedule = \"*/5 * * * *\""));
    let database = "data = { postgresql = { image = \"registry.example.com/postgresql:17.6@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\", size = \"5Gi\" } }\n";
    let stands = format!("{SPEC}{database}");
    let cluster = |patch: &str| format!("[patch.postgresql-cluster-db.spec{patch}\n");
    for (patch, some) in [
        (".postgresql.parameters]\narchive_timeout = \"2h\"", "data rpo"),
        (".affinity]\nenablePodAntiAffinity = false", "zone rto"),
        (".affinity]\npodAntiAffinityType = \"preferred\"", "zone rto"),
        (
            "]\nplugins = [{ name = \"barman-cloud.cloudnative-pg.io\", isWALArchiver = true, parameters = { barmanObjectName = \"another\", serverName = \"web\" } }]",
            "data rpo",
        ),
    ] {
        let spec = format!("{stands}{HTTP}{}", cluster(patch));
        let outcome = compile(&[("web.toml", &spec)]);
        assert_eq!(outcome.codes(), ["object-unproven"], "{patch}\n{}", outcome.report());
        let accept = "[[accept]]\nrule = \"object-unproven\"\nreason = \"as it is\"\nuntil = \"2099-12-31\"\n";
        let outcome = compile(&[("web.toml", &format!("{spec}{accept}"))]);
        assert!(void(&outcome, "web").contains(some), "{patch}\n{:?}", void(&outcome, "web"));
    }
    as_good(&stands, &cluster(".postgresql.parameters]\narchive_timeout = \"30s\""));
    let yearly = "schedule: 0 0 0 1 1 *";
    let (path, text) = edited("postgresql-scheduled-backup.yaml", "schedule: {{ cron }}", yearly);
    let outcome = compile(&[("web.toml", &stands), (&path, &text)]);
    assert_eq!(outcome.codes(), ["object-unproven"], "{}", outcome.report());
}

#[test]
fn what_admits_less_or_changes_requests_voids_the_room() {
    let quota = |hard: &str| {
        format!(
            "apiVersion: v1\nkind: ResourceQuota\nmetadata:\n  name: own\nspec:\n  hard: {{ {hard} }}\n"
        )
    };
    for hard in ["pods: 2", "requests.cpu: 100m", "memory: 64Mi"] {
        beside(HTTP, &quota(hard), "of this quota is less than the 3 replicas take", PLACED);
    }
    let spec = format!("{SPEC}{HTTP}[[manifests]]\npath = \"manifests/own.yaml\"\n");
    let ample = quota("pods: 20, requests.cpu: 20, memory: 20Gi, services: 1");
    let outcome = compile(&[("web.toml", &spec), ("manifests/own.yaml", &ample)]);
    assert_eq!(outcome.report(), "");
    assert_eq!(void(&outcome, "web"), set(&[]));
}
