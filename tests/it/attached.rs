//! Files on the disk that specs refer to.

use crate::workbench::Workbench;

/// Bytes that are no text.
const BYTES: &[u8] = &[0, 159, 146, 150, b'\r', b'\n'];

/// `hello`, with files that it refers to; what follows is TOML in its spec.
fn with_files(files: &str) -> Workbench {
    let bench = Workbench::initialised();
    std::fs::create_dir_all(bench.path("specs/files")).unwrap();
    let spec = bench.read("specs/hello.toml");
    bench.write("specs/hello.toml", &format!("{spec}\n{files}"));
    bench
}

const LOGO: &str = "[[files]]\npath = \"/etc/hello/logo.png\"\nsource = \"files/logo.png\"\n";
const APP: &str = "[[files]]\npath = \"/etc/hello/app.toml\"\nsource = \"files/app.toml\"\n";

#[test]
fn what_is_no_text_arrives_byte_for_byte() {
    let bench = with_files(LOGO);
    std::fs::write(bench.path("specs/files/logo.png"), BYTES).unwrap();
    bench.run(&["build"]).code(0);
    let map = bench.read("out/region-a/hello/config-map-file-logo-png.yaml");
    assert!(map.contains("binaryData:\n  logo.png: AJ+Slg0K\n"), "{map}");
    bench.run(&["verify"]).code(0);
}

#[test]
fn another_content_is_another_generation_and_the_cause_of_a_diff() {
    let bench = with_files(APP);
    // A `.toml` that a spec refers to is no spec itself.
    bench.write("specs/files/app.toml", "listen = 8080\n");
    bench.run(&["build"]).code(0);
    let name = |bench: &Workbench| {
        let map = bench.read("out/region-a/hello/config-map-file-app-toml.yaml");
        map.lines().find(|line| line.starts_with("  name: ")).unwrap().to_owned()
    };
    let before = name(&bench);
    bench.git(&["init", "-q", "-b", "main"]);
    bench.commit("one");
    bench.git(&["checkout", "-q", "-b", "work"]);
    bench.write("specs/files/app.toml", "listen = 9090\n");
    bench.run(&["build", "--check"]).code(1);
    let shown = bench.run(&["diff"]).code(0).stdout;
    assert!(shown.contains("specs/files/app.toml changes"), "{shown}");
    bench.run(&["build"]).code(0);
    assert_ne!(name(&bench), before);
    bench.run(&["build", "--check"]).code(0);
}

#[test]
fn a_link_is_followed_only_within_the_specs() {
    let bench = with_files(APP);
    bench.write("secret.toml", "listen = 8080\n");
    let link = bench.path("specs/files/app.toml");
    crate::workbench::symlink("../../secret.toml", &link);
    let said = bench.run(&["build"]).code(1).stderr;
    assert!(said.contains("the link `specs/files/app.toml` is not followed"), "{said}");
    assert!(!said.contains("8080"), "{said}");
    std::fs::remove_file(&link).unwrap();
    bench.write("specs/real.conf", "listen = 8080\n");
    crate::workbench::symlink("../real.conf", &link);
    bench.run(&["build"]).code(0);
}

#[test]
fn a_file_that_no_config_map_holds_is_not_read() {
    let bench = with_files(LOGO);
    let file = std::fs::File::create(bench.path("specs/files/logo.png")).unwrap();
    file.set_len(1 << 40).unwrap();
    let said = bench.run(&["build"]).code(1).stderr;
    assert!(said.contains("1099511627776 bytes do not fit into a ConfigMap"), "{said}");
}

#[test]
fn a_credential_in_a_file_is_found_and_not_shown() {
    let bench = with_files(LOGO);
    let token = ["glpat", "-abcdefghijklmnopqrst"].concat();
    bench.write("specs/files/logo.png", &format!("url: x\ntoken: {token}\n"));
    let said = bench.run(&["build"]).code(1).stderr;
    assert!(said.contains("this file holds what looks like a GitLab token"), "{said}");
    assert!(said.contains("specs/files/logo.png:2:8"), "{said}");
    assert!(!said.contains(&token), "{said}");
}
