//! Alerts reach somebody: what selects them is selectable, what they point to is an address.

use crate::diag::{Code, Diagnostic, Sink};
use crate::kube::id;
use crate::model::{Fleet, Region};

/// What takes the alerts of one region.
pub(super) fn check(sink: &mut Sink, fleet: &Fleet, region: &Region) {
    let Some(prometheus) = &region.prometheus else { return };
    let document = &fleet.document;
    let table = ["regions", region.name.as_str(), "prometheus"];
    for (key, value) in &prometheus.labels {
        let path = [&table[..], &["labels", key]].concat();
        let place = document.key(&path);
        let key_problem = id::label_key_problem(key);
        let what = format!("`{key}` cannot be the key of a label");
        let problem = key_problem.map(|problem| (place, problem, what));
        let problem = problem.or_else(|| {
            let problem = id::label_value_problem(value)?;
            let what = format!("`{value}` cannot be the value of a label");
            Some((document.at(&path), problem, what))
        });
        if let Some((place, problem, what)) = problem {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, what)
                    .at(place, problem)
                    .help("write them as `kubectl get prometheus -A -o yaml` shows them under `ruleSelector.matchLabels`"),
            );
        }
        if key.starts_with("ninefold.dev/") || key.starts_with("app.kubernetes.io/") {
            sink.error(
                Diagnostic::new(Code::WRONG_VALUE, format!("`{key}` is set by Ninefold itself"))
                    .at(place, "")
                    .help("select rules by a label of your own, such as `release`"),
            );
        }
    }
    let address = |text: &String| text.starts_with("https://") || text.starts_with("http://");
    if let Some(runbooks) = prometheus.runbooks.as_ref().filter(|text| !address(text)) {
        sink.error(
            Diagnostic::new(Code::WRONG_VALUE, format!("`{runbooks}` is not an address"))
                .at(document.at(&[&table[..], &["runbooks"]].concat()), "")
                .help("write where the tree is read: `https://git.example.com/fleet/out/`"),
        );
    }
}
