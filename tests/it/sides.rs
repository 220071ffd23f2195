//! End-to-end runs of `ninefold diff`: which trees it compares, how it ends, and that it changes
//! nothing. What it says about them is tested below it.

use crate::workbench::{Run, Workbench, files_below, repository, write};
use std::path::PathBuf;
use std::time::SystemTime;

const NOTHING: &str = "No differences";

/// A change of the image, which replaces the Deployment.
fn change_image(bench: &Workbench) {
    bench.edit("specs/hello.toml", "@sha256:0", "@sha256:1");
}

/// The objects that differ, by identity.
fn names(bench: &Workbench, arguments: &[&str]) -> Vec<String> {
    let run = bench.run(&[&["diff", "--names"], arguments].concat()).code(0);
    run.stdout.lines().map(str::to_owned).collect()
}

/// Every file and folder with the time of its last change, git's included.
fn stamps(bench: &Workbench) -> Vec<(PathBuf, SystemTime)> {
    let walk = walkdir::WalkDir::new(bench.path("")).sort_by_file_name().into_iter();
    let stamp = |entry: walkdir::DirEntry| {
        (entry.path().to_owned(), entry.metadata().unwrap().modified().unwrap())
    };
    walk.map(|entry| stamp(entry.unwrap())).collect()
}

#[test]
fn by_default_the_merge_base_is_held_against_a_compile_and_nothing_is_written() {
    let bench = Workbench::committed();
    assert!(bench.run(&["diff", "--exit-code"]).code(0).stdout.contains(NOTHING));
    // What happens on the default branch meanwhile is no part of the change.
    bench.git(&["checkout", "-q", "main"]);
    bench.edit("specs/hello.toml", "rpo", "team = \"other\"\nrpo");
    bench.run(&["build"]).code(0);
    bench.commit("meanwhile");
    bench.git(&["checkout", "-q", "work"]);
    bench.write("untracked.txt", "mine\n");
    change_image(&bench);
    let before = stamps(&bench);
    let run = bench.run(&["diff", "--exit-code"]).code(1);
    assert!(run.stdout.contains("merge base with main@"), "{}", run.stdout);
    assert!(run.stdout.contains("working tree"), "{}", run.stdout);
    let differ = names(&bench, &[]);
    assert!(differ.iter().any(|id| id.contains("apps/Deployment/hello/hello")), "{differ:?}");
    assert!(!differ.iter().any(|id| id.contains("Service/")), "{differ:?}");
    // A build before makes no difference, nor does a commit.
    bench.run(&["diff", "--from", "main"]).code(0);
    // Neither the tree nor the checkout nor git's own files were touched.
    assert_eq!(stamps(&bench), before);
    bench.run(&["build"]).code(0);
    assert_eq!(names(&bench, &[]), differ);
    bench.commit("two");
    assert_eq!(names(&bench, &[]), differ);
    assert_eq!(names(&bench, &["--to", "HEAD"]), differ);
    // On the default branch, HEAD is what was before.
    bench.git(&["checkout", "-q", "main"]);
    assert!(bench.run(&["diff"]).code(0).stdout.contains(NOTHING));
}

#[test]
fn every_way_to_name_the_same_tree_gives_the_same() {
    let bench = Workbench::committed();
    change_image(&bench);
    bench.run(&["build"]).code(0);
    bench.commit("two");
    let expected = names(&bench, &["--from", "main"]);
    assert!(!expected.is_empty());
    bench.git(&["worktree", "add", "-q", "linked", "main"]);
    bench.write("sub/x.txt", "");
    let absolute = bench.path("out").to_str().unwrap().to_owned();
    for arguments in [
        &["--from", "git:main"] as &[&str],
        &["--from", "main:out"],
        &["--from", "git:main:./out"],
        &["--from", "main~0"],
        &["--from", "linked/out"],
        &["--from", "dir:linked/out", "--to", "dir:out"],
        &["--from", "linked/out", "--to", "work"],
        &["--from", "main", "--to", &absolute],
        &["--from", "main", "--to", "HEAD"],
        &["--from", "main", "--out", &absolute],
    ] {
        assert_eq!(names(&bench, arguments), expected, "{arguments:?}");
    }
    let inside = |folder: &str, arguments: &[&str]| {
        let mut command = bench.command(&[&["diff", "--names"], arguments].concat());
        command.current_dir(bench.path(folder));
        Run::of(command).code(0).stdout
    };
    let expected = expected.join("\n") + "\n";
    let above: &[&str] = &["--specs", "../specs", "--out", "../out"];
    assert_eq!(inside("sub", &[above, &["--from", "main"]].concat()), expected);
    assert_eq!(inside("sub", &[above, &["--from", "main:../out"]].concat()), expected);
    assert_eq!(
        inside("linked", &["--from", "work", "--to", "main"]).lines().count(),
        expected.lines().count()
    );
    // A hook of git runs with variables that lead elsewhere.
    let mut hook = bench.command(&["diff", "--names", "--from", "main"]);
    hook.env("GIT_DIR", ".git").env("GIT_INDEX_FILE", ".git/nowhere");
    assert_eq!(Run::of(hook).code(0).stdout, expected);
}

