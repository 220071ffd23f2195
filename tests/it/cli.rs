//! End-to-end runs of the real binary: that flags are connected, how commands end, and what they
//! touch on disk. What they compute is tested below them.

use crate::workbench::{Run, Workbench, files_below, repository};
use std::io::Read;
use std::process::Stdio;

const DEPLOYMENT: &str = "out/region-a/hello/deployment.yaml";
const LEDGER: &str = "out/ledger/hello.json";

#[test]
fn a_second_build_writes_nothing() {
    let bench = Workbench::initialised();
    let first = bench.run(&["build"]).code(0);
    assert!(first.stdout.contains("hello: "), "{}", first.stdout);
    let tree = bench.tree();
    let second = bench.run(&["build"]).code(0);
    assert!(second.stdout.starts_with("Wrote 0 files, removed 0, left "), "{}", second.stdout);
    assert_eq!(bench.tree(), tree);
}

#[test]
fn check_says_whether_the_tree_is_fresh_and_writes_nothing() {
    let bench = Workbench::initialised();
    bench.run(&["build", "--check"]).code(1);
    assert!(!bench.path("out").exists());
    bench.run(&["build"]).code(0);
    let fresh = bench.run(&["build", "--check"]).code(0);
    assert_eq!((fresh.stdout.as_str(), fresh.stderr.as_str()), ("", ""));

    bench.edit("specs/hello.toml", "rpo = \"4h\"", "rpo = \"8h\"");
    bench.edit("specs/hello.toml", "@sha256:0", "@sha256:1");
    let tree = bench.tree();
    let stale = bench.run(&["build", "--check"]).code(1);
    assert!(stale.stderr.contains("hello: "), "{}", stale.stderr);
    assert!(stale.stderr.contains("run `ninefold build`"), "{}", stale.stderr);
    assert_eq!(bench.tree(), tree);
}

#[test]
fn check_sees_a_file_that_was_edited_removed_or_added_by_hand() {
    let bench = Workbench::initialised();
    bench.run(&["build"]).code(0);
    let text = bench.read(DEPLOYMENT);
    bench.write(DEPLOYMENT, &text.replace("replicas: 3", "replicas: 1"));
    bench.run(&["build", "--check"]).code(1);
    bench.remove(DEPLOYMENT);
    bench.run(&["build", "--check"]).code(1);
    bench.write(DEPLOYMENT, &text);
    bench.run(&["build", "--check"]).code(0);
    bench.write("out/region-a/hello/mine.yaml", "kind: Mine\n");
    let found = bench.run(&["build", "--check"]).code(1);
    assert!(found.stderr.contains("mine.yaml: Ninefold did not write it"), "{}", found.stderr);
}

#[test]
fn a_build_says_what_it_takes_back_of_what_was_edited_by_hand() {
    let bench = Workbench::initialised();
    bench.run(&["build"]).code(0);
    bench.edit(DEPLOYMENT, "replicas: 3", "replicas: 1");
    bench.edit("specs/hello.toml", "rpo = \"4h\"", "rpo = \"8h\"");
    let told = bench.run(&["build"]).code(0).stderr;
    let path = DEPLOYMENT.trim_start_matches("out/");
    let line = format!("warning[tree-edited]: `{path}` was edited by hand");
    assert!(told.contains(&line) && told.matches("[tree-edited]").count() == 1, "{told}");
    assert!(bench.read(DEPLOYMENT).contains("replicas: 3"));
    assert!(!bench.run(&["build"]).code(0).stderr.contains("tree-edited"), "it is said once");
}

#[test]
fn findings_end_with_1_and_write_nothing() {
    let bench = Workbench::initialised();
    bench.run(&["build"]).code(0);
    let tree = bench.tree();
    bench.edit("specs/hello.toml", "\"gold\"", "\"golden\"");
    for command in [&["build"] as &[&str], &["build", "--check"], &["check"]] {
        let run = bench.run(command).code(1);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains("error[unknown-tier]"), "{}", run.stderr);
        assert!(run.stderr.contains("1 error; `ninefold explain CODE`"), "{}", run.stderr);
    }
    assert_eq!(bench.tree(), tree);
}

