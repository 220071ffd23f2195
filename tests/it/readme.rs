//! The screens in the README and in `docs/` are what is printed.

use crate::workbench::{Workbench, files_below, repository, updating, write};
use std::collections::BTreeMap;
use std::process::{Command, Stdio};
use std::sync::Mutex;

/// Two tests may rewrite one page.
static WRITING: Mutex<()> = Mutex::new(());

/// The parts of a page: up to the block after `<!-- screen: NAME -->`, the block, and what follows.
fn parts(page: &str, name: &str) -> (String, String, String) {
    let text = std::fs::read_to_string(repository(page)).unwrap();
    let mark = format!("<!-- screen: {name} -->\n");
    let (before, rest) = text.split_once(&mark).expect("the screen has its mark");
    let (fence, rest) = rest.split_once('\n').unwrap();
    let end = format!("\n{}\n", fence.trim_end_matches(char::is_alphabetic));
    let (block, after) = rest.split_once(&end).expect("the block ends");
    (format!("{before}{mark}{fence}\n"), block.to_owned(), format!("{end}{after}"))
}

/// Holds a screen of a page against `text`.
#[track_caller]
fn assert_screen(page: &str, name: &str, text: &str) {
    let _alone = WRITING.lock();
    let (before, block, after) = parts(page, name);
    if updating() {
        let text = format!("{before}{}{after}", text.trim_end());
        std::fs::write(repository(page), text).unwrap();
    } else {
        assert_eq!(block, text.trim_end(), "screen `{name}`; run UPDATE_EXPECT=1 cargo test");
    }
}

/// The example fleet, committed, and a branch to change it on.
fn example() -> Workbench {
    let bench = Workbench::empty();
    write(&bench.path("specs"), &files_below(&repository("specs")));
    write(&bench.path("out"), &files_below(&repository("out")));
    bench.git(&["init", "-q", "-b", "main"]);
    bench.commit("the example fleet");
    bench.git(&["checkout", "-q", "-b", "work"]);
    bench
}

#[test]
fn the_screens_are_what_is_printed() {
    let bench = example();
    // Whose id depends on the day.
    let commit = bench.git(&["rev-parse", "--short=7", "main"]);
    let screen = |arguments: &[&str]| {
        let run = bench.run(&[&["diff"], arguments].concat()).code(0);
        run.stdout.replace(&commit, "4f2c1a9")
    };
    let spec = bench.read("specs/checkout.toml");
    bench.edit("specs/checkout.toml", ", \"centralus\"", "");
    assert_screen("docs/diff.md", "terminal", &screen(&[]));
    bench.write("specs/checkout.toml", &spec);
    bench.edit("specs/orders.toml", "rpo      = \"1h\"", "rpo      = \"2h\"");
    assert_screen("docs/ci.md", "comment", &screen(&["--format", "markdown"]));
    bench.edit("specs/orders.toml", "rpo      = \"2h\"", "rpo      = \"20m\"");
    let refused = bench.run(&["check"]).code(1).stderr;
    let (refused, _) = refused.split_once("\n\n1 error").expect("one finding");
    assert_screen("README.md", "refused", refused);
}

/// A shell in the folder of a bench, in which `ninefold` is the program; what a line prints.
fn shell(bench: &Workbench, line: &str) -> String {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_ninefold")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("sh");
    shell.args(["-ec", &format!("exec 2>&1; {line}")]).current_dir(bench.path("."));
    shell.env("PATH", &path).env("LC_ALL", "C").stdin(Stdio::null());
    shell.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
    for who in ["AUTHOR", "COMMITTER"] {
        shell.env(format!("GIT_{who}_NAME"), "test");
        shell.env(format!("GIT_{who}_EMAIL"), "test@example.com");
    }
    let output = shell.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{line}: {text}");
    text
}

/// Types every line of a screen that begins with `$`, and holds the screen against what is printed.
#[track_caller]
fn assert_typed(bench: &Workbench, page: &str, name: &str) {
    let (_, block, _) = parts(page, name);
    let mut printed = String::new();
    for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
        printed.push_str(&format!("$ {line}\n{}", shell(bench, line)));
    }
    // Whose id depends on the day.
    if printed.contains("\nninefold diff  ") {
        let commit = bench.git(&["rev-parse", "--short=7", "main"]);
        printed = printed.replace(&commit, "4f2c1a9");
    }
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    assert_screen(page, name, &lines.join("\n"));
}

