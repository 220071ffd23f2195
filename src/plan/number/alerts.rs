//! Alerts: how long something must hold before one is raised.

use super::super::values::Values;
use super::row::{At, Row, Why, says};

pub(super) const ROWS: &[Row] =
    &[Row { objects: &["prometheus-rule"], field: "spec.groups[*].rules[*].for", why: hold }];

fn hold(at: &At<'_>) -> Option<Why> {
    let Values::Alerts(alerts) = at.values else { return None };
    let alert = alerts.alerts.get(at.item(1)?)?;
    let reason = alert.annotations.get("reason").map(String::as_str).unwrap_or_default();
    let words = format!("how long it must hold before `{}` is raised; {reason}", alert.name);
    Some(says(alert.hold.as_ref()?, words).from(at.decided()))
}
