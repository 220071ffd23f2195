//! Rules, each by a spec that breaks it; the findings of [`crate::explain`] stand on their pages.

use crate::support::compile;
use expect_test::{Expect, expect};

const IMAGE: &str = "registry.example.com/shop/orders@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A spec with the six required keys, and `rest`.
fn spec(name: &str, rest: &str) -> String {
    format!(
        "name = \"{name}\"\nimage = \"{IMAGE}\"\ntier = \"gold\"\nregions = [\"eastus2\"]\nrpo = \"4h\"\nrto = \"4h\"\n{rest}"
    )
}

/// Holds the first lines of the findings of these files against an expectation.
fn check(files: &[(&str, &str)], expected: Expect) {
    let outcome = compile(files);
    let line = |finding: &ninefold::diag::Diagnostic| {
        format!("{}: {}\n", finding.code.name(), finding.message)
    };
    expected.assert_eq(&outcome.findings.iter().map(line).collect::<String>());
}

#[test]
fn names_are_those_that_the_api_server_accepts() {
    check(
        &[(
            "a.toml",
            &spec("3scale", "team = \"Orders & Co\"\n[[ports]]\nname = \"8080\"\nport = 8080\n"),
        )],
        expect![[r#"
            invalid-name: `3scale` cannot name a service
            invalid-name: `Orders & Co` cannot name a team
            invalid-name: `8080` cannot name a port
        "#]],
    );
    let secret = format!("[[secrets]]\nname = \"{}\"\nmount = \"/s\"\n", "s".repeat(57));
    check(
        &[("a.toml", &spec("orders", &secret))],
        expect![[r#"
        name-too-long: the volume `secret-sssssssssssssssssssssssssssssssssssssssssssssssssssssssss` would have 64 characters, 63 are the most
    "#]],
    );
}

#[test]
fn namespaces_of_the_cluster_are_nobodys() {
    for namespace in ["kube-system", "default", "velero", "gateway-system"] {
        let outcome =
            compile(&[("a.toml", &spec("orders", &format!("namespace = \"{namespace}\"")))]);
        assert_eq!(outcome.codes(), ["reserved-name"], "{namespace}");
    }
}

#[test]
fn volumes_do_not_take_names_of_the_pod() {
    let volume = "kind = \"stateful\"\n[[volumes]]\nname = \"scratch-0\"\npath = \"/data\"\nsize = \"1Gi\"\n";
    check(
        &[("a.toml", &spec("orders", volume))],
        expect![[r#"
        reserved-name: a volume cannot be called `scratch-0`
    "#]],
    );
}

#[test]
fn the_name_of_a_file_is_a_key_of_a_config_map() {
    let file = "[[files]]\nname = \"rates\"\npath = \"/etc/tax rates.csv\"\ncontent = \"\"\n";
    check(
        &[("a.toml", &spec("orders", file))],
        expect![[r#"
        mount-path: `tax rates.csv` cannot name a file
    "#]],
    );
}

#[test]
fn a_service_with_a_finding_is_not_unknown_to_its_callers() {
    let broken = spec("orders", "").replace("gold", "goldd");
    let caller = spec(
        "shop",
        "[[depends_on]]\nservice = \"orders\"\n[[accept]]\nrule = \"no-probe\"\nreason = \"r\"\nuntil = \"2027-01-01\"\n",
    );
    check(
        &[("a.toml", &broken), ("b.toml", &caller)],
        expect![[r#"
        unknown-tier: there is no tier `goldd`
    "#]],
    );
}

#[test]
fn a_tier_of_the_fleets_own_is_sound() {
    let fleet = format!(
        "{}\n[tiers.'my tier']\nlike = \"gold\"\nsurge = 0\n[tiers.gold]\nstrategies = []\n",
        crate::support::FLEET
    );
    check(
        &[("fleet.toml", &fleet), ("a.toml", &spec("orders", ""))],
        expect![[r#"
            invalid-name: `my tier` cannot name a tier
            wrong-value: a rollout of `my tier` could not begin
            wrong-value: `strategies` cannot be `[]`
        "#]],
    );
    let fleet = fleet.replace("strategies = []", "");
    check(
        &[("fleet.toml", &fleet), ("a.toml", &spec("orders", ""))],
        expect![[r#"
        invalid-name: `my tier` cannot name a tier
        wrong-value: a rollout of `my tier` could not begin
    "#]],
    );
}

#[test]
fn a_chosen_interval_is_within_the_tier_and_never_leaves_a_service_without_backups() {
    let seldom =
        spec("orders", "[backup]\nevery = \"6h\"\n").replace("rpo = \"4h\"", "rpo = \"7d\"");
    check(
        &[("a.toml", &seldom)],
        expect![[r#"
        wrong-value: backups every 6h, `gold` asks for one every 1h
    "#]],
    );
    // Stateless, so that no RPO binds the backups; they run all the same.
    let often = spec("orders", "[backup]\nevery = \"1h\"\n").replace("\"4h\"", "\"15m\"");
    let outcome = compile(&[("a.toml", &often)]);
    assert_eq!(outcome.report(), "");
    assert!(outcome.files.contains_key("eastus2/orders/schedule.yaml"));
}

#[test]
fn the_rpo_that_a_refusal_proposes_is_kept() {
    let volume = |n| format!("[[volumes]]\nname = \"v{n}\"\npath = \"/v{n}\"\nsize = \"1Gi\"\n");
    let volumes: String = (0..6).map(volume).collect();
    let volumes = format!(
        "{volumes}[[accept]]\nrule = \"volumes-out-of-step\"\nreason = \"each by itself\"\nuntil = \"2027-01-01\"\n"
    );
    let promise = |rpo: &str| {
        let spec = spec("orders", &format!("kind = \"stateful\"\n{volumes}"));
        spec.replace("rpo = \"4h\"", &format!("rpo = \"{rpo}\""))
    };
    check(
        &[("a.toml", &promise("16m"))],
        expect![[r#"
            rpo-out-of-reach: `orders` can lose 2h 46m of data, its RPO is 16m
        "#]],
    );
    let help = compile(&[("a.toml", &promise("16m"))]).findings[0].help.clone().unwrap_or_default();
    let proposed = help.split('"').nth(1).expect("the help quotes an RPO").to_owned();
    check(&[("a.toml", &promise(&proposed))], expect![[""]]);
}

#[test]
fn an_added_object_says_its_namespace() {
    let template =
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: contacts\nimmutable: true\n";
    check(
        &[("a.toml", &spec("orders", "")), ("templates/contacts.yaml", template)],
        expect![[r#"
        template-field: ConfigMap needs the field `metadata.namespace`
    "#]],
    );
}

#[test]
fn a_key_below_a_table_is_told_where_it_belongs() {
    let outcome =
        compile(&[("a.toml", &spec("orders", "[capacity]\npeak = 2\ndrain = \"45s\"\n"))]);
    expect![[r#"
        error[unknown-key]: unknown key `drain`
         --> specs/a.toml:9:1
          |
        9 | drain = "45s"
          | ^^^^^ has no meaning here
          |
          = help: `drain` belongs above the first line in brackets

    "#]]
    .assert_eq(&outcome.report());
}

#[test]
fn a_variable_may_be_as_long_as_the_kernel_takes_it() {
    // With its name, `=` and the byte that ends it: 131,072.
    for (length, codes) in [(131_065, vec![]), (131_066, vec!["arguments-too-long"])] {
        let config = format!("[config]\nRATES = \"{}\"\n", "x".repeat(length));
        let outcome = compile(&[("a.toml", &spec("orders", &config))]);
        assert_eq!(outcome.codes(), codes, "{length}");
    }
    // Together, they are more than a quarter of the stack.
    let words = vec![format!("\"{}\"", "x".repeat(100_000)); 21];
    let outcome =
        compile(&[("a.toml", &spec("orders", &format!("args = [{}]\n", words.join(", "))))]);
    assert_eq!(outcome.codes(), ["arguments-too-long"]);
}

#[test]
fn what_is_guessed_can_be_accepted_and_what_has_its_form_cannot() {
    let accept =
        "[[accept]]\nrule = \"secret-literal\"\nreason = \"none\"\nuntil = \"2027-06-30\"\n";
    for (value, left) in [
        ("DB_PASSWORD = \"correct-horse\"", vec![]),
        ("PASSWORD_RULE_SET = \"strict-1\"", vec![]),
        ("A = \"ghp_correcthorsebatterystaple\"", vec!["secret-literal", "accept-unused"]),
    ] {
        let config = format!("[config]\n{value}\n");
        let outcome = compile(&[("a.toml", &spec("orders", &config))]);
        assert_eq!(outcome.codes(), ["secret-literal"], "{value}");
        let accepted = compile(&[("a.toml", &spec("orders", &(config + accept)))]);
        assert_eq!(accepted.codes(), left, "{value}");
    }
    // What queries and documents say of tokens is none.
    for value in ["WHERE token = ? AND x = 1", "token=$1", "{\\\"token\\\":{\\\"ttl\\\":1}}"] {
        let config = format!("[config]\nA = \"{value}\"\n");
        let outcome = compile(&[("a.toml", &spec("orders", &config))]);
        assert_eq!(outcome.codes(), [""; 0], "{value}");
    }
}

#[test]
fn a_probe_asks_over_tcp() {
    let ports = "[[ports]]\nname = \"http\"\nport = 8080\n[[ports]]\nname = \"dns\"\nport = 5353\nprotocol = \"UDP\"\n[probes]\nport = \"dns\"\n";
    check(
        &[("a.toml", &spec("orders", ports))],
        expect![[r#"
        wrong-value: a probe cannot ask port `dns`
    "#]],
    );
}

#[test]
fn one_run_shows_what_is_wrong_in_every_file() {
    let fleet = crate::support::FLEET.replacen("nodes = 6", "nodes = \"six\"", 1);
    assert_ne!(fleet, crate::support::FLEET);
    let fleet = format!("{fleet}\n[tiers.odd]\nlike = \"golden\"\n");
    let wrong_value = spec("a", "drain = \"soon\"\n[config]\nlog-level = \"x\"\n");
    let wrong_tier = spec("b", "[config]\n1A = \"x\"\n").replace("gold", "goldd");
    let broken = "name = \"c\"\nimage = \n";
    let odd = spec("e", "[[ports]]\nname = \"dns\"\nport = 53\n").replace("gold", "odd");
    let caller = spec(
        "d",
        "[[depends_on]]\nservice = \"c\"\n[[depends_on]]\nservice = \"a\"\n[[depends_on]]\nservice = \"x\"\n",
    );
    let files = [
        ("fleet.toml", &*fleet),
        ("a.toml", &wrong_value),
        ("b.toml", &wrong_tier),
        ("c.toml", broken),
        ("d.toml", &caller),
        ("e.toml", &odd),
    ];
    check(
        &files,
        expect![[r#"
            wrong-value: `drain` cannot be `soon`
            config-key: no shell can read `log-level`
            unknown-tier: there is no tier `goldd`
            config-key: no shell can read `1A`
            toml-syntax: text stands in quotes
            unknown-service: no spec describes a service `x`
            privileged-port: port 53 needs a privilege that no container gets
            wrong-type: `nodes` takes a whole number, found text
            unknown-tier: `golden` is not a built-in tier
        "#]],
    );
    check(
        &files[1..],
        expect![[r#"
            wrong-value: `drain` cannot be `soon`
            config-key: no shell can read `log-level`
            unknown-tier: there is no tier `goldd`
            config-key: no shell can read `1A`
            toml-syntax: text stands in quotes
            unknown-service: no spec describes a service `x`
            unknown-tier: there is no tier `odd`
            privileged-port: port 53 needs a privilege that no container gets
        "#]],
    );
}

#[test]
fn what_a_refused_key_would_have_said_is_no_finding() {
    let kind =
        "kimd = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n";
    let ports = "[probes]\nport = \"grpc\"\n[[ports]]\nname = \"grpc\"\nport = \"9090\"\n";
    let calls = "[[depends_on]]\nservice = \"b\"\nports = [\"grpc\"]\n";
    let elsewhere = "[config]\nA = { default = \"1\", centralus = \"2\" }\n";
    let elsewhere = spec("d", elsewhere).replace("\"eastus2\"", "\"eastus2\", \"centrlus\"");
    let below = "[capacity]\npeak = 2\nkind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n";
    check(
        &[
            ("a.toml", &spec("a", kind)),
            ("b.toml", &spec("b", ports)),
            ("c.toml", &spec("c", calls)),
            ("d.toml", &elsewhere),
            ("e.toml", &spec("e", below)),
        ],
        expect![[r#"
            unknown-key: unknown key `kimd`
            wrong-type: `port` takes a whole number, found text
            unknown-region: the fleet has no region `centrlus`
            unknown-key: unknown key `kind`
        "#]],
    );
}

#[test]
fn data_is_kept_only_where_something_backs_it_up() {
    let (before, _) = crate::support::FLEET.split_once("[regions.centralus]").expect("a region");
    let bare = before.replace("backup.locations", "storage_of_nobody").replace("postgresql =", "#");
    let start = bare.find("storage_of_nobody").expect("it was just written");
    let end = start + bare[start..].find("]\n").expect("the end of the list") + 2;
    let fleet = format!("{}{}", &bare[..start], &bare[end..]);
    let volume = "kind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\nclass = \"zrs\"\n";
    let silver = |rest: &str| spec("orders", rest).replace("gold", "silver");
    check(&[("fleet.toml", &fleet), ("a.toml", &silver(""))], expect![[""]]);
    check(&[("fleet.toml", &fleet), ("a.toml", &silver("backup = \"none\""))], expect![[""]]);
    check(
        &[("fleet.toml", &fleet), ("a.toml", &silver(volume))],
        expect![[r#"
        backup-needed: `orders` keeps data, and `eastus2` has no Velero to back it up
    "#]],
    );
    let cache = format!(
        "{volume}backup = false\n[[accept]]\nrule = \"nothing-backed-up\"\nreason = \"a cache\"\nuntil = 2027-01-01\n"
    );
    check(&[("fleet.toml", &fleet), ("a.toml", &silver(&cache))], expect![[""]]);
}
