//! Patches and templates that loosen what a promise rests on, in any object: each is refused, and where it
//! is accepted, the claim is void.

use crate::escapes::{edited, void};
use crate::support::compile;
use std::collections::BTreeSet;

const DIGEST: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const HTTP: &str = "[probes]\nready = \"/ready\"\nlive = \"/live\"\n";
const STATEFUL: &str =
    "kind = \"stateful\"\nvolumes = [{ name = \"data\", path = \"/data\", size = \"1Gi\" }]\n";
const PORT: &str = "ports = [{ name = \"http\", port = 8080, gateway = true }]\n";

fn spec(tier: &str, regions: &str, more: &str) -> String {
    let rto = if tier == "platinum" { "5m" } else { "4h" };
    format!(
        "name = \"web\"\nimage = \"registry.example.com/web@{DIGEST}\"\ntier = \"{tier}\"\nregions = {regions}\nrpo = \"4h\"\nrto = \"{rto}\"\n{more}{HTTP}"
    )
}

fn one(more: &str) -> String {
    spec("gold", "[\"eastus2\"]", more)
}

fn codes(spec: &str) -> (BTreeSet<&'static str>, String) {
    let outcome = compile(&[("web.toml", spec)]);
    (outcome.codes().into_iter().collect(), outcome.report())
}

/// Holds that a patch is refused, and that these claims are void with it where it is accepted.
#[track_caller]
fn unproven(spec: &str, patch: &str, claims: &[&str]) {
    let spec = format!("{spec}{patch}\n");
    let (found, report) = codes(&spec);
    assert_eq!(found, BTreeSet::from(["object-unproven"]), "{patch}\n{report}");
    let accept =
        "[[accept]]\nrule = \"object-unproven\"\nreason = \"as it is\"\nuntil = \"2099-12-31\"\n";
    let outcome = compile(&[("web.toml", &format!("{spec}{accept}"))]);
    assert_eq!(outcome.codes(), [""; 0], "{}", outcome.report());
    let void = void(&outcome, "web");
    assert!(claims.iter().all(|claim| void.contains(*claim)), "{patch}\n{void:?}");
}

/// Holds that a patch says as much as was decided.
#[track_caller]
fn as_good(spec: &str, patch: &str) {
    let outcome = compile(&[("web.toml", &format!("{spec}{patch}\n"))]);
    assert_eq!(outcome.report(), "", "{patch}");
    assert_eq!(void(&outcome, "web"), BTreeSet::new(), "{patch}");
}

#[test]
fn a_database_keeps_what_it_acknowledges_and_runs() {
    let database = format!(
        "[data.postgresql]\nimage = \"registry.example.com/postgresql:17.6@{DIGEST}\"\nsize = \"20Gi\"\n"
    );
    let spec = one("") + &database;
    let parameter =
        |line: &str| format!("[patch.postgresql-cluster-db.spec.postgresql.parameters]\n{line}");
    for line in [
        "synchronous_commit = \"off\"",
        "synchronous_commit = \"local\"",
        "fsync = \"off\"",
        "fsync = \"FALSE\"",
        "full_page_writes = \"no\"",
    ] {
        unproven(&spec, &parameter(line), &["node rpo", "zone rpo", "data rpo"]);
    }
    unproven(&spec, &parameter("shared_buffers = \"60GB\""), &["node rto", "zone rto"]);
    for line in [
        "synchronous_commit = \"on\"",
        "synchronous_commit = \"remote_apply\"",
        "fsync = \"on\"",
        "shared_buffers = \"1MB\"",
        "max_slot_wal_keep_size = \"1GB\"",
    ] {
        as_good(&spec, &parameter(line));
    }
    let cluster = |line: &str| format!("[patch.postgresql-cluster-db.{line}");
    for line in [
        "spec]\nenablePDB = false",
        "spec]\npriorityClassName = \"low\"",
        "spec.affinity.nodeSelector]\ndisk = \"fast\"",
        "metadata.annotations]\n\"cnpg.io/hibernation\" = \"on\"",
        "metadata.annotations]\n\"cnpg.io/fencedInstances\" = '[\"*\"]'",
    ] {
        unproven(&spec, &cluster(line), &["zone rto"]);
    }
    as_good(&spec, &cluster("metadata.annotations]\n\"cnpg.io/hibernation\" = \"off\""));
}

