//! What a release is made of: the real scripts and steps, with stand-ins for what compiles.

use crate::workbench::{Run, Workbench, repository};
use serde_json::Value;
use std::process::Command;

const MUSL: &str = "x86_64-unknown-linux-musl";

/// A stand-in for cargo: its program is the folder that it was built in, as the flags call it.
const CARGO: &str = r#"#!/bin/sh
while [ "$1" != --target ]; do shift; done
folder=${CARGO_TARGET_DIR:-target}/$2/dist
mkdir -p "$folder"
printf %s "$CARGO_ENCODED_RUSTFLAGS" | tr '\037' '\n' | sed -n "s|^--remap-path-prefix=$PWD=||p" >"$folder/ninefold"
"#;

fn yaml(path: &str) -> Value {
    let text = std::fs::read_to_string(repository(path)).unwrap();
    Value::from(&ninefold::yaml::read::document(&text).unwrap())
}

/// A shell in the folder of a bench, with its tools before those of the machine.
fn shell(bench: &Workbench, script: &str) -> Run {
    let mut shell = Command::new("sh");
    let path = format!("{}:/usr/bin:/bin", bench.path("tools").display());
    shell.args(["-euc", script]).current_dir(bench.path("")).env("PATH", path);
    for variable in ["CARGO_TARGET_DIR", "RUSTFLAGS", "NINEFOLD_PROFILE", "NINEFOLD_VERSION"] {
        shell.env_remove(variable);
    }
    Run::of(shell)
}

/// The sources as `.ci/dist` needs them, committed in a folder.
fn sources(bench: &Workbench, folder: &str) {
    for file in [".ci/dist", "Cargo.toml", "LICENSE", "README.md"] {
        let to = bench.path(&format!("{folder}/{file}"));
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(repository(file), to).unwrap();
    }
    let commit = format!(
        "cd '{folder}'; git init -q; git add .; GIT_AUTHOR_DATE=@1700000000 GIT_COMMITTER_DATE=@1700000000 git -c user.name=t -c user.email=t@example.com commit -q -m t"
    );
    let _ = shell(bench, &commit).code(0);
}

fn bench() -> Workbench {
    let bench = Workbench::empty();
    bench.write("tools/cargo", CARGO);
    bench.write("tools/rustc", "#!/bin/sh\necho /sysroot\n");
    let _ = shell(&bench, "chmod +x tools/*").code(0);
    bench
}

fn archive(target: &str) -> String {
    format!("ninefold-v{}-{target}.tar.gz", env!("CARGO_PKG_VERSION"))
}

#[test]
fn one_commit_in_two_folders_is_one_archive() {
    let bench = bench();
    for (folder, mask) in [("here", "022"), ("else where", "077")] {
        sources(&bench, folder);
        let build = format!("umask {mask}; HOME=/home '{folder}/.ci/dist' {MUSL} made");
        let _ = shell(&bench, &build).code(0);
    }
    let bytes = |folder: &str| {
        let path = format!("{folder}/made/{}", archive(MUSL));
        std::fs::read(bench.path(&path)).unwrap()
    };
    assert_eq!(bytes("here"), bytes("else where"));
    let listed = shell(&bench, &format!("tar -tvzf here/made/{}", archive(MUSL))).code(0).stdout;
    assert_eq!(listed.lines().count(), 4, "{listed}");
    assert!(listed.contains("-rwxr-xr-x 0/0"), "{listed}");
    // No path of the builder is in it.
    let unpack = format!("tar -xOzf here/made/{} --wildcards '*/ninefold'", archive(MUSL));
    assert_eq!(shell(&bench, &unpack).code(0).stdout, "/ninefold\n");
}

