//! What nobody means well with, and what is odd and meant: an import ends, says what it left out, and the
//! rest goes on.

use crate::import::{Outcome, hold, import, lost, options, written};
use crate::workbench::{Files, compile, files_below, prepared, repository};
use ninefold::import::{Column, Options};
use std::collections::BTreeSet;
use std::fmt::Write;

/// Two workloads that are imported without a finding but for their digests.
fn good() -> String {
    files_below(&repository("tests/import/tier"))["in.yaml"].clone()
}

/// The same, with something behind it.
fn beside(more: &str) -> Outcome {
    import("in.yaml", &format!("{}---\n{more}", good()), options())
}

/// Holds what was written against its source: it compiles, and every leaf is carried or told.
fn held(source: &str, outcome: &Outcome) {
    let imported = outcome.imported.as_ref().expect("the rest goes on");
    let specs = written(imported);
    let compiled = compile(&specs, &Files::new());
    let report = compiled.report();
    assert!(!report.contains("error["), "{report}\n{specs:?}");
    let lost = lost(source, &imported.account.leaves, &outcome.report);
    hold(source, &imported.account.leaves, &compiled.tree, &lost);
}

/// A workload of a container and what else its pod says.
fn workload(kind: &str, (name, namespace): (&str, &str), container: &str, pod: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: {kind}\nmetadata: {{ name: {name}, namespace: {namespace} }}\nspec:\n  selector: {{ matchLabels: {{ app: {name} }} }}\n  template:\n    metadata: {{ labels: {{ app: {name} }} }}\n    spec:\n      containers:\n      - {{ name: {name}, image: \"registry.example.com/api:1\", {container} }}\n{pod}"
    )
}

#[test]
fn attempts_do_not_grow_with_what_is_refused() {
    let attempts = |count: usize| {
        let one = |at| {
            format!(
                "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: A_{at}, namespace: lone }}\n"
            )
        };
        let refused: String = (0..count).map(one).collect();
        let outcome = beside(&refused);
        assert!(outcome.codes.contains(&"import-lost"), "{}", outcome.report);
        outcome.imported.expect("the rest goes on").attempts
    };
    assert_eq!(attempts(2), attempts(50));
}

#[test]
fn what_is_too_deep_is_left_out_and_lists_in_lists_are_opened() {
    let map = |name: &str| {
        format!(
            "{{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{{\"name\":\"{name}\",\"namespace\":\"lone\"}},\"data\":{{\"a\":\"b\"}}}}"
        )
    };
    let lists = |depth: usize| {
        let open = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[".repeat(depth);
        format!("{open}{}{}", map("inner"), "]}".repeat(depth))
    };
    let head = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\nx: ";
    let mut block = "\n".to_owned();
    (1..1000).for_each(|depth| writeln!(block, "{:depth$}a:", "").unwrap());
    let (lists_in_lists, end) = (lists(10_000), "]".repeat(10_000));
    let flow = format!("{head}{}{end}\n", "[".repeat(10_000));
    for deep in [flow, format!("{head}{block}"), lists_in_lists] {
        let outcome = beside(&format!("{deep}\n---\n{}\n", map("after")));
        let named = |code| outcome.codes.iter().filter(|one| **one == code).count();
        assert_eq!(named("import-unread"), 1, "{:.80}: {}", deep, outcome.report);
        let leaves = outcome.imported.expect("the rest goes on").account.leaves;
        let after = leaves.iter().filter(|leaf| leaf.object == "ConfigMap/lone/after");
        assert_eq!(after.count(), 5, "{deep:.80}");
    }
    let outcome = beside(&format!("{}\n", lists(30)));
    let leaves = outcome.imported.expect("all is read").account.leaves;
    assert_eq!(leaves.iter().filter(|leaf| leaf.object == "ConfigMap/lone/inner").count(), 5);
}

/// However many documents name much by aliases, all of them together make no more than one may. Each has the
/// name of the one before, so that only the last one that was read is carried.
#[test]
fn aliases_of_many_documents_make_no_more_than_those_of_one() {
    let bomb = |at: usize| {
        format!(
            "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: bomb, namespace: lone }}\nnumber: {at}\na: &a [{}]\nb: [{}]\n",
            "x,".repeat(100),
            "*a,".repeat(100)
        )
    };
    let source: String = (0..60).map(bomb).collect();
    let outcome = beside(&source);
    let unread = outcome.report.matches("aliases make more of this").count();
    assert!((1..30).contains(&unread), "{unread}");
    assert_eq!(outcome.imported.expect("the rest goes on").services, 2);
}

#[test]
fn names_that_are_no_names_are_carried_or_told() {
    let long = "x".repeat(300);
    let names = [
        "", " ", "a\\nb", "a\\0b", "A_B", &long, "ü", "con", "..", "a/b", "-a", "1", "true",
        "null", "~", "{{ a }}", "${A}", "\\u202e", "<b>", "%s",
    ];
    for name in names {
        let quoted = format!("\"{name}\"");
        let service = format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{ name: {quoted}, namespace: {quoted} }}\nspec: {{ selector: {{ app: {quoted} }}, ports: [{{ port: 80 }}] }}\n"
        );
        let more = format!("{}{service}", workload("Deployment", (&quoted, "shop"), "env: []", ""));
        let outcome = beside(&more);
        let imported = outcome.imported.as_ref().expect("the rest goes on");
        let odd = |path: &String| path.contains("..") || path.chars().any(|c| c.is_control());
        assert!(!imported.files.keys().any(odd), "{name:?}: {:?}", imported.files.keys());
        let report = compile(&written(imported), &Files::new()).report();
        assert!(!report.contains("error["), "{name:?}: {report}");
    }
}

