//! The page of a service: everything that is claimed stands on it, and every number of the
//! manifests is explained by what decided it.

use crate::generate;
use crate::workbench::{Files, Workbench, files_below, input, repository};
use expect_test::expect_file;
use ninefold::Fleet;
use ninefold::compile::prepare;
use ninefold::diag::Sink;
use ninefold::explain::{Choice, Page, Selection, json, markdown, text};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// What the examples are pages of, and what they show.
const SHOWN: &[&str] = &[
    "checkout", // stateless, gold
    "orders",   // volumes, and backups that keep the RPO
    "payments", // platinum, active/active
];

fn read(specs: &Files, templates: &Files) -> Fleet {
    let mut sink = Sink::default();
    prepare(&mut sink, input(specs, templates)).unwrap_or_else(|sources| {
        panic!("{}", ninefold::diag::text::render(&sink.sorted(&sources), &sources, false))
    })
}

fn example() -> Fleet {
    read(&files_below(&repository("specs")), &Files::new())
}

fn page<'a>(fleet: &'a Fleet, service: &str) -> Page<'a> {
    let page = Page::of(&mut Sink::default(), fleet, service);
    page.expect("its manifests compile").expect("there is a spec of it")
}

fn choose<'a>(page: &Page<'a>, words: &str) -> Page<'a> {
    let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
    Selection::read(page, &words).expect("it is there").of(page)
}

/// The example fleet and random ones.
static FLEETS: LazyLock<Vec<(String, Fleet)>> = LazyLock::new(|| {
    let random = (300..308).map(|seed| {
        let fleet = generate::fleet(seed, 7);
        (format!("seed {seed}"), read(&fleet.files(), &Files::new()))
    });
    std::iter::once(("the example".to_owned(), example())).chain(random).collect()
});

/// The page of every service of these fleets, and whose it is.
fn pages() -> impl Iterator<Item = (String, Page<'static>)> {
    FLEETS.iter().flat_map(|(of, fleet)| {
        fleet.services().map(move |service| (format!("{service} of {of}"), page(fleet, service)))
    })
}

fn names(fleet: &Fleet) -> Vec<String> {
    fleet.services().map(str::to_owned).collect()
}

#[test]
fn the_pages_of_three_services() {
    let fleet = example();
    for service in SHOWN {
        let page = page(&fleet, service);
        let at = |ending: &str| repository("tests/pages").join(format!("{service}.{ending}"));
        expect_file![at("txt")].assert_eq(&text::render(&page, false));
        expect_file![at("json")].assert_eq(&json::render(&page));
        expect_file![at("md")].assert_eq(&markdown::render(&page));
    }
}

#[test]
fn the_same_specs_give_the_same_page() {
    let (one, other) = (example(), example());
    for service in names(&one) {
        let pages = [page(&one, &service), page(&other, &service)];
        for render in [json::render, markdown::render, |page: &Page<'_>| text::render(page, true)] {
            assert_eq!(render(&pages[0]), render(&pages[1]), "{service}");
        }
    }
}

#[test]
fn no_number_is_unexplained() {
    let mut wrong = BTreeMap::new();
    for (of, page) in pages() {
        for number in page.numbers.into_iter().filter(|number| !number.explained) {
            let field = format!("{}: {}", number.object, number.field);
            let told = format!("{} in {of}: {}", number.value, number.words);
            wrong.entry(field).or_insert(told);
        }
    }
    let lines: Vec<String> = wrong.iter().map(|(field, why)| format!("{field} = {why}")).collect();
    assert!(
        lines.is_empty(),
        "add a row to src/explain/number/ for each of these fields; if what stands there names something and is no number, add its key to NAMING in src/explain/number/field.rs:\n{}",
        lines.join("\n")
    );
}

/// The oracle: whatever YAML calls a number, found by another reader.
fn numbers(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Number(number) => found.push(number.to_string()),
        Value::Sequence(items) => items.iter().for_each(|item| numbers(item, found)),
        Value::Mapping(map) => map.values().for_each(|value| numbers(value, found)),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Tagged(_) => {}
    }
}

