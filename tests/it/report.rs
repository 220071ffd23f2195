//! The report is a page that needs nothing beside itself, and each number on it is one that a ledger,
//! the fleet or the calendar has.
//!
//! What reads the page here knows HTML, and nothing of what made it.

#[path = "../../benches/fleet/generate.rs"]
mod generate_fleet;

use crate::workbench::{Files, Workbench, files_below, prepared, repository};
use expect_test::expect;
use ninefold::report::{Beside, Generation, Report};
use ninefold::tree::Ledger;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::LazyLock;

/// The page of the example fleet.
static EXAMPLE: LazyLock<String> = LazyLock::new(|| html(&files_below(&repository("specs"))));

fn html(specs: &Files) -> String {
    Report::of(&prepared(specs, &Files::new()), Beside::default()).html()
}

/// A tag as it opens, with the text up to the next tag; a closing one has a `/` before its name.
struct Tag<'a> {
    name: &'a str,
    attributes: BTreeMap<&'a str, String>,
    text: String,
}

impl Tag<'_> {
    fn get(&self, attribute: &str) -> &str {
        self.attributes.get(attribute).map_or("", String::as_str)
    }

    fn number(&self) -> u64 {
        self.get("value").parse().unwrap()
    }
}

/// Every tag, in order. The text of the style sheet and of the script is none of theirs.
fn tags(page: &str) -> Vec<Tag<'_>> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some(start) = rest.find('<') {
        let (inside, after) = rest[start + 1..].split_once('>').expect("a tag ends");
        let end = after.find('<').unwrap_or(after.len());
        let (name, attributes) = inside.split_once(' ').unwrap_or((inside, ""));
        let text = plain(after[..end].trim());
        tags.push(Tag { name, attributes: attributes_of(attributes), text });
        rest = &after[end..];
        if matches!(name, "script" | "style") {
            rest = &after[after.find("</").expect("it ends")..];
        }
    }
    tags
}

fn attributes_of(text: &str) -> BTreeMap<&str, String> {
    let mut found = BTreeMap::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        // A tag that closes itself ends with a slash.
        let end = rest.find([' ', '=']).unwrap_or(rest.len());
        let name = &rest[..end];
        rest = rest[end..].trim_start();
        let value = match rest.strip_prefix("=\"") {
            Some(value) => {
                let (value, after) = value.split_once('"').expect("a value ends");
                rest = after.trim_start();
                value
            }
            None => "",
        };
        found.insert(name, plain(value));
    }
    found
}

