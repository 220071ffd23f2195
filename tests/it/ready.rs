//! What must stand in a region that takes over: whatever its objects take for granted is on the card
//! of the service or of the cluster, read here from what is emitted, and every command answers.

use crate::generate;
use crate::random::Random;
use crate::workbench::{self, Files, files_below, repository, tree_of};
use serde_yaml::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use toml::Table;

/// The groups of the API that every cluster has.
const OWN: &[&str] = &[
    "v1",
    "apps/v1",
    "batch/v1",
    "policy/v1",
    "autoscaling/v2",
    "networking.k8s.io/v1",
    "rbac.authorization.k8s.io/v1",
];

/// What a tree takes for granted, by the words of the commands that look for it.
fn needs(file: &str, value: &Value, found: &mut BTreeSet<String>) {
    let version = value["apiVersion"].as_str().expect(file);
    if !OWN.contains(&version) {
        let kind = value["kind"].as_str().expect(file).to_lowercase();
        found.insert(format!("serves {kind} {version}"));
    }
    fields(value, found);
}

/// Names in fields of these keys, wherever they stand.
fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Sequence(items) => items.iter().for_each(|item| fields(item, found)),
        Value::Mapping(map) => {
            for (key, value) in map {
                let key = key.as_str().expect("keys are text");
                if value["optional"] == Value::Bool(true) {
                    continue;
                }
                let text = |value: &Value| value.as_str().map(str::to_owned);
                let name = || text(&value["name"]);
                let (word, name) =
                    match key {
                        "secretName" => ("secret", text(value)),
                        "secretRef" | "secretKeyRef" => ("secret", name()),
                        "repository" => ("secret", text(value)),
                        "storageClassName" | "storageClass" | "cacheStorageClassName" => {
                            ("storageclass", text(value))
                        }
                        "volumeSnapshotClassName" => {
                            ("volumesnapshotclasses.snapshot.storage.k8s.io", text(value))
                        }
                        "priorityClassName" => ("priorityclass", text(value)),
                        "ingressClassName" => ("ingressclass", text(value)),
                        "barmanObjectName" => ("objectstores.barmancloud.cnpg.io", text(value)),
                        "image" | "imageName" => ("image", text(value)),
                        "imagePullSecrets" => {
                            let items = value.as_sequence().into_iter().flatten();
                            found.extend(items.filter_map(|item| {
                                Some(format!("secret {}", item["name"].as_str()?))
                            }));
                            continue;
                        }
                        _ => ("", None),
                    };
                found.extend(name.map(|name| format!("{word} {name}")));
                fields(value, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Tagged(_) => {}
    }
}

/// Whether a page looks for what `need` says.
fn looks_for(page: &str, need: &str) -> bool {
    let (word, name) = need.split_once(' ').expect("two words");
    let ends = |line: &str, text: &str| line.contains(&format!("{text} ")) || line.ends_with(text);
    let line = |line: &str| match (word, name.split_once(' ')) {
        // Of the folder: `the_images_that_are_pulled_are_those_of_the_tree`.
        ("image", _) => line == "pulls" || line.starts_with("pulls "),
        ("serves", Some((kind, version))) => {
            line.contains(&format!("serves {version} ")) && ends(line, &format!(" {kind}"))
        }
        _ => ends(line, need) || ends(line, &format!("{word}/{name}")),
    };
    page.lines().any(line)
}

/// The trees of the example, of every case and of some random fleets.
static TREES: LazyLock<Vec<(String, Files)>> = LazyLock::new(|| {
    let random =
        (700..712).map(|seed| (format!("seed {seed}"), generate::fleet(seed, 8).compile()));
    workbench::TREES.iter().cloned().chain(random).collect()
});

/// What the card of a service asks of a region that takes over; none where it asks nothing.
fn check<'a>(tree: &'a Files, service: &str, region: &str) -> Option<&'a str> {
    let card = &tree[&format!("recovery/{service}.md")];
    let (_, section) = card.split_once("\n## Before a region takes over\n")?;
    let section = section.split("\n## ").next()?;
    let opens = format!("```sh\nTO={region} ");
    let from = section.find(&opens)?;
    let end = section[from + opens.len()..].find("```sh\n");
    Some(&section[from..end.map_or(section.len(), |end| from + opens.len() + end)])
}

