//! The pages of `docs/`: their tables are what the program has, their links lead somewhere, and they use
//! the words that we agreed on.

use crate::workbench::{TREES, Workbench, files_below, repository, updating};
use ninefold::diag::CODES;
use ninefold::spec::schema;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Holds the lines between `<!-- table: NAME -->` and `<!-- end -->` of a page against `text`.
#[track_caller]
fn assert_table(page: &str, name: &str, text: &str) {
    let path = repository("docs").join(page);
    let whole = std::fs::read_to_string(&path).unwrap();
    let mark = format!("<!-- table: {name} -->\n");
    let (before, rest) = whole.split_once(&mark).expect("the table has its mark");
    let (table, after) = rest.split_once("<!-- end -->").expect("the table ends");
    if updating() {
        std::fs::write(&path, format!("{before}{mark}{text}<!-- end -->{after}")).unwrap();
    } else {
        assert_eq!(table, text, "table `{name}` of docs/{page}; run UPDATE_EXPECT=1 cargo test");
    }
}

/// Text of a cell: one line, in which no bar ends the cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

#[test]
fn findings_and_effects_are_those_of_the_program() {
    let mut findings = "| Finding | | What it means |\n|---|---|---|\n".to_owned();
    let mut effects = "| Effect | What it means |\n|---|---|\n".to_owned();
    for row in CODES {
        let page = format!("[`{0}`](../src/diag/codes/{0}.md)", row.name);
        match row.effect {
            true => writeln!(effects, "| {page} | {} |", cell(row.summary)).unwrap(),
            false => {
                let severity = row.severity.word();
                writeln!(findings, "| {page} | {severity} | {} |", cell(row.summary)).unwrap();
            }
        }
    }
    assert_table("findings.md", "findings", &findings);
    assert_table("effects.md", "effects", &effects);
}

#[test]
fn commands_are_those_of_the_program() {
    let help = Workbench::empty().run(&["--help"]).code(0).stdout;
    let (_, list) = help.split_once("Commands:\n").unwrap();
    let (list, _) = list.split_once("\n\n").unwrap();
    let mut table = "| Command | Does |\n|---|---|\n".to_owned();
    let mut rows: Vec<(String, String)> = Vec::new();
    for line in list.lines() {
        let text = line.trim();
        // What does not begin a command goes on with the one above.
        match line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) {
            Some(rest) => {
                let (name, does) = rest.split_once(' ').unwrap();
                rows.push((name.to_owned(), does.trim().to_owned()));
            }
            None => write!(rows.last_mut().unwrap().1, " {text}").unwrap(),
        }
    }
    for (name, does) in rows.iter().filter(|(name, _)| name != "help") {
        let mut does = does.clone();
        does[..1].make_ascii_lowercase();
        writeln!(table, "| `ninefold {name}` | {} |", cell(&does)).unwrap();
    }
    assert_table("commands.md", "commands", &table);
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    for (name, _) in rows.iter().filter(|(name, _)| name != "help") {
        assert!(readme.contains(&format!("ninefold {name}")), "the README lacks `{name}`");
    }
}

#[test]
fn tiers_are_those_of_the_program() {
    let tiers = std::fs::read_to_string(repository("src/model/tiers.toml")).unwrap();
    let tiers: toml::Table = tiers.parse().unwrap();
    let names = ["bronze", "silver", "gold", "platinum"];
    assert_eq!(tiers.len(), names.len());
    let mut table = "| Field | bronze | silver | gold | platinum | What it is |\n".to_owned();
    table.push_str("|---|---|---|---|---|---|\n");
    let definitions = &schema::FLEET["definitions"];
    let values = |path: &[&str]| {
        let of = |name: &&str| {
            let mut value = &tiers[*name];
            for key in path {
                let Some(inner) = value.get(*key) else { return "–".to_owned() };
                value = inner;
            }
            value.as_str().map_or_else(|| value.to_string().replace('"', ""), str::to_owned)
        };
        names.iter().map(of).collect::<Vec<_>>().join(" | ")
    };
    for (of, prefix) in [("Tier", None), ("TierBackup", Some("backup"))] {
        for (key, property) in definitions[of]["properties"].as_object().unwrap() {
            let path: Vec<&str> = prefix.into_iter().chain([key.as_str()]).collect();
            let written = names.iter().any(|name| {
                let tier = &tiers[*name];
                let tier = prefix.map_or(Some(tier), |prefix| tier.get(prefix));
                tier.is_some_and(|tier| tier.get(key).is_some_and(|value| !value.is_table()))
            });
            if !written {
                continue;
            }
            let what = cell(property["description"].as_str().unwrap());
            writeln!(table, "| `{}` | {} | {what} |", path.join("."), values(&path)).unwrap();
        }
    }
    assert!(table.contains("`survives`") && table.contains("`backup.every`"), "{table}");
    assert_table("promises.md", "tiers", &table);
}

