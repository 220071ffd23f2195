//! Files with objects of the user's own: what becomes of them, and what is refused.

use crate::support::{Outcome, compile};
use expect_test::expect;

const WEB: &str = "\
name = \"web\"
image = \"registry.example.com/web@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"
tier = \"gold\"
regions = [\"eastus2\", \"centralus\"]
rpo = \"4h\"
rto = \"4h\"
";

/// The service `web` with files of its own, each named in its spec.
fn with(files: &[(&str, &str)]) -> Outcome {
    let named = files.iter().filter(|(path, _)| !path.starts_with("crds/"));
    let named: String =
        named.map(|(path, _)| format!("\n[[manifests]]\npath = \"{path}\"\n")).collect();
    let spec = format!("{WEB}{named}");
    let mut all = vec![("web.toml", spec.as_str())];
    all.extend(files);
    compile(&all)
}

/// What follows `before` in a file of the tree.
fn after<'a>(outcome: &'a Outcome, path: &str, before: &str) -> &'a str {
    let text = outcome.files.get(path).unwrap_or_else(|| {
        panic!("no {path} among {:?}\n{}", outcome.files.keys(), outcome.report())
    });
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in\n{text}"));
    rest.split_whitespace().next().unwrap()
}

const SCALED_OBJECT: &str =
    include_str!("../cases/patches-and-manifests/specs/manifests/keda.yaml");
const DEFINITION: &str = include_str!("../cases/patches-and-manifests/specs/crds/keda.yaml");

#[test]
fn an_object_gets_a_namespace_labels_and_a_name_from_its_content() {
    let outcome = with(&[(
        "own/limits.yaml",
        "\u{feff}apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web-limits\ndata:\n  mode: \"0644\"\n",
    )]);
    assert_eq!(outcome.report(), "");
    let path = "eastus2/web/config-map-limits.yaml";
    assert!(after(&outcome, path, "name: ").starts_with("web-limits-"));
    assert_eq!(after(&outcome, path, "namespace: "), "web");
    assert_eq!(after(&outcome, path, "ninefold.dev/service: "), "web");
    assert_eq!(after(&outcome, path, "immutable: "), "true");
    let name = |path| after(&outcome, path, "name: ").to_owned();
    assert_eq!(name(path), name("centralus/web/config-map-limits.yaml"));
}

#[test]
fn an_object_has_what_the_spec_adds_to_all_of_them() {
    let marks = "\n[metadata.all]\nlabels = { \"example.com/unit\" = \"shop\", \"example.com/own\" = \"no\" }\nannotations = { \"example.com/on-call\" = \"us\" }\n";
    let spec = format!("{WEB}\n[[manifests]]\npath = \"a.yaml\"\n{marks}");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web-a, labels: {example.com/own: yes-it-is}}\ndata: {a: b}\n";
    let outcome = compile(&[("web.toml", &spec), ("a.yaml", object)]);
    assert_eq!(outcome.report(), "");
    let path = "eastus2/web/config-map-a.yaml";
    assert_eq!(after(&outcome, path, "example.com/unit: "), "shop");
    assert_eq!(after(&outcome, path, "example.com/own: "), "yes-it-is");
    assert_eq!(after(&outcome, path, "example.com/on-call: "), "us");
}

#[test]
fn a_name_that_others_know_stays() {
    let outcome = with(&[(
        "own/limits.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: known\n  annotations: {ninefold.dev/naming: stable}\ndata: {a: b}\n",
    )]);
    assert_eq!(outcome.report(), "");
    assert_eq!(after(&outcome, "eastus2/web/config-map-known.yaml", "  name: "), "known");
}

#[test]
fn plain_scalars_mean_what_kubernetes_makes_of_them() {
    let outcome = with(&[(
        "own/job.yaml",
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: web-tidy}\nspec:\n  schedule: 0 3 * * *\n  suspend: no\n  jobTemplate:\n    spec:\n      backoffLimit: 0o2\n      template:\n        spec:\n          restartPolicy: Never\n          securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }\n          containers: [{name: a, image: registry.example.com/a, securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }}]\n",
    )]);
    assert_eq!(outcome.report(), "");
    let path = "eastus2/web/cron-job-tidy.yaml";
    assert_eq!(after(&outcome, path, "suspend: "), "false");
    assert_eq!(after(&outcome, path, "backoffLimit: "), "2");
}

