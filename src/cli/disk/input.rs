//! Reading specs and templates.

use super::{Trouble, cache, display, doing};
use crate::Input;
use crate::cli::args::Inputs;
use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use std::path::{Path, PathBuf};

/// What was read, and from where.
pub(in crate::cli) struct Read {
    /// The texts.
    pub(in crate::cli) input: Input,
    /// Every file and every folder that was looked at, and how it looked before it was read: when
    /// none of them changes, nor do the texts.
    pub(in crate::cli) seen: Vec<(PathBuf, String)>,
}

/// Reads specs and templates. What is not UTF-8 is a finding.
pub(in crate::cli) fn read_input(sink: &mut Sink, inputs: &Inputs) -> Result<Read, Trouble> {
    let mut input = Input { root: display(&inputs.specs), ..Input::default() };
    let mut seen = Vec::new();
    for (path, name) in files_below(&inputs.specs, &mut seen)? {
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        let file = read_text(sink, &mut input.sources, &path)?;
        if name == "fleet.toml" {
            input.specs.fleet = Some(file);
        } else {
            input.specs.services.push(file);
        }
    }
    if let Some(folder) = &inputs.templates {
        for (path, name) in files_below(folder, &mut seen)? {
            if path.extension().is_none_or(|extension| extension != "yaml" && extension != "yml") {
                continue;
            }
            let file = read_text(sink, &mut input.sources, &path)?;
            if name.starts_with("crds/") {
                input.templates.crds.push(file);
            } else {
                input.templates.templates.insert(name, file);
            }
        }
    }
    Ok(Read { input, seen })
}

/// Every file below `folder`, in the order of names: its path, and its name below the folder.
/// `seen` gets every path that was met.
fn files_below(
    folder: &Path,
    seen: &mut Vec<(PathBuf, String)>,
) -> Result<Vec<(PathBuf, String)>, Trouble> {
    let mut files = Vec::new();
    // Editors keep locks and copies in hidden files, some of them links to nothing.
    let shown = |entry: &walkdir::DirEntry| {
        entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.')
    };
    let walk = walkdir::WalkDir::new(folder).follow_links(true).sort_by_file_name();
    for entry in walk.into_iter().filter_entry(shown) {
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_owned();
            let why =
                error.io_error().map_or("it leads back to itself".to_owned(), ToString::to_string);
            Trouble::new("reading", &path, why)
        })?;
        let looks = entry.metadata().map_or(String::new(), |now| cache::looks_settled(&now));
        seen.push((entry.path().to_owned(), looks));
        if entry.file_type().is_file() {
            let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            files.push((entry.path().to_owned(), display(below)));
        }
    }
    Ok(files)
}

fn read_text(sink: &mut Sink, sources: &mut Sources, path: &Path) -> Result<FileId, Trouble> {
    let bytes = doing("reading", path, std::fs::read(path))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(sources.add(display(path), text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let file = sources.add(display(path), text);
            sink.error(
                Diagnostic::new(Code::NOT_UTF8, "this file is not UTF-8 text")
                    .at(Span::new(file, at..at), "the first byte that is none")
                    .help("save it as UTF-8"),
            );
            Ok(file)
        }
    }
}
