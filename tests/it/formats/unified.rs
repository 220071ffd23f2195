//! The patch, and git's opinion of it.

use super::reports::{self, object};
use crate::workbench::{Files, files_below, write};
use expect_test::expect;
use ninefold::diff::Report;
use ninefold::diff::format::unified::{Options, Texts, Which, render};
use ninefold::diff::report::Operation;
use ninefold::diff::value::Masks;
use std::process::Command;

/// The patch between two trees.
pub(super) fn patch(report: &Report, old: &Files, new: &Files, masks: &mut Masks) -> String {
    let read = |which, path: &str| match which {
        Which::Old => old.get(path).cloned(),
        Which::New => new.get(path).cloned(),
    };
    let options = Options { folder: "out".to_owned() };
    render(report, &options, &mut Texts { read: &read, masks })
}

/// Applies a patch with git; what git says when it does not apply.
pub(super) fn apply(patch: &str, old: &Files) -> Result<Files, String> {
    let folder = crate::workbench::folder();
    write(&folder.path().join("out"), old);
    std::fs::write(folder.path().join("x.patch"), patch).unwrap();
    let git = |arguments: &[&str]| {
        let output = Command::new("git")
            .args(arguments)
            .current_dir(folder.path())
            .env("GIT_CEILING_DIRECTORIES", folder.path().parent().unwrap())
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let (fits, why) = git(&["apply", "--check", "x.patch"]);
    if !fits {
        return Err(why);
    }
    assert!(git(&["apply", "x.patch"]).0);
    Ok(files_below(&folder.path().join("out")))
}

fn files(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

/// A report of objects that are at these paths: old, new.
fn moved(paths: &[(Option<&str>, Option<&str>)]) -> Report {
    let mut report = reports::nothing();
    for (old, new) in paths {
        let mut object = object("web", "eastus2", "ConfigMap", "web", Operation::Replace);
        for (manifest, path) in [(&mut object.old, old), (&mut object.new, new)] {
            match path {
                Some(path) => manifest.as_mut().unwrap().path = (*path).to_owned(),
                None => *manifest = None,
            }
        }
        report.objects.push(object);
    }
    report
}

const LONG: &str = "a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7\n";

#[test]
fn files_are_edited_made_deleted_renamed_and_copied() {
    let report = moved(&[
        (Some("edit.yaml"), Some("edit.yaml")),
        (None, Some("made.yaml")),
        (Some("gone.yaml"), None),
        (Some("here.yaml"), Some("there.yaml")),
        (Some("kept.yaml"), Some("retained/kept.yaml")),
        (Some("kept.yaml"), Some("kept.yaml")),
        (Some("same.yaml"), Some("moved/same name.yaml")),
    ]);
    let old = files(&[
        ("edit.yaml", LONG),
        ("gone.yaml", "x: 1\n"),
        ("here.yaml", LONG),
        ("kept.yaml", LONG),
        ("same.yaml", LONG),
        ("untouched.yaml", LONG),
    ]);
    let edited = LONG.replace("d: 4", "d: 5");
    let new = files(&[
        ("edit.yaml", &edited),
        ("made.yaml", "y: 1"),
        ("there.yaml", &edited),
        ("retained/kept.yaml", LONG),
        ("kept.yaml", &edited),
        ("moved/same name.yaml", LONG),
        ("untouched.yaml", LONG),
    ]);
    let patch = patch(&report, &old, &new, &mut Masks::default());
    expect![[r#"
        diff --git a/out/edit.yaml b/out/edit.yaml
        --- a/out/edit.yaml
        +++ b/out/edit.yaml
        @@ -1,7 +1,7 @@
         a: 1
         b: 2
         c: 3
        -d: 4
        +d: 5
         e: 5
         f: 6
         g: 7
        diff --git a/out/gone.yaml b/out/gone.yaml
        deleted file mode 100644
        --- a/out/gone.yaml
        +++ /dev/null
        @@ -1 +0,0 @@
        -x: 1
        diff --git a/out/kept.yaml b/out/kept.yaml
        --- a/out/kept.yaml
        +++ b/out/kept.yaml
        @@ -1,7 +1,7 @@
         a: 1
         b: 2
         c: 3
        -d: 4
        +d: 5
         e: 5
         f: 6
         g: 7
        diff --git a/out/made.yaml b/out/made.yaml
        new file mode 100644
        --- /dev/null
        +++ b/out/made.yaml
        @@ -0,0 +1 @@
        +y: 1
        \ No newline at end of file
        diff --git a/out/same.yaml b/out/moved/same name.yaml
        similarity index 100%
        rename from out/same.yaml
        rename to out/moved/same name.yaml
        diff --git a/out/kept.yaml b/out/retained/kept.yaml
        similarity index 100%
        copy from out/kept.yaml
        copy to out/retained/kept.yaml
        diff --git a/out/here.yaml b/out/there.yaml
        similarity index 85%
        rename from out/here.yaml
        rename to out/there.yaml
        --- a/out/here.yaml
        +++ b/out/there.yaml
        @@ -1,7 +1,7 @@
         a: 1
         b: 2
         c: 3
        -d: 4
        +d: 5
         e: 5
         f: 6
         g: 7
    "#]]
    .assert_eq(&patch);
    assert_eq!(apply(&patch, &old), Ok(new));
}

#[test]
fn nothing_is_no_patch() {
    assert_eq!(patch(&reports::nothing(), &Files::new(), &Files::new(), &mut Masks::default()), "");
    let report = moved(&[(Some("a.yaml"), Some("a.yaml"))]);
    let same = files(&[("a.yaml", LONG)]);
    assert_eq!(patch(&report, &same, &same, &mut Masks::default()), "");
}

#[test]
fn what_is_secret_is_in_no_line_of_it() {
    let names = ["changes.yaml", "list.yaml", "comment.yaml", "open.yaml"];
    let report = moved(&names.map(|name| (Some(name), Some(name))));
    // What does not change is not shown beside what does, either.
    let secret = |password: &str, note: &str| {
        format!(
            "kind: Secret\nmetadata:\n  name: {note}\nstringData:\n  a: canary-1\n  b: {password}\n"
        )
    };
    let list = |password: &str| {
        let item = secret(password, "web").replace('\n', "\n    ");
        format!("kind: List\nitems:\n  - {}\n", item.trim_end())
    };
    let comment =
        |text: &str| format!("kind: ConfigMap # password: canary-6\ndata:\n  a: {text}\n");
    let old = files(&[
        ("changes.yaml", &secret("canary-2", "web")),
        ("list.yaml", &list("canary-4")),
        ("comment.yaml", &comment("one")),
        ("open.yaml", LONG),
    ]);
    let new = files(&[
        ("changes.yaml", &secret("canary-3", "orders")),
        ("list.yaml", &list("canary-5")),
        ("comment.yaml", &comment("two")),
        ("open.yaml", &LONG.replace("d: 4", "d: 5")),
    ]);
    let hidden = patch(&report, &old, &new, &mut Masks::default());
    assert!(!hidden.contains("canary"), "{hidden}");
    expect![[r##"
        # This patch does not apply to these files: what looks like a secret in them is masked
        #   out/changes.yaml
        #   out/comment.yaml
        #   out/list.yaml
        diff --git a/out/changes.yaml b/out/changes.yaml
        --- a/out/changes.yaml
        +++ b/out/changes.yaml
        @@ -1,6 +1,6 @@
         kind: Secret
         metadata:
        -  name: web
        +  name: orders
         stringData:
           a: "‹masked #1›"
        -  b: "‹masked #2›"
        +  b: "‹masked #3›"
        diff --git a/out/comment.yaml b/out/comment.yaml
        --- a/out/comment.yaml
        +++ b/out/comment.yaml
        @@ -1,3 +1,3 @@
         kind: ConfigMap
         data:
        -  a: one
        +  a: two
        diff --git a/out/list.yaml b/out/list.yaml
        --- a/out/list.yaml
        +++ b/out/list.yaml
        @@ -5,4 +5,4 @@
             name: web
           stringData:
             a: "‹masked #1›"
        -    b: "‹masked #5›"
        +    b: "‹masked #6›"
        diff --git a/out/open.yaml b/out/open.yaml
        --- a/out/open.yaml
        +++ b/out/open.yaml
        @@ -1,7 +1,7 @@
         a: 1
         b: 2
         c: 3
        -d: 4
        +d: 5
         e: 5
         f: 6
         g: 7
    "##]]
    .assert_eq(&hidden);
    apply(&hidden, &old).unwrap_err();
    let shown = patch(&report, &old, &new, &mut Masks::off());
    assert_eq!(apply(&shown, &old), Ok(new));
}

#[test]
fn what_is_no_yaml_is_not_shown_while_secrets_are_masked() {
    let report = moved(&[(Some("a.yaml"), Some("a.yaml"))]);
    let (old, new) = (files(&[("a.yaml", "{ canary")]), files(&[("a.yaml", "[ canary")]));
    let hidden = patch(&report, &old, &new, &mut Masks::default());
    assert!(!hidden.contains("canary"), "{hidden}");
    assert!(hidden.starts_with("# This patch does not apply to these files: "), "{hidden}");
    let shown = patch(&report, &old, &new, &mut Masks::off());
    assert_eq!(apply(&shown, &old), Ok(new));
}

#[test]
fn what_acts_on_a_terminal_is_written_out() {
    let report = moved(&[(Some("a.yaml"), Some("a.yaml"))]);
    let old = files(&[("a.yaml", "a: \x1b[31m\n")]);
    let new = files(&[("a.yaml", "a: \x1b]0;x\x07\n")]);
    let patch = patch(&report, &old, &new, &mut Masks::off());
    assert!(!patch.chars().any(|c| c.is_control() && c != '\n'), "{patch:?}");
    assert!(patch.starts_with("# This patch does not apply to these files: "), "{patch}");
}

#[test]
fn what_a_path_holds_does_not_break_it() {
    let report = moved(&[(Some("a \"b\"\\ü.yaml"), Some("c\td.yaml"))]);
    let old = files(&[("a \"b\"\\ü.yaml", LONG)]);
    let new = files(&[("c\td.yaml", &LONG.replace("a: 1", "a: 2\r"))]);
    let patch = patch(&report, &old, &new, &mut Masks::off());
    assert_eq!(apply(&patch, &old), Ok(new), "{patch}");
}