#[test]
fn every_number_of_the_tree_stands_on_the_page_once() {
    for seed in 300..304 {
        let specs = generate::fleet(seed, 7);
        let fleet = read(&specs.files(), &Files::new());
        let pages: BTreeMap<String, Page<'_>> =
            names(&fleet).into_iter().map(|name| (name.clone(), page(&fleet, &name))).collect();
        for (path, manifest) in specs.compile() {
            let parts: Vec<&str> = path.split('/').collect();
            let &[region, service, file] = parts.as_slice() else { continue };
            let (Some(page), Some(object)) = (pages.get(service), file.strip_suffix(".yaml"))
            else {
                continue;
            };
            let mut written = Vec::new();
            numbers(&serde_yaml::from_str(&manifest).expect("YAML"), &mut written);
            let here =
                |n: &&ninefold::explain::Number| n.region.as_str() == region && n.object == object;
            let mut told: Vec<String> =
                page.numbers.iter().filter(here).map(|number| number.value.clone()).collect();
            for number in written {
                let at = told.iter().position(|value| *value == number);
                told.remove(at.unwrap_or_else(|| panic!("seed {seed}, {path}: {number}")));
            }
            let fields: Vec<&String> = page.numbers.iter().filter(here).map(|n| &n.field).collect();
            let unique: BTreeSet<&&String> = fields.iter().collect();
            assert_eq!(unique.len(), fields.len(), "seed {seed}, {path}");
        }
    }
}

#[test]
fn every_term_premise_and_number_is_printed_in_every_form() {
    for (of, page) in pages() {
        // Lines are wrapped, and escaped.
        let plain = |text: &str| {
            let text: Vec<&str> = text.split_whitespace().collect();
            text.join(" ").replace('\\', "")
        };
        let forms = [text::render(&page, false), json::render(&page), markdown::render(&page)];
        let forms = forms.map(|form| plain(&form));
        let said = |what: &str| {
            for form in &forms {
                assert!(form.contains(&plain(what)), "{of}: `{what}` in:\n{form}");
            }
        };
        for claim in page.proofs.iter().flat_map(|proof| &proof.claims) {
            claim.terms.iter().for_each(|term| said(term.name));
            claim.premises.iter().for_each(|premise| said(premise.text()));
            if let Some(worst) = claim.worst {
                said(&worst.to_string());
            }
        }
        for number in &page.numbers {
            said(&number.words.replace(['<', '>', '&'], "")[..number.words.len().min(12)]);
            let end = number.field.rsplit(['.', ']']).find(|part| !part.is_empty());
            said(end.expect("a field has a name"));
        }
    }
}

#[test]
fn no_line_is_wider_than_a_terminal() {
    for (of, page) in pages() {
        for line in text::render(&page, false).lines() {
            let width = line.chars().count();
            let unbroken = line.trim().split(' ').any(|word| word.chars().count() > 50);
            assert!(width <= 80 || unbroken, "{of}: {width} characters: {line}");
        }
    }
}

#[test]
fn nothing_but_colour_reaches_a_terminal() {
    let fleet = example();
    for service in names(&fleet) {
        let coloured = text::render(&page(&fleet, &service), true);
        let mut plain = String::new();
        let mut rest = coloured.as_str();
        while let Some((before, after)) = rest.split_once("\u{1b}[") {
            let (code, after) = after.split_once('m').expect("a sequence of colour");
            assert!(["0", "1", "2", "32", "1;31"].contains(&code), "{code}");
            plain.push_str(before);
            rest = after;
        }
        plain.push_str(rest);
        assert_eq!(plain, text::render(&page(&fleet, &service), false));
        assert!(!plain.contains(|c: char| c.is_control() && c != '\n'));
    }
}

#[test]
fn what_a_template_of_the_users_own_says_is_not_explained_away() {
    let built_in = std::fs::read_to_string(repository("templates/deployment.yaml")).unwrap();
    let own = built_in.replace("replicas: {{ replicas }}", "replicas: 77");
    let digest = "0".repeat(64);
    let sidecar = format!(
        "        - name: proxy\n          image: proxy@sha256:{digest}\n          resources: {{ requests: {{ cpu: 5m, memory: 64Mi }}, limits: {{ memory: 64Mi }} }}\n          securityContext: {{ allowPrivilegeEscalation: false, capabilities: {{ drop: [ALL] }} }}\n"
    );
    let templates = Files::from([
        ("deployment.yaml".to_owned(), own),
        ("parts/sidecars.yaml".to_owned(), sidecar),
    ]);
    let mut specs = files_below(&repository("specs"));
    let accept =
        "\n[[accept]]\nrule = \"object-unproven\"\nreason = \"as it is\"\nuntil = \"2099-12-31\"\n";
    specs.get_mut("checkout.toml").expect("it is in the example").push_str(accept);
    let fleet = read(&specs, &templates);
    let page = page(&fleet, "checkout");
    let replicas = choose(&page, "deployment.spec.replicas eastus2");
    let number = &replicas.numbers[0];
    assert_eq!((number.value.as_str(), number.explained), ("77", false));
    assert_eq!(number.words, "the template `deployment.yaml` says so; Ninefold decided 3");
    let cpu = choose(&page, "pod.containers[proxy].resources.requests.cpu").numbers;
    assert!(cpu.iter().all(|number| !number.explained && number.value == "5m"));
    assert!(!cpu.is_empty());
    assert!(text::render(&replicas, false).contains("Ninefold decided 3"));
}