#[test]
fn a_former_database_stays_at_retire_unless_that_is_forced() {
    let bench = Workbench::initialised();
    let service = bench.read("specs/hello.toml");
    let fleet = bench.read("specs/fleet.toml");
    let archive = "\n[regions.region-a.postgresql]\narchive = \"archive\"\nstored_in = \"region-b\"\ngeography = \"eu\"\n";
    let storage = "storage = [{ name = \"disk\", topology = \"region\", binding = \"wait-for-first-consumer\" }]\n\n[regions.region-a.backup]";
    let fleet = fleet.replace("[regions.region-a.backup]", storage) + archive;
    let digest = "0".repeat(64);
    let database = format!(
        "\n[data.postgresql]\nimage = \"postgresql:17.6@sha256:{digest}\"\nsize = \"1Gi\"\n"
    );
    bench.write("specs/fleet.toml", &fleet);
    bench.write("specs/hello.toml", &format!("{service}{database}"));
    bench.run(&["build"]).code(0);
    bench.write("specs/hello.toml", &service);
    let dropped = bench.run(&["build"]).code(0);
    assert!(dropped.stderr.contains("data-left-behind"), "{}", dropped.stderr);
    let kept = || bench.tree().keys().filter(|path| path.contains("postgresql-cluster")).count();
    assert_eq!(kept(), 1);
    for arguments in [
        &["init", "--quiet"] as &[&str],
        &["add", "--all"],
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "--quiet", "-m", "a"],
    ] {
        let mut git = std::process::Command::new("git");
        assert!(git.args(arguments).current_dir(bench.path("")).status().unwrap().success());
    }
    let retired = bench.run(&["retire"]).code(0);
    assert!(retired.stdout.contains("database hello-db stays in region-a"), "{}", retired.stdout);
    assert_eq!(kept(), 1);
    bench.run(&["verify"]).code(0);
    bench.run(&["build", "--check"]).code(0);
    bench.run(&["retire", "--force"]).code(0);
    assert_eq!(kept(), 0);
    bench.run(&["verify"]).code(0);
}

#[test]
fn former_schedules_count_in_the_queue_until_they_are_retired() {
    let bench = Workbench::initialised();
    // Six minutes of every fifteen, each of which may wait for five.
    let volumes = "kind = \"stateful\"\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n[[backup.hooks]]\nname = \"hold\"\nbefore = [\"/hold\"]\ntimeout = \"40s\"\n";
    let spec = bench.read("specs/hello.toml").replace("rpo = \"4h\"", "rpo = \"1h\"");
    bench.write("specs/hello.toml", &format!("{spec}\n{volumes}"));
    let class = "storage = [{ name = \"zrs\", topology = \"region\", binding = \"wait-for-first-consumer\", snapshots = \"zrs\" }]\n";
    bench.edit("specs/fleet.toml", "zones = [", &format!("{class}zones = ["));
    let first = bench.run(&["build"]).code(0);
    assert!(!first.stderr.contains("backup-queue"), "{}", first.stderr);
    bench.edit(
        "specs/hello.toml",
        "[[backup.hooks]]",
        "[backup]\nkeep = \"40d\"\n[[backup.hooks]]",
    );
    // The one that is dropped now counts at once, and so it does in every build after that.
    for command in [&["build"] as &[&str], &["build"], &["build", "--check"]] {
        let second = bench.run(command).code(0);
        assert!(second.stderr.contains("warning[backup-queue]"), "{}", second.stderr);
        assert!(second.stderr.contains("ninefold retire hello"), "{}", second.stderr);
    }
    bench.run(&["retire", "--force"]).code(0);
    let retired = bench.run(&["build"]).code(0);
    assert!(!retired.stderr.contains("backup-queue"), "{}", retired.stderr);
}

#[test]
fn warnings_stop_nothing() {
    let bench = Workbench::initialised();
    bench.edit("specs/hello.toml", "rpo", "ports = []\nrpo");
    let run = bench.run(&["check"]).code(0);
    assert!(run.stderr.contains("warning[no-probe]"), "{}", run.stderr);
    bench.run(&["build"]).code(0);
}

