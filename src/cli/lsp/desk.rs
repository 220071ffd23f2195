//! The texts that are open in an editor, the fleets that they are part of, and what is known of both.

use super::convert::{diagnostic, offset, place, range};
use super::{FRAMING, log, uri};
use crate::Fleet;
use crate::cli::args::{Inputs, Lsp};
use crate::cli::disk::{self, Open};
use crate::cli::recheck::{Found, Recheck};
use crate::cli::rpc;
use crate::diag::{Source, Span};
use crate::editor::{Insert, Kind, Names, cursor, hover, offers};
use lsp_types::{Diagnostic, Position, Range, TextDocumentContentChangeEvent, Uri};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Everything that is open.
pub(super) struct Desk {
    inputs: Inputs,
    /// Whether the editor tells of files that others change, when it is asked to.
    watches: bool,
    /// By path, without links.
    texts: BTreeMap<PathBuf, Text>,
    /// By the folder of the specs.
    fleets: BTreeMap<PathBuf, Kept>,
    /// The diagnostics that the editor has of each file.
    published: BTreeMap<String, Value>,
    stale: bool,
}

/// A text as the editor has it.
struct Text {
    uri: Uri,
    version: i32,
    text: String,
}

/// A fleet of which a text is open.
#[derive(Default)]
struct Kept {
    recheck: Recheck,
    /// The last one that could be explained.
    fleet: Option<Arc<Fleet>>,
    names: Names,
    /// What could be written instead, by the file and the place.
    instead: Vec<(String, Range, String)>,
}

impl Desk {
    pub(super) fn new(arguments: &Lsp) -> Desk {
        Desk {
            inputs: arguments.inputs.clone(),
            watches: false,
            texts: BTreeMap::new(),
            fleets: BTreeMap::new(),
            published: BTreeMap::new(),
            stale: false,
        }
    }

    /// Goes to the folder that the editor has open, and takes in what the editor can do. Of all that an
    /// editor says of itself, only this is read: no word that is new in it ends a session.
    pub(super) fn begin(&mut self, params: &Value) {
        let folders = params["workspaceFolders"].as_array().into_iter().flatten();
        let named = folders.map(|folder| &folder["uri"]).chain([&params["rootUri"]]);
        let named = named.filter_map(|uri| uri.as_str()?.parse().ok());
        let root = named.filter_map(|uri| uri::path(&uri)).next();
        let root = root.or_else(|| Some(PathBuf::from(params["rootPath"].as_str()?)));
        if let Some(root) = root
            && let Err(error) = std::env::set_current_dir(&root)
        {
            log(&format!("`{}` is not a folder: {error}", root.display()));
        }
        let watching = "/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration";
        self.watches = params.pointer(watching) == Some(&Value::Bool(true));
    }

