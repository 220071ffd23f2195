//! What somebody reads at night: cards are whole, procedures need nothing that no card sets, what a
//! printed runbook names is there, and what it asks for can be done.

use crate::generate;
use crate::support::compile;
use crate::workbench::{self, Files, TREES, files_below, names_in, repository};
use ninefold::diag::{Severity, Sink};
use ninefold::pages::runbook::{Scenario, choose};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// A tree, and what its manifests say.
struct Tree {
    name: String,
    files: Files,
    manifests: Vec<(String, Value)>,
    /// Every runbook: the service, what it is about, the page.
    printed: Vec<(String, String, String)>,
}

impl Tree {
    fn new(name: String, files: Files, fleet: &ninefold::Fleet) -> Tree {
        let manifest = |(path, text): (&String, &String)| {
            let applied = path.ends_with(".yaml") && !path.starts_with("recovery/");
            applied.then(|| (path.clone(), serde_yaml::from_str(text).expect(path)))
        };
        let manifests = files.iter().filter_map(manifest).collect();
        Tree { name, files, manifests, printed: printed(fleet) }
    }

    /// The cards of services, by their path.
    fn cards(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pages().filter(|(path, _)| path.matches('/').count() == 1)
    }

    /// Every page of the tree.
    fn pages(&self) -> impl Iterator<Item = (&str, &str)> {
        let pages = self.files.iter().filter(|(path, _)| path.ends_with(".md"));
        pages.map(|(path, text)| (path.as_str(), text.as_str()))
    }

    fn holds(&self, path: &str) -> bool {
        let below = format!("{}/", path.trim_end_matches('/'));
        self.files.contains_key(path) || self.files.keys().any(|other| other.starts_with(&below))
    }

    fn regions(&self) -> BTreeSet<&str> {
        let folders = self.files.keys().filter_map(|path| path.split('/').next());
        folders.filter(|folder| !["ledger", "recovery"].contains(folder)).collect()
    }

    /// Every `metadata.<field>` of a manifest.
    fn told(&self, field: &str) -> BTreeSet<&str> {
        let told = self.manifests.iter().filter_map(|(_, one)| one["metadata"][field].as_str());
        told.collect()
    }

    /// The names of objects, and of the claims that StatefulSets make.
    fn names(&self) -> BTreeSet<String> {
        let mut names: BTreeSet<String> =
            self.told("name").into_iter().map(str::to_owned).collect();
        for (_, set) in self.manifests.iter().filter(|(_, one)| one["kind"] == "StatefulSet") {
            let name = set["metadata"]["name"].as_str().expect("a name");
            for claim in set["spec"]["volumeClaimTemplates"].as_sequence().into_iter().flatten() {
                let volume = claim["metadata"]["name"].as_str().expect("a name");
                // As many as any region runs: a standby has none.
                names.extend((0..16).map(|ordinal| format!("{volume}-{name}-{ordinal}")));
            }
        }
        names
    }
}

/// Every runbook of a fleet.
fn printed(fleet: &ninefold::Fleet) -> Vec<(String, String, String)> {
    let scenarios = [
        ("node", Scenario::Node),
        ("zone", Scenario::Zone),
        ("region", Scenario::Region),
        ("data", Scenario::Data),
        ("control-plane", Scenario::ControlPlane),
    ];
    let mut pages = Vec::new();
    for service in fleet.model().services() {
        for region in &service.regions {
            for (word, scenario) in scenarios {
                let name = Some(region.name.as_str());
                let Ok(chosen) = choose(fleet.decided(), service, scenario, name) else { continue };
                let mut sink = Sink::default();
                let page = fleet.runbook(&mut sink, service, (scenario, &chosen));
                let page = page.expect("it compiles").expect("it can be lost");
                pages.push((
                    service.name.to_string(),
                    format!("{word} {region}", region = region.name),
                    page,
                ));
            }
        }
    }
    pages
}

static ALL: LazyLock<Vec<Tree>> = LazyLock::new(|| {
    let cases = repository("tests/cases");
    let names = names_in(&cases).into_iter().map(|name| {
        let files = |part: &str| files_below(&cases.join(&name).join(part));
        workbench::prepared(&files("specs"), &files("templates"))
    });
    let example = workbench::prepared(&files_below(&repository("specs")), &Files::new());
    let fleets = names.chain([example]);
    let mut trees: Vec<Tree> = (TREES.iter().zip(fleets))
        .map(|((name, files), fleet)| Tree::new(name.clone(), files.clone(), &fleet))
        .collect();
    for seed in 700..706 {
        let fleet = generate::fleet(seed, 6);
        let files = fleet.files();
        let specs = files.iter().map(|(path, text)| {
            (path.strip_prefix("specs/").unwrap_or(path).to_owned(), text.clone())
        });
        let prepared = workbench::prepared(&specs.collect(), &Files::new());
        trees.push(Tree::new(format!("seed {seed}"), fleet.compile(), &prepared));
    }
    trees
});