#[test]
fn a_number_names_the_claims_that_it_is_a_term_of() {
    let fleet = example();
    let page = page(&fleet, "orders");
    let terms = |words: &str| {
        let chosen = choose(&page, words);
        let terms = chosen.numbers.iter().flat_map(|number| &number.terms);
        terms.map(|term| term.name).collect::<BTreeSet<&str>>()
    };
    assert!(terms("eastus2 schedule.spec.schedule").contains("between two backups"));
    assert!(terms("eastus2 csiSnapshotTimeout").contains("snapshots"));
    assert!(terms("eastus2 itemOperationTimeout").contains("copying"));
    assert!(terms("eastus2 pod.containers[app].startupProbe.failureThreshold").contains("start"));
    assert_eq!(terms("eastus2 revisionHistoryLimit"), BTreeSet::new());
    let names = |service: &str, words: &str, name: &str| {
        let chosen = choose(&self::page(&fleet, service), words);
        let mut terms = chosen.numbers.iter().flat_map(|number| &number.terms);
        assert!(terms.any(|term| term.name == name), "{service} {words}: {name}");
    };
    names("accounts", "eastus2 archive_timeout", "until a segment is closed");
    names("accounts", "eastus2 recordTTL", "switch of traffic");
    names("carts", "eastus2 replication-source-data-0.spec.trigger.schedule", "replication lag");
    names("payments", "eastus2 recordTTL", "switch of traffic");
}

#[test]
fn a_part_is_named_in_any_order_and_from_either_end() {
    let fleet = example();
    let page = page(&fleet, "checkout");
    let fields = |words: &str| {
        let numbers = choose(&page, words).numbers;
        let field = |number: ninefold::explain::Number| {
            format!("{} {}.{}", number.region, number.object, number.field)
        };
        numbers.into_iter().map(field).collect::<Vec<String>>()
    };
    let replicas = ["eastus2 deployment.spec.replicas"];
    for words in [
        "eastus2 deployment.spec.replicas",
        "deployment.spec.replicas eastus2",
        "eastus2 deployment.spec.repl",
        "eastus2 spec.replicas",
        "eastus2 replicas",
    ] {
        assert_eq!(fields(words), replicas, "{words}");
    }
    assert_eq!(fields("replicas").len(), 2);
    let pod = fields("eastus2 pod.terminationGracePeriodSeconds");
    assert_eq!(pod, fields("eastus2 terminationGracePeriodSeconds"));
    assert_eq!(pod.len(), 1);
    let rpo = choose(&page, "rpo");
    assert!(rpo.numbers.is_empty());
    let objectives = rpo.proofs.iter().flat_map(|proof| &proof.claims).map(|c| c.objective.key());
    assert_eq!(objectives.collect::<BTreeSet<_>>(), BTreeSet::from(["rpo"]));

    let wrong = |words: &str| {
        let words: Vec<String> = words.split(' ').map(str::to_owned).collect();
        Selection::read(&page, &words).expect_err("it is not there")
    };
    assert_eq!(wrong("replcas").help, "did you mean `replicas`?");
    assert_eq!(wrong("eastus").help, "did you mean `eastus2`?");
    assert_eq!(wrong("deployment.spec.replics").help, "did you mean `deployment.spec.replicas`?");
    assert!(wrong("nonsense").help.contains("`eastus2`, `centralus`"));
    assert_eq!(wrong("rpo rto").message, "`rto` is the second thing that is asked for");
    assert_eq!(wrong("eastus2 centralus").message, "`eastus2` and `centralus` are two regions");
    let stateful = self::page(&fleet, "orders");
    let elsewhere = Selection::read(&stateful, &["schedule".to_owned(), "centralus".to_owned()]);
    let elsewhere = elsewhere.expect_err("it is written to in the other region");
    assert_eq!(elsewhere.message, "`orders` has no `schedule` in `centralus`");
    let everything = Selection::read(&page, &[]).expect("nothing is wrong");
    assert_eq!(everything, Selection { region: None, choice: Choice::Everything });
}