#[test]
fn alerts_are_those_that_are_emitted() {
    let mut alerts: BTreeMap<String, (String, String)> = BTreeMap::new();
    // Those of the example first: its names are those of the pages.
    for (_, tree) in TREES.iter().rev() {
        for text in tree.iter().filter(|(path, _)| path.contains("prometheus-rule")).map(|it| it.1)
        {
            for rule in text.split("    - alert: ").skip(1) {
                let name = rule.lines().next().unwrap().trim_matches('"').to_owned();
                let value = |key: &str| {
                    let line = rule.lines().find_map(|line| line.trim().strip_prefix(key));
                    line.unwrap_or_default().trim().trim_matches('"').to_owned()
                };
                let of = (value("severity:"), value("summary:"));
                alerts.entry(name).or_insert(of);
            }
        }
    }
    let tested = files_below(&repository("tests/alerts"));
    let tested: BTreeSet<&str> =
        tested.keys().filter_map(|path| path.strip_suffix(".yaml")).collect();
    let emitted: BTreeSet<&str> = alerts.keys().map(String::as_str).collect();
    let missing: Vec<&&str> = tested.difference(&emitted).collect();
    assert!(missing.is_empty(), "no tree has {missing:?}");
    let mut table = "| Alert | Severity | It says, for example |\n|---|---|---|\n".to_owned();
    for (name, (severity, summary)) in &alerts {
        let summary = without_values(summary).replace("\\\"", "\"");
        writeln!(table, "| `{name}` | {severity} | {} |", cell(&summary)).unwrap();
    }
    assert_table("alerts.md", "alerts", &table);
}

/// A text of Prometheus' with a dash where it puts in a value.
fn without_values(text: &str) -> String {
    let mut parts = text.split("{{");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, after) = part.split_once("}}").expect("a value ends");
        write!(out, "…{after}").unwrap();
    }
    out
}

/// Every key of a schema with its type and what it means, in the order of their paths.
struct Fields<'a> {
    definitions: &'a Value,
    rows: Vec<(String, String, String)>,
}

impl<'a> Fields<'a> {
    fn of(schema: &'a Value) -> Vec<(String, String, String)> {
        let mut fields = Fields { definitions: &schema["definitions"], rows: Vec::new() };
        fields.properties(schema, "", &[]);
        fields.rows
    }

    /// The definition that a value refers to, and its name.
    fn resolved(&self, value: &'a Value) -> (&'a Value, Option<&'a str>) {
        let alone = value.get("allOf").and_then(|all| all.get(0)).unwrap_or(value);
        let Some(name) = alone.get("$ref").and_then(Value::as_str) else { return (alone, None) };
        let name = name.rsplit('/').next().unwrap();
        (&self.definitions[name], Some(name))
    }

    fn properties(&mut self, value: &'a Value, path: &str, open: &[&'a str]) {
        let (value, name) = self.resolved(value);
        if name.is_some_and(|name| open.contains(&name)) {
            return;
        }
        let open: Vec<&str> = open.iter().copied().chain(name).collect();
        for (key, property) in
            value.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            // What an environment says is what a spec says at its top.
            let of_top = property.get("$ref").and_then(Value::as_str);
            if of_top.is_some_and(|of| of.starts_with("#/properties/")) {
                continue;
            }
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let (inner, _) = self.resolved(property);
            let text = property.get("description").or(inner.get("description"));
            let text = cell(text.and_then(Value::as_str).unwrap_or_default());
            self.rows.push((path.clone(), self.kind(property), text));
            self.inside(property, &path, &open);
        }
        for form in ["anyOf", "oneOf"] {
            for one in value.get(form).and_then(Value::as_array).into_iter().flatten() {
                self.properties(one, path, &open);
            }
        }
    }

    fn inside(&mut self, property: &'a Value, path: &str, open: &[&'a str]) {
        let (value, _) = self.resolved(property);
        if let Some(items) = value.get("items") {
            self.properties(items, &format!("{path}[]"), open);
        } else if let Some(each) = value.get("additionalProperties").filter(|each| each.is_object())
        {
            self.properties(each, &format!("{path}.*"), open);
        } else {
            self.properties(property, path, open);
        }
    }

    fn kind(&self, property: &'a Value) -> String {
        let (value, _) = self.resolved(property);
        if let Some(words) = value.get("enum").and_then(Value::as_array) {
            return words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        }
        let constants: Vec<String> =
            (value.get("oneOf").and_then(Value::as_array).into_iter().flatten())
                .filter_map(|one| Some(format!("`{}`", one.get("const")?)))
                .collect();
        if !constants.is_empty() {
            return constants.join(", ");
        }
        let name = match (value.get("format"), value.get("type")) {
            (Some(Value::String(format)), _) if !format.contains("int") => format.clone(),
            (_, Some(Value::String(name))) => name.clone(),
            (_, Some(Value::Array(names))) => {
                let names = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
                names.collect::<Vec<_>>().join(" or ")
            }
            _ => "several forms".to_owned(),
        };
        match name.as_str() {
            "array" => match value.get("items").map(|items| self.kind(items)) {
                Some(of) if of == "table" => "tables".to_owned(),
                of => format!("list of {}", of.unwrap_or_default()),
            },
            "object" => "table".to_owned(),
            "double" => "number".to_owned(),
            name => name.to_owned(),
        }
    }
}

