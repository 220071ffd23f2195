//! The options of `ninefold import`, each by what it changes.

use crate::workbench::{Run, Workbench};
use serde_json::{Value, json};
use std::io::Write;
use std::process::Stdio;

/// A workload of an image, and the Kubernetes Service that leads to it.
fn workload(name: &str) -> [Value; 2] {
    let labels = json!({ "app": name });
    let container = json!({
        "name": name,
        "image": format!("registry.example.com/{name}:1"),
        "ports": [{ "name": "http", "containerPort": 8080 }],
    });
    let workload = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": name },
        "spec": {
            "selector": { "matchLabels": labels },
            "template": { "metadata": { "labels": labels }, "spec": { "containers": [container] } },
        },
    });
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name },
        "spec": { "selector": labels, "ports": [{ "port": 80, "targetPort": "http" }] },
    });
    [workload, service]
}

/// The same as documents.
fn documents(name: &str) -> String {
    workload(name).iter().map(|object| format!("{object}\n---\n")).collect()
}

fn bench() -> Workbench {
    let bench = Workbench::empty();
    bench.write("web.yaml", &documents("web"));
    bench
}

fn import(bench: &Workbench, arguments: &[&str]) -> Run {
    bench.run(&[&["import"], arguments].concat())
}

#[test]
fn a_tier_regions_and_a_namespace_are_those_that_are_named() {
    let bench = bench();
    let asked = ["web.yaml", "--tier", "bronze", "--regions", "north,south", "--namespace", "shop"];
    import(&bench, &asked).code(0);
    let spec = bench.read("specs/web.toml");
    for line in
        ["tier      = \"bronze\"\n", "regions   = [\"north\", \"south\"]", "namespace = \"shop\""]
    {
        assert!(spec.contains(line), "{line}: {spec}");
    }
    assert!(!spec.contains("what it is today"), "a tier that was named is no guess: {spec}");
    let fleet = bench.read("specs/fleet.toml");
    assert!(fleet.contains("[regions.north]") && fleet.contains("[regions.south]"), "{fleet}");
    bench.run(&["build"]).code(0);
}

#[test]
fn an_unknown_tier_or_region_is_a_finding_and_nothing_is_written() {
    let bench = Workbench::initialised();
    bench.write("web.yaml", &documents("web"));
    for (asked, code) in
        [(["--tier", "brass"], "unknown-tier"), (["--regions", "nowhere"], "unknown-region")]
    {
        let arguments =
            [&["web.yaml", "--into", "new", "--fleet", "specs/fleet.toml"], &asked[..]].concat();
        let run = import(&bench, &arguments).code(1);
        assert!(run.stderr.contains(code), "{}", run.stderr);
        assert!(!bench.path("new").exists(), "{code}");
    }
}

