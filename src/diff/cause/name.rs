//! Causes in words; the same edit of many services is one cause.

use super::does::Does;
use super::edits::Edit;
use super::{CauseKind, OfUnits, Warning, Why};
use crate::diff::objects::Changed;
use crate::diff::report::{Cause, Class, Effect, Promotion};
use std::collections::{BTreeMap, BTreeSet};

/// The most characters of a value in a title.
const LONGEST: usize = 48;

/// The causes in order, named in the objects too. An edit that changes no object is one all the
/// same: what a service promises may change without any.
pub(super) fn causes(
    changed: &mut [Changed<'_>],
    whys: &[BTreeSet<Why>],
    edits: &[Edit],
    (mut warnings, mut of_units): (Vec<Warning>, OfUnits),
) -> Causes {
    let mut of_edits = Vec::with_capacity(edits.len());
    let mut causes: BTreeMap<(CauseKind, String), Cause> = BTreeMap::new();
    for at in 0..edits.len() {
        let cause = cause(Why::Edit(at), edits, changed);
        let key = (cause.kind, cause.title.clone());
        of_edits.push(key.clone());
        let known =
            causes.entry(key).or_insert_with(|| Cause { places: Vec::new(), ..cause.clone() });
        known.places.extend(cause.places);
    }
    let mut of_objects: Vec<Vec<(CauseKind, String)>> = Vec::with_capacity(changed.len());
    for (at, found) in whys.iter().enumerate() {
        let object = &changed[at].object;
        let unknown = BTreeSet::from([Why::Alike(at)]);
        let mut keys = Vec::new();
        for why in if found.is_empty() { &unknown } else { found } {
            let cause = cause(*why, edits, changed);
            let key = (cause.kind, cause.title.clone());
            let known = causes.entry(key.clone()).or_insert(cause);
            match object.class {
                Class::Follows => known.followers.push(at),
                Class::Edited | Class::Cosmetic => known.objects.push(at),
            }
            keys.push(key);
        }
        of_objects.push(keys);
    }
    let numbers: BTreeMap<&(CauseKind, String), usize> =
        causes.keys().enumerate().map(|(number, key)| (key, number)).collect();
    for (changed, keys) in changed.iter_mut().zip(&of_objects) {
        let found: BTreeSet<usize> = keys.iter().map(|key| numbers[key]).collect();
        changed.object.causes = found.into_iter().collect();
    }
    for warning in &mut warnings {
        let found: BTreeSet<usize> =
            warning.causes.iter().map(|edit| numbers[&of_edits[*edit]]).collect();
        warning.causes = found.into_iter().collect();
    }
    let number = |edit: &usize| numbers[&of_edits[*edit]];
    for behind in of_units.apart.values_mut() {
        for found in behind.edits.values_mut() {
            *found = found.iter().map(number).collect();
        }
    }
    for found in of_units.candidates.values_mut() {
        *found = found.iter().map(number).collect();
    }
    let sorted = causes.into_values().map(|mut cause| {
        cause.places.sort();
        cause.objects.dedup();
        cause.followers.dedup();
        cause
    });
    Causes { all: sorted.collect(), of_units, warnings }
}

/// Everything that is behind a change.
pub(in crate::diff) struct Causes {
    pub(in crate::diff) all: Vec<Cause>,
    /// What is behind the effects on each unit.
    of_units: OfUnits,
    /// What a build warns of now, and did not before.
    pub(in crate::diff) warnings: Vec<Warning>,
}

impl Causes {
    /// What is behind an effect. `of_objects` is behind the objects that it names: of these, other edits
    /// may have changed something else.
    pub(in crate::diff) fn behind(
        &self,
        effect: &Effect,
        of_objects: BTreeSet<usize>,
    ) -> BTreeSet<usize> {
        let does = Does::of(effect);
        if let Some(behind) = self.of_units.apart.get(&effect.service) {
            let edits = does.iter().filter_map(|does| behind.edits.get(does)).flatten();
            let mut found: BTreeSet<usize> = edits.copied().collect();
            let by_others = does.iter().any(|does| behind.others.contains(does));
            if !found.is_empty() || by_others {
                let others = of_objects.iter().filter(|at| by_others && !self.is_edit(**at));
                found.extend(others);
                return found;
            }
        }
        if !of_objects.is_empty() {
            return of_objects;
        }
        // What no object shows.
        self.of_units.candidates.get(&effect.service).into_iter().flatten().copied().collect()
    }

    fn is_edit(&self, cause: usize) -> bool {
        let kind = self.all[cause].kind;
        matches!(kind, CauseKind::Spec | CauseKind::Fleet | CauseKind::Template)
    }
}

/// Edits of which this is the same are one cause.
pub(super) fn key(edit: &Edit) -> (CauseKind, String) {
    let cause = of_edit(edit);
    (cause.kind, cause.title)
}

fn of_edit(edit: &Edit) -> Cause {
    let text = |value: &Option<toml::Value>| value.as_ref().map(spell);
    let title = match &edit.promotes {
        Some(Promotion { service, from, to }) => {
            format!("promotes {service}: {from} → {to} ({})", title(edit))
        }
        None => title(edit),
    };
    Cause {
        kind: edit.kind,
        title,
        places: vec![edit.place.clone()],
        old: text(&edit.old),
        new: text(&edit.new),
        promotes: edit.promotes.clone(),
        objects: Vec::new(),
        followers: Vec::new(),
    }
}

fn cause(why: Why, edits: &[Edit], changed: &[Changed<'_>]) -> Cause {
    let plain = |kind, title: String| Cause {
        kind,
        title,
        places: Vec::new(),
        old: None,
        new: None,
        promotes: None,
        objects: Vec::new(),
        followers: Vec::new(),
    };
    match why {
        Why::Edit(at) => of_edit(&edits[at]),
        Why::Tool => plain(
            CauseKind::Tool,
            "the old specs compile to something else than the old tree: another version of Ninefold made it, or it was not built".to_owned(),
        ),
        Why::HandEdit => {
            plain(CauseKind::HandEdit, "generated files were edited by hand".to_owned())
        }
        Why::Generations => {
            plain(CauseKind::Generations, "former generations come or go".to_owned())
        }
        Why::Alike(at) => {
            let object = &changed[at].object;
            let what = match object.changes.first() {
                Some(change) if !change.path.is_empty() => format!("{} changes", change.path),
                _ => format!("{:?}", object.operation).to_lowercase(),
            };
            let more = match object.changes.len() {
                0 | 1 => String::new(),
                more => format!(" and {} more", more - 1),
            };
            plain(CauseKind::Unknown, format!("{}: {what}{more}", object.kind))
        }
    }
}

/// `replicas.min: 6 → 4`, `regions: − ap-south-1`, `new spec`
fn title(edit: &Edit) -> String {
    let key = &edit.place.key;
    match (&edit.old, &edit.new) {
        (Some(old), Some(new)) if key == "image" || edit.is_image_of_environment() => {
            let (old, new) = images(old.as_str().unwrap_or(""), new.as_str().unwrap_or(""));
            format!("{key}: {old} → {new}")
        }
        (Some(old), Some(new)) => {
            let (old, new) = brief(&spell(old), &spell(new));
            format!("{key}: {old} → {new}")
        }
        (Some(old), None) => format!("{key}: − {}", cut(&spell(old))),
        (None, Some(new)) => format!("{key}: + {}", cut(&spell(new))),
        (None, None) if edit.kind == CauseKind::Template || edit.is_of_attached() => {
            format!("{} changes", edit.place.file)
        }
        (None, None) if edit.place.line.is_some() => {
            format!("new spec of {}", edit.service.as_deref().unwrap_or_default())
        }
        (None, None) => {
            format!("the spec of {} is removed", edit.service.as_deref().unwrap_or_default())
        }
    }
}

/// As it stands in TOML, in one line.
fn spell(value: &toml::Value) -> String {
    value.to_string().trim().replace('\n', " ")
}

/// Two images: their tags where these tell them apart, as the digests then follow from them; else
/// the first symbols of the digests. A service that takes another repository has it in full.
fn images(old: &str, new: &str) -> (String, String) {
    let parts = |image: &str| {
        let (rest, digest) = image.split_once('@').unwrap_or((image, ""));
        let (repository, tag) = match rest.rsplit_once(':') {
            Some((repository, tag)) if !tag.contains('/') => (repository, tag),
            _ => (rest, ""),
        };
        (repository.to_owned(), tag.to_owned(), digest.to_owned())
    };
    let (before, after) = (parts(old), parts(new));
    let short = |digest: &str| digest.chars().take("sha256:".len() + 8).collect::<String>() + "…";
    if before.0 != after.0 {
        (old.to_owned(), new.to_owned())
    } else if before.1 != after.1 {
        (before.1, after.1)
    } else {
        (short(&before.2), short(&after.2))
    }
}

/// Two values without what long ones have in common at the front.
fn brief(old: &str, new: &str) -> (String, String) {
    if old.chars().count().max(new.chars().count()) <= LONGEST {
        return (old.to_owned(), new.to_owned());
    }
    let common = old.char_indices().zip(new.chars()).take_while(|((_, a), b)| a == b);
    let common = common.last().map_or(0, |((at, c), _)| at + c.len_utf8());
    let from = old[..common].rfind(['/', '@', ':', ' ', ',', '.']).map_or(0, |at| at);
    let rest = |text: &str| match from {
        0 => cut(text),
        from => format!("…{}", cut(&text[from..])),
    };
    (rest(old), rest(new))
}

/// At most so many characters.
fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let shown: String = text.chars().take(LONGEST / 2).collect();
    format!("{shown}…")
}