/// What the card of a cluster asks.
fn cluster<'a>(tree: &'a Files, region: &str) -> &'a str {
    let card = &tree[&format!("recovery/fleet/{region}.md")];
    let (_, after) = card.split_once("\n## Is it ready?\n").expect("a section");
    after.split("\n## ").next().expect("a text")
}

/// The services of a tree, with their regions and the role of each.
fn roles(tree: &Files) -> Vec<(String, Vec<(String, String)>)> {
    let mut services: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for (path, text) in tree {
        let parts: Vec<&str> = path.split('/').collect();
        let &[region, service, "config-map-region.yaml"] = parts.as_slice() else { continue };
        let map: Value = serde_yaml::from_str(text).expect(path);
        let role = map["data"]["REGION_ROLE"].as_str().expect(path).to_owned();
        let place = (region.to_owned(), role);
        match services.iter_mut().find(|(name, _)| name == service) {
            Some((_, places)) => places.push(place),
            None => services.push((service.to_owned(), vec![place])),
        }
    }
    services
}

#[test]
fn what_the_objects_of_a_region_need_is_on_the_card() {
    let (mut checks, mut seen) = (0, BTreeSet::new());
    for (of, tree) in TREES.iter() {
        for (service, places) in roles(tree) {
            for (region, role) in &places {
                let at = format!("{of}: {service} in {region}");
                let asked = check(tree, &service, region);
                let takes_over = places.len() > 1 && role != "primary";
                assert_eq!(asked.is_some(), takes_over, "{at}, {role}");
                let Some(asked) = asked else { continue };
                let asked = &[asked, cluster(tree, region)].concat();
                let folder = format!("{region}/{service}/");
                let mut needs_here = BTreeSet::new();
                for (path, text) in tree.iter().filter(|(path, _)| path.starts_with(&folder)) {
                    needs(path, &serde_yaml::from_str(text).expect(path), &mut needs_here);
                }
                for need in needs_here {
                    assert!(looks_for(asked, &need), "{at} does not look for `{need}`:\n{asked}");
                    seen.insert(need.split(' ').next().unwrap().to_owned());
                }
                checks += 1;
            }
        }
    }
    assert!(checks > 60, "{checks}");
    // The law is about something.
    for word in ["serves", "image", "secret", "storageclass", "priorityclass", "ingressclass"] {
        assert!(seen.contains(word), "nothing needs `{word}`: {seen:?}");
    }
}

#[test]
fn a_check_asks_the_region_that_it_is_about() {
    for (of, tree) in TREES.iter() {
        for (service, places) in roles(tree) {
            for (region, _) in &places {
                let Some(asked) = check(tree, &service, region) else { continue };
                let asked = [asked, cluster(tree, region)].concat();
                let about = asked.lines().filter_map(|line| line.strip_prefix("TO="));
                let about: Vec<&str> = about.filter_map(|line| line.split(' ').next()).collect();
                assert!(about.len() == 2 && about.iter().all(|about| about == region), "{about:?}");
                let elsewhere = asked.split("--context ").skip(1);
                let elsewhere: BTreeSet<&str> =
                    elsewhere.map(|rest| rest.split([' ', '`']).next().unwrap()).collect();
                // The case has a region to which another one delivers.
                let hub = of == "what-must-stand-elsewhere";
                let known = |context: &&str| *context == region || hub && **context == *"hub";
                assert!(elsewhere.iter().all(known), "{of}: {service}: {elsewhere:?}");
            }
        }
    }
}

/// The blocks of a page that go into a shell.
fn blocks(page: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for line in page.lines() {
        match line.trim() {
            "```sh" => inside = true,
            "```" => inside = false,
            _ if inside => text.extend([line, "\n"]),
            _ => {}
        }
    }
    text
}