#[test]
fn backups_and_copies_stay_what_they_are() {
    let spec = one(STATEFUL);
    for line in [
        "spec]\nuseOwnerReferencesInBackup = true",
        "spec.template]\ndefaultVolumesToFsBackup = true",
        "spec.template]\ndatamover = \"another\"",
        "spec.template.labelSelector]\nmatchExpressions = [{ key = \"a\", operator = \"DoesNotExist\" }]",
    ] {
        unproven(&spec, &format!("[patch.schedule.{line}"), &["data rpo", "zone rpo"]);
    }
    let copied = self::spec(
        "gold",
        "[\"eastus2\", \"centralus\"]",
        &format!(
            "recovery = \"warm standby\"\n{STATEFUL}data = {{ replication = {{ engine = \"volsync\", mode = \"asynchronous\", lag = \"1h\" }} }}\n"
        ),
    );
    let once = "[patch.replication-source-data-0.spec.trigger]\nmanual = \"once\"";
    unproven(&copied, once, &["region rpo"]);
}

#[test]
fn callers_reach_any_pod_that_is_ready() {
    let spec = one("called_by = [{ namespace = \"shop\" }]\n");
    let service = |line: &str| format!("[patch.service.spec]\n{line}");
    unproven(&spec, &service("internalTrafficPolicy = \"Local\""), &["node rto", "zone rto"]);
    unproven(&spec, &service("publishNotReadyAddresses = true"), &["pod rto"]);
    unproven(
        &spec,
        &service("type = \"ExternalName\"\nexternalName = \"a.example.com\""),
        &["zone rto"],
    );
    as_good(&spec, &service("internalTrafficPolicy = \"Cluster\""));
    as_good(&spec, &service("sessionAffinity = \"ClientIP\""));
    as_good(&spec, &service("type = \"NodePort\""));
}

#[test]
fn users_are_shared_by_the_weights_that_were_proven() {
    let both = "[\"eastus2\", \"centralus\"]";
    let led = |host: &str, more: &str| {
        let traffic = format!(
            "recovery = \"active/active\"\n{PORT}traffic = {{ hosts = [\"{host}\"], failover = \"automatic\"{more} }}\n"
        );
        spec("platinum", both, &traffic)
    };
    let balanced = led("web.example.net", "");
    let strategy = |line: &str| format!("[patch.gslb.spec.strategy]\n{line}");
    for line in [
        "weight = { eastus2 = 90, centralus = 10 }",
        "dnsTtlSeconds = 3600",
        "type = \"failover\"\nprimaryGeoTag = \"eastus2\"",
    ] {
        unproven(&balanced, &strategy(line), &["region rto"]);
    }
    as_good(&balanced, &strategy("dnsTtlSeconds = 5"));
    let weighted = led("web.example.net", ", weights = { eastus2 = 50, centralus = 50 }");
    unproven(&weighted, &strategy("weight = { eastus2 = 90, centralus = 10 }"), &["region rto"]);
    let checks = ", health_checks = { eastus2 = \"a\", centralus = \"b\" }";
    let recorded = led("web.example.com", checks);
    let endpoints = |line: &str| format!("[[patch.dns-endpoint.spec.endpoints]]\n{line}");
    unproven(
        &recorded,
        &endpoints(
            "dnsName = \"web.example.com\"\nrecordType = \"CNAME\"\nrecordTTL = 7200\ntargets = [\"east.entry.example\"]",
        ),
        &["region rto"],
    );
}

#[test]
fn a_release_starts_and_nothing_holds_up_its_pods() {
    let spec = one("");
    unproven(&spec, "[patch.deployment.spec]\npaused = true", &["pod rto", "zone rto"]);
    as_good(&spec, "[patch.deployment.spec]\nrevisionHistoryLimit = 4");
    let pod = "[patch.deployment.spec.template.spec]\n";
    let app = "[[patch.deployment.spec.template.spec.containers]]\nname = \"app\"\n";
    for (patch, claim) in [
        (format!("{app}lifecycle.postStart.exec.command = [\"/wait\"]\n"), "pod rto"),
        (format!("{pod}runtimeClassName = \"kata\"\n"), "zone rto"),
    ] {
        let outcome = compile(&[("web.toml", &format!("{spec}{patch}"))]);
        assert_eq!(outcome.codes(), ["claims-unproven"], "{patch}\n{}", outcome.report());
        assert!(void(&outcome, "web").contains(claim), "{patch}");
    }
    let (found, report) = codes(&format!("{spec}{pod}activeDeadlineSeconds = 60\n"));
    assert_eq!(found, BTreeSet::from(["object-refused"]), "{report}");
}

/// Whoever calls a service by the host of its users rests on it as much.
#[test]
fn a_call_by_host_counts() {
    let hosted = |tier: &str, name: &str, more: &str| {
        spec(tier, "[\"eastus2\", \"centralus\"]", more).replace("web", name)
    };
    let traffic = |host: &str, failover: &str| {
        format!("{PORT}traffic = {{ hosts = [\"{host}\"], failover = \"{failover}\" }}\n")
    };
    let standby = format!("recovery = \"warm standby\"\n{}", traffic("back.example.net", "manual"));
    let back = hosted("gold", "back", &standby);
    let active = format!(
        "recovery = \"active/active\"\n{}depends_on = [{{ host = \"HOST\", tcp = [443] }}]\n",
        traffic("front.example.net", "automatic")
    );
    let front = hosted("platinum", "front", &active);
    let of = |host: &str| {
        let front = front.replace("HOST", host);
        let outcome = compile(&[("front.toml", &front), ("back.toml", &back)]);
        outcome.codes().into_iter().collect::<BTreeSet<&str>>()
    };
    assert_eq!(
        of("back.example.net"),
        BTreeSet::from(["dependency-lower-tier", "dependency-slower"])
    );
    assert_eq!(of("api.example.net"), BTreeSet::new());
}

