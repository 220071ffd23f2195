//! Reading specs and templates.

use super::{Repository, Trouble, display, doing, walk};
use crate::Input;
use crate::cli::args::Inputs;
use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use crate::spec::attached::{Content, LARGEST, normal};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// What was read, and from where.
pub(in crate::cli) struct Read {
    /// The texts.
    pub(in crate::cli) input: Input,
    /// Every file and every folder that was looked at, and how it looked before it was read: when
    /// none of them changes, nor do the texts.
    pub(in crate::cli) seen: Vec<(PathBuf, String)>,
}

/// Texts that stand in place of what is on the disk, as an editor has them open; by their paths,
/// in which no link is left.
#[derive(Clone, Debug, Default)]
pub(in crate::cli) struct Open(BTreeMap<PathBuf, String>);

impl Open {
    /// Puts a text in place of a file, or of nothing.
    pub(in crate::cli) fn put(&mut self, path: PathBuf, text: String) {
        self.0.insert(path, text);
    }

    /// Reads a file.
    fn read(&self, path: &Path) -> std::io::Result<Vec<u8>> {
        if !self.0.is_empty()
            && let Some(end) = super::real(path)
            && let Some(text) = self.0.get(&end)
        {
            return Ok(text.clone().into_bytes());
        }
        std::fs::read(path)
    }

    /// The files below `folder` that are not on the disk yet.
    fn new_below(&self, folder: &Path) -> Vec<walk::File> {
        let Ok(root) = folder.canonicalize() else { return Vec::new() };
        let below = self.0.keys().filter_map(|path| Some((path, path.strip_prefix(&root).ok()?)));
        let new = below.filter(|(path, name)| {
            !path.exists() && !display(name).split('/').any(|part| part.starts_with('.'))
        });
        new.map(|(_, name)| walk::File::new(folder.join(name), display(name))).collect()
    }

    /// The text at a path, when there is one.
    fn text(&self, path: &Path) -> Option<&String> {
        self.0.get(path)
    }
}

/// Reads specs and templates. What is not UTF-8 is a finding.
pub(in crate::cli) fn read_input(sink: &mut Sink, inputs: &Inputs) -> Result<Read, Trouble> {
    read_input_with(sink, inputs, &Open::default())
}

/// The same, with some texts in place of what is on the disk.
pub(in crate::cli) fn read_input_with(
    sink: &mut Sink,
    inputs: &Inputs,
    open: &Open,
) -> Result<Read, Trouble> {
    // Whoever reads inputs compiles them next.
    rayon::spawn(crate::compile::warm);
    let mut input = Input { root: display(&inputs.specs), ..Input::default() };
    let mut seen = Vec::new();
    let mut read = |folder: &Path,
                    wanted: fn(&str) -> bool,
                    add: fn(&mut Input, &str, FileId)|
     -> Result<(), Trouble> {
        let mut files = walk::files_below(folder, &mut seen)?;
        files.extend(open.new_below(folder));
        files.retain(|file| wanted(&file.name) || file.is_folder);
        let (files, astray): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|file| file.astray.is_none());
        astray.iter().for_each(|link| sink.report(link_finding(link)));
        let bytes: Vec<_> = files.par_iter().map(|file| open.read(&file.path)).collect();
        for (walk::File { path, name, .. }, bytes) in files.iter().zip(bytes) {
            let bytes = doing("reading", path, bytes)?;
            let file = add_text(sink, &mut input.sources, path, bytes);
            add(&mut input, name, file);
        }
        Ok(())
    };
    look_for_specs(inputs)?;
    read(&inputs.specs, is_spec, Input::add_spec)?;
    if let Some(folder) = &inputs.templates {
        read(folder, is_template, Input::add_template)?;
    }
    attach(&mut input, &inputs.specs, open)?;
    Ok(Read { input, seen })
}