    /// Asks for notifications of files that others change.
    pub(super) fn watch(&self) {
        if !self.watches {
            return;
        }
        let patterns = ["**/*.toml", "**/*.yaml", "**/*.yml"];
        let watchers: Vec<Value> =
            patterns.iter().map(|pattern| json!({ "globPattern": pattern })).collect();
        let registration = json!({
            "id": "files", "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        let params = json!({ "registrations": [registration] });
        rpc::ask(FRAMING, "watch", "client/registerCapability", &params);
    }

    /// Whether something changed that was not looked at.
    pub(super) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Says that something changed.
    pub(super) fn stale(&mut self) {
        self.stale = true;
    }

    pub(super) fn open(&mut self, uri: &Uri, version: i32, text: String) {
        let Some(path) = uri::path(uri).and_then(|path| disk::real(&path)) else { return };
        if let Some(folder) = self.folder_of(&path) {
            self.fleets.entry(folder).or_default();
        }
        self.texts.insert(path, Text { uri: uri.clone(), version, text });
        self.stale = true;
    }

    pub(super) fn change(
        &mut self,
        uri: &Uri,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
    ) {
        let Some(open) = self.texts.values_mut().find(|open| open.uri == *uri) else { return };
        for change in changes {
            match change.range {
                Some(range) => {
                    let start = offset(&open.text, range.start);
                    let end = offset(&open.text, range.end).max(start);
                    open.text.replace_range(start..end, &change.text);
                }
                None => open.text = change.text,
            }
        }
        open.version = version;
        self.stale = true;
    }

    pub(super) fn close(&mut self, uri: &Uri) {
        self.texts.retain(|_, open| open.uri != *uri);
        self.stale = true;
    }

    /// The folder of the specs that a file is in: the nearest above it with a `fleet.toml`.
    fn folder_of(&self, path: &Path) -> Option<PathBuf> {
        let has_fleet = |folder: &&Path| {
            let fleet = folder.join("fleet.toml");
            disk::exists(&fleet) || self.texts.contains_key(&fleet)
        };
        let specs = path.ancestors().skip(1).find(has_fleet);
        // Templates stand elsewhere.
        let of_templates = || {
            let folder = disk::real(self.inputs.templates.as_ref()?)?;
            path.starts_with(folder).then(|| disk::real(&self.inputs.specs))?
        };
        specs.map(Path::to_owned).or_else(of_templates)
    }

    /// Looks at every fleet of which something is open, and tells what is found.
    pub(super) fn look(&mut self) {
        self.stale = false;
        let mut open = Open::default();
        for (path, text) in &self.texts {
            open.put(path.clone(), text.text.clone());
        }
        let used: Vec<PathBuf> =
            self.texts.keys().filter_map(|path| self.folder_of(path)).collect();
        self.fleets.retain(|folder, _| used.contains(folder));
        let mut telling: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
        let folders: Vec<PathBuf> = self.fleets.keys().cloned().collect();
        for folder in folders {
            let inputs = self.inputs_of(&folder);
            let mut kept = self.fleets.remove(&folder).unwrap_or_default();
            match kept.recheck.look(&inputs, &open, true) {
                Ok(found) => self.take(&folder, &mut kept, found, &mut telling),
                Err(trouble) => log(&trouble.to_string()),
            }
            self.fleets.insert(folder, kept);
        }
        self.tell(telling);
    }

    /// What a fleet is read from, as messages are to name it: from where the editor is.
    fn inputs_of(&self, folder: &Path) -> Inputs {
        let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
        let below = here.and_then(|here| folder.strip_prefix(here).ok().map(Path::to_owned));
        let specs = below.filter(|below| !below.as_os_str().is_empty());
        let is_ours = disk::real(&self.inputs.specs).as_deref() == Some(folder);
        let templates = self.inputs.templates.clone().filter(|_| is_ours);
        Inputs { specs: specs.unwrap_or_else(|| folder.to_owned()), templates }
    }

    fn take(
        &self,
        folder: &Path,
        kept: &mut Kept,
        found: Found,
        telling: &mut BTreeMap<String, Vec<Diagnostic>>,
    ) {
        let sources = &found.sources;
        let fleet_file = folder.join("fleet.toml");
        let name_of = |span: Span| {
            let path = disk::real(Path::new(&sources.get(span.file).path))?;
            let open = self.texts.get(&path).map(|open| open.uri.clone());
            // A built-in template is no file.
            open.or_else(|| disk::exists(&path).then(|| uri::of(&path))?)
        };
        kept.instead.clear();
        for finding in &found.findings {
            let label = finding.primary.as_ref();
            let there = label.and_then(|label| Some((name_of(label.span)?, label.span)));
            let (uri, at) = match there {
                Some((uri, span)) => (uri, place(sources, span)),
                // What is in no file of theirs is shown at the top of the fleet.
                None => {
                    let open = self.texts.get(&fleet_file).map(|open| open.uri.clone());
                    let Some(uri) = open.or_else(|| uri::of(&fleet_file)) else { continue };
                    (uri, Range::default())
                }
            };
            let meant = finding.help.as_ref().and_then(|help| {
                help.strip_prefix("did you mean `")?.strip_suffix("`?").map(str::to_owned)
            });
            if let (Some(meant), Some(label)) = (meant, label) {
                let text = &sources.get(label.span.file).text;
                let wrong = text.get(label.span.start as usize..label.span.end as usize);
                let wrong = wrong.unwrap_or_default();
                let quote = wrong.chars().next().filter(|first| ['"', '\''].contains(first));
                let quote = quote.map(String::from).unwrap_or_default();
                kept.instead.push((uri.to_string(), at, format!("{quote}{meant}{quote}")));
            }
            let published = diagnostic(finding, at, sources, name_of);
            telling.entry(uri.to_string()).or_default().push(published);
        }
        let texts = || sources.all().iter().filter(|source| source.path.ends_with(".toml"));
        let is_fleet = |source: &&Source| source.path.ends_with("/fleet.toml");
        let fleet = texts().find(is_fleet).map(|source| source.text.as_str());
        let services = texts().filter(|source| !is_fleet(source));
        kept.names = Names::of(fleet, services.map(|source| source.text.as_str()));
        if found.fleet.is_some() {
            kept.fleet = found.fleet;
        }
    }

    /// Tells the editor of every file whose diagnostics differ from before.
    fn tell(&mut self, telling: BTreeMap<String, Vec<Diagnostic>>) {
        let mut now: BTreeMap<String, Value> = BTreeMap::new();
        for (uri, diagnostics) in telling {
            now.insert(uri, json!(diagnostics));
        }
        let gone = self.published.keys().filter(|uri| !now.contains_key(*uri));
        let cleared: BTreeMap<String, Value> = gone.map(|uri| (uri.clone(), json!([]))).collect();
        for (uri, diagnostics) in cleared.iter().chain(&now) {
            if self.published.get(uri) == Some(diagnostics) {
                continue;
            }
            let mut params = json!({ "uri": uri, "diagnostics": diagnostics });
            if let Some(open) = self.texts.values().find(|open| open.uri.as_str() == uri) {
                params["version"] = open.version.into();
            }
            rpc::notify(FRAMING, "textDocument/publishDiagnostics", &params);
        }
        self.published = now;
    }

    /// The text of a spec that is open, with its fleet, when there is one.
    fn spec(&self, uri: &Uri) -> Option<(&Text, Kind, PathBuf, Option<&Kept>)> {
        let (path, open) = self.texts.iter().find(|(_, open)| open.uri == *uri)?;
        if path.extension()? != "toml" {
            return None;
        }
        let folder = self.folder_of(path);
        let kind = match path.file_name()? == "fleet.toml" {
            true => Kind::Fleet,
            false => Kind::Service,
        };
        let kept = folder.as_ref().and_then(|folder| self.fleets.get(folder));
        Some((open, kind, path.clone(), kept))
    }

    pub(super) fn hover(&self, uri: &Uri, position: Position) -> Value {
        let published = || {
            let (open, kind, path, kept) = self.spec(uri)?;
            let cursor = cursor(&open.text, offset(&open.text, position))?;
            let fleet = kept.and_then(|kept| kept.fleet.as_deref());
            // Under its name in the fleet.
            let named = fleet.and_then(|fleet| {
                let mut sources = fleet.sources().all().iter();
                let is_this = |name: &str| disk::real(Path::new(name)).as_ref() == Some(&path);
                let found = sources.find(|source| is_this(&source.path))?;
                Some((fleet, found.path.as_str()))
            });
            let hover = hover(kind, &open.text, &cursor, named)?;
            let value = json!({ "kind": "markdown", "value": hover.text });
            Some(json!({ "contents": value, "range": range(&open.text, hover.range) }))
        };
        published().unwrap_or(Value::Null)
    }

    pub(super) fn complete(&self, uri: &Uri, position: Position) -> Value {
        let items = || {
            let (open, kind, _, kept) = self.spec(uri)?;
            let cursor = cursor(&open.text, offset(&open.text, position))?;
            let names = kept.map(|kept| kept.names.clone()).unwrap_or_default();
            let offers = offers(kind, &open.text, &cursor, &names.within(&open.text));
            let items = offers.into_iter().enumerate().map(|(number, offer)| {
                let mut item = json!({
                    "label": offer.label,
                    "detail": offer.detail,
                    "kind": match offer.insert {
                        Insert::Needed | Insert::Key => 10,
                        Insert::Value => 12,
                        Insert::Example => 1,
                    },
                    "sortText": format!("{number:03}"),
                    "filterText": offer.label,
                    "textEdit": { "range": range(&open.text, offer.range), "newText": offer.text },
                });
                if !offer.meaning.is_empty() {
                    item["documentation"] = json!({ "kind": "markdown", "value": offer.meaning });
                }
                item
            });
            Some(items.collect::<Vec<Value>>())
        };
        json!({ "isIncomplete": false, "items": items().unwrap_or_default() })
    }

    /// What could be written instead of what is wrong in a range.
    pub(super) fn mend(&self, uri: &Uri, range: Range) -> Value {
        let here = |(other, at, _): &&(String, Range, String)| {
            other == uri.as_str() && at.start <= range.end && range.start <= at.end
        };
        let instead = self.fleets.values().flat_map(|kept| &kept.instead).filter(here);
        let actions = instead.map(|(uri, at, meant)| {
            let edits = json!([{ "range": at, "newText": meant }]);
            json!({
                "title": format!("Write {meant}"),
                "kind": "quickfix",
                "edit": { "changes": { uri: edits } },
            })
        });
        Value::Array(actions.collect())
    }
}
