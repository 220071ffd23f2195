//! The cache makes builds cheap and never wrong: with it, without it and with a broken one, the
//! tree is the same.

use crate::history::FLEET;
use std::path::Path;
use std::process::Command;

fn build(folder: &Path) -> String {
    let mut build = Command::new(env!("CARGO_BIN_EXE_ninefold"));
    let output = build.arg("build").current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn spec(folder: &Path, name: &str, value: &str) {
    let digest = "a".repeat(64);
    let text = format!(
        "name = \"{name}\"\nimage = \"r.example.com/a@sha256:{digest}\"\ntier = \"silver\"\nregions = [\"east\"]\nrpo = \"4h\"\nrto = \"4h\"\n[config]\nA = \"{value}\"\n",
    );
    std::fs::write(folder.join(format!("specs/{name}.toml")), text).unwrap();
}

#[test]
fn with_and_without_a_cache_the_tree_is_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::create_dir(folder.join("specs")).unwrap();
    std::fs::write(folder.join("specs/fleet.toml"), FLEET).unwrap();
    spec(folder, "a", "1");
    spec(folder, "b", "1");
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

    for broken in ["", "nonsense\n", "a b\n99999\n"] {
        std::fs::write(folder.join(".ninefold-cache/out"), broken).unwrap();
        assert!(wrote("Wrote 0 files"), "{broken:?}");
    }
    std::fs::remove_dir_all(folder.join(".ninefold-cache")).unwrap();
    assert!(wrote("Wrote 0 files"));
}
