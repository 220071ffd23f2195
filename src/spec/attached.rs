//! Files that specs refer to by their path: `source = "files/app.yaml"`, and those of `[[manifests]]`.

use super::service::{File, Held, Manifest, ManifestObject, Service};
use super::{Document, Fleet, Spec, SpecFiles, characters, environment, secret};
use crate::diag::{Code, Diagnostic, FileId, Sink, Sources, Span};
use crate::kube::kinds::Naming;
use crate::kube::read::pods::Pods;
use crate::kube::schema::KNOWN;
use crate::kube::{Kind, references};
use crate::yaml::{self, Value as Yaml};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use toml::Value;

/// The most bytes of a file that are read: manifests of an operator have a few of them in one file.
pub const LARGEST: u64 = 16 << 20;

/// The most bytes of a file in a ConfigMap (`MaxSecretSize` in Kubernetes' `pkg/apis/core`).
const LARGEST_IN_CONFIG_MAP: usize = 1 << 20;

/// What a file that a spec refers to holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// These bytes.
    Bytes(Arc<[u8]>),
    /// More than is read: so many bytes.
    TooLarge(u64),
    /// It is a link, and its end is no file in the folder of the specs.
    Astray,
    /// It is outside of the folder of the specs.
    Outside,
}

/// A file that a spec refers to.
#[derive(Clone, Debug)]
pub struct Attached {
    /// What it holds.
    pub content: Content,
    /// The same as an input text, when it is text.
    pub text: Option<FileId>,
    /// Whether manifests can hold that text as it is.
    plain: bool,
}

impl SpecFiles {
    /// The paths of the files that these specs refer to and that are still to be
    /// [attached](SpecFiles::attach), as [`path`] gives them. What is outside of the folder `root`
    /// is not among them, and a `.toml` that one refers to is no spec any more.
    pub fn referred_to(&mut self, sources: &Sources, root: &str) -> BTreeSet<String> {
        let root = normal(Path::new(root));
        let mut wanted = BTreeSet::new();
        for file in self.services.iter().chain(&self.fleet) {
            let spec = sources.get(*file);
            wanted.extend(of(&spec.path, &spec.text));
        }
        wanted.retain(|path| {
            let inside = Path::new(path).starts_with(&root) && !path.starts_with("..");
            if !inside {
                let outside = Attached { content: Content::Outside, text: None, plain: false };
                self.attached.insert(path.clone(), outside);
            }
            inside
        });
        self.services.retain(|file| {
            let source = sources.get(*file);
            let path = text_of(&normal(Path::new(&source.path)));
            let referred_to = wanted.remove(&path);
            if referred_to {
                let content = Content::Bytes(source.text.as_bytes().into());
                let (text, plain) = (Some(*file), is_plain(&source.text));
                self.attached.insert(path, Attached { content, text, plain });
            }
            !referred_to
        });
        wanted
    }

    /// Adds a file that a spec refers to. Its text is among the `sources`, so that findings can
    /// point into it.
    pub fn attach(&mut self, sources: &mut Sources, path: String, content: Content) {
        let bytes = if let Content::Bytes(bytes) = &content { Some(bytes) } else { None };
        let text = bytes.and_then(|bytes| std::str::from_utf8(bytes).ok());
        let plain = text.is_some_and(is_plain);
        let text = text.map(|text| sources.add(path.clone(), text));
        self.attached.insert(path, Attached { content, text, plain });
    }
}

/// Whether manifests can hold a text as it is. What has Windows' line ends, or a byte order mark, is
/// kept byte for byte in another form.
fn is_plain(text: &str) -> bool {
    text.chars().all(characters::is_allowed)
}

/// The path of the file that the spec at `spec` calls `source`, without `.` and `..` inside.
pub fn path(spec: &str, source: &str) -> String {
    let folder = Path::new(spec).parent().unwrap_or(Path::new(""));
    text_of(&normal(&folder.join(source)))
}

/// A path without `.` and `..` inside.
pub fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir
                if matches!(normal.components().next_back(), Some(Component::Normal(_))) =>
            {
                normal.pop();
            }
            Component::Prefix(_)
            | Component::RootDir
            | Component::ParentDir
            | Component::Normal(_) => normal.push(component),
        }
    }
    normal
}

