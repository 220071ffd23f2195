//! For a terminal: the first screen says whether it is dangerous, the last line what it comes to.

use super::escape::plain;
use super::fields::{self, Mark};
use super::{Hidden, fold, phrase};
use crate::diff::Report;
use crate::diff::report::{Class, Group, Object, Operation, Severity};
use anstyle::{AnsiColor, Style};
use std::collections::BTreeMap;

/// What is shown, and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// How much.
    pub detail: Detail,
    /// Whether a terminal shows colours: without, no escape sequence is written.
    pub colour: bool,
    /// The columns of the terminal: longer lines are wrapped between words. None for a file or a
    /// pipe, where nothing is wrapped.
    pub width: Option<usize>,
    /// The gate, when there is one.
    pub fail_on: Option<Severity>,
    /// What a filter keeps from view.
    pub hidden: Option<Hidden>,
}

/// How much is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// `--names`: the identities of what differs, a line each.
    Names,
    /// `--stat`: a line for each object.
    Stat,
    /// Effects, and services.
    Summary,
    /// `-v`: the fields of what was edited, too; what changes alike is shown once.
    Fields,
    /// `-vv`: nothing is folded.
    All,
}

/// So many blocks of one severity, and effects of a block, are printed with details; of the others
/// one line.
const IN_FULL: usize = 3;

/// So many effects of one severity are printed, unless it is high or critical.
const LINES: usize = 6;

/// The columns of the longest sign and word of an operation.
const WIDEST: usize = 11;

/// So many lines about services.
const SERVICES: usize = 8;

/// The report as text, with a line break at the end of every line. Identities alone
/// ([`Detail::Names`]) are nothing when nothing differs.
pub fn render(report: &Report, options: &Options) -> String {
    let mut page = Page { out: String::new(), report, options };
    match options.detail {
        Detail::Names => {
            report.objects.iter().for_each(|object| page.line(0, &plain(&phrase::id(object))));
            return page.out;
        }
        Detail::Stat | Detail::Summary | Detail::Fields | Detail::All => page.header(),
    }
    if let Some(nothing) = phrase::nothing(report, options.hidden.as_ref()) {
        page.line(0, &nothing);
        if options.detail == Detail::All {
            page.fields();
        }
        page.filtered();
        return page.out;
    }
    match options.detail {
        Detail::Stat => page.stat(),
        Detail::Names | Detail::Summary | Detail::Fields | Detail::All => {
            page.effects();
            page.other_causes();
            page.services();
            if options.detail >= Detail::Fields {
                page.fields();
            }
        }
    }
    page.footer();
    page.out
}

/// Effects of one severity that have the same causes.
type Block<'a> = Vec<&'a fold::Said<'a>>;

/// The text so far.
struct Page<'a> {
    out: String,
    report: &'a Report,
    options: &'a Options,
}

