//! `ninefold import`: manifests in, specs out, and an account of every field.

use super::args::Import;
use super::disk::{self, Manifests, Trouble};
use super::exit::Exit;
use super::print::{self, Shown};
use crate::diag::{FileId, Severity, Sink, Sources};
use crate::import::{self, Imported, Options, Request};
use crate::kube::id;
use std::collections::BTreeMap;

/// What a fleet is called.
const FLEET: &str = "fleet.toml";

pub(super) fn run(arguments: &Import) -> Result<Exit, Trouble> {
    let mut sources = Sources::default();
    let mut sink = Sink::default();
    let Manifests { mut files, not_utf8 } = disk::read_manifests(&mut sources, &arguments.inputs)?;
    files.retain(|file| !disk::is_beside(&arguments.inputs, &sources.get(*file).path));
    for (file, at) in
        not_utf8.into_iter().filter(|(file, _)| files.contains(file)).collect::<Vec<_>>()
    {
        files.retain(|one| *one != file);
        sink.error(disk::not_utf8(file, at).note("it is left out; all others are read"));
    }
    let beside = disk::bytes_below(&arguments.into)?;
    let own = beside.get(FLEET).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let fleet = match &arguments.fleet {
        Some(path) => Some(disk::read_file(path)?),
        None => own,
    };
    let request = Request {
        options: options(arguments, &sources, &files)?,
        sources: &sources,
        files,
        fleet,
        beside,
        ledgers: disk::ledgers_of(&arguments.inputs)?,
    };
    let imported = import::run(&mut sink, request);
    let errors = sink.errors() > 0;
    let Some(imported) = imported else {
        print::error(&print::text_of(&sink.sorted(&sources), &sources, Shown::of(arguments.all)));
        return Ok(Exit::Findings);
    };
    if let Some((findings, texts)) = &imported.refused {
        print::error(&print::text_of(findings, texts, Shown::of(arguments.all)));
    }
    let findings = sink.sorted(&sources);
    print::error(&print::text_of(&findings, &sources, Shown::of(arguments.all)));
    let stops = |code: &str| {
        findings.iter().any(|one| one.severity == Severity::Error && one.code.name() == code)
    };
    if imported.refused.is_some() || stops("import-exists") {
        return Ok(Exit::Findings);
    }
    write(arguments, &imported)?;
    Ok(if errors { Exit::Findings } else { Exit::Done })
}

fn options(arguments: &Import, sources: &Sources, files: &[FileId]) -> Result<Options, Trouble> {
    let digests = match &arguments.digests {
        Some(path) => digests(path)?,
        None => BTreeMap::new(),
    };
    let first = arguments.inputs.first().and_then(|input| input.file_stem());
    let stem = first.unwrap_or_default().to_string_lossy().into_owned();
    let guessed = if stem.is_empty() || stem == "-" {
        "imported".to_owned()
    } else {
        id::nearest_label(&stem)
    };
    let newest = files.iter().filter_map(|file| newest(&sources.get(*file).text)).max();
    let today = arguments.today.map(|day| day.to_string());
    let namespace = arguments.namespace.clone().unwrap_or(guessed);
    let options = Options::new(&disk::shown(&arguments.into), &namespace).with_digests(digests);
    let options = match &arguments.tier {
        Some(tier) => options.with_tier(tier),
        None => options,
    };
    let inventory = today.or(newest).unwrap_or_else(|| options.inventory.clone());
    let cutover = arguments.cutover.is_some();
    Ok(Options { regions: arguments.regions.clone(), inventory, cutover, ..options })
}

/// The newest day on which a cluster made an object.
fn newest(text: &str) -> Option<String> {
    let days = text.split("creationTimestamp: ").skip(1).filter_map(|rest| {
        let day: String = rest.trim_start_matches('"').chars().take(10).collect();
        day.parse::<crate::quantity::Date>().ok().map(|_| day)
    });
    days.max()
}

/// Lines `image=digest`.
fn digests(path: &std::path::Path) -> Result<BTreeMap<String, String>, Trouble> {
    let mut found = BTreeMap::new();
    for (number, line) in disk::read_file(path)?.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let digest =
            line.rsplit_once('=').filter(|(_, digest)| digest.trim().starts_with("sha256:"));
        let Some((image, digest)) = digest else {
            let why = format!("line {} is not `image=sha256:…`", number + 1);
            return Err(Trouble::new("reading", path, why));
        };
        found.insert(image.trim().to_owned(), digest.trim().to_owned());
    }
    Ok(found)
}

fn write(arguments: &Import, imported: &Imported) -> Result<(), Trouble> {
    for (path, bytes) in &imported.files {
        disk::write_new_bytes(&arguments.into.join(path), bytes)?;
    }
    if let Some(path) = &arguments.account {
        disk::write_over(path, &imported.account.to_json())?;
    }
    if let Some(folder) = &arguments.cutover {
        for (name, page) in &imported.cutover {
            disk::write_new_bytes(&folder.join(name), page.as_bytes())?;
        }
    }
    print::data(&imported.account.to_table());
    let into = arguments.into.display();
    let services = match imported.services {
        1 => "1 service".to_owned(),
        services => format!("{services} services"),
    };
    print::data(&format!("\nWrote {} files to {into}: {services}.\n", imported.files.len()));
    if let Some(folder) = &arguments.cutover {
        let pages = match imported.cutover.len() {
            1 => "1 page".to_owned(),
            pages => format!("{pages} pages"),
        };
        print::data(&format!("Wrote {pages} to {}: how to move what runs.\n", folder.display()));
    }
    if !imported.to_add.is_empty() {
        print::data(&format!("Add to the fleet:\n\n{}\n", imported.to_add));
    }
    let warnings = match imported.warnings {
        0 => String::new(),
        warnings => format!(", which has {warnings} warnings about them"),
    };
    print::data(&format!("Next: read the specs, and run `ninefold check`{warnings}.\n"));
    Ok(())
}