#[test]
fn the_images_that_are_pulled_are_those_of_the_tree() {
    let mut pulled = 0;
    for (of, tree) in TREES.iter() {
        let folder = crate::workbench::folder();
        workbench::write(folder.path(), tree);
        for (service, places) in roles(tree) {
            for (region, _) in places {
                let mut needed = BTreeSet::new();
                let own = format!("{region}/{service}/");
                for (path, text) in tree.iter().filter(|(path, _)| path.starts_with(&own)) {
                    needs(path, &serde_yaml::from_str(text).expect(path), &mut needed);
                }
                let needed = needed.iter().filter_map(|need| need.strip_prefix("image "));
                let needed: Vec<&str> = needed.collect();
                let functions = &tree["recovery/procedures/functions.sh"];
                let script = format!(
                    "{functions}\nto() {{ [ \"$1\" != create ] || cat; }}\nsleep() {{ :; }}\nSERVICE={service} NAMESPACE=n TO={region}\npulls\n"
                );
                let run =
                    Command::new("bash").current_dir(folder.path()).args(["-c", &script]).output();
                let said = String::from_utf8(run.unwrap().stdout).unwrap();
                let images = said.split("\"image\":\"").skip(1);
                let images: Vec<&str> = images.filter_map(|rest| rest.split('"').next()).collect();
                assert_eq!(images, needed, "{of}: {service} in {region}");
                pulled += images.len();
            }
        }
    }
    assert!(pulled > 100, "{pulled}");
}