#[test]
fn fields_are_those_of_the_schemas() {
    for (name, schema) in [("service", &schema::SERVICE), ("fleet", &schema::FLEET)] {
        let rows = Fields::of(schema);
        assert!(rows.len() > 60, "{}", rows.len());
        let mut table = "| Key | Type | What it says |\n|---|---|---|\n".to_owned();
        for (path, kind, text) in rows {
            writeln!(table, "| `{path}` | {} | {text} |", kind.replace('"', "")).unwrap();
        }
        assert_table("fields.md", name, &table);
    }
}

/// Every page that a person reads first, by its path.
fn pages() -> BTreeMap<String, String> {
    let docs = files_below(&repository("docs"));
    let mut pages: BTreeMap<String, String> =
        docs.into_iter().map(|(path, text)| (format!("docs/{path}"), text)).collect();
    for name in ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "src/README.md"] {
        pages.insert(name.to_owned(), std::fs::read_to_string(repository(name)).unwrap());
    }
    pages
}

/// The text outside of blocks of code.
fn prose(text: &str) -> String {
    let mut fence: Option<&str> = None;
    let mut out = String::new();
    for line in text.lines() {
        let ticks = &line[..line.len() - line.trim_start_matches('`').len()];
        match fence {
            None if ticks.len() >= 3 => fence = Some(ticks),
            Some(open) if line.trim_end() == open => fence = None,
            Some(_) => {}
            None => writeln!(out, "{line}").unwrap(),
        }
    }
    out
}

/// The anchor that a forge makes of a heading.
fn anchor(heading: &str) -> String {
    let kept = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    heading.trim().to_lowercase().chars().filter(|c| kept(*c)).collect::<String>().replace(' ', "-")
}

#[test]
fn every_link_leads_somewhere() {
    let pages = pages();
    let anchors = |text: &str| -> BTreeSet<String> {
        let prose = prose(text);
        let headings = prose.lines().filter(|line| line.starts_with('#'));
        headings.map(|line| anchor(line.trim_start_matches('#'))).collect()
    };
    let mut links = 0;
    for (page, text) in &pages {
        for link in prose(text).split("](").skip(1) {
            let Some((link, _)) = link.split_once(')') else { continue };
            if link.starts_with("https:") || link.starts_with("mailto:") {
                continue;
            }
            links += 1;
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let folder = std::path::Path::new(page).parent().unwrap();
            let target = match file {
                "" => repository(page),
                file => repository(folder.join(file).to_str().unwrap()),
            };
            assert!(target.exists(), "{page}: `{link}` leads nowhere");
            if !part.is_empty() {
                let text = std::fs::read_to_string(&target).unwrap();
                assert!(anchors(&text).contains(part), "{page}: `{link}` has no such part");
            }
        }
    }
    assert!(links > 60, "{links}");
    // Every page of docs/ can be reached from the first one.
    let readme = &pages["README.md"];
    let lost: Vec<&String> = (pages.keys())
        .filter(|page| page.starts_with("docs/") && !readme.contains(&format!("({page})")))
        .collect();
    assert!(lost.is_empty(), "the README does not lead to {lost:?}");
}

/// A neighbour that is named can be looked at.
#[test]
fn every_file_that_contributors_are_sent_to_is_there() {
    let text = std::fs::read_to_string(repository("CONTRIBUTING.md")).unwrap();
    let named = text.split('`').skip(1).step_by(2).filter(|name| {
        let folder = name.split('/').next().unwrap_or_default();
        name.contains('/')
            && ["src", "templates", "tests", "specs", "docs", ".ci"].contains(&folder)
    });
    let mut files = 0;
    for name in named.filter(|name| !name.contains('<')) {
        assert!(repository(name).exists(), "CONTRIBUTING.md: there is no `{name}`");
        files += 1;
    }
    assert!(files > 12, "{files}");
}

