//! Which objects differ, service by service, and in what.

use super::{Page, folded};
use crate::diff::format::budget::{MIN, Omitted, Sections};
use crate::diff::format::escape::{fence, html, plain, span};
use crate::diff::format::fields::{self, Mark};
use crate::diff::format::{fold, phrase};
use crate::diff::report::{Object, Operation};
use std::collections::BTreeMap;

/// So many services are counted by name.
const COUNTED: usize = 20;

impl Page<'_> {
    /// The services, with the fields that differ.
    pub(super) fn sections(&self, out: &mut String, omitted: &mut Omitted) {
        let rows = self.services;
        let objects: usize = rows.iter().map(|row| row.objects).sum();
        match self.step.sections {
            Sections::None => {
                omitted.fields.push((phrase::plural(rows.len(), "service"), objects));
                return;
            }
            Sections::Counted => {
                let named = rows.iter().map(|row| (fold::some(&row.services, "services"), row));
                let listed: Vec<String> = named
                    .take(COUNTED)
                    .map(|(who, row)| format!("{} {}", span(&self.clip(&who)), row.objects))
                    .collect();
                let more = match rows.len().saturating_sub(COUNTED) {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                *out += &format!("\nObjects by service: {}{more}\n", listed.join(", "));
                omitted.fields.push((phrase::plural(rows.len(), "service"), objects));
                return;
            }
            Sections::All | Sections::Fitting => {}
        }
        let groups = self.groups(rows);
        // The list of what is missing has room, whatever it will say.
        let room = self.options.max_bytes.saturating_sub(out.len() + MIN);
        let mut used = 0;
        for (row, groups) in rows.iter().zip(groups) {
            if out.len() > self.options.max_bytes {
                // It is too long already, so that the next step is tried.
                return;
            }
            let section = self.section(row, &groups);
            if self.step.sections == Sections::Fitting && used + section.len() > room {
                omitted.fields.push((fold::some(&row.services, "services"), row.objects));
                continue;
            }
            used += section.len();
            *out += &section;
        }
    }

    /// The objects that stand for a group, by the row that they belong to.
    fn groups(&self, rows: &[fold::Row<'_>]) -> Vec<Vec<(&Object, usize)>> {
        let mut of: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (at, row) in rows.iter().enumerate() {
            for service in &row.services {
                of.extend(row.regions.iter().map(|region| ((*service, *region), at)));
            }
        }
        let mut groups = vec![Vec::new(); rows.len()];
        for group in &self.report.groups {
            let Some(first) = group.objects.first().map(|at| &self.report.objects[*at]) else {
                continue;
            };
            if let Some(row) = of.get(&(first.service.as_str(), first.region.as_str())) {
                groups[*row].push((first, group.objects.len()));
            }
        }
        groups
    }

    fn section(&self, row: &fold::Row<'_>, groups: &[(&Object, usize)]) -> String {
        let who = |names: &[&str], of| html(&self.clip(&fold::some(names, of)));
        let counts: Vec<String> = row
            .kinds
            .iter()
            .map(|(operation, kinds)| {
                let each = row.services.len() * row.regions.len();
                format!("{} {}", kinds.values().sum::<usize>() * each, operation.past())
            })
            .collect();
        let identical = if row.regions.len() > 1 { " alike" } else { "" };
        let summary = format!(
            "<code>{}</code> · <code>{}</code>{identical} · {}",
            who(&row.services, "services"),
            who(&row.regions, "regions"),
            counts.join(", ")
        );
        let mut lines: Vec<String> = Vec::new();
        for (object, count) in groups {
            self.object(object, *count, &mut lines);
        }
        if lines.is_empty() {
            for (operation, kinds) in &row.kinds {
                let kinds: Vec<&str> = kinds.keys().copied().collect();
                lines.push(format!("# {} {}", operation.word(), plain(&kinds.join(", "))));
            }
        }
        let body = lines.join("\n");
        let fence = fence(&body);
        folded(&summary, &format!("\n{fence}diff\n{body}\n{fence}\n"))
    }

    fn object(&self, object: &Object, count: usize, lines: &mut Vec<String>) {
        let sign = match object.operation {
            Operation::Create => "+",
            Operation::Delete => "-",
            Operation::Update
            | Operation::Replace
            | Operation::Move
            | Operation::Keep
            | Operation::Retire => "#",
        };
        let class = phrase::class(object);
        let times = if count > 1 { format!(", {count} alike") } else { String::new() };
        lines.push(format!(
            "{sign} {} {} {} ({}{class}){times}",
            object.operation.word(),
            self.clip(&object.kind),
            self.clip(&object.logical_name),
            self.clip(&phrase::names(object))
        ));
        for change in fields::read(object).filter(|change| !change.path.is_empty()) {
            lines.extend(fields::lines(change, self.step.context).into_iter().map(|line| {
                match line.mark {
                    Mark::Field => format!("@@ {} @@", line.text),
                    Mark::Old | Mark::New => format!("{} {}", line.mark.sign(), line.text),
                    Mark::Context => format!("  {}", line.text),
                }
            }));
        }
    }
}
