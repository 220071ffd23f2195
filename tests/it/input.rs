//! The files of a repository as what `ninefold` reads of them.

use ninefold::Input;
use ninefold::spec::attached::Content;
use std::collections::BTreeMap;

/// `specs/…` and `templates/…` by their paths, as they are on a disk: among specs, TOML and
/// definitions are read, and what specs refer to.
pub(crate) fn input<P: AsRef<str>, T: AsRef<str>>(
    files: impl IntoIterator<Item = (P, T)>,
) -> Input {
    let mut input = Input { root: "specs".to_owned(), ..Input::default() };
    let mut others: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for (path, text) in files {
        let (path, text) = (path.as_ref(), text.as_ref());
        if let Some(name) = path.strip_prefix("templates/") {
            let file = input.sources.add(path, text);
            input.add_template(name, file);
            continue;
        }
        let name = path.strip_prefix("specs/").expect("a spec or a template");
        if name.ends_with(".toml") || name.starts_with("crds/") {
            let file = input.sources.add(path, text);
            input.add_spec(name, file);
        }
        others.insert(path.to_owned(), text.as_bytes().to_vec());
    }
    input.attach(|path| Some(Content::Bytes(others.get(path)?.as_slice().into())));
    input
}

/// Files with a folder before their paths.
pub(crate) fn below<'a, P: AsRef<str> + 'a, T: AsRef<str> + 'a>(
    folder: &str,
    files: impl IntoIterator<Item = (P, &'a T)>,
) -> Vec<(String, &'a str)> {
    let files = files.into_iter();
    files.map(|(path, text)| (format!("{folder}/{}", path.as_ref()), text.as_ref())).collect()
}