#[test]
fn some_regions_get_what_is_for_them() {
    let spec = format!("{WEB}\n[[manifests]]\npath = \"a.yaml\"\nregions = [\"centralus\"]\n");
    let object = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: b}\n";
    let outcome = compile(&[("web.toml", &spec), ("a.yaml", object)]);
    assert_eq!(outcome.report(), "");
    let paths: Vec<&String> =
        outcome.files.keys().filter(|path| path.contains("config-map-a")).collect();
    assert_eq!(paths, ["centralus/web/config-map-a.yaml"]);
}

#[test]
fn the_fleet_has_objects_of_its_own() {
    let fleet = crate::support::FLEET;
    let tables = fleet.find("\n[").expect("the fleet has tables");
    let (top, rest) = fleet.split_at(tables);
    let fleet = format!("{top}{rest}\n[[manifests]]\npath = \"shared/reader.yaml\"\n");
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: \"shop:reader\"}\nrules:\n- {apiGroups: [\"\"], resources: [pods], verbs: [get]}\n";
    let outcome =
        compile(&[("fleet.toml", &fleet), ("web.toml", WEB), ("shared/reader.yaml", role)]);
    assert_eq!(outcome.report(), "");
    let path = "eastus2/fleet/cluster-role-shop-reader.yaml";
    assert_eq!(after(&outcome, path, "  name: "), "shop:reader");
    assert_eq!(after(&outcome, path, "managed-by: "), "ninefold");
}

/// What looks after nodes has their files, where the fleet says that its namespace takes that.
#[test]
fn a_namespace_takes_what_the_fleet_says_that_it_takes() {
    let agent = "apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      hostNetwork: true
      containers: [{name: agent, image: registry.example.com/agent, securityContext: {privileged: true}}]
      volumes: [{name: logs, hostPath: {path: /var/log}}]
";
    let spec = format!("{WEB}\n[[manifests]]\npath = \"agent.yaml\"\n");
    let with = |said: &str| {
        let fleet = format!("{}\n{said}", crate::support::FLEET);
        compile(&[("fleet.toml", &fleet), ("web.toml", &spec), ("agent.yaml", agent)])
    };
    let level = |said: &str| {
        let outcome = with(said);
        let path = "eastus2/fleet/namespace-web.yaml";
        after(&outcome, path, "pod-security.kubernetes.io/enforce: ").to_owned()
    };
    let refused = with("");
    assert!(refused.codes().contains(&"pod-security"));
    assert!(
        refused.report().contains("`pod_security.web = \"privileged\"`"),
        "{}",
        refused.report()
    );
    assert!(with("[pod_security]\nweb = \"baseline\"\n").codes().contains(&"pod-security"));
    assert_eq!(level("[pod_security]\nweb = \"privileged\"\n"), "privileged");
}

#[test]
fn an_autoscaler_of_another_kind_follows_the_deployment() {
    let outcome = with(&[("keda.yaml", SCALED_OBJECT), ("crds/keda.yaml", DEFINITION)]);
    assert_eq!(outcome.codes(), ["replicas-twice"], "{}", outcome.report());
    let deployment = after(&outcome, "eastus2/web/deployment.yaml", "\n  name: ");
    let path = "eastus2/web/scaled-object.yaml";
    assert_eq!(after(&outcome, path, "scaleTargetRef:\n    name: "), deployment);
    assert_eq!(after(&outcome, path, "\n  name: "), deployment, "it belongs to that generation");
}

/// Where nothing else says how many replicas there are, or where it is about another workload.
#[test]
fn an_autoscaler_beside_no_number_is_none_too_many() {
    let scaler = |name: &str| {
        format!(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: own-{name}}}\nspec:\n  maxReplicas: 9\n  scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: {name}}}\n"
        )
    };
    let codes = |extra: &str, name: &str| {
        let spec = format!("{WEB}{extra}\n[[manifests]]\npath = \"a.yaml\"\n");
        compile(&[("web.toml", &spec), ("a.yaml", &scaler(name))]).codes()
    };
    assert!(codes("", "web").contains(&"replicas-twice"));
    assert!(!codes("", "other").contains(&"replicas-twice"));
    assert!(!codes("[capacity.autoscale]\nmax = 9\n", "web").contains(&"replicas-twice"));
}

