//! The cache makes builds cheap and never wrong: with it, without it and with a broken one, the
//! tree is the same.

use crate::history::FLEET;
use std::path::Path;
use std::process::Command;

fn run(folder: &Path) -> (String, String) {
    let mut build = Command::new(env!("CARGO_BIN_EXE_ninefold"));
    let output = build.arg("build").current_dir(folder).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stderr}");
    (String::from_utf8(output.stdout).unwrap(), stderr)
}

fn build(folder: &Path) -> String {
    run(folder).0
}

fn spec(folder: &Path, name: &str, value: &str) {
    let digest = "a".repeat(64);
    let text = format!(
        "name = \"{name}\"\nimage = \"r.example.com/a@sha256:{digest}\"\ntier = \"silver\"\nregions = [\"east\"]\nrpo = \"4h\"\nrto = \"4h\"\n[config]\nA = \"{value}\"\n",
    );
    std::fs::write(folder.join(format!("specs/{name}.toml")), text).unwrap();
}

/// A folder with the specs of `a` and `b`.
fn two_services() -> tempfile::TempDir {
    let folder = crate::workbench::folder();
    std::fs::create_dir(folder.path().join("specs")).unwrap();
    std::fs::write(folder.path().join("specs/fleet.toml"), FLEET).unwrap();
    spec(folder.path(), "a", "1");
    spec(folder.path(), "b", "1");
    folder
}

#[test]
fn with_and_without_a_cache_the_tree_is_the_same() {
    let folder = two_services();
    let folder = folder.path();
    let wrote = |text: &str| build(folder).contains(text);
    assert!(!wrote("Wrote 0 files"));
    assert!(wrote("Wrote 0 files"));
    assert!(wrote("Wrote 0 files"));
    assert!(folder.join(".ninefold-cache/out").exists());

    // An edit of the same length, in a spec and in the tree, in the same instant as the build.
    spec(folder, "a", "2");
    assert!(wrote("a: "));
    assert!(wrote("Wrote 0 files"));
    let file = folder.join("out/east/b/config-map-region.yaml");
    let right = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, right.replace("A: \"1\"", "A: \"7\"")).unwrap();
    assert!(wrote("b: 1 file written"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), right);
    std::fs::remove_file(&file).unwrap();
    assert!(wrote("b: 1 file written"));

    // A spec that comes, one that goes, the fleet that changes.
    spec(folder, "c", "1");
    assert!(wrote("c: "));
    std::fs::remove_file(folder.join("specs/c.toml")).unwrap();
    assert!(wrote("c: left the specs"));
    std::fs::write(folder.join("specs/fleet.toml"), FLEET.replace("\"us\"", "\"eu\"")).unwrap();
    let both = build(folder);
    assert!(both.contains("a: ") && both.contains("b: "), "{both}");

    let known = std::fs::read_to_string(folder.join(".ninefold-cache/out")).unwrap();
    let key = known.split(' ').next().unwrap();
    let beyond = format!("{key} 18446744073709551615\n");
    let between = format!("{key} 3\n\u{e4}\u{e4}\n");
    for broken in ["", "nonsense\n", "a b\n99999\n", &beyond, &between] {
        std::fs::write(folder.join(".ninefold-cache/out"), broken).unwrap();
        assert!(wrote("Wrote 0 files"), "{broken:?}");
    }
    std::fs::remove_dir_all(folder.join(".ninefold-cache")).unwrap();
    assert!(wrote("Wrote 0 files"));
}