#[test]
fn what_is_not_here_is_said_with_the_remedy() {
    let bench = Workbench::committed();
    change_image(&bench);
    bench.run(&["build"]).code(0);
    bench.commit("two");
    bench.write("folder/x.txt", "");
    bench.git(&["branch", "folder"]);
    let origin = format!("file://{}", bench.path("").display());
    bench.git(&["checkout", "-q", "main"]);
    bench.git(&["clone", "-q", "--depth", "1", "--branch", "work", &origin, "shallow"]);
    bench.git(&["config", "uploadpack.allowFilter", "true"]);
    bench.git(&["clone", "-q", "--filter=blob:none", &origin, "partial"]);
    bench.git(&["checkout", "-q", "work"]);
    let told = |arguments: &[&str], folder: &str| {
        let mut command = bench.command(&[&["diff"], arguments].concat());
        command.current_dir(bench.path(folder));
        let run = Run::of(command).code(2);
        assert_eq!(run.stdout, "", "{arguments:?}");
        run.stderr
    };
    let says = |arguments: &[&str], folder: &str, expected: &[&str]| {
        let told = told(arguments, folder);
        for expected in expected {
            assert!(told.contains(expected), "{arguments:?}: {told}");
        }
    };
    let deepen = "git fetch --unshallow`; in CI, check out with `fetch-depth: 0`";
    says(&[], "shallow", &["help: ", deepen]);
    says(&["--from", "main"], "shallow", &["this clone is shallow", deepen]);
    says(&["--from", "0123abc"], "shallow", &["git fetch --depth=1 origin 0123abc`", deepen]);
    says(&["--from", "origin/work"], "partial", &["not in this clone", "without `--filter`"]);
    says(&["--from", "0123abc"], "", &["help: run `git fetch origin 0123abc`"]);
    says(&["--from", "origin/next"], "", &["help: run `git fetch origin next`"]);
    says(&["--from", "mian"], "", &["git knows no revision `mian`", "did you mean `main`?"]);
    says(&["--from", "git:main:nowhere"], "", &["main:nowhere has no folder nowhere"]);
    says(&["--from", "dir:nowhere"], "", &["there is no such folder"]);
    says(&["--from", "folder"], "", &["`--from dir:folder` or `--from git:folder`"]);
    says(&["--from=--help"], "", &["git knows no revision `--help`"]);
    bench.git(&["checkout", "-q", "--orphan", "other"]);
    bench.git(&["commit", "-q", "-m", "other"]);
    says(&[], "", &["no common ancestor", "`--from REV`"]);

    let elsewhere = Workbench::initialised();
    let run = elsewhere.run(&["diff"]).code(2);
    assert!(run.stderr.contains("`--from DIR`"), "{}", run.stderr);
    elsewhere.git(&["init", "-q"]);
    let run = elsewhere.run(&["diff"]).code(2);
    assert!(run.stderr.contains("nothing is committed yet"), "{}", run.stderr);
}