#[test]
fn findings_for_machines_are_one_object_a_line() {
    let bench = Workbench::initialised();
    bench.edit("specs/hello.toml", "tier = \"gold\"", "tier = 1\nregoin = \"a\"");
    let run = bench.run(&["check", "--format", "json"]).code(1);
    assert_eq!(run.stderr, "");
    let findings: Vec<serde_json::Value> =
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |finding: &serde_json::Value, path: &str| finding.pointer(path).cloned().unwrap();
    let told: Vec<_> = (findings.iter())
        .map(|finding| {
            (
                of(finding, "/code"),
                of(finding, "/place/file"),
                of(finding, "/place/line"),
                of(finding, "/place/column"),
            )
        })
        .collect();
    let at = |code: &str, line: u32, column: u32| {
        (code.into(), "specs/hello.toml".into(), line.into(), column.into())
    };
    assert_eq!(told, [at("wrong-type", 5, 8), at("unknown-key", 6, 1)]);
}

#[test]
fn wrong_usage_and_missing_folders_end_with_2() {
    let bench = Workbench::empty();
    for arguments in [
        &["biuld"] as &[&str],
        &[],
        &["build", "--no-such-flag"],
        &["check", "--format", "xml"],
        &["check"],
        &["build", "--specs", "nowhere"],
        &["explain", "no-such-finding"],
        &["schema", "tree"],
        &["completions", "tcsh-on-windows"],
    ] {
        let run = bench.run(arguments).code(2);
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(!run.stderr.is_empty(), "{arguments:?}");
    }
    bench.write("specs/a.txt", "");
    let run = bench.run(&["check"]).code(1);
    assert!(run.stderr.contains("error[no-fleet]"), "{}", run.stderr);
}

#[test]
fn a_strangers_file_in_the_way_is_not_touched() {
    let bench = Workbench::initialised();
    bench.write(DEPLOYMENT, "mine\n");
    let run = bench.run(&["build"]).code(1);
    assert!(run.stderr.contains("error[foreign-file]"), "{}", run.stderr);
    assert_eq!(bench.tree().into_values().collect::<Vec<_>>(), ["mine\n"]);
    bench.remove(DEPLOYMENT);
    bench.run(&["build"]).code(0);
}

#[test]
fn what_is_no_longer_made_is_removed_and_a_strangers_file_beside_it_stays() {
    let bench = Workbench::initialised();
    bench.write(
        "specs/other.toml",
        &bench.read("specs/hello.toml").replace("\"hello\"", "\"other\""),
    );
    bench.run(&["build"]).code(0);
    let service = "out/region-a/other/service.yaml";
    assert!(bench.path(service).exists());
    bench.write("out/region-a/other/mine.yaml", "mine\n");

    bench.edit("specs/other.toml", "rpo", "ports = []\nprobes = { live = [\"/alive\"] }\nrpo");
    let accept = "\n[[accept]]\nrule = \"consumed-twice\"\nreason = \"the work may be done twice\"\nuntil = \"2099-01-01\"\n";
    bench.write("specs/other.toml", &(bench.read("specs/other.toml") + accept));
    let run = bench.run(&["build"]).code(0);
    assert!(run.stdout.contains("1 file removed"), "{}", run.stdout);
    assert!(!bench.path(service).exists());
    assert_eq!(bench.read("out/region-a/other/mine.yaml"), "mine\n");

    bench.remove("specs/other.toml");
    let run = bench.run(&["build"]).code(0);
    assert!(run.stdout.contains("other: left the specs"), "{}", run.stdout);
    let left: Vec<String> =
        bench.tree().into_keys().filter(|path| path.contains("other")).collect();
    assert_eq!(left, ["region-a/other/mine.yaml"]);
    bench.remove("out/region-a/other/mine.yaml");
}