/// What [`read_input`] would have read from a checkout of `commit`; nothing when it has no specs
/// there. Links are not followed; `links` counts them.
pub(in crate::cli) fn read_input_at(
    repository: &Repository,
    commit: &str,
    inputs: &Inputs,
    links: &mut usize,
) -> Result<Option<Input>, Trouble> {
    let mut input = Input { root: display(&inputs.specs), ..Input::default() };
    let mut read = |folder: &Path,
                    wanted: fn(&str) -> bool,
                    add: fn(&mut Input, &str, FileId)|
     -> Result<bool, Trouble> {
        let Some(place) = repository.place(folder) else { return Ok(false) };
        let Some(files) = repository.files(commit, &place)? else { return Ok(false) };
        *links += files.links();
        let shown = |name: &&str| !name.split('/').any(|part| part.starts_with('.'));
        let names: Vec<&str> = files.paths().filter(shown).filter(|name| wanted(name)).collect();
        for (name, text) in names.iter().zip(files.bytes_of_all(&names)) {
            let text = match String::from_utf8(text.unwrap_or_default()) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            };
            let file = input.sources.add(display(&folder.join(name)), text);
            add(&mut input, name, file);
        }
        files.trouble().map_or(Ok(true), Err)
    };
    let found = read(&inputs.specs, is_spec, Input::add_spec)?;
    if let Some(folder) = &inputs.templates {
        read(folder, is_template, Input::add_template)?;
    }
    if let Some(place) = repository.place(&inputs.specs)
        && let Some(files) = repository.files(commit, &place)?
    {
        input.attach(|path| {
            let name = Path::new(path).strip_prefix(normal(&inputs.specs)).ok()?;
            let bytes = files.bytes(&display(name))?;
            Some(match bytes.len() as u64 {
                size if size > LARGEST => Content::TooLarge(size),
                _ => Content::Bytes(bytes.into()),
            })
        });
        files.trouble().map_or(Ok(()), Err)?;
    }
    Ok(found.then_some(input))
}

/// Reads the files that specs refer to. A link is followed within the folder.
fn attach(input: &mut Input, folder: &Path, open: &Open) -> Result<(), Trouble> {
    let root = doing("reading", folder, folder.canonicalize())?;
    let mut trouble = None;
    input.attach(|path| {
        let path = Path::new(path);
        let hidden =
            |part: std::path::Component<'_>| part.as_os_str().to_string_lossy().starts_with('.');
        if path.strip_prefix(normal(folder)).ok()?.components().any(hidden) {
            return None;
        }
        if !path.is_symlink() && !path.exists() {
            return None;
        }
        let Some(end) =
            path.canonicalize().ok().filter(|end| end.starts_with(&root) && end.is_file())
        else {
            return Some(Content::Astray);
        };
        let read = || {
            let size = match open.text(&end) {
                Some(text) => text.len() as u64,
                None => std::fs::metadata(&end)?.len(),
            };
            if size > LARGEST {
                return Ok(Content::TooLarge(size));
            }
            if let Some(text) = open.text(&end) {
                return Ok(Content::Bytes(text.clone().into_bytes().into()));
            }
            Ok(Content::Bytes(std::fs::read(&end)?.into()))
        };
        match doing("reading", path, read()) {
            Ok(content) => Some(content),
            Err(failed) => {
                trouble.get_or_insert(failed);
                None
            }
        }
    });
    trouble.map_or(Ok(()), Err)
}

/// Fails where there are no specs, with how to begin.
pub(in crate::cli) fn look_for_specs(inputs: &Inputs) -> Result<(), Trouble> {
    if super::exists(&inputs.specs) {
        return Ok(());
    }
    Err(Trouble::from(format!(
        "there is no folder `{}`\nhelp: `ninefold init` writes a fleet and a first service into `specs`; \
         where they are elsewhere, say so with `--specs DIR`",
        inputs.specs.display()
    )))
}

/// A spec, or the definition of a kind.
fn is_spec(name: &str) -> bool {
    (is_template(name) && name.starts_with("crds/"))
        || Path::new(name).extension().is_some_and(|extension| extension == "toml")
}

fn is_template(name: &str) -> bool {
    let extension = Path::new(name).extension();
    extension.is_some_and(|extension| extension == "yaml" || extension == "yml")
}

/// Reads files that were named, one by one; `-` is standard input. What is not UTF-8 is a finding.
pub(in crate::cli) fn read_named(
    sink: &mut Sink,
    sources: &mut Sources,
    paths: &[PathBuf],
) -> Result<Vec<FileId>, Trouble> {
    let read = |path: &PathBuf| {
        let bytes = match path.as_os_str() == "-" {
            true => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
            }
            false => std::fs::read(path),
        };
        let bytes = doing("reading", path, bytes)?;
        Ok(add_text(sink, sources, path, bytes))
    };
    paths.iter().map(read).collect()
}

