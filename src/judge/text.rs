//! An answer for people: the verdict, a line for each service, reasons, premises.

use super::report::{How, Outcome, Promised, Report, Scope};
use super::verdict::count;
use crate::quantity::Duration;

pub(super) const BOLD: &str = "\u{1b}[1m";
pub(super) const RED: &str = "\u{1b}[1;31m";
pub(super) const GREEN: &str = "\u{1b}[1;32m";
pub(super) const DIM: &str = "\u{1b}[2m";
pub(super) const PLAIN: &str = "\u{1b}[0m";

impl Report {
    /// For people; `out` is the folder of the tree.
    pub fn to_text(&self, out: &str, colour: bool) -> String {
        let text = self.coloured(out);
        match colour {
            true => text,
            false => [BOLD, RED, GREEN, DIM, PLAIN]
                .iter()
                .fold(text, |text, escape| text.replace(escape, "")),
        }
    }

    fn coloured(&self, out: &str) -> String {
        if self.foreign {
            return super::foreign::text::shown(self);
        }
        let mut text = format!("{}\n", self.verdict());
        let (broken, rest): (Vec<&Outcome>, Vec<&Outcome>) =
            self.services.iter().partition(|outcome| !outcome.breaks.is_empty());
        for outcome in broken {
            text.push_str(&breaks(outcome, out));
        }
        let (nothing, kept): (Vec<&Outcome>, Vec<&Outcome>) =
            rest.into_iter().partition(|outcome| outcome.promised == Promised::Nothing);
        if !kept.is_empty() {
            text.push('\n');
            text.push_str(&table(&kept, self.name.is_some()));
        }
        if !nothing.is_empty() {
            text.push_str("\nNothing is promised about this loss:\n");
            for outcome in nothing {
                let why = outcome.notes.first().map_or("", String::as_str);
                text.push_str(&format!("  {}, {why}\n", outcome.service));
            }
        }
        text.push_str(&format!("\n{BOLD}Premises{PLAIN}\n"));
        for premise in &self.premises {
            text.push_str(&wrapped(premise));
        }
        text
    }

    /// What is lost, in words.
    pub(super) fn lost(&self) -> String {
        let cordoned = if self.how == How::Cordoned { " that is cordoned" } else { "" };
        match (self.scope, &self.name) {
            (Scope::Node, Some(zone)) => format!("a node of {zone}"),
            (Scope::Zone, Some(zone)) => format!("zone {zone}{cordoned}"),
            (Scope::Region, Some(region)) => format!("region {region}"),
            (Scope::Node, None) => "any one node".to_owned(),
            (Scope::Zone, None) => format!("any one zone{cordoned}"),
            (Scope::Region, None) => "any one region".to_owned(),
        }
    }

    fn verdict(&self) -> String {
        let what = self.lost();
        let judged = self.services.iter().filter(|one| one.promised != Promised::Nothing).count();
        let broken = self.services.iter().filter(|one| !one.breaks.is_empty()).count();
        let tried = match (&self.name, self.scope) {
            (Some(_), _) => String::new(),
            (None, Scope::Node) => format!(", a node in each of {}", count(self.tried, "zone")),
            (None, Scope::Zone) => format!(", {}", count(self.tried, "zone")),
            (None, Scope::Region) => format!(", {}", count(self.tried, "region")),
        };
        let services = count(judged, "service");
        if self.services.is_empty() {
            format!("{BOLD}The loss of {what} touches no service.{PLAIN}")
        } else if broken == 0 {
            format!("{GREEN}The loss of {what} breaks no promise{PLAIN}: {services}{tried}.")
        } else {
            let promises = if broken == 1 { "the promise" } else { "the promises" };
            format!(
                "{RED}The loss of {what} breaks {promises} of {broken}{PLAIN} of {services}{tried}."
            )
        }
    }
}

fn breaks(outcome: &Outcome, out: &str) -> String {
    let lost = outcome.lost.shown();
    let mut text = format!("\n{RED}{} breaks{PLAIN} without {lost}:\n", outcome.service);
    for reason in &outcome.breaks {
        text.push_str(&wrapped(&reason.text));
        if !reason.path.is_empty() {
            text.push_str(&format!("    {DIM}--> {out}/{}{PLAIN}\n", reason.path));
        }
    }
    text
}

/// One line for each service, in columns.
fn table(outcomes: &[&Outcome], named: bool) -> String {
    let loss = if named { "loss" } else { "worst loss" };
    let region = outcomes.iter().any(|outcome| outcome.lost.scope == Scope::Region);
    let back = if region { "serves again" } else { "come back" };
    let title = ["service", "tier", loss, "stay", "needed", back];
    let mut rows = vec![title.map(str::to_owned)];
    rows.extend(outcomes.iter().map(|outcome| row(outcome)));
    columns(&rows)
}

/// Rows below a title, in columns.
pub(super) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> =
            row.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let line = cells.join("  ");
        match number {
            0 => text.push_str(&format!("{DIM}{}{PLAIN}\n", line.trim_end())),
            _ => text.push_str(&format!("{}\n", line.trim_end())),
        }
    }
    text
}

fn row(outcome: &Outcome) -> [String; 6] {
    let within = outcome.within.map(|within| format!("within {}", Duration::seconds(within)));
    let region = outcome.lost.scope == Scope::Region;
    let mut back = match (outcome.back, within) {
        (_, within) if region && outcome.promised == Promised::Peak => {
            let within = within.filter(|_| outcome.within > Some(0)).unwrap_or_default();
            format!("the others carry on {within}").trim_end().to_owned()
        }
        (_, Some(within)) if region => within,
        (0, _) => "none".to_owned(),
        (back, Some(within)) => format!("{back} {within}"),
        (back, None) => back.to_string(),
    };
    if let Promised::Rto(rto) = outcome.promised
        && (outcome.stay < outcome.needed || region)
    {
        back.push_str(&format!(", RTO {}", Duration::seconds(rto)));
    }
    for note in &outcome.notes {
        back.push_str(&format!("; {note}"));
    }
    [
        outcome.service.clone(),
        outcome.tier.clone(),
        outcome.lost.shown(),
        format!("{} of {}", outcome.stay, outcome.replicas),
        outcome.needed.to_string(),
        back,
    ]
}

/// The most characters of a line of prose.
const WIDTH: usize = 98;

/// Prose in lines, as an item of a list.
pub(super) fn wrapped(text: &str) -> String {
    let mut out = String::from("  -");
    let mut used = 3;
    for word in text.split(' ') {
        let length = word.chars().count();
        if used + 1 + length > WIDTH {
            out.push_str("\n   ");
            used = 3;
        }
        out.push(' ');
        out.push_str(word);
        used += 1 + length;
    }
    out.push('\n');
    out
}
