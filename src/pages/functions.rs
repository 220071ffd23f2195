//! Functions of the shell that procedures use, from the template `procedures/functions.sh`:
//! `kubectl` in a region, and in the namespace of the service, if the page is about one. On a page
//! that is printed the whole command stands in their place.

/// Each, and the variable that names its region; the first gets the region.
const FUNCTIONS: &[(&str, Option<&str>)] =
    &[("on", None), ("here", Some("REGION")), ("to", Some("TO")), ("from", Some("FROM"))];

/// What a command follows on a line.
const BEFORE: &[&str] = &["$(", "|", "&&", ";", "{", "do"];

/// What is asked in no namespace, or in one of its own.
const ANYWHERE: &[&str] = &[
    "-n ",
    "delete namespace",
    "get --raw",
    "get node",
    "get pods -A",
    "get pv ",
    "get volume",
    "patch pv ",
    "taint ",
    "top nodes",
];

/// Reads them, where a card is pasted.
pub(super) const READ: &str = ". recovery/procedures/functions.sh";

/// A page with the commands in the place of the functions; `namespaced` where it is about a service.
pub(super) fn expand(page: &str, namespaced: bool) -> String {
    let mut fenced = false;
    let mut out = String::with_capacity(page.len());
    for line in page.lines() {
        fenced ^= line.trim_start().starts_with("```");
        match fenced {
            true => out.push_str(&command(line, namespaced)),
            // Between an odd backtick and the next one there is a command, too.
            false => {
                for (at, part) in line.split('`').enumerate() {
                    out.push_str(if at > 0 { "`" } else { "" });
                    out.push_str(&if at % 2 == 1 {
                        command(part, namespaced)
                    } else {
                        part.to_owned()
                    });
                }
            }
        }
        out.push('\n');
    }
    out
}

fn command(line: &str, namespaced: bool) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(word) = rest.split_inclusive(' ').next() {
        rest = &rest[word.len()..];
        let name = word.trim_end_matches(' ').trim_start_matches("\"$(").trim_start_matches("$(");
        let name = name.rsplit("$(").next().unwrap_or_default();
        let before = &word[..word.trim_end().len() - name.len()];
        let begins = match before {
            "" => out.trim().is_empty() || BEFORE.iter().any(|one| follows(&out, one)),
            before => before.ends_with("$("),
        };
        let known = FUNCTIONS.iter().find(|(known, _)| *known == name && begins);
        let Some((_, region)) = known.filter(|_| word.ends_with(' ')) else {
            out.push_str(word);
            continue;
        };
        out.push_str(before);
        let region = match region {
            Some(variable) => format!("\"${{{variable}:?}}\""),
            None => {
                let region = rest.split(' ').next().unwrap_or_default();
                rest = rest[region.len()..].trim_start();
                region.to_owned()
            }
        };
        let own = namespaced && !ANYWHERE.iter().any(|what| rest.starts_with(what));
        let namespace = if own { "-n \"${NAMESPACE:?}\" " } else { "" };
        out.push_str(&format!("kubectl --context {region} {namespace}"));
    }
    out
}

/// Whether a text ends with `end`, as a word of its own where it is one.
fn follows(text: &str, end: &str) -> bool {
    let text = text.trim_end();
    let before = text.strip_suffix(end);
    before.is_some_and(|before| end != "do" || before.is_empty() || before.ends_with([' ', ';']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_a_command_only_where_one_begins() {
        let namespace = r#"-n "${NAMESPACE:?}""#;
        for (text, expanded) in [
            ("Go to it, from here on.", "Go to it, from here on.".to_owned()),
            (
                "see `here get events` here",
                format!(r#"see `kubectl --context "${{REGION:?}}" {namespace} get events` here"#),
            ),
            (
                "```sh\nto get pods    # from to here\n```",
                format!(
                    "```sh\nkubectl --context \"${{TO:?}}\" {namespace} get pods    # from to here\n```"
                ),
            ),
            (
                "```sh\nfor EACH in $REGIONS; do on \"$EACH\" get pods; done\n```",
                format!(
                    "```sh\nfor EACH in $REGIONS; do kubectl --context \"$EACH\" {namespace} get pods; done\n```"
                ),
            ),
            (
                "```sh\nPV=$(from -n velero get pv) | to exec \"$(to get pods)\"\n```",
                format!(
                    "```sh\nPV=$(kubectl --context \"${{FROM:?}}\" -n velero get pv) | kubectl --context \"${{TO:?}}\" {namespace} exec \"$(kubectl --context \"${{TO:?}}\" {namespace} get pods)\"\n```"
                ),
            ),
        ] {
            assert_eq!(expand(text, true), format!("{expanded}\n"));
        }
        assert_eq!(
            expand("`here get nodes`", false),
            "`kubectl --context \"${REGION:?}\" get nodes`\n"
        );
    }
}
