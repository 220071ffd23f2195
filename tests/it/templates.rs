//! Templates of the user's own: for whom they are, what they see, and when they say nothing.

use crate::support::{Outcome, compile};

fn spec(name: &str) -> String {
    format!(
        "name = \"{name}\"\n\
         image = \"registry.example.com/{name}@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\"\n\
         tier = \"gold\"\nregions = [\"eastus2\"]\nrpo = \"4h\"\nrto = \"4h\"\n"
    )
}

/// The services `api` and `web`, with templates.
fn with(templates: &[(&str, &str)]) -> Outcome {
    let (api, web) = (spec("api"), spec("web"));
    let mut files = vec![("api.toml", api.as_str()), ("web.toml", web.as_str())];
    files.extend(templates);
    compile(&files)
}

const NOTES: &str = "\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ service }}-notes
  namespace: {{ meta.namespace }}
immutable: true
data:
  image: {{ image }}
";

const SIDECAR: &str = "        - name: log
          image: {{ image }}
          args: [{{ service }}, {{ region }}]
          securityContext:
            allowPrivilegeEscalation: false
            capabilities: { drop: [ALL] }
";

fn texts<'a>(outcome: &'a Outcome, end: &str) -> Vec<&'a str> {
    let files = outcome.files.iter().filter(|(path, _)| path.ends_with(end));
    files.map(|(_, text)| text.as_str()).collect()
}

#[test]
fn a_template_for_one_service_changes_no_other() {
    let before = with(&[]);
    let outcome = with(&[
        ("templates/services/web/parts/sidecars.yaml", SIDECAR),
        ("templates/services/web/notes.yaml", NOTES),
    ]);
    assert_eq!(outcome.report(), "");
    let changed: Vec<&String> = (outcome.files.iter())
        .filter(|(path, text)| before.files.get(*path) != Some(*text))
        .map(|(path, _)| path)
        .collect();
    assert!(changed.iter().all(|path| path.contains("web")), "{changed:?}");
    let deployment = &outcome.files["eastus2/web/deployment.yaml"];
    assert!(deployment.contains("name: log"), "{deployment}");
    assert!(outcome.files["eastus2/web/notes.yaml"].contains("registry.example.com/web@"));
}

#[test]
fn one_for_a_service_stands_before_one_for_all() {
    let other = NOTES.replace("image: {{ image }}", "note: own");
    let outcome =
        with(&[("templates/notes.yaml", NOTES), ("templates/services/web/notes.yaml", &other)]);
    assert_eq!(outcome.report(), "");
    let own: Vec<bool> =
        texts(&outcome, "/notes.yaml").iter().map(|text| text.contains("note: own")).collect();
    assert_eq!(own, [false, true]);
}

#[test]
fn a_template_may_have_nothing_to_say() {
    let only = format!("# For one.\n{{% if service == \"web\" %}}\n{NOTES}{{% endif %}}\n");
    let outcome = with(&[("templates/notes.yaml", &only)]);
    assert_eq!(outcome.report(), "");
    assert_eq!(texts(&outcome, "/notes.yaml").len(), 1);
}

#[test]
fn a_part_sees_what_every_template_sees() {
    let part = format!("{{% if service == \"web\" %}}\n{SIDECAR}{{% endif %}}\n");
    let outcome = with(&[("templates/parts/sidecars.yaml", &part)]);
    assert_eq!(outcome.report(), "");
    let with: Vec<bool> = texts(&outcome, "/deployment.yaml")
        .iter()
        .map(|text| text.contains("- eastus2\n"))
        .collect();
    assert_eq!(with, [false, true]);
}

#[test]
fn a_variable_that_nothing_fills_is_found_in_a_condition_too() {
    let outcome = with(&[
        ("templates/parts/sidecars.yaml", "{% if servce == \"web\" %}\n{% endif %}\n"),
        (
            "templates/notes.yaml",
            &NOTES.replace("data:", "data:\n  {% if nonsense %}a: b{% endif %}"),
        ),
    ]);
    assert_eq!(outcome.codes(), ["template", "template"], "{}", outcome.report());
    let report = outcome.report();
    assert!(report.contains("did you mean `service`?"), "{report}");
    assert!(report.contains("`nonsense` is not a variable of a template"), "{report}");
    assert!(report.contains("templates/notes.yaml:"), "{report}");
    let quiet = "{% set own = 1 %}{% for key, text in pod.labels %}{% if key and text and own %}{% endif %}{% endfor %}\n";
    let outcome = with(&[("templates/parts/sidecars.yaml", quiet)]);
    assert_eq!(outcome.report(), "");
}

#[test]
fn a_folder_for_no_service_is_found() {
    let outcome = with(&[("templates/services/wep/notes.yaml", NOTES)]);
    assert_eq!(outcome.codes(), ["template"]);
    assert!(outcome.report().contains("did you mean `web`?"), "{}", outcome.report());
}

#[test]
fn what_the_plan_needs_cannot_be_left_out() {
    let outcome = with(&[("templates/deployment.yaml", "# gone\n")]);
    assert!(!outcome.codes().is_empty(), "{}", outcome.report());
}