/// What holds of the specs is said by every build, what holds of one step by that one.
#[test]
fn with_and_without_a_cache_the_same_is_said() {
    let folder = two_services();
    let folder = folder.path();
    let file = folder.join("specs/a.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("rto = \"4h\"", "rto = \"24h\"")).unwrap();
    let first = run(folder).1;
    assert!(first.contains("warning[") && first.contains("specs/a.toml"), "{first}");
    let without = || {
        std::fs::remove_dir_all(folder.join(".ninefold-cache")).unwrap();
        run(folder).1
    };
    assert_eq!(run(folder).1, first);
    assert_eq!(run(folder).1, first);
    assert_eq!(without(), first);

    let file = folder.join("specs/b.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    let volume = "[[volumes]]\nname = \"data\"\npath = \"/data\"\nsize = \"1Gi\"\n";
    std::fs::write(&file, format!("kind = \"stateful\"\n{text}{volume}")).unwrap();
    run(folder);
    let with_volume = run(folder).1;
    std::fs::remove_file(&file).unwrap();
    let leaves = run(folder).1;
    assert!(leaves.contains("data-left-behind"), "{leaves}");
    let after = run(folder).1;
    assert!(!after.contains("data-left-behind"), "{after}");
    assert_eq!(after, first);
    assert_ne!(with_volume, "");
    assert_eq!(without(), first);
}

/// What is found about the objects of one service is said again when another one is edited, and is
/// found when another one changes what its namespace takes.
#[test]
fn what_is_said_of_objects_is_said_by_every_build() {
    let folder = two_services();
    let folder = folder.path();
    std::fs::create_dir(folder.join("specs/manifests")).unwrap();
    let selector = "apiVersion: v1\nkind: Service\nmetadata:\n  name: legacy\nspec:\n  selector:\n    app: nobody\n  ports:\n    - port: 80\n";
    std::fs::write(folder.join("specs/manifests/legacy.yaml"), selector).unwrap();
    let more = |name: &str, text: &str| {
        let file = folder.join(format!("specs/{name}.toml"));
        let spec = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{spec}{text}")).unwrap();
    };
    more("a", "[[manifests]]\npath = \"manifests/legacy.yaml\"\n");
    let said = |text: &str| text.matches("selects no pod").count();
    assert_eq!(said(&run(folder).1), 1);
    assert_eq!(said(&run(folder).1), 1);
    spec(folder, "b", "2");
    assert_eq!(said(&run(folder).1), 1);
    spec(folder, "b", "3");
    assert_eq!(said(&run(folder).1), 1);

    let image = format!("r.example.com/agent@sha256:{}", "b".repeat(64));
    let pods = format!(
        "apiVersion: apps/v1\nkind: DaemonSet\nmetadata:\n  name: agent\nspec:\n  selector:\n    matchLabels: {{app: agent}}\n  template:\n    metadata:\n      labels: {{app: agent}}\n    spec:\n      containers:\n        - name: agent\n          image: {image}\n"
    );
    std::fs::write(folder.join("specs/manifests/legacy.yaml"), pods).unwrap();
    let shared = |name: &str, more: &str| {
        let file = folder.join(format!("specs/{name}.toml"));
        let text = std::fs::read_to_string(&file).unwrap();
        let text = text.replace("[config]", &format!("namespace = \"shop\"\n{more}[config]"));
        std::fs::write(&file, text).unwrap();
    };
    shared("a", "");
    spec(folder, "b", "3");
    shared("b", "pod = { user = 0 }\n");
    build(folder);
    spec(folder, "b", "3");
    shared("b", "");
    let mut build = Command::new(env!("CARGO_BIN_EXE_ninefold"));
    let output = build.arg("build").current_dir(folder).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && stderr.contains("pod-security"), "{stderr}");
}

