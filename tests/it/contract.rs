//! What machines read has a schema that is committed, says what every key means, and is kept.

use crate::fits::misfits;
use crate::workbench::{Run, Workbench, repository};
use expect_test::expect_file;
use serde_json::Value;
use std::process::Command;

/// What is read, and what is answered.
const READ: &[&str] = &["service", "fleet", "evidence"];
const ANSWERED: &[&str] = &[
    "check",
    "explain",
    "simulate",
    "diff",
    "drill",
    "calendar",
    "evidence-answer",
    "report",
    "account",
];

fn schema(name: &str) -> Value {
    let path = repository("specs/schema").join(format!("{name}.schema.json"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// A command about the example fleet.
fn example(arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ninefold"));
    command.args(arguments).current_dir(repository(""));
    Run::of(command)
}

#[track_caller]
fn fits(text: &str, of: &str) -> Value {
    let value: Value = serde_json::from_str(text).expect(text);
    let wrong = misfits(&value, &schema(of));
    assert!(wrong.is_empty(), "{of}: {wrong:#?}");
    value
}

#[test]
fn the_schemas_are_current_and_can_be_printed() {
    for name in READ.iter().chain(ANSWERED) {
        let printed = example(&["schema", name]).code(0).stdout;
        expect_file![repository(&format!("specs/schema/{name}.schema.json"))].assert_eq(&printed);
    }
    let committed = crate::workbench::names_in(&repository("specs/schema"));
    assert_eq!(committed.len(), READ.len() + ANSWERED.len(), "{committed:?}");
}

/// Every key of a schema, with whether its table must have it, and what is said of the table.
fn keys<'a>(schema: &'a Value, found: &mut Vec<(String, &'a Value, bool, &'a str)>) {
    let of_table = schema.get("description").and_then(Value::as_str).unwrap_or_default();
    for (key, value) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let required = schema.get("required").and_then(Value::as_array);
        let required = required.is_some_and(|all| all.iter().any(|one| one == key));
        found.push((key.clone(), value, required, of_table));
    }
    match schema {
        Value::Object(map) => map.values().for_each(|below| keys(below, found)),
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_key_says_what_it_means() {
    for name in READ.iter().chain(ANSWERED) {
        let schema = schema(name);
        let mut found = Vec::new();
        keys(&schema, &mut found);
        assert!(found.len() > 5, "{name}");
        let silent = found.iter().filter(|(_, key, _, of_table)| {
            // Where a key names only a type, what is said of that is shown; and of a form with one
            // key, what is said of the form.
            let told = of_table.starts_with("It serves again within its RTO");
            !key["description"].is_string() && !key["$ref"].is_string() && !told
        });
        let silent: Vec<&str> = silent.map(|(key, ..)| key.as_str()).collect();
        assert!(silent.is_empty(), "{name}: no description of {silent:?}");
    }
}

#[test]
fn every_key_that_may_be_left_out_says_what_follows() {
    for name in ["service", "fleet"] {
        let schema = schema(name);
        let mut found = Vec::new();
        keys(&schema, &mut found);
        let silent = found.iter().filter(|(_, key, required, of_table)| {
            let said = key["description"].as_str().unwrap_or_default();
            let told = said.contains("Default") || of_table.contains("Default of each field:");
            // In another environment, it is as in the default one.
            let elsewhere = key["$ref"].as_str().is_some_and(|name| name.starts_with("#/prop"));
            !required && !told && !elsewhere && key.get("default").is_none()
        });
        let silent: Vec<&str> = silent.map(|(key, ..)| key.as_str()).collect();
        assert!(silent.is_empty(), "{name}: no default of {silent:?}");
    }
    // What is said in words is a value where it is one.
    let service = schema("service");
    assert_eq!(service["properties"]["volumes"]["default"], serde_json::json!([]));
    assert_eq!(service["properties"]["kind"]["default"], "deployment");
    assert_eq!(service["definitions"]["Probes"]["properties"]["timeout"]["default"], "2s");
    assert_eq!(service["definitions"]["Job"]["properties"]["retries"]["default"], 2);
    // A default that depends on something is none that an editor could write.
    assert_eq!(service["definitions"]["Traffic"]["properties"]["ttl"].get("default"), None);
    assert_eq!(service["properties"]["drain"].get("default"), None);
    let dependency = &service["definitions"]["Dependency"]["properties"];
    assert_eq!(dependency["host"]["examples"], serde_json::json!(["api.stripe.com"]));
}

/// What a schema says of a value: itself, what it refers to, and each of its forms.
fn forms<'a>(root: &'a Value, schema: &'a Value) -> Vec<&'a Value> {
    let referred = schema["$ref"].as_str().and_then(|name| root.pointer(name.strip_prefix('#')?));
    let several =
        ["allOf", "anyOf", "oneOf"].into_iter().filter_map(|name| schema[name].as_array());
    let below = referred.into_iter().chain(several.flatten());
    std::iter::once(schema).chain(below.flat_map(|form| forms(root, form))).collect()
}

#[test]
fn every_key_shows_an_example_unless_its_words_are_known() {
    for name in ["service", "fleet"] {
        let schema = schema(name);
        let mut found = Vec::new();
        keys(&schema, &mut found);
        assert!(found.len() > 100, "{name}");
        // In another environment, a key is as in the default one.
        let elsewhere =
            |says: &Value| says["$ref"].as_str().is_some_and(|to| to.starts_with("#/prop"));
        for (key, says, ..) in found.into_iter().filter(|(_, says, ..)| !elsewhere(says)) {
            let all = forms(&schema, says);
            let examples = all.iter().filter_map(|form| form["examples"].as_array()).next();
            for example in examples.into_iter().flatten() {
                let mut of_key = says.clone();
                of_key["definitions"] = schema["definitions"].clone();
                let wrong = misfits(example, &of_key);
                assert!(wrong.is_empty(), "{name}: {key}: {wrong:?}");
            }
            let has = |form: &&Value, word: &str| form.get(word).is_some();
            let is_boolean = |form: &&Value| form["type"] == "boolean";
            let is_table = |form: &&Value| {
                let inner = [&form["items"], &form["additionalProperties"]];
                let inner = inner.into_iter().filter(|schema| schema.is_object());
                has(form, "properties")
                    || inner.flat_map(|below| forms(&schema, below)).any(|f| has(&f, "properties"))
            };
            let known = all.iter().any(|form| {
                has(form, "const") || has(form, "enum") || is_boolean(form) || is_table(form)
            });
            assert!(known || examples.is_some(), "{name}: no example of {key}: {says}");
        }
    }
}

#[test]
fn every_word_says_what_it_means() {
    fn words(schema: &Value, silent: &mut Vec<String>) {
        if let Some(forms) = schema.get("oneOf").and_then(Value::as_array) {
            let of_words = forms.iter().filter(|form| form.get("const").is_some());
            let silent_ones = of_words.filter(|form| !form["description"].is_string());
            silent.extend(silent_ones.map(|form| form["const"].to_string()));
        }
        if let Some(list) =
            schema.get("enum").and_then(Value::as_array).filter(|list| list.len() > 1)
        {
            silent.push(format!("{list:?}"));
        }
        match schema {
            Value::Object(map) => map.values().for_each(|below| words(below, silent)),
            Value::Array(items) => items.iter().for_each(|item| words(item, silent)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for name in ["service", "fleet"] {
        let mut silent = Vec::new();
        words(&schema(name), &mut silent);
        assert!(silent.is_empty(), "{name}: nobody says what these mean: {silent:?}");
    }
}

#[test]
fn the_example_fits_its_schemas_by_another_reader() {
    // What an editor holds a spec against is the schema, and not the compiler.
    for (file, of) in [("fleet", "fleet"), ("orders", "service"), ("reference", "service")] {
        let text = std::fs::read_to_string(repository(&format!("specs/{file}.toml"))).unwrap();
        let value: toml::Table = text.parse().unwrap();
        let value = serde_json::to_value(value).unwrap();
        let wrong = misfits(&value, &schema(of));
        assert!(wrong.is_empty(), "{file}: {wrong:#?}");
    }
}

#[test]
fn what_is_printed_fits() {
    let page = fits(&example(&["explain", "orders", "--format", "json"]).code(0).stdout, "explain");
    assert_eq!(page["service"], "orders");
    fits(&example(&["explain", "--format", "json"]).code(0).stdout, "explain");
    fits(&example(&["explain", "no-probe", "--format", "json"]).code(0).stdout, "explain");
    for lose in ["node", "region"] {
        let run = example(&["simulate", "--lose", lose, "--format", "json"]);
        fits(&run.stdout, "simulate");
    }
    let run = example(&["calendar", "--today", "2026-11-22", "--format", "json"]);
    let calendar = fits(&run.stdout, "calendar");
    let first = &calendar["drills"][0];
    assert!(first["overdue"].is_boolean() && calendar["today"] == "2026-11-22");
    let run = example(&["calendar", "--format", "json"]).code(0);
    assert_eq!(fits(&run.stdout, "calendar")["drills"][0]["overdue"], Value::Null);
    let drill = ["drill", "accounts", "--region", "centralus", "--format", "json"];
    let drill = fits(&example(&drill).code(0).stdout, "drill");
    assert!(drill["objects"][0]["text"].as_str().unwrap().contains("kind: "));
    assert!(!drill["notes"].as_array().unwrap().is_empty());
    let record = repository("tests/bad-evidence/good.json");
    let run = example(&["evidence", record.to_str().unwrap(), "--format", "json"]);
    let evidence = fits(&run.stdout, "evidence-answer");
    assert!(!evidence["findings"].as_array().unwrap().is_empty());
}

#[test]
fn a_report_has_its_data_and_nothing_that_is_only_drawn() {
    let run = example(&["report", "--format", "json", "--today", "2027-11-22"]).code(0);
    let report = fits(&run.stdout, "report");
    let services = report["services"].as_array().unwrap();
    assert!(services.len() > 8);
    // A claim leads to its sum, and a sum is what its terms are.
    let claim = services
        .iter()
        .flat_map(|service| service["rows"].as_array().unwrap())
        .flat_map(|row| row["losses"].as_array().unwrap())
        .flat_map(|loss| loss["cells"].as_array().unwrap())
        .find(|claim| claim["objective"] == "rto" && claim["worst"].is_object())
        .unwrap();
    let chains = report["chains"].as_array().unwrap();
    let (chain, sum) = chains
        .iter()
        .flat_map(|chain| chain["sums"].as_array().unwrap().iter().map(move |sum| (chain, sum)))
        .find(|(_, sum)| sum["number"] == claim["sum"])
        .unwrap();
    assert_eq!(sum["worst"], claim["worst"]);
    let terms = chain["terms"].as_array().unwrap().iter().chain(Some(&sum["called"]));
    let total: u64 = terms.filter_map(|term| term["total"].as_u64()).sum();
    assert_eq!(Some(total), sum["worst"]["number"].as_u64());
    assert!(report["drills"].as_array().unwrap().iter().any(|drill| drill["overdue"] == true));
    for drawn in ["symbol", "length", "panels", "link", "level", "arrows", "x"] {
        assert!(!run.stdout.contains(&format!("\"{drawn}\":")), "{drawn}");
    }
    let page = example(&["report", "--format", "markdown"]).code(0).stdout;
    assert_eq!(page, example(&["report", "--markdown"]).code(0).stdout);
    assert!(example(&["report", "--markdown", "--format", "json"]).code(2).stdout.is_empty());
}

#[test]
fn findings_fit_and_a_watch_says_when_it_has_told_all() {
    let bench = Workbench::initialised();
    bench.edit("specs/hello.toml", "tier = \"gold\"", "tier = 1\nregoin = \"a\"");
    let run = bench.run(&["check", "--format", "json"]).code(1);
    assert!(run.stdout.lines().count() > 1);
    run.stdout.lines().for_each(|line| drop(fits(line, "check")));

    let watch = bench.command(&["check", "--watch", "--format", "json"]);
    let mut watch = crate::talk::Talk::with(watch, crate::talk::Framing::Lines);
    let mut look = || {
        let mut codes = Vec::new();
        loop {
            let line = watch.next();
            fits(&line.to_string(), "check");
            match line["code"].as_str() {
                Some(code) => codes.push(code.to_owned()),
                None => return (codes, line["look"].as_u64().unwrap(), line["errors"].clone()),
            }
        }
    };
    let (codes, number, errors) = look();
    assert!(codes.contains(&"unknown-key".to_owned()), "{codes:?}");
    assert!(number == 1 && errors != 0);
    bench.edit("specs/hello.toml", "tier = 1\nregoin = \"a\"", "tier = \"gold\"");
    assert_eq!(look(), (Vec::new(), 2, 0.into()));
    // Another file, and one that goes.
    let hello = bench.read("specs/hello.toml").replace("\"hello\"", "\"again\"");
    bench.write("specs/again.toml", &hello.replace("rto = \"4h\"", "rto = \"1s\""));
    let (codes, ..) = look();
    assert!(codes.contains(&"rto-out-of-reach".to_owned()), "{codes:?}");
    bench.remove("specs/again.toml");
    assert_eq!(look(), (Vec::new(), 4, 0.into()));
    // A look ends where the folder is away, too, and the next one follows when it is back.
    std::fs::rename(bench.path("specs"), bench.path("away")).unwrap();
    assert_eq!(look(), (Vec::new(), 5, 1.into()));
    std::fs::rename(bench.path("away"), bench.path("specs")).unwrap();
    assert_eq!(look(), (Vec::new(), 6, 0.into()));
}
