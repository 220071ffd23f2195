//! The part of a page that was asked for.

use super::Page;
use crate::decide::proof::{Objective, Scope};
use crate::diag;
use crate::explain::number::Number;
use crate::kube::RegionName;

/// What is shown of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// One region; none means all.
    pub region: Option<RegionName>,
    /// What of it.
    pub choice: Choice,
}

/// What is shown of a region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Choice {
    /// Everything.
    #[default]
    Everything,
    /// The claims of one objective.
    Objective(Objective),
    /// The claims about one loss.
    Scope(Scope),
    /// The numbers in these fields: the beginning of a path, or a part of it.
    Fields(String),
}

const OBJECTIVES: [Objective; 4] =
    [Objective::Rpo, Objective::Rto, Objective::Survivors, Objective::Availability];

impl Selection {
    /// Reads what was typed behind the name of a service: a region, something of it, or both, in
    /// any order.
    ///
    /// # Errors
    ///
    /// What is wrong, and what to type instead.
    pub fn read(page: &Page<'_>, words: &[String]) -> Result<Selection, Wrong> {
        let mut selection = Selection::default();
        for word in words {
            let region = page.proofs.iter().find(|proof| proof.region.as_str() == word);
            if let Some(proof) = region {
                if let Some(first) = selection.region.replace(proof.region.clone()) {
                    return Err(Wrong::new(
                        format!("`{first}` and `{word}` are two regions"),
                        "name one of them, or none for all",
                    ));
                }
            } else if let Some(choice) = Choice::read(page, word) {
                if selection.choice != Choice::Everything {
                    return Err(Wrong::new(
                        format!("`{word}` is the second thing that is asked for"),
                        "name one region, and one field or one promise",
                    ));
                }
                selection.choice = choice;
            } else {
                return Err(Wrong::unknown(page, word));
            }
        }
        if selection.of(page).is_empty() {
            let region = selection.region.as_ref().map(RegionName::as_str);
            let what = words.iter().find(|word| Some(word.as_str()) != region);
            let what = what.map_or("", String::as_str);
            return Err(match region {
                Some(region) => Wrong::new(
                    format!("`{}` has no `{what}` in `{region}`", page.service),
                    "leave the region out, or name another one",
                ),
                None => Wrong::new(
                    format!("nothing is claimed of `{}` about `{what}`", page.service),
                    "leave it out to see what is",
                ),
            });
        }
        Ok(selection)
    }

    /// A page with that part only.
    pub fn of<'a>(&self, page: &Page<'a>) -> Page<'a> {
        let mut page = page.clone();
        if let Some(region) = &self.region {
            page.proofs.retain(|proof| proof.region == *region);
            page.numbers.retain(|number| number.region == *region);
        }
        match &self.choice {
            Choice::Everything => {}
            Choice::Objective(objective) => {
                page.numbers.clear();
                let kept = |proof: &mut super::Proof| {
                    proof.claims.retain(|claim| claim.objective == *objective);
                };
                page.proofs.iter_mut().for_each(kept);
            }
            Choice::Scope(scope) => {
                page.numbers.clear();
                page.proofs
                    .iter_mut()
                    .for_each(|proof| proof.claims.retain(|claim| claim.scope == *scope));
            }
            Choice::Fields(asked) => {
                page.proofs.iter_mut().for_each(|proof| proof.claims.clear());
                page.numbers.retain(|number| is_in(number, asked));
            }
        }
        page
    }
}

impl Page<'_> {
    /// Whether there is nothing on it.
    fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.proofs.iter().all(|proof| proof.claims.is_empty())
    }
}

impl Choice {
    fn read(page: &Page<'_>, word: &str) -> Option<Choice> {
        if let Some(objective) = OBJECTIVES.into_iter().find(|o| o.key() == word) {
            return Some(Choice::Objective(objective));
        }
        if let Some(scope) = Scope::ALL.into_iter().find(|scope| scope.key() == word) {
            return Some(Choice::Scope(scope));
        }
        let known = page.numbers.iter().any(|number| is_in(number, word));
        known.then(|| Choice::Fields(word.to_owned()))
    }
}

/// A field with its object, and the shorter forms of it.
fn paths(number: &Number) -> [String; 3] {
    let full = format!("{}.{}", number.object, number.field);
    let pod = match number.field.strip_prefix("spec.template.spec.") {
        Some(rest) if number.object == "deployment" || number.object == "stateful-set" => {
            format!("pod.{rest}")
        }
        Some(_) | None => full.clone(),
    };
    [full, pod, number.field.clone()]
}

/// Whether a number stands in the fields that were asked for: below that path, or at the end of
/// its own.
fn is_in(number: &Number, asked: &str) -> bool {
    let asked = asked.trim_end_matches('.');
    paths(number).iter().any(|path| {
        let end = |rest: &str| rest.is_empty() || rest.starts_with(['.', '[']);
        !asked.is_empty()
            && (path.strip_prefix(asked).is_some_and(end)
                || path.strip_suffix(asked).is_some_and(|rest| rest.ends_with('.'))
                || (asked.contains('.') && path.starts_with(asked)))
    })
}

/// A word that names nothing of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong.
    pub message: String,
    /// What to type instead.
    pub help: String,
}

impl Wrong {
    fn new(message: String, help: impl Into<String>) -> Wrong {
        Wrong { message, help: help.into() }
    }

    fn unknown(page: &Page<'_>, word: &str) -> Wrong {
        let regions: Vec<&str> = page.proofs.iter().map(|proof| proof.region.as_str()).collect();
        let paths: Vec<String> = page.numbers.iter().flat_map(paths).collect();
        let mut known: Vec<&str> = regions.clone();
        known.extend(OBJECTIVES.map(Objective::key));
        known.extend(Scope::ALL.map(Scope::key));
        known.extend(paths.iter().map(String::as_str));
        // Only the end of a path may have been meant.
        known.extend(paths.iter().filter_map(|path| Some(path.rsplit_once('.')?.1)));
        let message = format!("`{}` has no region, promise or number `{word}`", page.service);
        let help = match diag::nearest(word, known) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!(
                "its regions are {}; its promises {}; a number is named as `deployment.spec.replicas`, or by the end of that",
                diag::list(regions),
                diag::list(
                    OBJECTIVES.map(Objective::key).into_iter().chain(Scope::ALL.map(Scope::key))
                )
            ),
        };
        Wrong::new(message, help)
    }
}