/// Runs a script with the programs of a folder before all others, in an empty folder.
fn shell(programs: &Path, script: &str) -> String {
    let path = format!("{}:/usr/bin:/bin", programs.display());
    let output = Command::new("bash")
        .args(["-c", script])
        .env_clear()
        .env("PATH", path)
        .current_dir(programs)
        .output()
        .expect("there is a shell");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// A `kubectl` and a `curl` that always find what is asked for, but for a word.
fn programs(missing: &str) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let folder = crate::workbench::folder();
    let nodes = "one Ready\n".repeat(20);
    let text = format!(
        "#!/bin/sh\ncase \" $* \" in *' {missing} '*) exit 1 ;; *' nodes '*) printf '{nodes}' ;; *'={{..args}} ') echo '\"--concurrent-backups=1\" \"--concurrent-backups=2\" \"--concurrent-backups=3\"' ;; *' velero-repo-credentials '*) echo one ;; esac\n"
    );
    for name in ["kubectl", "curl"] {
        let path = folder.path().join(name);
        std::fs::write(&path, &text).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    folder
}

/// The script of a check: the functions, then what both cards ask by themselves.
fn answers(tree: &Files, service: &str, region: &str) -> String {
    let functions = &tree["recovery/procedures/functions.sh"];
    let card = blocks(&tree[&format!("recovery/{service}.md")]);
    let base = card.lines().skip(1).take_while(|line| !line.starts_with("REGION="));
    let asked = [cluster(tree, region), check(tree, service, region).expect("it takes over")];
    let lines = asked.iter().map(|asked| blocks(asked)).collect::<String>();
    let lines = lines.lines().filter(|line| line.starts_with("there ") || line.starts_with("TO="));
    let script: Vec<&str> = base.chain(functions.lines()).chain(lines).collect();
    script.join("\n")
}

#[test]
fn every_line_answers_and_what_is_missing_says_no() {
    let tree = files_below(&repository("out"));
    let all = programs("nothing-is-called-so");
    let mut lines = 0;
    for (service, places) in roles(&tree) {
        for (region, _) in &places {
            if check(&tree, &service, region).is_none() {
                continue;
            }
            let script = answers(&tree, &service, region);
            let asked = script.lines().filter(|line| line.starts_with("there ")).count();
            let said = shell(all.path(), &script);
            assert!(said.lines().all(|line| line.starts_with("yes  ")), "{service}:\n{said}");
            assert_eq!(said.lines().count(), asked, "{service}");
            lines += asked;
        }
    }
    assert!(lines > 100, "{lines}");

    let script = answers(&tree, "payments", "centralus");
    let without = programs("acquirer-client");
    let said = shell(without.path(), &script);
    let no: Vec<&str> = said.lines().filter(|line| line.starts_with("NO ")).collect();
    assert_eq!(no, ["NO   to -n payments get secret acquirer-client"]);
    let without = programs("nodes");
    let said = shell(without.path(), &script);
    assert_eq!(said.lines().filter(|line| line.starts_with("NO   nodes ")).count(), 3, "{said}");
}

#[test]
fn what_a_template_names_is_one_word_of_the_shell() {
    let specs = files_below(&repository("tests/cases/what-must-stand-elsewhere/specs"));
    let own = files_below(&repository("tests/cases/what-must-stand-elsewhere/templates"));
    let mut templates = own.clone();
    let account = templates.get_mut("service-account.yaml").expect("it is there");
    *account = account.replace("name: registry", "name: \"x'; touch $(id) #\"");
    assert_ne!(templates, own);
    let tree = workbench::compile(&specs, &templates).tree;
    let card = &tree["recovery/shop.md"];
    assert!(card.contains(r"get secret 'x'\''; touch $(id) #'"), "{card}");
}

#[test]
fn a_mirror_changes_the_host_of_an_image_and_never_its_digest() {
    let tree = tree_of("what-must-stand-elsewhere");
    let image = |region: &str| {
        let text = &tree[&format!("{region}/shop/deployment.yaml")];
        let line = text.lines().find_map(|line| line.trim().strip_prefix("image: "));
        line.expect("an image").trim_matches('"').to_owned()
    };
    let (north, south) = (image("north"), image("south"));
    assert!(north.starts_with("registry.example.com/shop@sha256:"), "{north}");
    assert_eq!(south, north.replace("registry.example.com", "mirror.south.example:5000"));
}

#[test]
fn what_the_fleet_declares_is_no_question_any_more() {
    let specs = files_below(&repository("specs"));
    let page = |specs: &Files| {
        let tree = workbench::compile(specs, &Files::new()).tree;
        tree["recovery/accounts.md"].clone()
    };
    let nobody = |page: &str| page.split("# declared nowhere").nth(1).unwrap().to_owned();
    let declared = page(&specs);
    assert!(!nobody(&declared).contains("prometheusrule"), "{declared}");
    // What every service needs there is on the card of the cluster, and not asked again.
    let tree = workbench::compile(&specs, &Files::new()).tree;
    let of_cluster = cluster(&tree, "centralus");
    assert!(of_cluster.contains(
        "answers without the lost region: its images are in eastus2, centralus, says the fleet file"
    ));
    assert!(of_cluster.contains("`ghcr.io` answers without the lost region"));
    assert!(!declared.contains("answers without") && !declared.contains("storageclass"));
    let mut bare = specs.clone();
    let fleet = bare.get_mut("fleet.toml").expect("a fleet");
    let (before, rest) = fleet.split_once("[registries]").expect("registries");
    let (_, after) = rest.split_once("\n\n").expect("more");
    *fleet = format!("{before}{after}");
    assert!(page(&bare).contains("the fleet file does not say where its images are"));
}

/// Says at random where images are, what delivers to a region, and how it gets certificates.
fn declare(fleet: &mut generate::Fleet, random: &mut Random) {
    let regions = fleet.fleet["regions"].as_table_mut().expect("a table");
    let names: Vec<String> = regions.keys().cloned().collect();
    let some = |random: &mut Random| {
        let chosen = names.iter().filter(|_| random.once_in(2)).cloned();
        chosen.map(toml::Value::from).collect::<Vec<_>>()
    };
    let mut registry = Table::new();
    let stored_in = some(random);
    if stored_in.is_empty() || random.once_in(4) {
        registry.insert("elsewhere".to_owned(), true.into());
    }
    registry.insert("stored_in".to_owned(), stored_in.into());
    let mirrored = names.iter().filter(|_| random.once_in(4));
    let mirrors = mirrored.map(|name| (name.clone(), format!("mirror.{name}.example").into()));
    registry.insert("mirrors".to_owned(), mirrors.collect::<Table>().into());
    for (_, region) in regions.iter_mut() {
        let region = region.as_table_mut().expect("a table");
        if random.once_in(3) {
            region.insert("delivered_from".to_owned(), random.pick(&names).clone().into());
        }
        if let Some(entry) = region.get_mut("entry") {
            let challenge = *random.pick(&["dns-01", "http-01"]);
            entry.as_table_mut().expect("a table").insert("challenge".to_owned(), challenge.into());
        }
    }
    let registries = Table::from_iter([("registry.example.com".to_owned(), registry.into())]);
    fleet.fleet.insert("registries".to_owned(), registries.into());
}

/// What is wrong with a service in that fleet, worked out anew. `active` where every region serves.
fn wrong(fleet: &Table, service: &Table, active: bool) -> BTreeSet<&'static str> {
    let registry = &fleet["registries"]["registry.example.com"];
    let stored: Vec<&str> = registry["stored_in"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| name.as_str().unwrap())
        .collect();
    let elsewhere = registry.get("elsewhere").is_some();
    let regions = generate::regions(service);
    let mut found = BTreeSet::new();
    for (at, lost) in regions.iter().enumerate().filter(|(at, _)| active || *at == 0) {
        for (other, left) in regions.iter().enumerate().filter(|(other, _)| *other != at) {
            let here = &fleet["regions"][*left];
            let alone = stored.iter().all(|place| place == lost) && !elsewhere;
            if alone && registry["mirrors"].get(left).is_none() {
                found.insert("image-out-of-reach");
            }
            let from = here.get("delivered_from").and_then(|name| name.as_str());
            if !active && from == Some(*lost) {
                found.insert("delivery-out-of-reach");
            }
            let asked = here.get("entry").and_then(|entry| entry["challenge"].as_str());
            let stands_by = active || other > 0;
            if stands_by && asked == Some("http-01") && service.contains_key("traffic") {
                found.insert("certificate-out-of-reach");
            }
        }
    }
    found
}