#[test]
fn every_page_says_who_needs_it() {
    for (page, text) in pages().into_iter().filter(|(page, _)| page.starts_with("docs/")) {
        let mut lines = text.lines().filter(|line| !line.is_empty());
        assert!(lines.next().is_some_and(|line| line.starts_with("# ")), "{page}");
        let first = lines.next().unwrap_or_default();
        assert!(first.starts_with("For "), "{page} begins with: {first}");
    }
}

#[test]
fn the_readme_is_short() {
    let size = std::fs::read_to_string(repository("README.md")).unwrap().len();
    assert!(size <= 9 * 1024, "{size} bytes");
}

/// Words that we do not use, and what to write instead.
const WORDS: &[(&str, &str)] = &[
    ("so many as", "as many as"),
    ("all the more", "leave it out"),
    ("none of the edits' doing", "not caused by an edit"),
    ("none of the edit's doing", "not caused by the edit"),
    ("one wants", "say who does"),
    ("of itself", "built in"),
    ("says too little", "proves nothing"),
    ("as long as so many", "while at least N"),
    ("no hurry", "no action is needed"),
    ("was not as it should be", "a drill check failed"),
    ("is said once", "is printed once"),
    ("please", "leave it out"),
    ("simply", "leave it out"),
    ("obviously", "leave it out"),
    ("in order to", "to"),
    ("utilize", "use"),
    ("leverage", "use"),
    ("seamless", "leave it out"),
    ("robust", "say what it survives"),
    ("blazing", "say how fast"),
    ("whitelist", "allow"),
    ("blacklist", "deny"),
    ("foe", "adversary"),
    ("heir", "successor"),
    ("so-called", "leave it out"),
    ("thereof", "of it"),
    ("whereby", "by which"),
    ("one types", "you type"),
    ("lets nobody change", "is immutable"),
    ("from the client's side", "client-side apply"),
    ("effect speaks", "no other effect covers it"),
    ("is none that", "say what is accepted"),
    ("is told to", "say what it does"),
    ("no object of kubernetes", "not a Kubernetes object"),
    ("comes into pods", "pods get it"),
    ("is somebody else to", "has another identity"),
    ("are somebody else to", "have another identity"),
    ("without a word", "silently, or by default"),
    ("belongs into", "belongs in"),
    ("for less long", "for a shorter time"),
    ("nobody is told", "no alert fires"),
    ("has not the", "does not have the"),
    ("takes in other", "aggregates other"),
    ("everything of something", "every verb or every resource"),
    ("runs otherwise", "runs differently"),
    ("works otherwise", "works differently"),
    ("answers otherwise", "answers differently"),
    ("notes down", "records"),
    ("anew", "again, or recreated"),
    ("serves on", "keeps serving"),
    ("goes on getting", "still gets"),
    ("lost its way", "cannot reach"),
    ("blames itself", "say what the controller does"),
    ("half alive", "half down, or unstable"),
    ("delivery go on", "resume the delivery"),
    ("nothing is to be done", "there is nothing to do"),
    ("slip of the pen", "a typing error"),
    ("only wished for", "only preferred"),
    ("lets no pod go", "allows no eviction"),
];

#[test]
fn words_that_we_do_not_use_are_used_nowhere() {
    let mut texts = pages();
    for row in CODES {
        let text = format!("{}\n{}", row.summary, row.page);
        texts.insert(format!("src/diag/codes/{}.md", row.name), text);
    }
    let spelled = [
        "templates/card",
        "templates/procedures",
        "templates/report",
        "templates/cutover",
        "src/cli/args",
    ];
    // What findings say is in the screens of specs that have them.
    let printed = ["specs", "tests/bad", "tests/bad-fleet", "tests/bad-templates"];
    for folder in spelled.into_iter().chain(printed) {
        let files = files_below(&repository(folder)).into_iter();
        texts.extend(files.map(|(path, text)| (format!("{folder}/{path}"), text)));
    }
    // What an import says; its input is as others write.
    for (path, text) in files_below(&repository("tests/import")) {
        if path.ends_with("told.txt") {
            texts.insert(format!("tests/import/{path}"), text);
        }
    }
    let path = "tests/it/diff/effects.txt";
    texts.insert(path.to_owned(), std::fs::read_to_string(repository(path)).unwrap());
    let mut wrong = Vec::new();
    for (path, text) in &texts {
        // A phrase may go on in the next line.
        let text = prose(text).to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        for (word, instead) in WORDS {
            let letter = |c: char| c.is_alphanumeric() || c == '_';
            let whole = text.match_indices(word).any(|(at, _)| {
                !text[..at].ends_with(letter) && !text[at + word.len()..].starts_with(letter)
            });
            if whole {
                wrong.push(format!("{path}: `{word}`; {instead}"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