/// The blocks of a page that a shell reads.
fn blocks(page: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open: Option<String> = None;
    for line in page.lines() {
        match &mut open {
            Some(block) if line == "```" => {
                blocks.push(std::mem::take(block));
                open = None;
            }
            Some(block) => {
                block.push_str(line);
                block.push('\n');
            }
            None if line == "```sh" => open = Some(String::new()),
            None => {}
        }
    }
    blocks
}

/// The words of a line as a shell splits them, without their quotes; none when a quote stays open.
/// What stands in `$(…)` is read with the rest: it names things as well.
fn words(line: &str) -> Option<Vec<String>> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut characters = line.chars().peekable();
    while let Some(c) = characters.next() {
        let word = words.last_mut().expect("there is one");
        match (quote, c) {
            (Some(open), _) if c == open => quote = None,
            (Some('"') | None, '\\') => word.extend(characters.next()),
            (Some(_), _) => word.push(c),
            (None, '"' | '\'') => quote = Some(c),
            (None, '#') if word.is_empty() => break,
            (None, ' ' | ';' | '|' | '(' | ')') => words.push(String::new()),
            (None, _) => word.push(c),
        }
    }
    quote.is_none().then(|| words.into_iter().filter(|word| !word.is_empty()).collect())
}

/// The lines of all blocks, with the region that `EACH` stands for, one after the other.
fn lines(page: &str) -> Vec<String> {
    let mut each: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for line in blocks(page).iter().flat_map(|block| block.lines()) {
        if let Some(list) =
            line.strip_prefix("for EACH in ").and_then(|rest| rest.split("; do").next())
        {
            each = list.split(' ').map(str::to_owned).collect();
        }
        match line.contains("$EACH") {
            true => out.extend(each.iter().map(|region| line.replace("$EACH", region))),
            false => out.push(line.to_owned()),
        }
    }
    out
}

/// The variables that a page reads, and those that it sets.
fn variables(page: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut read, mut set) = (BTreeSet::new(), BTreeSet::new());
    let plain = |c: char| c.is_ascii_uppercase() || c == '_' || c.is_ascii_digit();
    for line in blocks(page).iter().flat_map(|block| block.lines()) {
        for rest in line.split('$').skip(1) {
            let rest = rest.strip_prefix('{').unwrap_or(rest);
            let end = rest.find(|c: char| !plain(c)).unwrap_or(rest.len());
            // `${X:-}` may be empty.
            if end > 0
                && !rest[end..].starts_with(":-")
                && !rest.starts_with(|c: char| c.is_ascii_digit())
            {
                read.insert(rest[..end].to_owned());
            }
        }
        for word in line.split([' ', ';', '{', '(']) {
            let name = word.split_once('=').map(|(name, _)| name);
            set.extend(
                name.filter(|name| !name.is_empty() && name.chars().all(plain)).map(str::to_owned),
            );
        }
        let looped = line.split("for ").skip(1).filter_map(|rest| rest.split_once(" in "));
        set.extend(looped.map(|(name, _)| name.to_owned()));
    }
    (read, set)
}

#[test]
fn markdown_is_whole() {
    for tree in ALL.iter() {
        let printed = tree
            .printed
            .iter()
            .map(|(service, what, page)| (format!("{service}: {what}"), page.as_str()));
        let pages = tree.pages().map(|(path, page)| (path.to_owned(), page));
        for (path, page) in pages.chain(printed) {
            let at = format!("{}: {path}", tree.name);
            let mut fenced = false;
            let mut titles = 0;
            for line in page.lines() {
                let bare = line.trim_start();
                if bare.starts_with("```") {
                    assert!(fenced || bare != "```", "{at}: a fence without its language");
                    fenced = !fenced;
                    continue;
                }
                if fenced {
                    assert!(!line.is_empty(), "{at}: a gap in a block");
                    continue;
                }
                titles += usize::from(line.starts_with("# "));
                assert!(!line.contains("{{") && !line.contains("{%"), "{at}: {line}");
            }
            assert!(!fenced, "{at}: a fence stays open");
            assert!(!page.contains("\n\n\n"), "{at}: two empty lines");
            assert_eq!(titles, 1, "{at}");
        }
    }
}