fn text_of(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The paths that the spec at `spec` refers to, as far as its `text` is TOML.
pub fn of(spec: &str, text: &str) -> impl Iterator<Item = String> {
    // Most specs refer to nothing, and reading them twice takes time.
    let may = text.contains("source") && text.contains("files") || text.contains("manifests");
    let table: toml::Table =
        if may { text.parse().unwrap_or_default() } else { toml::Table::new() };
    let environments = table.get(environment::KEY).and_then(Value::as_table).into_iter().flatten();
    let tables = environments.filter_map(|(_, differs)| differs.as_table());
    let mut written: Vec<String> = Vec::new();
    for table in std::iter::once(&table).chain(tables) {
        for (list, key) in [("files", "source"), ("manifests", "path")] {
            let items = table.get(list).and_then(Value::as_array).into_iter().flatten();
            written.extend(items.filter_map(|item| Some(item.get(key)?.as_str()?.to_owned())));
        }
    }
    written.into_iter().map(move |source| path(spec, &source))
}

/// Gives every file of a spec that says where it is what it holds. What cannot be had is reported.
pub(super) fn fill(
    sink: &mut Sink,
    sources: &Sources,
    files: &SpecFiles,
    spec: &mut Spec<Service>,
) {
    let own = &sources.get(spec.document.file()).path;
    let mut whole = true;
    for (index, file) in spec.value.files.iter_mut().enumerate() {
        let index = index.to_string();
        let at = |key| spec.document.at(&["files", &index, key]);
        let finding = match (&file.content, &file.source) {
            (Some(_), None) => continue,
            (None, Some(source)) => {
                let attached = files.attached.get(&path(own, source));
                let plain = attached.filter(|attached| attached.plain);
                let text = plain.and_then(|attached| attached.text);
                if let Some(text) = text {
                    secret::check_attached(sink, sources, text, at("source"));
                }
                match held(attached, &path(own, source), at("source")) {
                    Ok(bytes) if bytes.len() > LARGEST_IN_CONFIG_MAP => {
                        too_large(bytes.len() as u64, at("source"))
                    }
                    Ok(bytes) => {
                        file.held = Some(match text {
                            Some(text) => Held::Text(sources.get(text).text.as_str().into()),
                            None => Held::Bytes(bytes),
                        });
                        continue;
                    }
                    Err(finding) => *finding,
                }
            }
            (Some(_), Some(_)) => {
                Diagnostic::new(Code::WRONG_VALUE, "a file has `content` or `source`, not both")
                    .at(spec.document.key(&["files", &index, "source"]), "")
                    .related(spec.document.key(&["files", &index, "content"]), "its content")
                    .help("remove one of them")
            }
            (None, None) => Diagnostic::new(Code::MISSING_KEY, "this file holds nothing")
                .at(at("path"), "no `content`, and no `source`")
                .help("add `content = \"…\"`, or `source = \"files/app.yaml\"`, a path from this spec"),
        };
        whole = false;
        sink.error(finding);
    }
    if !whole {
        spec.doubts.add("files");
    }
    let manifests = &mut spec.value.manifests;
    if !manifests_of(sink, sources, files, &spec.document, manifests) {
        spec.doubts.add("manifests");
    }
}

/// Gives every file of manifests that the fleet names its text. What cannot be had is reported.
pub(super) fn fill_fleet(
    sink: &mut Sink,
    sources: &Sources,
    files: &SpecFiles,
    spec: &mut Spec<Fleet>,
) {
    manifests_of(sink, sources, files, &spec.document, &mut spec.value.manifests);
}

/// The same of one spec; whether every file was there.
fn manifests_of(
    sink: &mut Sink,
    sources: &Sources,
    files: &SpecFiles,
    document: &Document,
    manifests: &mut [Manifest],
) -> bool {
    let own = &sources.get(document.file()).path;
    let mut whole = true;
    for (index, manifest) in manifests.iter_mut().enumerate() {
        let place = document.at(&["manifests", &index.to_string(), "path"]);
        let path = path(own, &manifest.path);
        let attached = files.attached.get(&path);
        manifest.held = attached.and_then(|attached| attached.text);
        if let Some(text) = manifest.held {
            manifest.objects = objects(&sources.get(text).text);
        }
        let finding = match held(attached, &path, place) {
            Ok(_) if manifest.held.is_some() => continue,
            Ok(_) => Diagnostic::new(Code::NOT_UTF8, format!("`{path}` is not UTF-8 text"))
                .at(place, "")
                .help("save it as UTF-8"),
            Err(finding) if finding.code == Code::FILE_TOO_LARGE => Diagnostic::new(
                finding.code,
                format!("a file of manifests has {} MiB at most", LARGEST >> 20),
            )
            .at(place, "")
            .help("make several files of it"),
            Err(finding) => *finding,
        };
        whole = false;
        sink.error(finding);
    }
    whole
}

/// The objects of a file. What cannot be read is reported by who compiles it.
fn objects(text: &str) -> Vec<ManifestObject> {
    let told = |object: &Yaml| {
        let field = |path: &[&str]| object.at(path).and_then(Yaml::as_str).map(str::to_owned);
        let (api_version, kind) = (field(&["apiVersion"])?, field(&["kind"])?);
        let row = Kind::find(&api_version, &kind);
        let naming = row.map_or(Naming::Stable, |row| references::naming(&row.kind, object));
        Some(ManifestObject {
            namespace: field(&["metadata", "namespace"]),
            name: field(&["metadata", "name"])?,
            stable: naming == Naming::Stable,
            pods: KNOWN
                .pods(&api_version, &kind)
                .and_then(|path| Some(Pods::of(&kind, object, object.at(&path)?))),
            api_version,
            kind,
        })
    };
    let documents = yaml::read::documents(text).unwrap_or_default();
    documents.iter().filter_map(told).collect()
}

/// What a file holds, or why nobody knows.
fn held(
    attached: Option<&Attached>,
    path: &str,
    place: Span,
) -> Result<Arc<[u8]>, Box<Diagnostic>> {
    let finding = match attached.map(|attached| &attached.content) {
        Some(Content::Bytes(bytes)) => return Ok(Arc::clone(bytes)),
        Some(Content::TooLarge(size)) => too_large(*size, place),
        Some(Content::Astray) => {
            Diagnostic::new(Code::LINK_ASTRAY, format!("the link `{path}` is not followed"))
                .at(place, "its end is no file in the folder of the specs")
                .note("what a build reads is what is committed, on every machine")
                .help("keep a copy of the file there")
        }
        Some(Content::Outside) => Diagnostic::new(
            Code::WRONG_VALUE,
            format!("`{path}` is outside of the folder of the specs"),
        )
        .at(place, "")
        .note("what a build reads is what is committed, on every machine")
        .help("move the file into that folder; a path is from the folder of this spec"),
        None => Diagnostic::new(Code::WRONG_VALUE, format!("there is no file `{path}`"))
            .at(place, "")
            .note("a path is from the folder of this spec; hidden files are not read")
            .help("make the file, or mend the path"),
    };
    Err(Box::new(finding))
}

/// What is said of a file that no ConfigMap holds.
fn too_large(size: u64, place: Span) -> Diagnostic {
    Diagnostic::new(Code::FILE_TOO_LARGE, format!("{size} bytes do not fit into a ConfigMap"))
        .at(place, "")
        .note("Kubernetes stores 1 MiB in one object")
        .help("put it into the image, or fetch it at the start")
}

impl File {
    /// The name: as it is written, or what the file is called in the container.
    pub(crate) fn called(&self) -> String {
        let entry = self.path.rsplit('/').next().unwrap_or_default();
        self.name.clone().unwrap_or_else(|| crate::kube::id::nearest_label(entry))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_from_the_folder_of_its_spec() {
        assert_eq!(path("specs/web.toml", "files/app.yaml"), "specs/files/app.yaml");
        assert_eq!(path("specs/team/web.toml", "../files/./app.yaml"), "specs/files/app.yaml");
        assert_eq!(path("specs/web.toml", "../secret"), "secret");
        assert_eq!(path("specs/web.toml", "../../secret"), "../secret");
        assert_eq!(path("specs/web.toml", "/etc/passwd"), "/etc/passwd");
        assert_eq!(path("./web.toml", "files/a"), "files/a");
    }

    #[test]
    fn what_is_referred_to_is_no_spec_and_never_outside() {
        let mut sources = Sources::default();
        let spec = "[[files]]\nsource = 'app.toml'\n[[files]]\nsource = 'b.bin'\n[[files]]\nsource = '../etc/x'\n";
        let web = sources.add("specs/web.toml", spec);
        let app = sources.add("specs/app.toml", "name = 'app'\n");
        let mut files = SpecFiles { services: vec![web, app], ..SpecFiles::default() };
        let wanted = files.referred_to(&sources, "specs");
        assert_eq!(wanted, BTreeSet::from(["specs/b.bin".to_owned()]));
        assert_eq!(files.services, [web]);
        assert_eq!(files.attached["specs/app.toml"].text, Some(app));
        assert_eq!(files.attached["etc/x"].content, Content::Outside);
        files.attach(&mut sources, "specs/b.bin".to_owned(), Content::Bytes([0, 255].into()));
        assert_eq!(files.attached["specs/b.bin"].text, None);
        let text = "\u{feff}kind: ConfigMap\r\n";
        files.attach(
            &mut sources,
            "specs/a.yaml".to_owned(),
            Content::Bytes(text.as_bytes().into()),
        );
        assert!(
            files.attached["specs/a.yaml"].text.is_some() && !files.attached["specs/a.yaml"].plain
        );
    }
}