#[test]
fn the_quick_start_works_as_printed() {
    assert_typed(&Workbench::empty(), "README.md", "quick start");
}

#[test]
fn the_first_fleet_works_as_printed() {
    let bench = Workbench::empty();
    for screen in ["begin", "build", "mistake", "mended", "second service"] {
        assert_typed(&bench, "docs/first-fleet.md", screen);
    }
}

/// The steps of a pipeline pass where all is well, and say so where it is not.
#[test]
fn the_steps_of_a_pipeline_hold_a_tree() {
    let page = std::fs::read_to_string(repository("docs/ci.md")).unwrap();
    let (_, block) = page.split_once("## In any other pipeline\n\n```sh\n").unwrap();
    let (block, _) = block.split_once("\n```").unwrap();
    let bench = example();
    let steps: Vec<&str> = block.lines().map(|line| line.split('#').next().unwrap()).collect();
    assert_eq!(steps.len(), 3);
    for step in &steps {
        shell(&bench, step);
    }
    bench.edit("specs/orders.toml", "rpo      = \"1h\"", "rpo      = \"2h\"");
    let code = |step: &str| shell(&bench, &format!("{step} >/dev/null || echo \"exit $?\""));
    let stale = [code(steps[0]), code(steps[1])];
    assert!(stale[0].ends_with("exit 1\n") && stale[1].ends_with("exit 3\n"), "{stale:?}");
    let path = "out/eastus2/orders/stateful-set.yaml";
    bench.write(path, &format!("{}# by hand\n", bench.read(path)));
    assert!(code(steps[2]).ends_with("exit 1\n"));
}

/// Commands that a page names, with their options, are there.
#[test]
fn every_command_that_a_page_names_is_there() {
    let bench = Workbench::empty();
    let mut pages = files_below(&repository("docs"));
    pages.insert("README.md".into(), std::fs::read_to_string(repository("README.md")).unwrap());
    let mut help: BTreeMap<String, String> = BTreeMap::new();
    let mut options = 0;
    for (page, text) in &pages {
        let quoted = text.split("`ninefold ").skip(1).filter_map(|rest| rest.split('`').next());
        let typed = text.lines().filter_map(|line| {
            let line = line.trim_start().trim_start_matches("$ ").strip_prefix("ninefold ")?;
            line.split(['#', '|', '>', '"']).next()
        });
        for named in quoted.chain(typed) {
            let mut words = named.split_whitespace();
            let command = words.next().unwrap_or_default();
            if command == "COMMAND" {
                continue;
            }
            let help = help
                .entry(command.to_owned())
                .or_insert_with(|| bench.run(&[command, "--help"]).code(0).stdout);
            for option in words.filter(|word| word.starts_with("--")) {
                let option = option.split('=').next().unwrap();
                assert!(help.contains(option), "{page}: `ninefold {named}` has no `{option}`");
                options += 1;
            }
        }
    }
    assert!(help.len() > 15 && options > 8, "{} {options}", help.len());
}

#[test]
fn the_files_that_the_readme_names_are_in_the_tree() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let (_, block) = readme.split_once("```text\nout/").expect("the README shows the tree");
    let (block, _) = block.split_once("\n```").unwrap();
    let mut folder = String::new();
    let mut files = 0;
    for line in format!("out/{block}").lines() {
        // What is said about a file stands behind two spaces.
        let names = line.trim().split("  ").next().unwrap_or_default();
        for name in names.split(", ").filter(|name| !name.ends_with('…')) {
            let path = match name.rsplit_once('/') {
                Some((of, _)) => {
                    of.clone_into(&mut folder);
                    name.to_owned()
                }
                None => format!("{folder}/{name}"),
            };
            assert!(repository(&path).is_file(), "{path}");
            files += 1;
        }
    }
    assert!(files > 7, "{files}");
}