#[test]
fn a_shell_can_read_every_command() {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for tree in ALL.iter() {
        let printed = tree
            .printed
            .iter()
            .map(|(service, what, page)| (format!("{service}: {what}"), page.as_str()));
        let pages = tree.pages().map(|(path, page)| (path.to_owned(), page));
        for (path, page) in pages.chain(printed) {
            for line in lines(page) {
                found.entry(line).or_insert_with(|| format!("{}: {path}", tree.name));
            }
        }
    }
    for (line, at) in &found {
        assert!(words(line).is_some(), "{at}: a quote stays open: {line}");
    }
    assert!(found.len() > 1000, "{}", found.len());
}

#[test]
#[cfg(unix)]
fn every_block_is_a_script() {
    let mut scripts = BTreeSet::new();
    for tree in ALL.iter() {
        let printed = tree.printed.iter().map(|(_, _, page)| page.as_str());
        for page in tree.pages().map(|(_, page)| page).chain(printed) {
            scripts.extend(blocks(page));
        }
    }
    assert!(scripts.len() > 300, "{}", scripts.len());
    // As the body of a function each is read, and not run; one shell reads them all.
    let folder = crate::workbench::folder();
    let broken = "echo 'open";
    for (at, script) in scripts.iter().map(String::as_str).chain([broken]).enumerate() {
        std::fs::write(folder.path().join(format!("{at}.sh")), script).unwrap();
    }
    let check = "for FILE in *.sh; do IFS= read -r -d '' TEXT < $FILE; eval \"body() {\n$TEXT\n}\" || echo $FILE; done";
    let mut bash = std::process::Command::new("bash");
    let check = bash.current_dir(folder.path()).args(["-c", check]).output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout);
    let wrong = said.lines().filter_map(|file| file.strip_suffix(".sh")?.parse::<usize>().ok());
    let wrong: Vec<&str> =
        wrong.map(|at| scripts.iter().nth(at).map_or(broken, String::as_str)).collect();
    assert_eq!(wrong, [broken], "{}", String::from_utf8_lossy(&check.stderr));
}

/// Every variable that a procedure reads is set by itself, or by the card that leads to it.
#[test]
fn nothing_is_left_open() {
    for tree in ALL.iter() {
        let mut read_on = 0;
        for (service, what, page) in &tree.printed {
            let (read, set) = variables(page);
            let open: Vec<&String> = read.difference(&set).collect();
            assert!(open.is_empty(), "{}: {service}, {what}: {open:?}", tree.name);
            read_on += read.len();
        }
        assert!(read_on > 0);
        for (path, card) in tree.cards() {
            let mut sections = card.split("\n## ");
            let (_, base) = variables(sections.next().expect("a head"));
            for section in sections {
                let (_, own) = variables(section);
                for (name, target) in links(section) {
                    let Some(page) = tree.files.get(&format!("recovery/{target}")) else {
                        panic!("{}: {path}: {target}", tree.name);
                    };
                    // Of a region that stands by, only what is stored there is looked after.
                    let stands_by = section.contains("It stands by") && name != "standby";
                    if !target.starts_with("procedures/") || name == "ready" || stands_by {
                        continue;
                    }
                    let (read, set) = variables(page);
                    // A service without a database has no name of one; it is read where it has.
                    let database = BTreeSet::from(["DATABASE".to_owned()]);
                    let known = &(&(&base | &own) | &set) | &database;
                    let open: Vec<&String> = read.difference(&known).collect();
                    assert!(open.is_empty(), "{}: {path}: {target}: {open:?}", tree.name);
                }
            }
        }
    }
}

/// The links of a page to other pages: name and target, without the section.
fn links(page: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find("](") {
        let name = rest[..at].rsplit('[').next().unwrap_or_default().to_owned();
        let target = rest[at + 2..].split(')').next().unwrap_or_default();
        links.push((name, target.split('#').next().unwrap_or_default().to_owned()));
        rest = &rest[at + 2..];
    }
    links
}