#[test]
fn links_submodules_and_odd_names_are_in_nobodys_way() {
    let bench = Workbench::committed();
    let module = Workbench::committed();
    let url = module.path("").to_str().unwrap().to_owned();
    bench.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        &url,
        "out/module",
    ]);
    bench.write("out/notes \"of\tmine\".txt", "text\n");
    bench.write("specs/.hidden.toml", "no spec\n");
    crate::workbench::symlink("hello.toml", bench.path("specs/link.txt"));
    bench.commit("odd");
    let run = bench.run(&["diff", "--from", "HEAD", "--exit-code"]).code(0);
    assert!(run.stdout.contains(NOTHING), "{}", run.stdout);
    assert!(run.stdout.contains("links in HEAD are not followed: 1"), "{}", run.stdout);
}

#[test]
fn specs_in_a_repository_of_their_own_are_not_those_of_the_tree() {
    let bench = Workbench::committed();
    let run = bench.run(&["diff", "--from", "HEAD"]).code(0);
    assert!(!run.stdout.contains("has no specs"), "{}", run.stdout);
    bench.git(&["init", "-q", "specs"]);
    let run = bench.run(&["diff", "--from", "HEAD"]).code(0);
    assert!(run.stdout.contains("HEAD has no specs in specs"), "{}", run.stdout);
}

#[test]
fn a_repository_with_longer_ids_is_compared_as_well() {
    let bench = Workbench::initialised();
    bench.run(&["build"]).code(0);
    bench.git(&["init", "-q", "-b", "main", "--object-format=sha256"]);
    bench.commit("one");
    assert!(bench.run(&["diff", "--exit-code"]).code(0).stdout.contains(NOTHING));
    let run = bench.run(&["diff", "--from", "HEAD", "--to", "out", "--exit-code"]).code(0);
    assert!(run.stdout.contains(NOTHING));
    change_image(&bench);
    bench.run(&["diff", "--exit-code"]).code(1);
}

#[test]
fn the_first_tree_of_a_repository_is_new_as_a_whole() {
    let bench = Workbench::initialised();
    bench.git(&["init", "-q", "-b", "main"]);
    bench.commit("specs only");
    let run = bench.run(&["diff", "--exit-code"]).code(1);
    assert!(run.stdout.contains("HEAD has no folder out"), "{}", run.stdout);
}

#[test]
fn the_exit_status_says_what_was_asked() {
    let bench = Workbench::empty();
    write(&bench.path("specs"), &files_below(&repository("specs")));
    bench.run(&["build"]).code(0);
    bench.git(&["init", "-q", "-b", "main"]);
    bench.commit("one");
    let gate: &[&str] = &["diff", "--exit-code", "--fail-on", "critical"];
    bench.run(gate).code(0);
    bench.edit("specs/checkout.toml", ", \"centralus\"", "");
    bench.run(&["diff"]).code(0);
    bench.run(&["diff", "--exit-code"]).code(1);
    let run = bench.run(gate).code(3);
    assert!(run.stdout.contains("loses"), "{}", run.stdout);
    // A filter hides, and changes nothing of that.
    let hidden = bench.run(&[gate, &["--service", "orders"]].concat()).code(3);
    assert!(!hidden.stdout.contains("loses region"), "{}", hidden.stdout);
    assert!(hidden.stdout.contains(" not shown: 2 critical"), "{}", hidden.stdout);
    assert!(hidden.stdout.contains("\ngate: 2 effects of"), "{}", hidden.stdout);
    let wrong = bench.run(&["diff", "--service", "ordres"]).code(2);
    assert!(wrong.stderr.contains("did you mean `orders`?"), "{}", wrong.stderr);
    for format in ["markdown", "json", "unified", "github"] {
        bench.run(&[gate, &["--format", format]].concat()).code(3);
    }
    bench.edit("specs/checkout.toml", "tier ", "teir ");
    let run = bench.run(gate).code(2);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("error[unknown-key]"), "{}", run.stderr);
    let run = bench.run(&[gate, &["--format", "markdown", "--key", "prod"]].concat()).code(2);
    assert!(run.stdout.starts_with("<!-- ninefold:diff v1 key=prod -->\n"), "{}", run.stdout);
    assert!(run.stdout.contains("unknown-key"), "{}", run.stdout);
}