fn plain(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

#[test]
fn the_page_has_these_parts() {
    let mut parts = String::new();
    let mut rows = 0;
    for tag in tags(&EXAMPLE) {
        match tag.name {
            "h1" | "h2" => writeln!(parts, "{} {}", tag.name, tag.text).unwrap(),
            "tbody" => rows = 0,
            "tr" => rows += 1,
            "/tbody" => writeln!(parts, "  {rows} rows").unwrap(),
            _ => {}
        }
    }
    // What is the same again and again says no more than that it is there.
    let mut lines: Vec<&str> = parts.lines().collect();
    lines.dedup_by(|a, b| a.starts_with(' ') && b.starts_with(' '));
    let headings: Vec<&str> = lines.into_iter().filter(|line| line.starts_with('h')).collect();
    expect![[r#"
        h1 12 services in 3 regions
        h2 What to look at first
        h2 Regions, and the room in them
        h2 Promises
        h2 Services: the time line of each loss
        h2 Who depends on whom
        h2 A week of backups
        h2 Drills due
        h2 Former generations that are kept
        h2 Accepted findings
        h2 Findings
        h2 Sums"#]]
    .assert_eq(&headings.join("\n"));
}

#[test]
fn nothing_is_asked_for_from_anywhere() {
    let page = &*EXAMPLE;
    for tag in tags(page) {
        for name in ["src", "srcset", "action", "poster", "data-src", "xlink:href"] {
            assert!(!tag.attributes.contains_key(name), "<{} {name}>", tag.name);
        }
        let href = tag.get("href");
        assert!(href.is_empty() || href.starts_with('#') || href == "data:,", "{href}");
        assert!(!tag.attributes.keys().any(|name| name.starts_with("on")), "<{}>", tag.name);
    }
    // What points into the page itself asks for nothing.
    let page = page.replace("url(#", "");
    let page = &*page;
    for word in ["url(", "@import", "fetch(", "XMLHttpRequest", "import("] {
        assert!(!page.contains(word), "{word}");
    }
    // The browser is told to ask for nothing, and to run this script alone.
    let policy = tags(page)
        .into_iter()
        .find(|tag| tag.name == "meta" && tag.get("content").contains("none"));
    let policy = policy.expect("there is a policy").get("content").to_owned();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    let script = page.split_once("<script>").unwrap().1.split_once("</script>").unwrap().0;
    let digest = hmac_sha256::Hash::hash(script.as_bytes());
    let digest = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, digest);
    assert!(policy.contains(&format!("script-src 'sha256-{digest}'")), "{policy}");
}

#[test]
fn every_link_leads_to_a_part_and_every_tag_closes() {
    let tags = tags(&EXAMPLE);
    let mut ids = BTreeSet::new();
    for tag in tags.iter().filter(|tag| !tag.get("id").is_empty()) {
        assert!(ids.insert(tag.get("id")), "{} is there twice", tag.get("id"));
    }
    for tag in &tags {
        for name in ["href", "aria-labelledby"] {
            let target = tag.get(name).trim_start_matches('#');
            assert!(target.is_empty() || target == "data:," || ids.contains(target), "{target}");
        }
    }
    const ALONE: &[&str] = &["!doctype", "meta", "link", "input"];
    // HTML lets one leave these out before what ends them anyway.
    const IMPLIED: &[&str] = &["td", "th", "tr", "li"];
    let ends = |next: &str, open: &str| match next {
        "td" | "th" => matches!(open, "td" | "th"),
        "tr" => matches!(open, "td" | "th" | "tr"),
        "li" => open == "li",
        _ => next.starts_with('/') && !next.ends_with(open) && IMPLIED.contains(&open),
    };
    let mut open: Vec<&str> = Vec::new();
    for tag in tags.iter().filter(|tag| !ALONE.contains(&tag.name)) {
        while open.last().is_some_and(|last| ends(tag.name, last)) {
            open.pop();
        }
        match tag.name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name)),
            None if tag.attributes.contains_key("/") => {}
            None => open.push(tag.name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

/// What a page says of each service, region, loss and objective: the worst case and the promise.
type Claims = BTreeMap<(String, String, String, String), (Option<u64>, Option<u64>)>;

/// The objectives, in the order of the columns behind the name of the loss and its time line.
const COLUMNS: [&str; 4] = ["rto", "rpo", "survivors", "availability"];

/// The number that a reader reads: of seconds, of replicas, or of millionths; none is without bound.
fn amount(text: &str) -> Option<u64> {
    if text == "unbounded" {
        return None;
    }
    if let Some(percent) = text.strip_suffix(" %") {
        let (whole, part) = percent.split_once('.').unwrap_or((percent, ""));
        return Some(format!("{whole}{part:0<4}").parse().unwrap());
    }
    let text = text.trim_end_matches(" replicas").trim_end_matches(" replica");
    if let Ok(number) = text.parse() {
        return Some(number);
    }
    let unit = |unit: char| match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 604_800,
        _ => panic!("{text}"),
    };
    let one = |part: &str| {
        let (number, last) = part.split_at(part.len() - 1);
        number.parse::<u64>().unwrap() * unit(last.chars().next().unwrap())
    };
    Some(text.split(' ').map(one).sum())
}

fn claims_on(page: &str) -> Claims {
    let mut claims = Claims::new();
    let (mut services, mut regions) = (Vec::<String>::new(), Vec::<String>::new());
    let (mut in_table, mut scope, mut column) = (false, String::new(), 0);
    let mut promised: [Option<u64>; 6] = [None; 6];
    let mut last = Vec::new();
    for tag in tags(page) {
        match tag.name {
            "details" if tag.get("class").starts_with("service") => services.clear(),
            "li" => services.extend(tag.get("id").strip_prefix("service-").map(str::to_owned)),
            "table" if tag.get("class") == "claims" => (in_table, promised) = (true, [None; 6]),
            "/table" => in_table = false,
            _ if !in_table => {}
            "tr" => column = 0,
            "th" if tag.get("scope") == "rowgroup" => {
                regions = tag.text.split(", ").map(str::to_owned).collect();
                scope.clear();
            }
            "th" | "td" => {
                scope = match tag.text.as_str() {
                    "a pod" => "pod".to_owned(),
                    "a node" => "node".to_owned(),
                    "a zone" => "zone".to_owned(),
                    "the region" => "region".to_owned(),
                    "data" => "data".to_owned(),
                    _ => scope,
                };
                column += 1;
            }
            // What is promised, for the column as a whole or for one cell.
            "small" => match tag.text.strip_suffix(" promised") {
                Some(all) => promised[column - 1] = amount(all),
                None => {
                    let of = tag.text.strip_prefix("of ");
                    let of = of.or_else(|| tag.text.strip_suffix(" needed")).and_then(amount);
                    if let Some(promise) = of {
                        last.iter().for_each(|key| claims.get_mut(key).unwrap().1 = Some(promise));
                    }
                }
            },
            "a" => {
                let (_, worst) = tag.text.split_once(' ').unwrap();
                let promise = promised[column - 1].filter(|_| tag.get("class") != "open");
                last.clear();
                for (service, region) in
                    services.iter().flat_map(|one| regions.iter().map(move |region| (one, region)))
                {
                    let objective = COLUMNS[column - 3].to_owned();
                    let key = (service.clone(), region.clone(), scope.clone(), objective);
                    last.push(key.clone());
                    assert!(claims.insert(key, (amount(worst), promise)).is_none(), "{service}");
                }
            }
            _ => {}
        }
    }
    claims
}

fn ledgers() -> Vec<Value> {
    let files = files_below(&repository("out/ledger"));
    files.values().map(|text| serde_json::from_str(text).unwrap()).collect()
}

#[test]
fn every_claim_is_the_one_of_a_ledger_and_none_is_left_out() {
    let mut kept = Claims::new();
    for ledger in ledgers() {
        let service = ledger["unit"].as_str().unwrap();
        let promises = ledger["promises"].as_object().cloned().unwrap_or_default();
        for (region, promise) in promises {
            for (scope, objectives) in promise["claims"].as_object().unwrap() {
                for (objective, claim) in objectives.as_object().unwrap() {
                    let key = [service, &region, scope, objective].map(str::to_owned);
                    let number = |name: &str| claim[name].as_u64();
                    kept.insert(key.into(), (number("worst"), number("promised")));
                }
            }
        }
    }
    assert!(kept.len() > 100, "{}", kept.len());
    assert_eq!(claims_on(&EXAMPLE), kept);
}

#[test]
fn every_time_line_adds_up_to_its_number_and_has_the_terms_of_a_ledger() {
    let mut in_ledgers: BTreeSet<BTreeMap<String, u64>> = BTreeSet::new();
    for ledger in ledgers() {
        for promise in ledger["promises"].as_object().into_iter().flat_map(|it| it.values()) {
            let claims = promise["claims"].as_object().unwrap().values();
            for claim in claims.flat_map(|of| of.as_object().unwrap().values()) {
                let terms = claim["terms"].as_object().cloned().unwrap_or_default();
                in_ledgers
                    .insert(terms.into_iter().map(|(k, v)| (k, v.as_u64().unwrap())).collect());
            }
        }
    }
    let page = tags(&EXAMPLE);
    let mut sums = 0;
    let (mut seconds, mut total, mut name) = (false, false, String::new());
    let (mut terms, mut worst) = (BTreeMap::new(), None);
    for (at, tag) in page.iter().enumerate() {
        match tag.name {
            "table" => {
                seconds = tag.get("data-unit") == "seconds";
                (total, terms) = (false, BTreeMap::new());
            }
            _ if !seconds => {}
            "/table" => seconds = false,
            "tbody" => total = tag.get("class") == "totals",
            "th" if !total => name = tag.text.clone(),
            "/span" if !total => name = tag.text.clone(),
            "td" if !total && !name.is_empty() => {
                let number = amount(&tag.text).unwrap();
                if number > 0 {
                    terms.insert(std::mem::take(&mut name), number);
                }
                name.clear();
            }
            "b" if total => worst = amount(&tag.text),
            // What others add has its number here, and its name in the cell behind it.
            "small" | "td" if total && worst.is_some() => {
                let called = tag.text.strip_prefix("with ").map(|text| amount(text).unwrap());
                let cell = page[at..].iter().find(|tag| tag.name == "td" && !tag.text.is_empty());
                let mut terms = terms.clone();
                if let Some(called) = called {
                    let (name, _) = cell.unwrap().text.split_once(": ").unwrap();
                    terms.insert(name.to_owned(), called);
                }
                assert_eq!(terms.values().sum::<u64>(), worst.take().unwrap(), "{terms:?}");
                assert!(in_ledgers.contains(&terms), "{terms:?}");
                sums += 1;
            }
            _ => {}
        }
    }
    assert!(sums > 20, "{sums}");
    // The drawing of each is as long as its number.
    let mut drawn = 0;
    let (mut lengths, mut length) = (BTreeMap::new(), 0u64);
    let (mut chain, mut whole) = (String::new(), None::<u64>);
    for tag in &page {
        match tag.name {
            "g" => (length, chain) = (0, tag.get("id").to_owned()),
            "symbol" => {
                whole = Some(tag.get("viewBox").split(' ').nth(2).unwrap().parse().unwrap());
            }
            "use" if whole.is_some() => length = lengths[tag.get("href")],
            "rect"
                if tag.get("height") == "10"
                    && !tag.get("x").is_empty()
                    && tag.get("class") != "more" =>
            {
                assert_eq!(tag.get("x").parse::<u64>().unwrap(), length);
                length += tag.get("width").parse::<u64>().unwrap();
            }
            "/g" => {
                lengths.insert(format!("#{chain}"), length);
            }
            "/symbol" => {
                assert_eq!(whole.take(), Some(length));
                drawn += 1;
            }
            _ => {}
        }
    }
    assert!(drawn > 20, "{drawn}");
}

/// The page of a thousand services, left where a browser can be made to open it.
#[test]
fn a_thousand_services_fit_into_five_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    let size = generate_fleet::Size { services: 1000, regions: 3, seed: 1 };
    generate_fleet::write(folder.path(), size);
    let page = html(&files_below(folder.path()));
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("thousand.html");
    std::fs::write(path, &page).unwrap();
    assert!(page.len() < 5_000_000, "{} bytes", page.len());
    assert_eq!(page.matches("<li id=\"service-").count(), 1000);
}

#[test]
fn zones_have_what_the_fleet_declares() {
    let fleet: toml::Table = files_below(&repository("specs"))["fleet.toml"].parse().unwrap();
    let mut declared = Vec::new();
    for region in fleet["regions"].as_table().unwrap().values() {
        for zone in region["zones"].as_array().unwrap() {
            let of = |key: &str| zone[key].as_str().unwrap().to_owned();
            let memory: u64 = of("memory").trim_end_matches("Gi").parse().unwrap();
            let cpu: u64 = of("cpu").parse().unwrap();
            let nodes = u64::try_from(zone["nodes"].as_integer().unwrap()).unwrap();
            declared.push((of("name"), [nodes, cpu * 1000, memory << 30]));
        }
    }
    let page = tags(&EXAMPLE);
    let zones = page
        .iter()
        .enumerate()
        .filter(|(_, tag)| declared.iter().any(|(name, _)| *name == tag.text && tag.name == "th"));
    let mut found = 0;
    for (at, zone) in zones {
        let numbers: Vec<u64> =
            page[at..].iter().filter(|tag| tag.name == "data").take(5).map(Tag::number).collect();
        let (_, has) = declared.iter().find(|(name, _)| *name == zone.text).unwrap();
        // The nodes; then what is asked for, and what there is, of CPU and of memory.
        assert_eq!([numbers[0], numbers[2], numbers[4]], *has, "{}", zone.text);
        assert!(numbers[1] <= numbers[2] && numbers[3] <= numbers[4], "{}", zone.text);
        found += 1;
    }
    assert_eq!(found, declared.len());
}

#[test]
fn what_somebody_wrote_is_text_and_never_a_tag() {
    let mut specs = files_below(&repository("tests/it/first"));
    let service = specs["hello.toml"].clone();
    let evil = r#"</td><script>alert('1')</script><img src=x onerror=alert(1)> & \u202e"#;
    let accept = format!(
        "\n[[accept]]\nrule = \"pods-replaced\"\nreason = \"{evil}\"\nuntil = \"2027-06-30\"\n"
    );
    specs.insert("hello.toml".to_owned(), service + &accept);
    let page = html(&specs);
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!page.contains("<img") && !page.contains('\u{202e}'));
    let told = "</td><script>alert('1')</script><img src=x onerror=alert(1)> & \\u{202e}";
    assert!(tags(&page).iter().any(|tag| tag.text == told), "the reason is there to be read");
    let report = Report::of(&prepared(&specs, &Files::new()), Beside::default());
    assert!(!report.markdown().contains("<script"));
}