/// A text in which a build found nothing is not looked through again; another one is, and so is one
/// whose finding was accepted.
#[test]
fn what_is_wrong_in_a_text_is_found_after_builds_that_found_nothing() {
    let folder = two_services();
    let folder = folder.path();
    let refused = |more: &str| {
        spec(folder, "b", "1");
        let file = folder.join("specs/b.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{text}{more}")).unwrap();
        let mut build = Command::new(env!("CARGO_BIN_EXE_ninefold"));
        let output = build.arg("build").current_dir(folder).output().unwrap();
        (!output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    build(folder);
    // Behind what was said and what was read stands how many texts are known.
    let sound = || -> usize {
        let known = std::fs::read_to_string(folder.join(".ninefold-cache/out")).unwrap();
        let (head, rest) = known.split_once('\n').unwrap();
        let said: usize = head.split_once(' ').unwrap().1.parse().unwrap();
        let mut lines = rest[said..].lines();
        let read: usize = lines.next().unwrap().parse().unwrap();
        lines.nth(read).unwrap().parse().unwrap()
    };
    assert_eq!(sound(), 2);

    let secret = "SESSION_TOKEN = \"abcdefgh1234\"\n";
    let (is_refused, said) = refused(secret);
    assert!(is_refused && said.contains("error[secret-literal]"), "{said}");
    let (is_refused, said) = refused("[capacity]\npeaks = 3\n");
    assert!(is_refused && said.contains("error[unknown-key]"), "{said}");

    let accept =
        "[[accept]]\nrule = \"secret-literal\"\nreason = \"a test\"\nuntil = \"2999-01-01\"\n";
    let (is_refused, said) = refused(&format!("{secret}{accept}"));
    assert!(!is_refused, "{said}");
    assert_eq!(sound(), 1);
    spec(folder, "a", "2");
    let said = run(folder).1;
    assert!(!said.contains("accept-unused"), "{said}");
    let (is_refused, said) = refused(secret);
    assert!(is_refused && said.contains("error[secret-literal]"), "{said}");
}

/// Whether what services share stays for the sake of former generations, a cache tells as well as none;
/// and a generation that begins where everything is made anyway makes nobody look at all of it again.
#[test]
fn what_services_share_follows_generations_with_a_cache_as_without() {
    let (with, without) = (two_services(), two_services());
    let git = |folder: &Path, arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments);
        let output = git.current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    for folder in [&with, &without] {
        git(folder.path(), &["init", "-q", "-b", "main"]);
    }
    let built = |what: &str, edit: &dyn Fn(&Path)| {
        for (folder, is_cached) in [(with.path(), true), (without.path(), false)] {
            edit(folder);
            if !is_cached {
                let _ = std::fs::remove_dir_all(folder.join(".ninefold-cache"));
            }
            build(folder);
        }
        let tree = |folder: &Path| crate::workbench::files_below(&folder.join("out"));
        assert_eq!(tree(with.path()), tree(without.path()), "{what}");
    };
    let step = |what: &str, edit: &dyn Fn(&Path)| {
        built(what, edit);
        for folder in [&with, &without] {
            git(folder.path(), &["add", "-A", "specs", "out"]);
            git(folder.path(), &["commit", "-q", "-m", what]);
        }
    };
    let shared = || {
        let known = std::fs::read_to_string(with.path().join(".ninefold-cache/out")).unwrap();
        known.lines().find(|line| line.starts_with("fleet ")).unwrap().to_owned()
    };
    let moved = |folder: &Path, value: &str, namespace: &str| {
        spec(folder, "a", value);
        let file = folder.join("specs/a.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("namespace = \"{namespace}\"\n{text}")).unwrap();
    };
    step("both", &|_| {});
    step("a generation of a", &|folder| spec(folder, "a", "2"));
    step("another one", &|folder| spec(folder, "a", "1"));
    let before = shared();
    step("a generation of b", &|folder| spec(folder, "b", "2"));
    assert_eq!(shared(), before);
    step("a goes elsewhere", &|folder| moved(folder, "1", "shop"));
    assert_ne!(shared(), before);
    step("and changes there", &|folder| moved(folder, "2", "shop"));
    step("a generation of b", &|folder| spec(folder, "b", "3"));
    step("a comes back", &|folder| spec(folder, "a", "2"));
    step("a is gone", &|folder| std::fs::remove_file(folder.join("specs/a.toml")).unwrap());
    step("b is back", &|folder| spec(folder, "b", "1"));
    step("a is back", &|folder| spec(folder, "a", "1"));

    // What was delivered of the fleet comes back once a generation stands beside it.
    let fleet = |folder: &Path, more: &str| {
        std::fs::write(folder.join("specs/fleet.toml"), format!("{FLEET}{more}")).unwrap();
    };
    step("c, and a note beside it", &|folder| {
        spec(folder, "c", "1");
        let note = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: note\n  namespace: c\n  annotations: {ninefold.dev/naming: stable}\ndata: {a: b}\n";
        std::fs::create_dir(folder.join("specs/manifests")).unwrap();
        std::fs::write(folder.join("specs/manifests/note.yaml"), note).unwrap();
        fleet(folder, "[[manifests]]\npath = \"manifests/note.yaml\"\n");
    });
    let notes = || {
        let tree = crate::workbench::files_below(&with.path().join("out/east"));
        tree.keys().filter(|path| path.contains("note")).count()
    };
    assert_eq!(notes(), 1);
    built("no note", &|folder| fleet(folder, ""));
    assert_eq!(notes(), 0);
    built("a generation of c", &|folder| spec(folder, "c", "2"));
    assert_eq!(notes(), 1);
}