impl Page<'_> {
    fn header(&mut self) {
        let (from, to) = (&self.report.from, &self.report.to);
        let sides = format!("{} → {}", plain(&phrase::side(from)), plain(&phrase::side(to)));
        self.line(0, &format!("{}  {sides}", self.paint(BOLD, "ninefold diff")));
        for note in &self.report.notes {
            self.line(6, &format!("{} {}", self.paint(BOLD, "note:"), plain(note)));
        }
        if self.report.is_empty() {
            return;
        }
        let causes = match self.report.causes.len() {
            0 => String::new(),
            count => format!(", from {}", phrase::plural(count, "cause")),
        };
        if let Some(severities) = phrase::severities(self.report) {
            self.line(2, &format!("{}{causes}", self.paint(BOLD, &severities)));
        }
        self.line(2, &phrase::counts(&self.report.counts));
    }

    fn effects(&mut self) {
        let said = match self.options.detail {
            Detail::All => fold::apart(self.report),
            Detail::Names | Detail::Stat | Detail::Summary | Detail::Fields => {
                fold::effects(self.report)
            }
        };
        let mut shown_causes: Vec<usize> = Vec::new();
        for same in said.chunk_by(|a, b| a.severity == b.severity) {
            // What has the same causes stands together, where the first of it stands.
            let mut blocks: BTreeMap<&[usize], (usize, Block<'_>)> = BTreeMap::new();
            for (at, said) in same.iter().enumerate() {
                blocks.entry(&said.causes).or_insert((at, Vec::new())).1.push(said);
            }
            let mut blocks: Vec<(usize, Block<'_>)> = blocks.into_values().collect();
            blocks.sort_by_key(|(at, _)| *at);
            let blocks: Vec<Block<'_>> = blocks.into_iter().map(|(_, block)| block).collect();
            self.severity(same[0].severity, &blocks, &mut shown_causes);
        }
    }

    /// Everything of one severity: the first in full, then a line each, then how many more.
    fn severity(
        &mut self,
        severity: Severity,
        blocks: &[Block<'_>],
        shown_causes: &mut Vec<usize>,
    ) {
        let all = self.options.detail >= Detail::Fields;
        let in_full = match severity {
            _ if all => usize::MAX,
            Severity::Critical | Severity::High | Severity::Medium => IN_FULL,
            Severity::Low | Severity::Info => 0,
        };
        let lines = if all || severity >= Severity::High { usize::MAX } else { LINES };
        let mut left = lines;
        for (at, block) in blocks.iter().enumerate() {
            let shown = &block[..left.min(block.len())];
            left -= shown.len();
            if at < in_full && !shown.is_empty() {
                self.line(0, "");
                self.block(shown, shown_causes);
                continue;
            }
            if at == in_full && !shown.is_empty() {
                self.line(0, "");
            }
            shown.iter().for_each(|said| self.head(said));
        }
        let said: usize = blocks.iter().map(Vec::len).sum();
        if said > lines {
            self.line(0, &format!("{} more of severity {} (-v)", said - lines, severity.word()));
        }
    }

    fn head(&mut self, said: &fold::Said<'_>) {
        let word = self.paint(style(said.severity), &said.severity.word().to_uppercase());
        let accepted = if said.accepted.is_some() { " (accepted)" } else { "" };
        let headline = plain(&said.headline());
        let headline = self.paint(BOLD, &headline);
        self.line(10, &format!("{word}[{}] {headline}{accepted}", said.rule.name()));
    }

    fn block(&mut self, block: &[&fold::Said<'_>], shown_causes: &mut Vec<usize>) {
        let in_full = if self.options.detail >= Detail::Fields { usize::MAX } else { IN_FULL };
        for (at, said) in block.iter().enumerate() {
            self.head(said);
            if at >= in_full {
                continue;
            }
            for (at, detail) in said.details.iter().enumerate() {
                self.labelled(if at == 0 { "effect" } else { "" }, &plain(detail));
            }
            if let Some(accepted) = said.accepted {
                let until = plain(&accepted.until);
                self.labelled("accept", &format!("until {until}: {}", plain(&accepted.reason)));
            }
            let next = block.get(at + 1).and_then(|next| next.place.as_ref());
            if let Some(place) = said.place.as_ref().filter(|place| next != Some(place)) {
                self.labelled("where", &plain(place));
            }
        }
        let causes = &block[0].causes;
        self.causes(causes);
        let new: Vec<usize> =
            causes.iter().copied().filter(|cause| !shown_causes.contains(cause)).collect();
        if let Some(followers) = phrase::followers(self.report, &new) {
            self.labelled("folded", &plain(&followers));
        }
        shown_causes.extend(new);
    }

    fn causes(&mut self, causes: &[usize]) {
        let limit = if self.options.detail >= Detail::Fields { usize::MAX } else { IN_FULL };
        for (at, cause) in causes.iter().enumerate().take(limit) {
            let cause = &self.report.causes[*cause];
            let text = format!("{}  {}", plain(&phrase::source(cause)), plain(&cause.title));
            self.labelled(if at == 0 { "cause" } else { "" }, &text);
        }
        if causes.len() > limit {
            self.labelled("", &format!("and {} more (-v)", causes.len() - limit));
        }
    }

    /// What no rule says anything about is still a change.
    fn other_causes(&mut self) {
        let causes = fold::other_causes(self.report);
        if causes.is_empty() {
            return;
        }
        self.line(0, "");
        let title = if self.report.effects.is_empty() { "Changes" } else { "Other changes" };
        self.line(0, &self.paint(BOLD, title));
        let limit = if self.options.detail >= Detail::Fields { usize::MAX } else { LINES };
        for cause in causes.iter().take(limit) {
            let cause = &self.report.causes[*cause];
            let objects = phrase::plural(cause.objects.len() + cause.followers.len(), "object");
            let (source, title) = (plain(&phrase::source(cause)), plain(&cause.title));
            self.line(6, &format!("  {source}  {title}  ({objects})"));
        }
        if causes.len() > limit {
            self.line(0, &format!("  and {} more (-v)", causes.len() - limit));
        }
    }

    fn services(&mut self) {
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
    fn fields(&mut self) {
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

    fn stat(&mut self) {
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

    fn footer(&mut self) {
        self.line(0, "");
        self.filtered();
        if let Some(fail_on) = self.options.fail_on
            && let Some(gate) = phrase::gate(self.report, fail_on)
        {
            self.line(0, &format!("gate: {gate}"));
        }
        let mut last = format!("{}.", phrase::to_do(&self.report.counts));
        let spelled = phrase::spelled(self.report);
        if spelled > 0 {
            last += &format!(" {spelled} of them differ in spelling only.");
        }
        match self.report.worst() {
            Some(worst) => {
                last += &format!(" Highest: {}.", self.paint(style(worst), worst.word()));
            }
            None => last += " No effect that a rule knows.",
        }
        self.line(0, &last);
    }

    fn filtered(&mut self) {
        if let Some(hidden) = &self.options.hidden {
            self.line(0, &plain(&phrase::hidden(hidden)));
        }
    }

    /// `  cause   …`
    fn labelled(&mut self, label: &str, text: &str) {
        let label = self.paint(DIM, &format!("{label:7}"));
        self.line(10, &format!("  {label} {text}"));
    }

    /// The sign and the word of an operation.
    fn operation(&self, operation: Operation) -> String {
        let style = match operation {
            Operation::Create => NEW,
            Operation::Delete => OLD,
            Operation::Replace | Operation::Update | Operation::Move => CHANGED,
            Operation::Keep | Operation::Retire => DIM,
        };
        self.paint(style, &format!("{}{NO_BREAK}{}", operation.sign(), operation.word()))
    }

    fn paint(&self, style: Style, text: &str) -> String {
        match self.options.colour && style != Style::new() && !text.is_empty() {
            true => format!("{style}{text}{style:#}"),
            false => text.to_owned(),
        }
    }

    /// A line; on a terminal, what is too long goes on below it, indented.
    fn line(&mut self, indent: usize, text: &str) {
        let Some(width) = self.options.width.map(|width| width.max(40)) else {
            self.out += &text.trim_end().replace(NO_BREAK, " ");
            self.out.push('\n');
            return;
        };
        let mut column = 0;
        let mut line = String::new();
        for word in text.split_inclusive(' ') {
            let long = columns(word.trim_end());
            if column > indent && column + long > width {
                self.out += &line.trim_end().replace(NO_BREAK, " ");
                self.out.push('\n');
                line = " ".repeat(indent);
                column = indent;
            }
            line += word;
            column += columns(word);
        }
        self.out += &line.trim_end().replace(NO_BREAK, " ");
        self.out.push('\n');
    }
}

/// A blank at which no line is broken; printed as any other.
const NO_BREAK: char = '\u{a0}';

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

/// The columns that a text takes, without its colours.
fn columns(text: &str) -> usize {
    let mut inside = false;
    let seen = |character: &char| {
        let escape = inside || *character == '\u{1b}';
        inside = escape && *character != 'm';
        !escape
    };
    text.chars().filter(seen).count()
}

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const OLD: Style = AnsiColor::Red.on_default();
const NEW: Style = AnsiColor::Green.on_default();
const CHANGED: Style = AnsiColor::Yellow.on_default();

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => AnsiColor::BrightRed.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default().bold(),
        Severity::Medium => AnsiColor::Yellow.on_default().bold(),
        Severity::Low => AnsiColor::Cyan.on_default(),
        Severity::Info => DIM,
    }
}