/// The targets that a release is built for.
fn targets() -> Vec<String> {
    let workflow = yaml(".github/workflows/release.yml");
    let rows = workflow["jobs"]["build"]["strategy"]["matrix"]["include"].as_array().unwrap();
    rows.iter().map(|row| row["target"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn cargo_binstall_asks_for_the_archives_that_are_built() {
    let manifest = std::fs::read_to_string(repository("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let all = &manifest["package"]["metadata"]["binstall"];
    let asked = |target: &str, key: &str| {
        let own = all["overrides"].get(target).and_then(|one| one.get(key));
        let text = own.unwrap_or(&all[key]).as_str().unwrap();
        let version = env!("CARGO_PKG_VERSION");
        let names = [("{ repo }", "R"), ("{ version }", version), ("{ target }", target)];
        names.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
    };
    let url =
        |archive: &str| format!("R/releases/download/v{}/{archive}", env!("CARGO_PKG_VERSION"));
    for target in targets() {
        let built = match target.contains("windows") {
            true => archive(&target).replace(".tar.gz", ".zip"),
            false => archive(&target),
        };
        assert_eq!(asked(&target, "pkg-url"), url(&built));
        // Whoever has the C library of GNU takes the static one.
        let gnu = target.replace("musl", "gnu");
        assert_eq!(asked(&gnu, "pkg-url"), url(&built));
        assert!(
            asked(&gnu, "bin-dir")
                .starts_with(&format!("ninefold-v{}-{target}/", env!("CARGO_PKG_VERSION")))
        );
    }
}

/// The script of a step of the job that publishes.
fn published(step: impl Fn(&str) -> bool) -> String {
    let workflow = yaml(".github/workflows/release.yml");
    let steps = workflow["jobs"]["publish"]["steps"].as_array().unwrap();
    let found = steps.iter().filter_map(|one| one["run"].as_str()).find(|run| step(run));
    found.expect("a step").to_owned()
}

#[test]
fn a_release_has_checksums_and_an_image_with_the_program_alone() {
    let bench = bench();
    sources(&bench, "source");
    for target in [MUSL, "aarch64-unknown-linux-musl"] {
        let _ = shell(&bench, &format!("HOME=/home source/.ci/dist {target}")).code(0);
    }
    let summed = published(|run| run.contains("SHA256SUMS && cat"));
    let _ = shell(&bench, &format!("cd source; {summed}")).code(0);
    let _ = shell(&bench, "cd source/dist; sha256sum --check --strict --quiet SHA256SUMS").code(0);
    let sums = bench.read("source/dist/SHA256SUMS");
    assert_eq!(sums.lines().count(), 2, "{sums}");
    // A line of it is one that `.ci/install` reads.
    assert!(sums.lines().all(|line| line.contains("  ninefold-v")), "{sums}");

    let laid = published(|run| run.contains("amd64=x86_64"));
    let _ = shell(&bench, &format!("cd source; {laid}")).code(0);
    let found = shell(&bench, "cd source/image; find . -type f | sort").code(0).stdout;
    assert_eq!(found, "./amd64/ninefold\n./arm64/ninefold\n");
    let recipe = std::fs::read_to_string(repository(".ci/Dockerfile")).unwrap();
    let lines: Vec<&str> = recipe.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines[0], "FROM scratch");
    let copied: Vec<&&str> = lines.iter().filter(|line| line.starts_with("COPY")).collect();
    assert_eq!(copied, [&"COPY $TARGETARCH/ninefold /ninefold"]);
    assert!(!recipe.contains("RUN") && lines.contains(&"ENTRYPOINT [\"/ninefold\"]"));
}

#[test]
fn a_release_waits_for_all_checks_and_is_attested() {
    let workflow = yaml(".github/workflows/release.yml");
    let jobs = &workflow["jobs"];
    assert_eq!(jobs["publish"]["needs"], serde_json::json!(["check", "build", "inventory"]));
    assert_eq!(jobs["check"]["uses"], "./.github/workflows/ci.yml");
    let checks = yaml(".github/workflows/ci.yml");
    let steps = checks["jobs"]["run"]["steps"].as_array().unwrap();
    assert!(steps.iter().any(|step| step["run"] == ".ci/run"));
    let text = std::fs::read_to_string(repository(".github/workflows/ci.yml")).unwrap();
    assert!(text.contains("\n  workflow_call:\n"));
    let publish = jobs["publish"]["steps"].as_array().unwrap();
    let attested = publish.iter().find(|step| {
        step["uses"].as_str().is_some_and(|uses| uses.contains("attest-build-provenance@"))
    });
    assert_eq!(attested.unwrap()["with"]["subject-checksums"], "dist/SHA256SUMS");
    // Nobody else may sign or publish.
    assert_eq!(workflow["permissions"], serde_json::json!({ "contents": "read" }));
    for (name, job) in jobs.as_object().unwrap() {
        assert_eq!(job["permissions"].is_null(), name != "publish", "{name}");
    }
    assert_eq!(jobs["publish"]["permissions"]["id-token"], "write");
}