/// Services that call each other, own each other and admit each other in a ring.
#[test]
fn a_ring_of_references_ends() {
    let one = |at: usize| {
        let (name, next) = (format!("c{at}"), format!("c{}", (at + 1) % 3));
        let container = format!(
            "env: [{{ name: A, value: \"$(B)\" }}, {{ name: B, value: \"$(A)\" }}, {{ name: NEXT, value: \"http://{next}.shop.svc:80\" }}], ports: [{{ containerPort: 8080 }}]"
        );
        let workload = workload("Deployment", (&name, "shop"), &container, "");
        let owner = format!(
            "metadata: {{ ownerReferences: [{{ apiVersion: apps/v1, kind: Deployment, name: {next}, uid: a }}],"
        );
        let workload = workload.replacen("metadata: {", &owner, 1);
        format!(
            "{workload}---\napiVersion: v1\nkind: Service\nmetadata: {{ name: {name}, namespace: shop }}\nspec: {{ selector: {{ app: {name} }}, ports: [{{ port: 80, targetPort: 8080 }}] }}\n---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {{ name: {name}, namespace: shop }}\nspec: {{ podSelector: {{ matchLabels: {{ app: {name} }} }}, ingress: [{{ from: [{{ podSelector: {{ matchLabels: {{ app: {next} }} }} }}] }}], policyTypes: [Ingress] }}\n"
        )
    };
    let source: String = (0..3).map(one).collect();
    let outcome = import("in.yaml", &source, options());
    assert_eq!(outcome.imported.as_ref().map(|one| one.services), Some(3), "{}", outcome.report);
    held(&source, &outcome);
}

/// `resources:` with nothing behind it, as charts render it, says nothing.
#[test]
fn a_field_without_a_value_keeps_no_workload_from_a_spec() {
    let source = workload("Deployment", ("web", "shop"), "resources: null, env: null", "");
    let outcome = import("in.yaml", &source, options());
    let imported = outcome.imported.as_ref().expect("it is a workload");
    assert_eq!(imported.services, 1, "{}", outcome.report);
    let leaves = imported.account.leaves.iter();
    let null = leaves.filter(|leaf| leaf.value.is_null()).map(|leaf| leaf.column);
    assert_eq!(null.collect::<Vec<_>>(), [Column::Dropped, Column::Dropped]);
    held(&source, &outcome);
}

