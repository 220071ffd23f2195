//! Two edits at once, drawn from the tables: each effect has the lines of the edits that bring it alone,
//! and of no other.

use super::{Edit, TABLES, Table, Version, base, edited_lines};
use crate::diff::diff;
use crate::random::Random;
use ninefold::diff::report::{Place, Report};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// How many pairs of each table.
const PAIRS: usize = 5;

/// Two edits of one file.
struct Pair<'a> {
    base: &'a Version,
    path: String,
    edits: [&'a Edit; 2],
}

/// Lines of both sides.
type Lines = (std::ops::Range<usize>, std::ops::Range<usize>);

impl Pair<'_> {
    /// What comes of a text in place of the file; none where it does not compile.
    fn report(&self, text: &str) -> Option<Report> {
        let edit = |at: &str, then: &str| if at == self.path { text } else { then }.to_owned();
        Some(diff(self.base, &self.base.edit(edit).try_built().ok()?))
    }

    /// What is wrong with the causes; none where the two cannot be made together.
    fn judged(&self) -> Option<Vec<String>> {
        let before = &self.base.inputs[&self.path];
        let alone = self.edits.map(|edit| edit.made(before).expect("it is made in other tests"));
        let together = self.edits[1].made(&alone[0]).ok()?;
        let report = self.report(&together)?;
        let rules = |text: &String| -> Option<BTreeSet<&'static str>> {
            Some(self.report(text)?.effects.iter().map(|effect| effect.rule.name()).collect())
        };
        let has = [rules(&alone[0])?, rules(&alone[1])?];
        let lines: [Lines; 2] = [0, 1].map(|at| {
            let old = edited_lines(before, &alone[at]).0;
            (old, edited_lines(&alone[1 - at], &together).1)
        });
        let is_of = |place: &Place, (old, new): &Lines| {
            let within = |line: Option<usize>, lines: &std::ops::Range<usize>| {
                line.is_some_and(|line| lines.contains(&line))
            };
            within(place.line, new) || within(place.old_line, old)
        };
        let mut wrong = Vec::new();
        for effect in &report.effects {
            let brings = [0, 1].map(|at| has[at].contains(effect.rule.name()));
            if brings == [false, false] {
                continue;
            }
            let places = effect.causes.iter().flat_map(|at| &report.causes[*at].places);
            for place in places {
                let right = [0, 1].iter().any(|at| brings[*at] && is_of(place, &lines[*at]));
                if !right {
                    let shown = self.edits.map(|edit| format!("{:?} → {:?}", edit.from, edit.to));
                    let rule = effect.rule.name();
                    wrong.push(format!("{rule}: {place:?}\n    of {}", shown.join("\n   and ")));
                }
            }
        }
        Some(wrong)
    }
}

/// Pairs of a table that can be made together, and what is wrong with them.
fn of_table((name, table): &(String, Table)) -> (usize, Vec<String>) {
    let base = base(table).expect("it is built for other tests");
    let mut random = Random::new(name.len() as u64);
    let (mut made, mut wrong) = (0, Vec::new());
    // Edits of the same place, or that need others, cannot always be made together.
    for _ in 0..4 * PAIRS {
        let edits = [(); 2].map(|()| random.pick(&table.edits));
        let alone = edits.iter().all(|edit| edit.beside.is_empty());
        if made == PAIRS || edits[0].from == edits[1].from || !alone {
            continue;
        }
        let pair = Pair { base: &base, path: format!("specs/{}", table.file), edits };
        if let Some(found) = pair.judged() {
            made += 1;
            wrong.extend(found.into_iter().map(|line| format!("{name}: {line}")));
        }
    }
    (made, wrong)
}

#[test]
fn of_two_edits_each_effect_has_its_own() {
    let of_tables: Vec<(usize, Vec<String>)> = TABLES.par_iter().map(of_table).collect();
    let made: usize = of_tables.iter().map(|(made, _)| made).sum();
    let wrong: Vec<String> = of_tables.into_iter().flat_map(|(_, wrong)| wrong).collect();
    assert!(made >= TABLES.len() * (PAIRS - 2), "{made} pairs");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}