/// A fleet that is there says the regions, in its order; what it lacks is printed.
#[test]
fn the_regions_of_a_fleet_that_is_there_are_taken_in_its_order() {
    let bench = bench();
    import(&bench, &["web.yaml", "--regions", "south"]).code(0);
    let fleet = bench.read("specs/fleet.toml");
    let second = fleet[fleet.find("[regions.south]").unwrap()..].replace("south", "north");
    bench.write("two/fleet.toml", &format!("{fleet}\n{second}"));
    let lone = json!({ "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "lone" }, "data": { "A": "b" } });
    bench.write("both.yaml", &format!("{}{lone}\n", documents("web")));
    let run = import(&bench, &["both.yaml", "--into", "new", "--fleet", "two/fleet.toml"]).code(0);
    let spec = bench.read("new/web.toml");
    assert!(spec.contains("regions   = [\"south\"]"), "{spec}");
    assert!(!bench.path("new/fleet.toml").exists());
    assert!(
        run.stdout.contains("Add to the fleet:\n\n[[manifests]]\npath = \"manifests/shared.yaml\""),
        "{}",
        run.stdout
    );
    import(&bench, &["web.yaml", "--fleet", "none/fleet.toml"]).code(2);
}

#[test]
fn digests_are_taken_from_their_file() {
    let bench = bench();
    let digest = format!("sha256:{}", "a".repeat(64));
    bench.write("digests", &format!("# of the registry\n\nregistry.example.com/web:1={digest}\n"));
    let run = import(&bench, &["web.yaml", "--tier", "silver", "--digests", "digests"]).code(0);
    let spec = bench.read("specs/web.toml");
    assert!(spec.contains(&format!("\"registry.example.com/web:1@{digest}\"")), "{spec}");
    assert!(!run.stderr.contains("nobody says the digest"), "{}", run.stderr);
    bench.write("digests", "registry.example.com/web:1\n");
    let run = import(&bench, &["web.yaml", "--into", "other", "--digests", "digests"]).code(2);
    assert!(run.stderr.contains("line 1 is not `image=sha256:…`"), "{}", run.stderr);
}

/// Without a digest, a tier that needs one is a finding that names the image, and the specs are written.
#[test]
fn an_image_without_a_digest_asks_for_it() {
    let bench = bench();
    let run = import(&bench, &["web.yaml", "--tier", "silver"]).code(1);
    assert!(
        run.stderr.contains("nobody says the digest of `registry.example.com/web:1`"),
        "{}",
        run.stderr
    );
    assert!(bench.read("specs/web.toml").contains("\"registry.example.com/web:1\""));
}

/// Standard input, several files, a folder, JSON and a `List` are read alike.
#[test]
fn what_is_read_does_not_depend_on_how_it_is_given() {
    let bench = bench();
    bench.write("api.yaml", &documents("api"));
    let all: Vec<Value> = [workload("web"), workload("api")].concat();
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": all });
    bench.write("list.json", &list.to_string());
    bench.write("array.json", &Value::from(all).to_string());
    bench.write("folder/list.yaml", &serde_yaml::to_string(&list).unwrap());
    bench.write("folder/notes.txt", "kind: nothing");
    let windows = [documents("web"), documents("api")].concat().replace('\n', "\r\n");
    bench.write("windows.yaml", &windows);
    let specs = |into: &str, arguments: &[&str]| {
        let run =
            import(&bench, &[arguments, &["--namespace", "shop", "--into", into]].concat()).code(0);
        let read = |name: &str| bench.read(&format!("{into}/{name}.toml"));
        (
            read("web"),
            read("api"),
            read("fleet"),
            run.stdout.split("\n\n").next().map(str::to_owned),
        )
    };
    let expected = specs("files", &["web.yaml", "api.yaml"]);
    let inputs = [
        ("json", "list.json"),
        ("array", "array.json"),
        ("yaml", "folder"),
        ("crlf", "windows.yaml"),
    ];
    for (into, input) in inputs {
        assert_eq!(specs(into, &[input]), expected, "{input}");
    }
    let mut command = bench.command(&["import", "-", "--namespace", "shop", "--into", "stdin"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(list.to_string().as_bytes()).unwrap();
    assert!(child.wait().unwrap().success());
    assert_eq!(bench.read("stdin/web.toml"), expected.0);
}

/// What has no namespace gets the name of the file or the folder that is given.
#[test]
fn a_namespace_that_nobody_names_is_called_after_what_is_given() {
    let bench = bench();
    bench.write("orders/web.yaml", &documents("web"));
    for (input, into, namespace) in [("orders", "a", "orders"), ("orders/web.yaml", "b", "web")] {
        import(&bench, &[input, "--into", into]).code(0);
        let spec = bench.read(&format!("{into}/web.toml"));
        let named = spec.lines().find_map(|line| line.strip_prefix("namespace = "));
        let own = format!("\"{namespace}\"");
        assert_eq!(named.unwrap_or("\"web\""), own, "{spec}");
    }
}

#[test]
fn nothing_that_is_there_is_overwritten() {
    let bench = bench();
    bench.write("specs/web.toml", "mine");
    let run = import(&bench, &["web.yaml"]).code(1);
    assert!(run.stderr.contains("import-exists"), "{}", run.stderr);
    assert_eq!(bench.read("specs/web.toml"), "mine");
    assert!(!bench.path("specs/fleet.toml").exists());
}

#[test]
fn the_account_and_the_pages_are_written_where_they_are_asked_for() {
    let bench = bench();
    let run = import(&bench, &["web.yaml", "--account", "account.json", "--cutover"]).code(0);
    let account: Value = serde_json::from_str(&bench.read("account.json")).unwrap();
    let leaves = account["leaves"].as_array().unwrap();
    assert!(
        leaves.iter().any(|leaf| leaf["path"] == "/spec/ports/0/port" && leaf["column"] == "field")
    );
    assert!(bench.read("cutover/web.md").contains("# Move `web` under Ninefold"));
    assert!(run.stdout.contains("Wrote 1 page to cutover"), "{}", run.stdout);
    import(&bench, &["web.yaml", "--into", "again", "--cutover", "pages"]).code(0);
    assert!(bench.path("pages/web.md").exists());
}

/// Many findings of one kind are folded, and `--all` shows each.
#[test]
fn every_warning_is_shown_when_it_is_asked_for() {
    let bench = Workbench::empty();
    let many: String = (0..8).map(|at| documents(&format!("web{at}"))).collect();
    bench.write("many.yaml", &many);
    let folded = import(&bench, &["many.yaml", "--into", "a"]).code(0).stderr;
    assert!(folded.contains("5 more of this kind; `--all`"), "{folded}");
    let all = import(&bench, &["many.yaml", "--into", "b", "--all"]).code(0).stderr;
    assert_eq!(all.matches("nobody says the digest").count(), 8, "{all}");
}

/// What PowerShell writes is read as it was meant; what is no text is told, and the rest goes on.
#[test]
fn texts_of_other_encodings_are_read_or_told() {
    let bench = bench();
    let wide = |text: &str| -> Vec<u8> {
        "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    let expected = {
        import(&bench, &["web.yaml", "--namespace", "shop"]).code(0);
        bench.read("specs/web.toml")
    };
    std::fs::write(bench.path("wide.yaml"), wide(&documents("web"))).unwrap();
    import(&bench, &["wide.yaml", "--namespace", "shop", "--into", "wide"]).code(0);
    assert_eq!(bench.read("wide/web.toml"), expected);
    let broken = [documents("api").as_bytes(), b"# \xff\n"].concat();
    std::fs::write(bench.path("broken.yaml"), broken).unwrap();
    let asked = ["broken.yaml", "web.yaml", "--namespace", "shop", "--into", "rest"];
    let run = import(&bench, &asked).code(1);
    assert!(run.stderr.contains("error[not-utf8]"), "{}", run.stderr);
    assert!(!bench.path("rest/api.toml").exists());
    assert_eq!(bench.read("rest/web.toml"), expected);
}