#[test]
fn a_service_that_left_leaves_no_folder_behind() {
    let bench = Workbench::initialised();
    bench.write(
        "specs/other.toml",
        &bench.read("specs/hello.toml").replace("\"hello\"", "\"other\""),
    );
    bench.run(&["build"]).code(0);
    bench.remove("specs/other.toml");
    bench.run(&["build", "--check"]).code(1);
    bench.run(&["build"]).code(0);
    bench.run(&["build", "--check"]).code(0);
    assert!(!bench.path("out/region-a/other").exists());
}

#[test]
fn a_broken_ledger_is_refused_and_nothing_changes() {
    let bench = Workbench::initialised();
    bench.run(&["build"]).code(0);
    let text = bench.read(LEDGER);
    let broken = [
        text[..text.len() / 2].to_owned(),
        text.replace("region-a/hello/deployment.yaml", "../../precious/hello/x.yaml"),
        text.replace("\"unit\": \"hello\"", "\"unit\": \"other\""),
        text.replace("\"version\": 1", "\"version\": 99"),
        String::new(),
        "[]".to_owned(),
        "\u{0}".to_owned(),
    ];
    for broken in broken {
        assert_ne!(broken, text);
        bench.write(LEDGER, &broken);
        let tree = bench.tree();
        for arguments in [&["build"] as &[&str], &["build", "--check"]] {
            let run = bench.run(arguments).code(1);
            assert!(run.stderr.contains("error[ledger-unreadable]"), "{}", run.stderr);
        }
        assert_eq!(bench.tree(), tree);
    }
    bench.write(LEDGER, &text);
    bench.run(&["build", "--check"]).code(0);
}

#[test]
fn two_builds_at_once_do_not_mix() {
    let bench = Workbench::initialised();
    bench.write("out/.keep", "");
    let other = std::fs::File::open(bench.path("out")).unwrap();
    other.lock().unwrap();
    let run = bench.run(&["build"]).code(2);
    assert!(run.stderr.contains("another build is writing this tree"), "{}", run.stderr);
    drop(other);
    bench.run(&["build"]).code(0);
}

#[test]
fn a_file_in_place_of_the_tree_is_said_to_be_one() {
    let bench = Workbench::initialised();
    bench.write("out", "mine\n");
    for arguments in [&["build"][..], &["build", "--check"], &["verify"]] {
        let run = bench.run(arguments).code(2);
        assert!(run.stderr.contains("`out` is a file, and a tree is a folder"), "{}", run.stderr);
        assert!(run.stderr.contains("--out DIR"), "{}", run.stderr);
    }
    assert_eq!(std::fs::read_to_string(bench.path("out")).unwrap(), "mine\n");
}