/// The API server, and an address that nobody in the import has, in a namespace of services: neither is pods of
/// that namespace, which a service could not admit.
#[test]
fn an_address_that_nobody_has_keeps_no_workload_from_a_spec() {
    let env = "env: [{ name: API, value: \"https://kubernetes.default.svc:443\" }, { name: LOST, value: \"http://lost.shop.svc:80\" }, { name: FAR, value: \"http://far.away.svc:80\" }]";
    let source = workload("Deployment", ("web", "shop"), env, "");
    let outcome = import("in.yaml", &source, Options::new("specs", "shop"));
    let specs = written(outcome.imported.as_ref().expect("it is a workload"));
    let called: Vec<&str> =
        specs["web.toml"].split("[[depends_on]]").skip(1).map(str::trim).collect();
    assert!(
        matches!(called.as_slice(), [far] if far.starts_with("namespace = \"away\"")),
        "{specs:?}"
    );
    held(&source, &outcome);
}

/// What `kubectl get` prints of a set and of what Helm installed: what the cluster and Helm write is known.
#[test]
fn what_a_cluster_and_helm_write_is_left_out() {
    let set = "---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: { name: db, namespace: shop, annotations: { meta.helm.sh/release-name: db, team: data } }\nspec:\n  serviceName: db\n  selector: { matchLabels: { app: db } }\n  template:\n    metadata: { creationTimestamp: null, labels: { app: db }, annotations: { kubectl.kubernetes.io/restartedAt: \"2026-01-01T00:00:00Z\" } }\n    spec:\n      containers:\n      - { name: db, image: \"registry.example.com/api:1\", volumeMounts: [{ name: data, mountPath: /data }] }\n  volumeClaimTemplates:\n  - { apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: data, creationTimestamp: null }, spec: { accessModes: [ReadWriteOnce], volumeMode: Filesystem, resources: { requests: { storage: 1Gi } } }, status: { phase: Pending } }\n---\napiVersion: v1\nkind: Secret\nmetadata: { name: sh.helm.release.v1.db.v1, namespace: shop }\ntype: helm.sh/release.v1\ndata: { release: SDRz }\n";
    let outcome = import("in.yaml", set, options());
    let specs = written(outcome.imported.as_ref().expect("it is a workload"));
    let spec = specs.get("db.toml").unwrap_or_else(|| panic!("{}", outcome.report));
    assert!(spec.contains("[[volumes]]") && spec.contains("team = \"data\""), "{spec}");
    for theirs in ["meta.helm.sh", "restartedAt", "phase"] {
        assert!(!spec.contains(theirs), "{theirs}: {spec}");
    }
    assert!(!outcome.report.contains("is not imported"), "{}", outcome.report);
    held(set, &outcome);
}

/// What a container beside that of the service reads of a ConfigMap is its own variable.
#[test]
fn a_sidecar_reads_a_key_of_a_config_map() {
    let sidecar = "      - name: proxy\n        image: \"registry.example.com/api:1\"\n        command: [proxy]\n        env: [{ name: ROOTS, valueFrom: { configMapKeyRef: { name: roots, key: roots.crt } } }, { name: LOG, value: warn }]\n";
    let source = format!(
        "{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: roots, namespace: shop }}\ndata: {{ roots.crt: \"one\\ntwo\\n\" }}\n",
        workload("Deployment", ("web", "shop"), "ports: [{ containerPort: 8080 }]", sidecar)
    );
    let outcome = import("in.yaml", &source, options());
    assert_eq!(outcome.imported.as_ref().map(|one| one.services), Some(1), "{}", outcome.report);
    held(&source, &outcome);
}

