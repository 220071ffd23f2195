//! What a change does, and why.

use super::line::{BOLD, DIM, style};
use super::{Detail, Page};
use crate::diff::format::escape::plain;
use crate::diff::format::{fold, phrase};
use crate::diff::report::Severity;
use std::collections::BTreeMap;

/// So many blocks of one severity, and effects of a block, are printed with details; of the others
/// one line.
const IN_FULL: usize = 3;

/// So many effects of one severity are printed, unless it is high or critical.
pub(super) const LINES: usize = 6;

/// Effects of one severity that have the same causes.
type Block<'a> = Vec<&'a fold::Said<'a>>;

impl Page<'_> {
    pub(super) fn effects(&mut self) {
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
            shown.iter().for_each(|said| self.row(said, &said.causes));
        }
        let said: usize = blocks.iter().map(Vec::len).sum();
        if said > lines {
            self.line(0, &format!("{} more of severity {} (-v)", said - lines, severity.word()));
        }
    }

    fn head(&mut self, said: &fold::Said<'_>) {
        self.row_of(said, "");
    }

    /// An effect in one line, with its place and these of its causes.
    fn row(&mut self, said: &fold::Said<'_>, causes: &[usize]) {
        let source = causes.first().map(|cause| {
            let source = plain(&phrase::source(&self.report.causes[*cause]));
            match causes.len() {
                1 => source,
                count => format!("{source} and {}", phrase::plural(count - 1, "more cause")),
            }
        });
        let place = said.place.as_ref().map(|place| plain(place));
        let parts: Vec<String> = place.into_iter().chain(source).collect();
        let tail = match parts.is_empty() {
            true => String::new(),
            false => self.paint(DIM, &format!("  {}", parts.join("; "))),
        };
        self.row_of(said, &tail);
    }

    fn row_of(&mut self, said: &fold::Said<'_>, tail: &str) {
        let word = self.paint(style(said.severity), &said.severity.word().to_uppercase());
        let accepted = if said.accepted.is_some() { " (accepted)" } else { "" };
        let headline = plain(&said.headline());
        let headline = self.paint(BOLD, &headline);
        self.line(10, &format!("{word}[{}] {headline}{accepted}{tail}", said.rule.name()));
    }

    fn block(&mut self, block: &[&fold::Said<'_>], shown_causes: &mut Vec<usize>) {
        let in_full = if self.options.detail >= Detail::Fields { usize::MAX } else { IN_FULL };
        for (at, said) in block.iter().enumerate() {
            if at >= in_full {
                // The causes are those of the whole block.
                self.row(said, &[]);
                continue;
            }
            self.head(said);
            for (at, detail) in said.details.iter().enumerate() {
                self.labelled(if at == 0 { "effect" } else { "" }, &plain(detail));
            }
            if let Some(accepted) = said.accepted {
                let until = plain(&accepted.until);
                self.labelled("accept", &format!("until {until}: {}", plain(&accepted.reason)));
            }
            let next =
                block[..in_full.min(block.len())].get(at + 1).and_then(|next| next.place.as_ref());
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
    pub(super) fn other_causes(&mut self) {
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
}