#[test]
fn what_is_not_text_is_a_finding() {
    let bench = Workbench::initialised();
    std::fs::write(bench.path("specs/hello.toml"), b"name = \"caf\xe9\"\n").unwrap();
    let run = bench.run(&["check"]).code(1);
    assert!(run.stderr.contains("error[not-utf8]"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn a_link_in_the_tree_leads_nowhere() {
    let bench = Workbench::initialised();
    bench.write("elsewhere/precious.txt", "mine\n");
    bench.write("out/ledger/.keep", "");
    crate::workbench::symlink(bench.path("elsewhere"), bench.path("out/region-a"));
    let run = bench.run(&["build"]).code(2);
    assert!(run.stderr.contains("region-a"), "{}", run.stderr);
    assert_eq!(files_below(&bench.path("elsewhere")).len(), 1);
}

#[cfg(unix)]
#[test]
fn a_link_for_a_folder_of_the_tree_is_told_once_and_one_for_the_tree_is_followed() {
    let bench = Workbench::initialised();
    bench.run(&["build"]).code(0);
    std::fs::rename(bench.path("out"), bench.path("real")).unwrap();
    crate::workbench::symlink(bench.path("real"), bench.path("out"));
    bench.run(&["build"]).code(0);
    bench.run(&["build", "--check"]).code(0);
    bench.run(&["verify"]).code(0);
    std::fs::rename(bench.path("real/region-a"), bench.path("region-a")).unwrap();
    crate::workbench::symlink(bench.path("region-a"), bench.path("real/region-a"));
    let told = bench.run(&["verify"]).code(2).stderr;
    assert!(told.contains("a link or a file; remove it"), "{told}");
    assert_eq!(told.lines().count(), 1, "{told}");
    assert_eq!(bench.run(&["build", "--check"]).code(2).stderr, told);
}

#[cfg(target_os = "linux")]
#[test]
fn data_that_cannot_be_printed_makes_a_command_fail() {
    let bench = Workbench::initialised();
    for arguments in [&["schema", "service"][..], &["explain"], &["build"], &["--help"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_ninefold"))
            .args(arguments)
            .current_dir(bench.path(""))
            .stdout(full)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains("error: writing to stdout: "), "{arguments:?}: {told}");
    }
}

#[test]
fn init_writes_what_builds_and_refuses_to_do_it_twice() {
    let bench = Workbench::empty();
    let run = bench.run(&["init", "shop"]).code(0);
    let files = files_below(&bench.path("shop"));
    let expected = [".gitattributes", "specs/fleet.toml", "specs/hello.toml"];
    assert_eq!(files.keys().collect::<Vec<_>>(), expected);
    assert!(files[".gitattributes"].starts_with("out/** -text"));
    // What is said of the clusters is what the fleet names.
    for name in ["`public`", "`replicated`", "`snapshots`"] {
        assert!(run.stdout.contains(name), "{}", run.stdout);
        assert!(files["specs/fleet.toml"].contains(&name.replace('`', "\"")), "{name}");
    }
    let run = bench.run(&["check", "--specs", "shop/specs"]).code(0);
    assert_eq!(run.stderr, "");
    bench.run(&["build", "--specs", "shop/specs", "--out", "shop/out"]).code(0);

    // A file of attributes that is there already is left alone, and what it needs is said.
    bench.write("other/.gitattributes", "mine\n");
    let run = bench.run(&["init", "other"]).code(0);
    assert!(run.stdout.contains("out/** -text linguist-generated"), "{}", run.stdout);
    assert_eq!(bench.read("other/.gitattributes"), "mine\n");

    bench.remove("shop/specs/fleet.toml");
    bench.write("shop/specs/hello.toml", "mine\n");
    bench.run(&["init", "shop"]).code(2);
    assert_eq!(bench.read("shop/specs/hello.toml"), "mine\n");
    assert!(!bench.path("shop/specs/fleet.toml").exists());
}

#[test]
fn what_most_services_have_works_in_the_first_fleet() {
    let bench = Workbench::empty();
    bench.run(&["init"]).code(0);
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let (_, example) = readme.split_once("```toml\n# specs/checkout.toml\n").unwrap();
    let (example, _) = example.split_once("```").unwrap();
    bench.write("specs/checkout.toml", example);
    let more = "kind = \"stateful\"\n\n[traffic]\nhosts = [\"shop.example.com\"]\n\n[[ports]]\nname = \"http\"\n\
        port = 8080\ngateway = true\n\n[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n";
    bench.edit("specs/hello.toml", "rto = \"4h\"", &format!("rto = \"4h\"\n{more}#"));
    let run = bench.run(&["build"]).code(0);
    assert_eq!(run.stderr, "");
    let tree = bench.tree();
    assert!(tree.contains_key("eastus2/hello/http-route.yaml"), "{:?}", tree.keys());
    assert!(tree.contains_key("centralus/checkout/deployment.yaml"), "{:?}", tree.keys());
}

#[test]
fn init_adds_a_service_to_the_fleet_that_is_there() {
    let bench = Workbench::empty();
    let none = bench.run(&["init", "--service", "cart"]).code(2);
    assert!(none.stderr.contains("`ninefold init` writes one"), "{}", none.stderr);
    let bench = Workbench::initialised();
    bench.run(&["init", "--service", "cart"]).code(0);
    assert!(bench.read("specs/cart.toml").contains("regions = [\"region-a\"]"));
    let run = bench.run(&["check"]).code(0);
    assert_eq!(run.stderr, "");
    bench.write("specs/cart.toml", "mine\n");
    bench.run(&["init", "--service", "cart"]).code(2);
    assert_eq!(bench.read("specs/cart.toml"), "mine\n");
    let wrong = bench.run(&["init", "--service", "../Cart"]).code(2);
    assert!(wrong.stderr.contains("write `cart`"), "{}", wrong.stderr);
}

#[test]
fn a_folder_without_specs_is_told_how_to_begin() {
    let bench = Workbench::empty();
    for command in [&["build"] as &[&str], &["build", "--check"], &["check"], &["diff"]] {
        let run = bench.run(command).code(2);
        assert!(run.stderr.contains("there is no folder `specs`"), "{command:?}: {}", run.stderr);
        assert!(run.stderr.contains("`ninefold init` writes"), "{command:?}: {}", run.stderr);
    }
}

#[test]
fn what_editors_leave_beside_a_spec_is_no_spec() {
    let bench = Workbench::initialised();
    let link = |from: &str, to: &str| {
        crate::workbench::symlink(to, bench.path(from));
    };
    link("specs/.#hello.toml", "user@host.1:1700000000");
    link("specs/lock", "user@host.1");
    for name in [".hello.toml.swp", "hello.toml~", "#hello.toml#", ".DS_Store", ".git/x.toml"] {
        bench.write(&format!("specs/{name}"), "\u{1}");
    }
    let run = bench.run(&["build"]).code(0);
    assert_eq!(run.stderr, "");
}

#[test]
fn a_link_among_the_specs_is_followed_only_inside_their_folder() {
    let bench = Workbench::initialised();
    let link = |from: &str, to: &str| {
        crate::workbench::symlink(to, bench.path(from));
    };
    bench.write("specs/teams/.keep", "");
    bench
        .write("specs/.shared/cart.toml", &bench.read("specs/hello.toml").replace("hello", "cart"));
    link("specs/teams/cart.toml", "../.shared/cart.toml");
    bench.run(&["build"]).code(0);
    assert!(bench.tree().contains_key("ledger/cart.json"));

    bench.write("elsewhere/x.toml", "");
    link("specs/nowhere.toml", "gone.toml");
    link("specs/out.toml", "../elsewhere/x.toml");
    link("specs/folder", "../elsewhere");
    link("specs/teams/circle", "..");
    let run = bench.run(&["build"]).code(1);
    for (link, what) in [
        ("nowhere.toml", "leads nowhere"),
        ("out.toml", "leads out of the folder"),
        ("folder", "leads out of the folder"),
        ("teams/circle", "leads back to where it is"),
    ] {
        let told = format!("error[link-astray]: the link `specs/{link}` {what}");
        assert!(run.stderr.contains(&told), "{told}: {}", run.stderr);
    }
    assert!(bench.tree().contains_key("ledger/cart.json"));
}

#[test]
fn warnings_of_one_kind_fold_and_services_are_counted() {
    let bench = Workbench::initialised();
    let hello = bench.read("specs/hello.toml");
    let by_tag = hello.replace(&format!("@sha256:{}", "0".repeat(64)), ":1");
    for number in 1..=12 {
        let spec = by_tag.replace("\"hello\"", &format!("\"svc-{number}\""));
        bench.write(&format!("specs/svc-{number}.toml"), &spec.replace("gold", "bronze"));
    }
    let shown = |text: &str| text.matches("]: the image of `svc-").count();
    let more = "warning[image-without-digest]: 9 more of this kind";
    for _ in 0..2 {
        let run = bench.run(&["build"]).code(0);
        assert_eq!((shown(&run.stderr), run.stderr.contains(more)), (3, true), "{}", run.stderr);
        assert!(run.stderr.contains("\n12 warnings; "), "{}", run.stderr);
        let first: Vec<&str> = run.stderr.split("image of `").skip(1).collect();
        assert!(first[1].starts_with("svc-2`") && first[2].starts_with("svc-3`"), "{first:?}");
    }
    for command in [&["build", "--all"] as &[&str], &["check", "--all"]] {
        let run = bench.run(command).code(0);
        assert_eq!((shown(&run.stderr), run.stderr.contains(more)), (12, false), "{}", run.stderr);
    }
    let json = bench.run(&["check", "--format", "json"]).code(0);
    assert_eq!(json.stdout.lines().count(), 12);

    // Five are a handful.
    for number in 6..=12 {
        bench.remove(&format!("specs/svc-{number}.toml"));
    }
    let run = bench.run(&["check"]).code(0);
    assert_eq!((shown(&run.stderr), run.stderr.contains("of this kind")), (5, false));
    let run = bench.run(&["build"]).code(0);
    let gone: Vec<&str> =
        run.stdout.lines().filter(|line| line.contains("left the specs")).collect();
    let order: Vec<&str> = gone.iter().filter_map(|line| line.split(':').next()).collect();
    assert_eq!(order, ["svc-6", "svc-7", "svc-8", "svc-9", "svc-10", "svc-11", "svc-12"]);
}

/// Nobody mends thousands of errors in one go; who counts them has all.
#[test]
fn errors_are_folded_by_kind_and_machines_have_all_of_them() {
    let bench = Workbench::initialised();
    let hello = bench.read("specs/hello.toml");
    let entries: Vec<String> = (0..400).map(|at| format!("unknown-{at} = 1")).collect();
    let ports: Vec<String> =
        (0..50).map(|at| format!("[[ports]]\nname = \"p{at}\"\nport = 0\n")).collect();
    bench.write("specs/hello.toml", &[&*entries.join("\n"), &*hello, &*ports.join("")].join("\n"));
    let run = bench.run(&["check"]).code(1);
    let of = |line: &str| run.stderr.matches(line).count();
    assert_eq!(of("error[unknown-key]: unknown key"), 40, "{}", run.stderr);
    assert_eq!(of("error[wrong-value]: `port` cannot be"), 50, "{}", run.stderr);
    assert!(run.stderr.contains("error[unknown-key]: 360 more of this kind; `--all`"));
    assert!(run.stderr.contains("\n450 errors; "), "{}", run.stderr);
    let folded = bench.run(&["build"]).code(1);
    assert_eq!(folded.stderr.matches("error[unknown-key]: unknown key").count(), 40);
    // Of commands without `--all`, too, each error is shown.
    let every = [&["check", "--all"][..], &["build", "--all"], &["calendar"], &["report"]];
    for command in every {
        let all = bench.run(command).code(1);
        assert_eq!(all.stderr.matches("error[unknown-key]: unknown key").count(), 400);
    }
    let json = bench.run(&["check", "--format", "json"]).code(1);
    assert_eq!(json.stdout.lines().count(), 450);
}

/// What stands in the folders of a unit whose ledger cannot be read is not foreign for that.
#[test]
fn an_unreadable_ledger_is_one_finding() {
    let bench = Workbench::committed();
    bench.write("out/ledger/hello.json", "");
    let run = bench.run(&["verify"]).code(1);
    assert!(run.stderr.contains("error[ledger-unreadable]"), "{}", run.stderr);
    assert!(!run.stderr.contains("foreign-file"), "{}", run.stderr);
    bench.write("out/recovery/note.md", "mine");
    let run = bench.run(&["verify"]).code(1);
    assert!(run.stderr.contains("no ledger names `recovery/note.md`"), "{}", run.stderr);
    assert!(!run.stderr.contains("a delivery engine would apply it"), "{}", run.stderr);
}

#[test]
fn what_is_asked_for_goes_to_stdout() {
    let bench = Workbench::empty();
    let explained = bench.run(&["explain", "rpo-out-of-reach"]).code(0);
    assert!(explained.stdout.starts_with("# rpo-out-of-reach\n"), "{}", explained.stdout);
    let codes = bench.run(&["explain"]).code(0);
    assert_eq!(codes.stdout.lines().count(), ninefold::diag::CODES.len());
    let unknown = bench.run(&["explain", "rpo-out-of-raech"]).code(2);
    assert!(unknown.stderr.contains("did you mean `rpo-out-of-reach`?"), "{}", unknown.stderr);
    for of in ["service", "fleet"] {
        let schema = bench.run(&["schema", of]).code(0);
        let schema: serde_json::Value = serde_json::from_str(&schema.stdout).unwrap();
        assert_eq!(schema["additionalProperties"], false);
    }
    let completions = bench.run(&["completions", "bash"]).code(0);
    assert!(completions.stdout.contains("complete -F _ninefold"), "{}", completions.stdout);
    let manual = bench.run(&["man"]).code(0);
    assert!(manual.stdout.contains("ninefold\\-build"), "{}", manual.stdout);
    let version = bench.run(&["--version"]).code(0);
    assert_eq!(version.stdout, concat!("ninefold ", env!("CARGO_PKG_VERSION"), "\n"));
    let help = bench.run(&["build", "--help"]).code(0);
    assert!(help.stdout.contains("--check"), "{}", help.stdout);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let bench = Workbench::empty();
    let mut command = bench.command(&["schema"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!((child.wait().unwrap().code(), stderr.as_str()), (Some(0), ""));
}

#[test]
fn there_is_colour_on_a_terminal_only() {
    let bench = Workbench::initialised();
    bench.edit("specs/hello.toml", "\"gold\"", "\"golden\"");
    let escape = |run: &Run| run.stderr.contains('\u{1b}') || run.stdout.contains('\u{1b}');
    for arguments in [&["check"] as &[&str], &["--help"], &["biuld"]] {
        let run = Run::of(bench.command(arguments));
        assert!(!escape(&run), "{arguments:?}");
    }
    let mut forced = bench.command(&["check"]);
    forced.env("CLICOLOR_FORCE", "1");
    assert!(escape(&Run::of(forced)));
    let mut refused = bench.command(&["check"]);
    refused.env("NO_COLOR", "1");
    assert!(!escape(&Run::of(refused)));
}

#[test]
fn the_same_specs_give_the_same_bytes_everywhere() {
    let bench = Workbench::empty();
    let specs = repository("specs");
    let specs = specs.to_str().unwrap();
    crate::workbench::write(&bench.path("specs"), &files_below(&repository("specs")));
    let build = |out: &str, change: &dyn Fn(&mut std::process::Command)| {
        let path = bench.path(out);
        let mut command = bench.command(&["build", "--out", path.to_str().unwrap()]);
        change(&mut command);
        let _ = Run::of(command).code(0);
        files_below(&path)
    };
    let expected = build("one-thread", &|command| {
        command.env("RAYON_NUM_THREADS", "1");
    });
    assert_eq!(expected, files_below(&repository("out")));
    let two = build("two-threads", &|command| {
        command.env("RAYON_NUM_THREADS", "2");
    });
    assert!(two == expected, "another number of threads gives other bytes");
    let locale = build("locale", &|command| {
        command.envs([("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Kolkata"), ("HOME", "/nowhere")]);
    });
    assert!(locale == expected, "another locale gives other bytes");
    let folder = build("folder", &|command| {
        command.current_dir(repository("src")).args(["--specs", specs]);
    });
    assert!(folder == expected, "another folder gives other bytes");
}

#[test]
fn how_long_each_part_took_is_said_to_those_who_ask() {
    let bench = Workbench::initialised();
    let quiet = bench.run(&["build"]).code(0);
    assert!(!quiet.stderr.contains("timings"), "{}", quiet.stderr);
    bench.edit("specs/hello.toml", "tier", "# a comment\ntier");
    // What was saved within the last tick of a clock is read again by the next build, too.
    std::thread::sleep(std::time::Duration::from_millis(60));
    for (arguments, parts) in [
        (&["build", "--check", "--timings"][..], &["read", "decide", "compile"][..]),
        (&["build", "--timings"], &["read", "decide", "compile", "write"]),
        (&["build", "--timings"], &["look"]),
    ] {
        let run = bench.run(arguments).code(0);
        let told = run.stderr.lines().skip_while(|line| *line != "timings:").skip(1);
        let told: Vec<&str> = told.filter_map(|line| line.split("  ").nth(1)).collect();
        assert_eq!(told.split_last(), Some((&"in all", parts)), "{}", run.stderr);
    }
}