/// A ConfigMap that a job mounts stands among the manifests of the fleet under its own name: the reference
/// leads there, and nobody has to accept it.
#[test]
fn what_is_among_the_manifests_of_the_fleet_is_there() {
    let job = "---\napiVersion: batch/v1\nkind: CronJob\nmetadata: { name: web-report, namespace: shop }\nspec:\n  schedule: \"0 3 * * *\"\n  jobTemplate:\n    spec:\n      template:\n        spec:\n          restartPolicy: Never\n          containers:\n          - { name: report, image: \"registry.example.com/api:1\", command: [report], volumeMounts: [{ name: config, mountPath: /etc/report }] }\n          volumes: [{ name: config, configMap: { name: report } }]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: { name: report, namespace: shop }\ndata: { report.yaml: \"a: b\\n\" }\n";
    let web = workload("Deployment", ("web", "shop"), "ports: [{ containerPort: 8080 }]", "");
    let source = format!("{web}{job}");
    let outcome = import("in.yaml", &source, options());
    let specs = written(outcome.imported.as_ref().expect("there is a workload"));
    let has = |path: &str, text: &str| specs.get(path).is_some_and(|spec| spec.contains(text));
    assert!(has("manifests/shared.yaml", "name: report"), "{specs:?}");
    assert!(has("web.toml", "[[jobs]]") && !has("web.toml", "accept"), "{}", specs["web.toml"]);
    held(&source, &outcome);
    // Under a name that does not stay, or gone, it is none that the job finds.
    let mut specs = specs;
    let shared = specs["manifests/shared.yaml"].clone();
    let of = |specs: &Files| {
        let fleet = prepared(specs, &Files::new());
        let units = fleet.units();
        let web = units.iter().find(|unit| unit.name() == "web").expect("it is a service");
        fleet.fingerprint(web, &BTreeSet::new())
    };
    let before = of(&specs);
    let stays = "  annotations:\n    ninefold.dev/naming: stable\n";
    assert!(shared.contains(stays), "{shared}");
    for (text, said) in [
        (shared.replace(stays, ""), "a hash follows its name there"),
        (shared.replace("name: report", "name: other"), "refers to the ConfigMap `report`"),
    ] {
        specs.insert("manifests/shared.yaml".to_owned(), text);
        let report = compile(&specs, &Files::new()).report();
        assert!(report.contains("error[reference-dangling]"), "{report}");
        assert!(report.contains(said), "{said}: {report}");
        assert!(of(&specs) != before, "what is found follows what others have");
    }
}

/// What looks after the cluster in its own namespace stays as it is, and why is said.
#[test]
fn a_workload_of_the_clusters_namespace_stays_as_it_is() {
    let server =
        workload("Deployment", ("metrics-server", "kube-system"), "args: [--secure-port=8443]", "");
    let outcome = beside(&server);
    assert_eq!(outcome.imported.as_ref().map(|one| one.services), Some(2));
    for said in [
        "`Deployment/kube-system/metrics-server` stays as it is",
        "a service cannot be in namespace `kube-system`; it is the cluster's",
        "a policy that closes its network",
    ] {
        assert!(outcome.report.contains(said), "{said}: {}", outcome.report);
    }
    let alone = import("in.yaml", &server, options());
    assert!(alone.report.contains("no workload is among it"), "{}", alone.report);
    assert!(alone.report.contains("it is the cluster's"), "{}", alone.report);
}

#[test]
fn a_file_for_kustomize_is_to_be_rendered() {
    let file =
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n";
    let outcome = beside(file);
    assert!(outcome.report.contains("what `kustomize build` prints"), "{}", outcome.report);
    assert_eq!(outcome.imported.map(|one| one.services), Some(2));
}

#[test]
fn of_a_class_that_binds_at_once_it_says_what_to_do() {
    let class = "apiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: { name: fast }\nprovisioner: example.com/disk\nvolumeBindingMode: Immediate\n";
    let report = beside(class).report;
    let said = "recreate the class with `volumeBindingMode: WaitForFirstConsumer`";
    assert!(report.contains(said), "{report}");
}