/// Whom a policy of its own admits, or that its jobs call it, no field says.
#[test]
fn a_port_may_be_reached_by_what_no_field_says() {
    let ports = "\n[[ports]]\nname = \"admin\"\nport = 9000\n";
    let policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web-admin}\nspec:\n  podSelector: {matchLabels: {ninefold.dev/service: web}}\n  ingress: [{from: [{namespaceSelector: {matchLabels: {team: ops}}}]}]\n";
    let codes = |extra: &str| {
        let spec = format!("{WEB}{ports}{extra}");
        compile(&[("web.toml", &spec), ("a.yaml", policy)]).codes()
    };
    assert_eq!(codes(""), ["unreachable-port"]);
    let own = codes("\n[[manifests]]\npath = \"a.yaml\"\n");
    assert!(!own.contains(&"unreachable-port"), "{own:?}");
    let jobs = codes("\n[[jobs]]\nname = \"warm\"\nschedule = \"0 3 * * *\"\nargs = [\"warm\"]\n");
    assert!(!jobs.contains(&"unreachable-port"), "{jobs:?}");
}

/// A device is a whole number, which Kubernetes takes as it is.
#[test]
fn a_daemon_set_with_a_device_is_one_of_the_kinds() {
    let container = "{name: a, image: registry.example.com/a, resources: {limits: {nvidia.com/gpu: 1}}, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}";
    let pod = format!(
        "{{securityContext: {{runAsNonRoot: true, seccompProfile: {{type: RuntimeDefault}}}}, containers: [{container}]}}"
    );
    let object = format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: web-gpu}}\nspec:\n  selector: {{matchLabels: {{app: gpu}}}}\n  template:\n    metadata: {{labels: {{app: gpu}}}}\n    spec: {pod}\n"
    );
    let outcome = with(&[("a.yaml", &object)]);
    assert!(!outcome.codes().contains(&"template-field"), "{}", outcome.report());
    assert_eq!(after(&outcome, "eastus2/web/daemon-set-gpu.yaml", "nvidia.com/gpu: "), "1");
}

