//! The fields of custom kinds that the fleet declares to hold names.

use crate::diag::{self, Code, Diagnostic, Sink};
use crate::kube::Kind;
use crate::kube::kinds::KINDS;
use crate::kube::references::Declared;
use crate::kube::schema::merge;
use crate::spec::Document;
use std::collections::BTreeMap;

/// Reads what is declared. What is no kind, or no path, is reported.
pub(super) fn read(
    sink: &mut Sink,
    document: &Document,
    written: BTreeMap<String, BTreeMap<String, String>>,
) -> Declared {
    let mut declared = Declared::new();
    for (kind, fields) in written {
        let (group, name) = kind.split_once('/').unwrap_or(("", &kind));
        if !group.contains('.')
            || name.contains('/')
            || !name.starts_with(|c: char| c.is_ascii_uppercase())
        {
            let message = format!("`{kind}` is not a group and kind");
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, message)
                    .at(document.key(&["references", &kind]), "")
                    .help("write both, without the version: `\"keda.sh/ScaledObject\"`"),
            );
            continue;
        }
        let mut known = Vec::new();
        for (path, referent) in fields {
            let place = document.at(&["references", &kind, &path]);
            if let Err(problem) = merge::steps(&path.replace("[]", "")) {
                let finding = Diagnostic::new(Code::WRONG_VALUE, format!("`{path}` is not a path"));
                let place = document.key(&["references", &kind, &path]);
                sink.error(finding.at(place, problem).help("`spec.items[].configRef.name`"));
                continue;
            }
            match Kind::named(&referent) {
                Some(row) => known.push((path, row.kind.clone())),
                None => {
                    let kinds = KINDS.iter().map(|row| row.name);
                    let message = format!("no object here is a `{referent}`");
                    sink.error(
                        Diagnostic::new(Code::WRONG_VALUE, message)
                            .at(place, "")
                            .help(diag::did_you_mean(&referent, kinds)),
                    );
                }
            }
        }
        declared.insert(kind, known);
    }
    declared
}