#[test]
fn every_link_leads_to_a_page_and_every_procedure_is_led_to() {
    for tree in ALL.iter() {
        let mut led = BTreeSet::new();
        for (path, card) in tree.cards() {
            assert!(card.contains("\n. recovery/procedures/functions.sh\n"), "{path}");
        }
        for (path, page) in tree.pages() {
            let folder = path.rsplit_once('/').expect("a folder").0;
            for (_, link) in links(page) {
                let target = match link.strip_prefix("../") {
                    Some(other) => format!("recovery/{other}"),
                    None => format!("{folder}/{link}"),
                };
                assert!(tree.files.contains_key(&target), "{}: {path}: {link}", tree.name);
                led.insert(target);
            }
        }
        let procedures = tree.files.keys().filter(|path| path.starts_with("recovery/procedures/"));
        for path in procedures.filter(|path| !path.ends_with(".sh")) {
            assert!(led.contains(path), "{}: nobody leads to {path}", tree.name);
        }
    }
}

#[test]
fn what_a_runbook_names_is_there() {
    for tree in ALL.iter() {
        let (regions, names, namespaces) = (tree.regions(), tree.names(), tree.told("namespace"));
        let labels: BTreeSet<String> = (tree.manifests.iter())
            .flat_map(|(_, one)| {
                one["metadata"]["labels"].as_mapping().cloned().unwrap_or_default()
            })
            .filter_map(|(key, value)| Some(format!("{}={}", key.as_str()?, value.as_str()?)))
            .collect();
        let elsewhere = ["argocd", "flux-system", "kube-system"];
        for (service, what, page) in &tree.printed {
            let at = format!("{}: {service}, {what}", tree.name);
            for line in lines(page) {
                let words = words(&line).expect("it was read");
                for pair in words.windows(2).filter(|pair| !pair[1].contains('$')) {
                    let word = pair[1].as_str();
                    let there = match pair[0].as_str() {
                        "--context" => regions.contains(word) || word == "hub",
                        "-n" if words[0] == "kubectl" || words[0].ends_with('=') => {
                            let machines =
                                line.contains("machine") || line.contains("cluster.x-k8s.io");
                            word == "1"
                                || namespaces.contains(word)
                                || elsewhere.contains(&word)
                                || machines
                        }
                        "-f" => word == "-" || tree.holds(word),
                        "clusters.postgresql.cnpg.io" => {
                            // What a set makes has its id behind the name.
                            let of = word.split("-$").next().unwrap_or(word);
                            word.starts_with('-') || names.contains(of)
                        }
                        _ => true,
                    };
                    assert!(there, "{at}: {word} is not there: {line}");
                }
                for word in words.iter().filter(|word| !word.contains('$')) {
                    if word.starts_with("recovery/") || word.starts_with("ledger/") {
                        let found = tree.holds(word.split('*').next().unwrap_or(word));
                        assert!(found, "{at}: {word}");
                    }
                    if let Some(name) = word.strip_prefix("pvc/") {
                        assert!(names.contains(name), "{at}: {word}");
                    }
                    let selects = word.split(',').filter(|one| one.starts_with("ninefold.dev/"));
                    for label in selects.filter(|one| one.contains('=')) {
                        // What the backups are called by; the region may have none of its own.
                        let of_region = label.starts_with("ninefold.dev/region=");
                        assert!(of_region || labels.contains(label), "{at}: {label}: {line}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_started_is_named_by_its_file() {
    let mut started = 0;
    for tree in ALL.iter() {
        for (service, what, page) in &tree.printed {
            for line in lines(page) {
                let words = words(&line).expect("it was read");
                let sizes = line.contains("replicas\":") || line.contains("minReplicas\":");
                if !words.iter().any(|word| word == "scale") && !sizes {
                    continue;
                }
                // A label finds the former generations, too: to stop them is right, to start them
                // is not.
                let by_file = words.iter().any(|word| word == "-f");
                let stops = words.iter().any(|word| word == "--replicas=0");
                assert!(by_file || stops, "{}: {service}, {what}: {line}", tree.name);
                started += usize::from(!stops);
            }
        }
    }
    assert!(started > 20, "{started}");
}

#[test]
fn every_service_has_a_section_and_a_runbook_for_each_loss() {
    for tree in ALL.iter() {
        let ledgers = tree.files.keys().filter_map(|path| path.strip_prefix("ledger/"));
        for service in ledgers.filter_map(|file| file.strip_suffix(".json")) {
            if service == "fleet" {
                continue;
            }
            // Environments of a service have folders of one name, in regions of their own.
            let (plain, ledger) =
                (service.split('@').next(), &tree.files[&format!("ledger/{service}.json")]);
            let folder = |region: &str| format!("{region}/{}", plain.unwrap_or(service));
            let regions: Vec<&str> = (tree.regions().into_iter())
                .filter(|region| tree.holds(&folder(region)))
                .filter(|region| ledger.contains(&format!("\"path\": \"{}/", folder(region))))
                .collect();
            let card = &tree.files[&format!("recovery/{service}.md")];
            let lost = regions.iter().map(|region| format!("{region} is lost"));
            let titles = ["A node is lost", "A zone is lost", "Data or a release is bad", "Drills"];
            let titles = titles.map(str::to_owned).into_iter().chain(lost);
            for title in titles.chain(["The control plane is lost".to_owned()]) {
                assert!(
                    card.contains(&format!("\n## {title}\n")),
                    "{}: {service}: {title}",
                    tree.name
                );
            }
            for region in &regions {
                for word in ["region", "control-plane"] {
                    let what = format!("{word} {region}");
                    let found =
                        tree.printed.iter().find(|(of, about, _)| of == service && *about == what);
                    assert!(found.is_some(), "{}: {service}: {what}", tree.name);
                }
            }
        }
        for (service, what, page) in &tree.printed {
            for part in ["**Who decides:**", "**Trigger:**", "Abort", "Evidence to keep"] {
                assert!(page.contains(part), "{}: {service}, {what} has no {part}", tree.name);
            }
        }
    }
}

#[test]
fn the_edit_that_a_card_asks_for_compiles() {
    let specs = files_below(&repository("specs"));
    let mut edited = 0;
    let example = ALL.iter().find(|tree| tree.name == "the example").expect("it is there");
    for (path, card) in example.cards() {
        let Some((_, after)) = card.split_once("at the end: `regions = ") else { continue };
        let line = format!("regions = {}", after.split('`').next().expect("it ends"));
        let service = path.trim_start_matches("recovery/").trim_end_matches(".md");
        let file = format!("{service}.toml");
        let written: Vec<&str> = specs[&file].lines().collect();
        let regions = written.iter().position(|line| line.trim_start().starts_with("regions"));
        let mut lines = written.clone();
        lines[regions.expect("a spec names its regions")] = &line;
        assert_ne!(lines, written, "{path}");
        let mut after = specs.clone();
        after.insert(file, lines.join("\n"));
        let files: Vec<(&str, &str)> =
            after.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let found = compile(&files);
        let errors = found.findings.iter().filter(|one| one.severity == Severity::Error).count();
        assert_eq!(errors, 0, "{path}: {}", found.report());
        edited += 1;
    }
    assert!(edited > 4);
}

/// Two fifths of a megabyte of pages would be read by nobody.
#[test]
fn pages_are_short_and_files_few() {
    let files = files_below(&repository("out/recovery"));
    let services = files.keys().filter(|path| !path.contains('/')).count();
    let bytes: usize = files.values().map(String::len).sum();
    assert!(bytes <= services * 12 * 1024, "{bytes} bytes for {services} services");
    assert!(files.len() <= services * 8, "{} files for {services} services", files.len());
}

#[test]
fn a_runbook_is_printed_and_a_wrong_name_is_told() {
    let bench = workbench::Workbench::empty();
    for (path, text) in files_below(&repository("specs")) {
        bench.write(&format!("specs/{path}"), &text);
    }
    let page = bench.run(&["runbook", "orders", "--loss", "region", "eastus2"]).code(0);
    assert!(page.stdout.starts_with("# orders: eastus2 is lost\n"), "{}", page.stdout);
    assert!(page.stdout.contains("kubectl --context centralus"), "{}", page.stdout);
    assert_eq!(page.stderr, "");
    let page = bench.run(&["runbook", "orders", "--loss", "node"]).code(0);
    assert!(page.stderr.contains("this is about `eastus2`"), "{}", page.stderr);
    let zone = bench.run(&["runbook", "orders", "--loss", "zone", "eastus2-2"]).code(0);
    assert!(zone.stdout.starts_with("# orders: A zone is lost\n"), "{}", zone.stdout);
    for (arguments, said) in [
        (["order", "--loss", "node", "eastus2"], "did you mean `orders`?"),
        (["orders", "--loss", "region", "eastus"], "did you mean `eastus2`?"),
        (["orders", "--loss", "node", "centralus"], "is on standby in `centralus`"),
    ] {
        let wrong = bench.run(&[&["runbook"][..], &arguments].concat()).code(2);
        assert_eq!(wrong.stdout, "");
        assert!(wrong.stderr.contains(said), "{}", wrong.stderr);
    }
}
