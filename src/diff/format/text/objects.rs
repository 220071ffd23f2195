//! Which objects differ, and in what.

use super::line::{BOLD, NEW, OLD, columns};
use super::{Detail, Page};
use crate::diff::format::escape::plain;
use crate::diff::format::fields::{self, Mark};
use crate::diff::format::{fold, phrase};
use crate::diff::report::{Class, Group, Object};
use anstyle::Style;

/// The columns of the longest sign and word of an operation.
const WIDEST: usize = 11;

/// So many lines about services.
const SERVICES: usize = 8;

impl Page<'_> {
    pub(super) fn services(&mut self) {
        let rows = fold::services(self.report);
        if rows.is_empty() {
            return;
        }
        self.line(0, "");
        self.line(0, &self.paint(BOLD, "Changes by service"));
        let limit = if self.options.detail >= Detail::Fields { usize::MAX } else { SERVICES };
        let who = |row: &fold::Row<'_>| plain(&fold::some(&row.services, "services"));
        let place = |row: &fold::Row<'_>| plain(&fold::some(&row.regions, "regions"));
        let width = |texts: Vec<String>| {
            texts.iter().map(|text| text.chars().count()).max().unwrap_or(0).min(30)
        };
        let wide_who = width(rows.iter().take(limit).map(who).collect());
        let wide_place = width(rows.iter().take(limit).map(place).collect());
        for row in rows.iter().take(limit) {
            let kinds: Vec<String> = row
                .kinds
                .iter()
                .map(|(operation, kinds)| {
                    let kinds: Vec<String> = kinds
                        .iter()
                        .map(|(kind, count)| match count {
                            1 => plain(kind),
                            _ => format!("{count} {}", plain(kind)),
                        })
                        .collect();
                    format!("{} {}", self.operation(*operation), kinds.join(", "))
                })
                .collect();
            let (who, place) = (who(row), place(row));
            let text = format!("  {who:wide_who$}  {place:wide_place$}  {}", kinds.join("; "));
            self.line(6, &text);
        }
        if rows.len() > limit {
            let objects: usize = rows[limit..].iter().map(|row| row.objects).sum();
            let objects = phrase::plural(objects, "object");
            self.line(0, &format!("  and {} more, {objects} (-v)", rows.len() - limit));
        }
    }

    /// The fields of what was edited: one object for each group, or every object.
    pub(super) fn fields(&mut self) {
        self.line(0, "");
        self.line(0, &self.paint(BOLD, "Fields"));
        if self.options.detail == Detail::All {
            for object in &self.report.objects {
                self.object(object, &phrase::id(object));
            }
            return;
        }
        for group in &self.report.groups {
            let Some(object) = group.objects.first().map(|at| &self.report.objects[*at]) else {
                continue;
            };
            if object.class == Class::Edited && !object.changes.iter().all(|c| c.path.is_empty()) {
                self.object(object, &who(group, object));
            }
        }
    }

    fn object(&mut self, object: &Object, who: &str) {
        let names = plain(&phrase::names(object));
        let class = phrase::class(object);
        let operation = self.operation(object.operation);
        self.line(6, &format!("  {operation} {} ({names}{class})", plain(who)));
        for change in fields::read(object) {
            let whole = change.path.is_empty() && self.options.detail < Detail::All;
            match fields::short(change) {
                _ if whole => {}
                Some((name, old, new)) => {
                    let (old, new) = match self.options.width {
                        Some(_) => fields::shortened(&old, &new),
                        None => (old, new),
                    };
                    let (old, new) = (self.paint(OLD, &old), self.paint(NEW, &new));
                    self.line(10, &format!("      ~ {name}: {old} → {new}"));
                }
                None => fields::lines(change, 3).iter().for_each(|line| self.field(line)),
            }
        }
    }

    fn field(&mut self, line: &fields::Line) {
        let style = match line.mark {
            Mark::Old => OLD,
            Mark::New => NEW,
            Mark::Context | Mark::Field => Style::new(),
        };
        let mut text = String::new();
        let mut at = 0;
        for (from, to) in &line.emphasis {
            let (Some(before), Some(part)) = (line.text.get(at..*from), line.text.get(*from..*to))
            else {
                break;
            };
            text += &self.paint(style, before);
            text += &self.paint(style.underline(), part);
            at = *to;
        }
        text += &self.paint(style, &line.text[at..]);
        let sign = self.paint(style, &line.mark.sign().to_string());
        self.line(10, &format!("      {sign} {text}"));
    }

    pub(super) fn stat(&mut self) {
        self.line(0, "");
        for object in &self.report.objects {
            let operation = self.operation(object.operation);
            let names = plain(&phrase::names(object));
            let fields = fields::read(object).filter(|change| !change.path.is_empty()).count();
            let what = match object.class {
                Class::Edited if fields > 0 => format!("  {}", phrase::plural(fields, "field")),
                Class::Edited | Class::Follows | Class::Cosmetic => {
                    phrase::class(object).replace(", ", "  ")
                }
            };
            let id = plain(&phrase::id(object));
            let blank = " ".repeat(WIDEST.saturating_sub(columns(&operation)));
            self.line(6, &format!("{operation}{blank} {id}  {names}{what}"));
        }
    }
}

/// `ConfigMap web-region: web in 3 regions`
fn who(group: &Group, object: &Object) -> String {
    let services: Vec<&str> = group.services.iter().map(String::as_str).collect();
    let regions: Vec<&str> = group.regions.iter().map(String::as_str).collect();
    let alike = if group.objects.len() > 1 { ", identical" } else { "" };
    let of = match group.of_regions > group.regions.len() {
        true => format!(", {} of {} regions", group.regions.len(), group.of_regions),
        false => String::new(),
    };
    let (services, regions) = (fold::some(&services, "services"), fold::some(&regions, "regions"));
    format!("{} {}: {services} in {regions}{of}{alike}", object.kind, object.logical_name)
}