#[test]
fn what_goes_with_a_region_is_found_and_nothing_else() {
    let mut counted: BTreeSet<(&str, bool)> = BTreeSet::new();
    for seed in 800..820 {
        let mut fleet = generate::fleet(seed, 6);
        let bare = fleet.compile();
        declare(&mut fleet, &mut Random::new(seed));
        let (mut expected, mut after) = (BTreeSet::new(), BTreeSet::new());
        for service in &fleet.services {
            let name = generate::name(service);
            let told = |code: &&'static str| (format!("specs/{name}.toml"), (*code).to_owned());
            let region = generate::regions(service)[0];
            let map = &bare[&format!("{region}/{name}/config-map-region.yaml")];
            let active = map.contains("REGION_ROLE: active");
            let wrong = wrong(&fleet.fleet, service, active);
            if !active {
                let mut moved = service.clone();
                moved["regions"].as_array_mut().unwrap().rotate_left(1);
                after.extend(self::wrong(&fleet.fleet, &moved, active).iter().map(told));
            }
            for code in ["image-out-of-reach", "delivery-out-of-reach", "certificate-out-of-reach"]
            {
                counted.insert((code, wrong.contains(code)));
            }
            expected.extend(wrong.iter().map(told));
        }
        // What is refused once the first region is lost is said of a fleet that is right today.
        let expected = if expected.is_empty() { after } else { expected };
        let findings = generate::compile(&fleet.files()).err().unwrap_or_default();
        let found: BTreeSet<(String, String)> =
            findings.into_iter().map(|finding| (finding.file, finding.code)).collect();
        assert_eq!(found, expected, "seed {seed}\n{}", generate::text(&fleet.fleet));
    }
    assert_eq!(counted.len(), 6, "each is found and not found: {counted:?}");
}