/// A `diff` takes from the last build what has not changed since, and says the same without it.
#[test]
fn a_diff_says_the_same_with_and_without_a_cache() {
    let folder = two_services();
    let folder = folder.path();
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(arguments);
        let output = git.current_dir(folder).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "-q", "-b", "main"]);
    build(folder);
    git(&["add", "-A", "specs", "out"]);
    git(&["commit", "-q", "-m", "both"]);
    // With what git knows now, and younger than every file.
    build(folder);
    let cache = folder.join(".ninefold-cache/out");
    let diff = |format: &str| {
        let mut diff = Command::new(env!("CARGO_BIN_EXE_ninefold"));
        diff.args(["diff", "--from", "HEAD", "--exit-code", "--format", format]);
        let output = diff.current_dir(folder).output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code(), text(output.stdout), text(output.stderr))
    };
    let without = || {
        let aside = folder.join(".ninefold-cache/aside");
        std::fs::rename(&cache, &aside).unwrap();
        let said = ["text", "json"].map(diff);
        std::fs::rename(&aside, &cache).unwrap();
        said
    };
    let same = |what: &str, service: &str| {
        let with = ["text", "json"].map(diff);
        assert_eq!(without(), with, "{what}");
        assert!(with[1].1.contains(&format!("\"{service}\"")), "{what}: {}", with[1].1);
        assert_eq!(with[0].0, Some(1), "{what}");
    };
    assert_eq!(without(), ["text", "json"].map(diff));
    spec(folder, "a", "2");
    same("an edit", "a");
    let file = folder.join("specs/b.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("rto = \"4h\"", "rto = \"24h\"")).unwrap();
    same("a warning", "availability-budget");
    std::fs::write(&file, text).unwrap();
    let file = folder.join("out/east/b/config-map-region.yaml");
    let right = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, right.replace("A: \"1\"", "A: \"7\"")).unwrap();
    same("a file that was edited by hand", "a");
    spec(folder, "c", "1");
    same("one more service", "c");
    std::fs::remove_file(folder.join("specs/b.toml")).unwrap();
    same("one that leaves", "b");
    build(folder);
    same("a build of all that", "b");
    git(&["add", "-A", "specs", "out"]);
    git(&["commit", "-q", "-m", "all that"]);
    spec(folder, "a", "3");
    same("a commit after the last build", "a");
    // What is behind a link is not of the tree, however it looks.
    std::fs::rename(folder.join("out/east"), folder.join("east")).unwrap();
    crate::workbench::symlink(folder.join("east"), folder.join("out/east"));
    let codes = |said: [(Option<i32>, String, String); 2]| said.map(|(code, ..)| code);
    assert_eq!(codes(["text", "json"].map(diff)), [Some(2); 2]);
    assert_eq!(codes(without()), [Some(2); 2]);
}
