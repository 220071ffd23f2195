//! Every folder in `cases/` shows one thing: its `specs/`, with `templates/` beside them where it
//! has some, compile to exactly its `out/`.

use crate::workbench::{assert_tree, compile, files_below, names_in, repository};

#[test]
fn every_case_compiles_to_its_tree() {
    let cases = repository("tests/cases");
    for name in names_in(&cases) {
        let case = cases.join(&name);
        let templates = files_below(&case.join("templates"));
        let compiled = compile(&files_below(&case.join("specs")), &templates);
        assert!(compiled.findings.is_empty(), "{name}:\n{}", compiled.report());
        assert_tree(&case.join("out"), &compiled.tree);
    }
}
