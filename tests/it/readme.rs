//! The screens in the README are what is printed.

use crate::workbench::{Workbench, files_below, repository, updating, write};

/// Holds the block after `<!-- screen: NAME -->` against `text`.
fn assert_screen(name: &str, text: &str) {
    let path = repository("README.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let mark = format!("<!-- screen: {name} -->\n");
    let (before, rest) = readme.split_once(&mark).expect("the screen has its mark");
    let (fence, rest) = rest.split_once('\n').unwrap();
    let end = format!("\n{}\n", fence.trim_end_matches(char::is_alphabetic));
    let (block, after) = rest.split_once(&end).expect("the block ends");
    if updating() {
        let text = format!("{before}{mark}{fence}\n{}{end}{after}", text.trim_end());
        std::fs::write(&path, text).unwrap();
    } else {
        assert_eq!(block, text.trim_end(), "screen `{name}`; run UPDATE_EXPECT=1 cargo test");
    }
}

#[test]
fn the_screens_are_what_is_printed() {
    let bench = Workbench::empty();
    write(&bench.path("specs"), &files_below(&repository("specs")));
    write(&bench.path("out"), &files_below(&repository("out")));
    bench.git(&["init", "-q", "-b", "main"]);
    bench.commit("the example fleet");
    bench.git(&["checkout", "-q", "-b", "work"]);
    // Whose id depends on the day.
    let commit = bench.git(&["rev-parse", "--short=7", "main"]);
    let screen = |arguments: &[&str]| {
        let run = bench.run(&[&["diff"], arguments].concat()).code(0);
        run.stdout.replace(&commit, "4f2c1a9")
    };
    let spec = bench.read("specs/checkout.toml");
    bench.edit("specs/checkout.toml", ", \"centralus\"", "");
    assert_screen("terminal", &screen(&[]));
    bench.write("specs/checkout.toml", &spec);
    bench.edit("specs/orders.toml", "rpo      = \"1h\"", "rpo      = \"2h\"");
    assert_screen("comment", &screen(&["--format", "markdown"]));
}