/// Reads what is to be imported: files that were named, all of YAML and JSON in folders that were, and
/// standard input for `-`.
pub(in crate::cli) fn read_manifests(
    sources: &mut Sources,
    paths: &[PathBuf],
) -> Result<Manifests, Trouble> {
    let mut found = Manifests::default();
    for path in paths {
        if path.as_os_str() == "-" {
            found.add(sources, "-".to_owned(), doing("reading", path, limited(std::io::stdin()))?);
        } else if super::is_folder(path) {
            let files = walk::files_below(path, &mut Vec::new())?;
            let wanted = |file: &&walk::File| {
                !file.is_folder
                    && file.astray.is_none()
                    && (is_template(&file.name) || file.name.ends_with(".json"))
            };
            for file in files.iter().filter(wanted) {
                found.add(
                    sources,
                    display(&file.path),
                    doing("reading", &file.path, open(&file.path))?,
                );
            }
        } else {
            found.add(sources, display(path), doing("reading", path, open(path))?);
        }
    }
    Ok(found)
}

/// Manifests that were read.
#[derive(Default)]
pub(in crate::cli) struct Manifests {
    /// Their texts, in order.
    pub(in crate::cli) files: Vec<FileId>,
    /// Those of them that are no UTF-8, and the first byte that is none.
    pub(in crate::cli) not_utf8: Vec<(FileId, usize)>,
}

impl Manifests {
    fn add(&mut self, sources: &mut Sources, name: String, bytes: Vec<u8>) {
        let of_two = |order: fn([u8; 2]) -> u16| {
            let (pairs, _) = bytes.as_chunks::<2>();
            char::decode_utf16(pairs.iter().skip(1).map(|pair| order(*pair)))
                .map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect::<String>()
        };
        // PowerShell writes UTF-16.
        let text = match bytes.get(..2) {
            Some([0xff, 0xfe]) => Ok(of_two(u16::from_le_bytes)),
            Some([0xfe, 0xff]) => Ok(of_two(u16::from_be_bytes)),
            // It is not read: a letter may be cut.
            _ if bytes.len() > crate::import::LARGEST => {
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            _ => String::from_utf8(bytes),
        };
        match text {
            Ok(text) => self.files.push(sources.add(name, text)),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let file = sources.add(name, text);
                self.files.push(file);
                self.not_utf8.push((file, at));
            }
        }
    }
}

fn open(path: &Path) -> std::io::Result<Vec<u8>> {
    limited(std::fs::File::open(path)?)
}

/// As much as is read of manifests, and one byte more, which tells that there is more.
fn limited(from: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(crate::import::LARGEST as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A link that is not followed is a spec, or a template, that is missing.
fn link_finding(link: &walk::File) -> Diagnostic {
    let (what, help) = match link.astray {
        Some(walk::Astray::Outside) => (
            "leads out of the folder, and is not followed",
            "move the file into the folder, or keep a copy there",
        ),
        Some(walk::Astray::Circle) => ("leads back to where it is", "remove it"),
        Some(walk::Astray::Nowhere) | None => {
            ("leads nowhere", "remove it, or bring back what it leads to")
        }
    };
    Diagnostic::new(Code::LINK_ASTRAY, format!("the link `{}` {what}", display(&link.path)))
        .note("what a build reads is what is committed, on every machine")
        .help(help)
}

/// The finding about a file that is no text.
pub(in crate::cli) fn not_utf8(file: FileId, at: usize) -> Diagnostic {
    Diagnostic::new(Code::NOT_UTF8, "this file is not UTF-8 text")
        .at(Span::new(file, at..at), "the first byte that is none")
        .help("save it as UTF-8")
}

fn add_text(sink: &mut Sink, sources: &mut Sources, path: &Path, bytes: Vec<u8>) -> FileId {
    match String::from_utf8(bytes) {
        Ok(text) => sources.add(display(path), text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            let file = sources.add(display(path), text);
            sink.error(not_utf8(file, at));
            file
        }
    }
}