/// What two services have, what a service and the fleet have, and what only looks the same.
#[test]
fn no_two_units_have_one_object() {
    let service = |name: &str, file: &str| {
        let spec = WEB
            .replace("\"web\"", &format!("\"{name}\""))
            .replace("[\"eastus2\", \"centralus\"]", "[\"eastus2\"]");
        format!("{spec}namespace = \"shop\"\n\n[[manifests]]\npath = \"{file}\"\n")
    };
    let (web, mail) = (service("web", "a.yaml"), service("mail", "b.yaml"));
    let object = |kind: &str, name: &str, rest: &str| {
        format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}")
    };
    let a = [
        object("Service", "legacy", "spec: {ports: [{port: 80}]}\n"),
        object("ConfigMap", "one", "data: {a: b}\n"),
    ];
    let b = [
        object("Service", "legacy", "spec: {ports: [{port: 80}]}\n"),
        object("Service", "web", "spec: {ports: [{port: 80}]}\n"),
        object("ConfigMap", "one", "data: {a: c}\n"),
        object("Namespace", "shop", ""),
    ];
    let outcome = compile(&[
        ("web.toml", &web),
        ("mail.toml", &mail),
        ("a.yaml", &a.join("---\n")),
        ("b.yaml", &b.join("---\n")),
    ]);
    expect![[r#"
        error[object-twice]: `web` has the Service `web` in namespace `shop` already
          --> specs/mail.toml:10:8
           |
        10 | path = "b.yaml"
           |        ^^^^^^^^ a file here has it, too
           |
          ::: specs/web.toml:1:8
           |
         1 | name = "web"
           |        ----- it follows from this
           |
           = each would be applied over the other, and go with either of them
           = help: keep it in one place, or give it another name

        error[object-twice]: what services share has the Namespace `shop` already
          --> specs/mail.toml:10:8
           |
         7 | namespace = "shop"
           | --------- it follows from this
        ...
        10 | path = "b.yaml"
           |        ^^^^^^^^ a file here has it, too
           |
           = each would be applied over the other, and go with either of them
           = help: keep it in one place, or give it another name

        error[object-twice]: `mail` has the Service `legacy` in namespace `shop` already
          --> specs/web.toml:10:8
           |
        10 | path = "a.yaml"
           |        ^^^^^^^^ a file here has it, too
           |
          ::: specs/mail.toml:10:8
           |
        10 | path = "b.yaml"
           |        -------- it follows from this
           |
           = each would be applied over the other, and go with either of them
           = help: keep it in one place, or give it another name

    "#]]
    .assert_eq(&outcome.report());
}

#[test]
fn resource_names_of_a_role_follow_by_their_resources() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: web-reader}\nrules:\n\
        - {apiGroups: [\"\"], resources: [configmaps, secrets], resourceNames: [web-region, other], verbs: [get]}\n\
        - {apiGroups: [\"\"], resources: [secrets], resourceNames: [web-region], verbs: [get]}\n\
        - {apiGroups: [apps], resources: [deployments/scale], resourceNames: [web], verbs: [get]}\n";
    let outcome = with(&[("role.yaml", role)]);
    assert_eq!(outcome.report(), "");
    let config = after(&outcome, "eastus2/web/config-map-region.yaml", "  name: ");
    let deployment = after(&outcome, "eastus2/web/deployment.yaml", "\n  name: ");
    let role = &outcome.files["eastus2/web/role-reader.yaml"];
    assert!(role.contains(&format!("  - {config}\n  - other\n")), "{role}");
    assert!(role.contains("  - web-region\n"), "a Secret of that name has another:\n{role}");
    assert!(role.contains(&format!("  - {deployment}\n")), "{role}");
}

/// One finding for each mistake, all in one run, at its place in the YAML.
#[test]
fn every_mistake_in_a_file_has_its_place() {
    let outcome = with(&[
        (
            "a.yaml",
            "apiVersion: v1\nkind: Service\nmetadata:\n  name: web-metrics\nspec:\n  prots: []\n  ports:\n  - port: \"80\"\n",
        ),
        ("b.yaml", "apiVersion: velero.io/v1\nkind: Restore\nmetadata: {name: a}\nspec: {}\n"),
        ("c.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {a: b}\n"),
        ("d.yaml", "apiVersion: v1\nkind: List\nitems: []\n---\nkind: ConfigMap\n"),
        ("e.yaml", "apiVersion: example.com/v1alpha1\nkind: Widget\nmetadata: {name: a}\n"),
        ("f.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a\n"),
        ("g.yaml", "# nothing\n"),
        (
            "h.yaml",
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels: {ninefold.dev/service: web}\nspec:\n  containers:\n  - name: a\n    env:\n    - {name: DB_PASSWORD, value: hunter2hunter2}\n",
        ),
    ]);
    expect![[r#"
        error[template-field]: Service has no field `spec.prots`
         --> specs/a.yaml:6:3
          |
        6 |   prots: []
          |   ^^^^^
          |
         ::: specs/web.toml:9:8
          |
        9 | path = "a.yaml"
          |        -------- named here

        error[template-field]: `spec.ports[0].port` of Service does not fit: invalid type: string "80", expected an integer
         --> specs/a.yaml:8:5
          |
        8 |   - port: "80"
          |     ^^^^
          |
         ::: specs/web.toml:9:8
          |
        9 | path = "a.yaml"
          |        -------- named here

        error[runs-again]: a Restore in the tree would run again whenever it is gone
          --> specs/b.yaml:2:1
           |
         2 | kind: Restore
           | ^^^^
           |
          ::: specs/web.toml:12:8
           |
        12 | path = "b.yaml"
           |        -------- named here
           |
           = help: it belongs where no engine looks: the sets in `recovery/` of the tree

        error[secret-literal]: a Secret with data in the tree is for everybody to read who reads the tree
          --> specs/c.yaml:4:1
           |
         4 | stringData********
           | ^^^^^^^^^^
           |
          ::: specs/web.toml:15:8
           |
        15 | path = "c.yaml"
           |        -------- named here
           |
           = help: put its content into the cluster by other means, and refer to it by its name

        error[manifest]: a List is not an object by itself
          --> specs/d.yaml:2:1
           |
         2 | kind: List
           | ^^^^
           |
          ::: specs/web.toml:18:8
           |
        18 | path = "d.yaml"
           |        -------- named here
           |
           = help: write each item as a document of its own, with `---` between them

        error[manifest]: this is not an object: it has no `apiVersion`
          --> specs/d.yaml:5:1
           |
         5 | kind: ConfigMap
           | ^
           |
          ::: specs/web.toml:18:8
           |
        18 | path = "d.yaml"
           |        -------- named here
           |
           = help: every document is one object of Kubernetes, in plain YAML: no template

        error[template-kind]: `example.com/v1alpha1` `Widget` is not a kind that is known here
          --> specs/e.yaml:2:1
           |
         2 | kind: Widget
           | ^^^^
           |
          ::: specs/web.toml:21:8
           |
        21 | path = "e.yaml"
           |        -------- named here
           |
           = help: put its CustomResourceDefinition into `crds/` beside the specs

        error[manifest]: this is not YAML that Kubernetes reads: while parsing a flow mapping, did not find expected ',' or '}'
          --> specs/f.yaml:4:1
           |
         4 |
           | ^
           |
          ::: specs/web.toml:24:8
           |
        24 | path = "f.yaml"
           |        -------- named here

        error[manifest]: there is no object in this file
          --> specs/g.yaml:1:1
           |
         1 | # nothing
           | ^
           |
          ::: specs/web.toml:27:8
           |
        27 | path = "g.yaml"
           |        -------- named here
           |
           = help: write one, or take the file out of `[[manifests]]`

        error[job-joins-service]: pods of this Pod would get traffic, and would block every drain
          --> specs/h.yaml:5:12
           |
         5 |   labels: {ninefold.dev/service: web}
           |            ^^^^^^^^^^^^^^^^^^^^
           |
          ::: specs/web.toml:30:8
           |
        30 | path = "h.yaml"
           |        -------- named here
           |
           = help: label them with `app.kubernetes.io/part-of`, and leave `ninefold.dev/service` to the service's own pods

        error[secret-literal]: this looks like a credential, by the name that it is given to
          --> specs/h.yaml:10:34
           |
        10 |     - {name: DB_PASSWORD, value: ***************
           |                                  ^^^^^^^^^^^^^^^ hidden from this report
           |
          ::: specs/web.toml:30:8
           |
        30 | path = "h.yaml"
           |        -------- named here
           |
           = the tree is committed: everybody who can read it would know it
           = help: put it into a Secret of the cluster, and refer to that by its name

    "#]].assert_eq(&outcome.report());
}

#[test]
fn a_credential_in_a_file_is_refused_and_never_shown() {
    let outcome = with(&[(
        "a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  DB_PASSWORD: hunter2hunter2\n  note: |\n    https://user:hunter2hunter2@example.com\n",
    )]);
    let report = outcome.report();
    assert!(!report.contains("hunter2"), "{report}");
    expect![[r#"
        error[secret-literal]: this looks like a credential, by the name that it is given to
         --> specs/a.yaml:5:16
          |
        5 |   DB_PASSWORD: **************
          |                ^^^^^^^^^^^^^^ hidden from this report
          |
         ::: specs/web.toml:9:8
          |
        9 | path = "a.yaml"
          |        -------- named here
          |
          = the tree is committed: everybody who can read it would know it
          = help: put it into a Secret of the cluster, and refer to that by its name

        error[secret-literal]: this looks like a URL with a password
         --> specs/a.yaml:6:9
          |
        6 |     note: *
          |  _________^
        7 | | *******************************************
          | |___________________________________________^ hidden from this report
          |
         ::: specs/web.toml:9:8
          |
        9 |   path = "a.yaml"
          |          -------- named here
          |
          = the tree is committed: everybody who can read it would know it
          = help: put it into a Secret of the cluster, and refer to that by its name

    "#]]
    .assert_eq(&report);
}

#[test]
fn pods_that_their_namespace_refuses_have_their_place() {
    let job = "apiVersion: batch/v1
kind: Job
metadata: {name: web-tidy}
spec:
  template:
    spec:
      restartPolicy: Never
      securityContext: {seccompProfile: {type: RuntimeDefault}}
      containers:
      - name: tidy
        image: registry.example.com/tidy
        securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false}
";
    let outcome = with(&[("own/job.yaml", job)]);
    assert_eq!(outcome.codes(), ["pod-security"]);
    expect![[r#"
        error[pod-security]: pods of this Job are refused: its container `tidy` has capabilities that are not dropped
          --> specs/own/job.yaml:12:9
           |
        12 |         securityContext: {runAsNonRoot: true, allowPrivilegeEscalation: false}
           |         ^^^^^^^^^^^^^^^
           |
          ::: specs/web.toml:9:8
           |
         9 | path = "own/job.yaml"
           |        -------------- named here
           |
           = `web` is held to the Pod Security level `restricted`: the API server would take the Job, and none of its pods
           = help: in its `securityContext`, write `capabilities: { drop: ["ALL"] }`; where they must have it, write `pod_security.web = "baseline"` into the fleet

    "#]].assert_eq(&outcome.report());
    // Of a namespace that no service has, nobody here knows the level.
    let elsewhere = job.replace("{name: web-tidy}", "{name: web-tidy, namespace: elsewhere}");
    assert_eq!(with(&[("own/job.yaml", &elsewhere)]).report(), "");
}