#[test]
fn a_fleet_with_next_to_nothing_has_a_page_too() {
    let mut specs = files_below(&repository("tests/it/first"));
    let fleet = specs["fleet.toml"].clone();
    let end = fleet.find("# Where Velero stores").unwrap();
    specs.insert("fleet.toml".to_owned(), fleet[..end].to_owned());
    let page = html(&specs);
    for text in [
        "1 service in 1 region",
        "Nothing is backed up by Velero.",
        "No service calls another.",
        "No drill is ever due",
        "None: nothing runs beside the current generation.",
    ] {
        assert!(page.contains(text), "{text}");
    }
    assert_eq!(page, html(&specs), "the same input gives the same bytes");
}

#[test]
fn it_shows_generations_drills_that_are_overdue_and_promises_that_are_broken() {
    let bench = Workbench::committed();
    bench.edit("specs/hello.toml", "@sha256:0", "@sha256:1");
    bench.run(&["build"]).code(0);
    let ledger = Ledger::read("hello", &bench.read("out/ledger/hello.json")).unwrap();
    let kept = Generation::in_ledger(&ledger);
    assert!(!kept.is_empty());
    bench.run(&["report", "--to", "page.html"]).code(0);
    let page = bench.read("page.html");
    let shown = tags(&page);
    let shown = |text: &str| shown.iter().any(|tag| tag.name == "code" && tag.text == text);
    assert!(kept.iter().all(|one| shown(&one.generation)));
    assert_eq!(bench.run(&["report"]).code(0).stdout, page);
    let markdown = bench.run(&["report", "--markdown"]).code(0).stdout;
    assert!(markdown.starts_with("# 1 service in 1 region\n"), "{markdown}");
    assert!(kept.iter().all(|one| markdown.contains(&one.generation)));
    // Rows of a table follow each other.
    assert!(!markdown.contains("|\n\n|"), "{markdown}");

    bench.edit("specs/hello.toml", "rto = \"4h\"", "rto = \"1s\"");
    let broken = bench.run(&["report"]).code(1).stdout;
    assert!(
        tags(&broken)
            .iter()
            .any(|tag| tag.get("class") == "mark broken" || tag.get("class") == "broken")
    );
}

#[test]
fn drills_are_those_of_the_calendar() {
    let bench = Workbench::empty();
    crate::workbench::write(&bench.path("specs"), &files_below(&repository("specs")));
    let calendar = bench.run(&["calendar"]).code(0).stdout;
    let page = bench.run(&["report", "--today", "2027-11-22"]).code(0).stdout;
    let part = page.split_once("id=\"drills\"").unwrap().1.split_once("</section>").unwrap().0;
    let rows = tags(part);
    let mut services = Vec::new();
    for tag in rows.iter().filter(|tag| tag.get("href").starts_with("#service-")) {
        services.push(tag.text.as_str());
    }
    let due: Vec<&str> = calendar
        .lines()
        .map(|line| line.trim_start_matches("at once").split_whitespace())
        .map(|mut words| words.find(|word| !word.starts_with("20")).unwrap())
        .collect();
    assert_eq!(services, due);
    assert!(part.contains("overdue"));
}