#[test]
fn flags_of_formats_are_connected() {
    let bench = Workbench::committed();
    change_image(&bench);
    let diff = |arguments: &[&str]| bench.run(&[&["diff"], arguments].concat()).code(0).stdout;
    let lines = |arguments: &[&str]| diff(arguments).lines().count();
    assert!(lines(&["-v"]) > lines(&[]), "-v says more");
    assert!(lines(&["-vv"]) >= lines(&["-v"]), "-vv says all");
    assert_ne!(diff(&["--stat"]), diff(&["--names"]));
    assert!(diff(&["-v"]).contains("image"), "{}", diff(&["-v"]));
    assert!(diff(&["--format", "unified"]).contains("\n+++ "));
    let json: serde_json::Value = serde_json::from_str(&diff(&["--format", "json"])).unwrap();
    assert!(json["objects"].as_array().is_some_and(|objects| !objects.is_empty()));
    let markdown = |arguments: &[&str]| diff(&[&["--format", "markdown"], arguments].concat());
    assert!(markdown(&[]).starts_with("<!-- ninefold:diff v1 key=default -->\n"));
    assert!(markdown(&["--max-bytes", "1000"]).len() <= 1000);
    for arguments in [
        &["--max-bytes", "999"] as &[&str],
        &["--max-bytes", "2000", "--target", "gitlab-note"],
        &["--key", "a -->"],
        &["--stat", "--names"],
        &["--show-secrets"],
        &["--format", "xml"],
    ] {
        let run = bench.run(&[&["diff"], arguments].concat()).code(2);
        assert!(!run.stderr.is_empty(), "{arguments:?}");
    }
    bench.run(&["diff", "--show-secrets=always"]).code(0);
}

#[test]
fn colour_is_for_terminals_unless_it_is_forced() {
    let bench = Workbench::committed();
    change_image(&bench);
    let coloured = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = bench.command(&[&["diff"], arguments].concat());
        for name in ["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        Run::of(command).code(0).stdout.contains('\u{1b}')
    };
    let always: &[&str] = &["--color", "always"];
    for (arguments, variables, expected) in [
        (&[] as &[&str], &[] as &[(&str, &str)], false),
        (&[], &[("FORCE_COLOR", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "1")], true),
        (&[], &[("CLICOLOR_FORCE", "0")], false),
        (&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")], false),
        (&[], &[("FORCE_COLOR", "1"), ("NO_COLOR", "")], true),
        (always, &[], true),
        (always, &[("NO_COLOR", "1")], true),
        (always, &[("TERM", "dumb")], true),
        (&["--color", "never"], &[("FORCE_COLOR", "1")], false),
        (&["--color", "always", "--format", "json"], &[], false),
        (&["--color", "always", "--format", "markdown"], &[], false),
    ] {
        assert_eq!(coloured(arguments, variables), expected, "{arguments:?} {variables:?}");
    }
}

/// `script` runs a command with a terminal for its stdout.
#[cfg(target_os = "linux")]
#[test]
fn a_pager_is_for_terminals_and_people() {
    let bench = Workbench::committed();
    let terminal = |variables: &[(&str, &str)]| {
        let mut command = std::process::Command::new("script");
        let line = format!("{} diff", env!("CARGO_BIN_EXE_ninefold"));
        command.args(["-qec", &line, "/dev/null"]).current_dir(bench.path(""));
        for name in ["CI", "PAGER", "NINEFOLD_PAGER"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied()).stdin(std::process::Stdio::null());
        Run::of(command).code(0).stdout
    };
    let (mark, other) = ("sed 's/^/paged /'", "sed 's/^/other /'");
    assert!(terminal(&[("PAGER", mark)]).contains("paged No differences"));
    assert!(terminal(&[("NINEFOLD_PAGER", mark), ("PAGER", other)]).contains("paged "));
    for variables in [
        &[("NINEFOLD_PAGER", ""), ("PAGER", mark)] as &[(&str, &str)],
        &[("PAGER", mark), ("CI", "true")],
        &[("PAGER", "no-such-pager-anywhere")],
        &[("PAGER", "cat")],
    ] {
        let shown = terminal(variables);
        assert!(shown.contains(NOTHING) && !shown.contains("paged"), "{variables:?}: {shown}");
    }
    // Whoever leaves the pager early has seen enough.
    assert!(!terminal(&[("PAGER", "true")]).contains("error"));
    let piped = bench.command(&["diff"]).env("PAGER", mark).output().unwrap();
    assert!(!String::from_utf8(piped.stdout).unwrap().contains("paged"));
}
