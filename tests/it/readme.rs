//! The screens in the README and in `docs/` are what is printed.

use crate::workbench::{Workbench, files_below, repository, updating, write};
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

/// Types every line of the quick start that begins with `$` into a shell, in an empty folder.
#[test]
fn the_quick_start_works_as_printed() {
    let bench = Workbench::empty();
    let (_, block, _) = parts("README.md", "quick start");
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_ninefold")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut printed = String::new();
    for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
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
        printed.push_str(&format!("$ {line}\n{text}"));
    }
    let commit = bench.git(&["rev-parse", "--short=7", "main"]);
    let printed = printed.replace(&commit, "4f2c1a9");
    let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
    assert_screen("README.md", "quick start", &lines.join("\n"));
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
