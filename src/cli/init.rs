//! `ninefold init`: a commented fleet and a first service that build.

use super::disk::{self, Trouble};
use super::{exit::Exit, print};
use std::path::Path;

/// What is written, below the folder.
pub(super) const FILES: &[(&str, &str)] = &[
    ("specs/fleet.toml", include_str!("init/fleet.toml")),
    ("specs/hello.toml", include_str!("init/hello.toml")),
];

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
    print::data("Next: `ninefold build` compiles them into `out/`.\n");
    Ok(Exit::Done)
}