#[test]
fn a_promise_that_is_refused_is_explained_all_the_same() {
    let bench = Workbench::initialised();
    bench.edit("specs/hello.toml", "rto = \"4h\"", "rto = \"5s\"");
    bench.run(&["check"]).code(1);
    let run = bench.run(&["explain", "hello", "rto"]).code(0);
    assert!(run.stdout.contains("✗ BROKEN"), "{}", run.stdout);
    assert!(run.stdout.contains("✗ broken: RTO at the loss of a pod"), "{}", run.stdout);
    assert!(run.stderr.contains("error[rto-out-of-reach]"), "{}", run.stderr);
}

#[test]
fn a_code_wins_over_a_service_of_its_name_unless_one_says() {
    let bench = Workbench::initialised();
    let code = bench.run(&["explain", "residency"]).code(0);
    assert!(code.stdout.starts_with("# residency\n"), "{}", code.stdout);
    bench.edit("specs/hello.toml", "\"hello\"", "\"residency\"");
    assert_eq!(bench.run(&["explain", "residency"]).code(0).stdout, code.stdout);
    let service = bench.run(&["explain", "--service", "residency"]).code(0);
    assert!(service.stdout.starts_with("residency · "), "{}", service.stdout);
    assert!(!service.stdout.contains('\u{1b}'), "colour on no terminal");
    let part = bench.run(&["explain", "residency", "rto"]).code(0);
    assert!(part.stdout.starts_with("residency · "), "{}", part.stdout);

    let wrong = |arguments: &[&str], help: &str| {
        let run = bench.run(arguments).code(2);
        assert_eq!(run.stdout, "");
        assert!(run.stderr.contains(help), "{}", run.stderr);
    };
    wrong(&["explain", "residenci"], "help: did you mean `residency`?");
    wrong(&["explain", "rpo-out-of-reech"], "help: did you mean `rpo-out-of-reach`?");
    wrong(&["explain", "zzzzzzzz"], "services: `residency`");
    wrong(&["explain", "--service", "no-fleet"], "it is a finding: `ninefold explain no-fleet`");
    wrong(&["explain", "residency", "rtoo"], "help: did you mean `rto`?");
}

#[test]
fn every_form_is_connected() {
    let bench = Workbench::initialised();
    let json = |arguments: &[&str]| {
        let run = bench.run(arguments).code(0);
        serde_json::from_str::<serde_json::Value>(&run.stdout).expect("JSON")
    };
    let page = json(&["explain", "hello", "--format", "json"]);
    assert_eq!(page["service"], "hello");
    assert!(page["regions"][0]["claims"][0]["verdict"].is_string());
    assert!(page["regions"][0]["numbers"][0]["explained"].is_boolean());
    assert_eq!(json(&["explain", "--format", "json"])[0]["code"], "accept-expired");
    let code = json(&["explain", "no-fleet", "--format", "json"]);
    assert!(code["page"].as_str().is_some_and(|page| page.starts_with("# no-fleet")));
    let audit = bench.run(&["explain", "hello", "rto", "--format", "markdown"]).code(0);
    assert!(audit.stdout.starts_with("# hello: what is promised"), "{}", audit.stdout);
}

/// The screen in the docs is the one that a user sees.
#[test]
fn the_screen_in_the_docs_is_real() {
    let fleet = example();
    let page = choose(&page(&fleet, "orders"), "eastus2 rpo");
    let screen = text::render(&page, false);
    let (screen, _) = screen.split_once("\nTaken for granted").expect("premises come last");
    let path = repository("docs/promises.md");
    let readme = std::fs::read_to_string(&path).unwrap();
    let begin = "```text\n$ ninefold explain orders eastus2 rpo\n";
    let (before, rest) = readme.split_once(begin).expect("the page has the screen");
    let (_, after) = rest.split_once("```\n").expect("the fence is closed");
    expect_file![path].assert_eq(&format!("{before}{begin}{screen}…\n```\n{after}"));
}
