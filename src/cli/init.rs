//! `ninefold init`: a commented fleet and a first service that build.

use super::disk::{self, Trouble};
use super::{exit::Exit, print};
use std::path::Path;

/// What is written, below the folder.
pub(super) const FILES: &[(&str, &str)] = &[
    ("specs/fleet.toml", include_str!("init/fleet.toml")),
    ("specs/hello.toml", include_str!("init/hello.toml")),
];

/// What makes forges fold the tree in a pull request: a file that may be there already.
const ATTRIBUTES: (&str, &str) = (".gitattributes", "out/** linguist-generated\n");

pub(super) fn run(folder: &Path) -> Result<Exit, Trouble> {
    let paths = FILES.iter().map(|(path, text)| (folder.join(path), *text));
    let paths: Vec<_> = paths.collect();
    if let Some((path, _)) = paths.iter().find(|(path, _)| disk::exists(path)) {
        return Err(Trouble::new("writing", path, "it exists already, and nothing was changed"));
    }
    for (path, text) in &paths {
        disk::write_new(path, text)?;
        print::data(&format!("Wrote {}.\n", path.display()));
    }
    let attributes = folder.join(ATTRIBUTES.0);
    if disk::exists(&attributes) {
        print::data(&format!(
            "Add to {}, so that pull requests show the tree folded: {}",
            attributes.display(),
            ATTRIBUTES.1
        ));
    } else {
        disk::write_new(&attributes, ATTRIBUTES.1)?;
        print::data(&format!("Wrote {}.\n", attributes.display()));
    }
    print::data("Next: `ninefold build` compiles them into `out/`.\n");
    Ok(Exit::Done)
}