/// No drill takes no time.
#[test]
fn a_measurement_takes_time() {
    let fleet = |took: &str| {
        format!(
            "{}\n[[measured]]\nwhat = \"restore\"\ntook = \"{took}\"\nbytes = \"1Gi\"\non = \"2026-10-14\"\nsource = \"drill\"\n",
            crate::support::FLEET
        )
    };
    let found = |took: &str| {
        let outcome = compile(&[("fleet.toml", &fleet(took)), ("web.toml", &one(STATEFUL))]);
        outcome.report()
    };
    assert!(found("0s").contains("error[wrong-value]: nothing takes no time"), "{}", found("0s"));
    assert_eq!(found("1s"), "");
}

/// What a zone holds in total, and no node of it does, never starts: of jobs and databases, too.
#[test]
fn jobs_and_databases_fit_on_a_node() {
    let job = |cpu: &str| {
        format!(
            "{}[[jobs]]\nname = \"m\"\nschedule = \"0 3 * * *\"\ncommand = [\"/m\"]\ncpu = \"{cpu}\"\n",
            one("")
        )
    };
    let database = |memory: &str| {
        format!(
            "{}[data.postgresql]\nimage = \"registry.example.com/postgresql:17.6@{DIGEST}\"\nsize = \"20Gi\"\nmemory = \"{memory}\"\n",
            one("")
        )
    };
    for (fits, not, what) in [
        (job("15"), job("16"), "a pod of the job `m` of `web`"),
        (database("60Gi"), database("61Gi"), "an instance of the database of `web`"),
    ] {
        assert_eq!(codes(&fits).1, "");
        let (found, report) = codes(&not);
        assert_eq!(found, BTreeSet::from(["node-too-small"]), "{report}");
        assert!(report.contains(what), "{report}");
    }
}

/// What no patch may say, no template may either.
#[test]
fn a_template_says_of_releases_evictions_and_callers_what_was_decided() {
    let accept =
        "[[accept]]\nrule = \"object-unproven\"\nreason = \"as it is\"\nuntil = \"2099-12-31\"\n";
    let called = "called_by = [{ namespace = \"shop\" }]\n";
    let budget = "maxUnavailable: {{ max_unavailable }}";
    for (kept, template, from, to, claim) in [
        (
            "",
            "deployment.yaml",
            "maxUnavailable: {{ unavailable }}",
            "maxUnavailable: 100%",
            "zone rto",
        ),
        ("", "deployment.yaml", "maxSurge: {{ surge }}", "maxSurge: 100%", "zone rto"),
        (
            "",
            "deployment.yaml",
            "minReadySeconds: {{ min_ready }}",
            "minReadySeconds: 0",
            "pod rto",
        ),
        (STATEFUL, "stateful-set.yaml", "type: RollingUpdate", "type: OnDelete", "pod rto"),
        (STATEFUL, "stateful-set.yaml", "whenScaled: Retain", "whenScaled: Delete", "data rpo"),
        ("", "pod-disruption-budget.yaml", budget, "maxUnavailable: 100%", "zone survivors"),
        ("", "pod-disruption-budget.yaml", budget, "maxUnavailable: 0", "zone survivors"),
    ] {
        let file = edited(template, from, to);
        let with = |more: &str| {
            let spec = one(kept) + more;
            compile(&[("web.toml", &spec), (&file.0, &file.1)])
        };
        let outcome = with("");
        let found: BTreeSet<&str> = outcome.codes().into_iter().collect();
        assert_eq!(found, BTreeSet::from(["object-unproven"]), "{to}\n{}", outcome.report());
        let void = void(&with(accept), "web");
        assert!(void.contains(claim), "{to}: {void:?}");
    }
    let closed = edited("network-policy.yaml", "{% if ingress %}", "{% if false %}");
    let outcome = compile(&[("web.toml", &one(called)), (&closed.0, &closed.1)]);
    assert!(outcome.codes().contains(&"object-unproven"), "{}", outcome.report());
    let led = edited("service.yaml", "{{ key }}: {{ value }}", "{{ key }}: another");
    let outcome = compile(&[("web.toml", &one(called)), (&led.0, &led.1)]);
    assert!(outcome.codes().contains(&"object-unproven"), "{}", outcome.report());
}
