//! In which order services move when a region is lost: held against the cards, and against what is
//! printed for one of them.

use crate::workbench::{Files, Workbench, compile};

/// A service of silver that moves from eastus2 to centralus.
fn service(name: &str, rto: &str, more: &str) -> String {
    format!(
        r#"
name = "{name}"
image = "registry.example.com/{name}@sha256:0000000000000000000000000000000000000000000000000000000000000000"
tier = "silver"
regions = ["eastus2", "centralus"]
rpo = "13h"
rto = "{rto}"
{more}
"#
    )
}

const VOLUME: &str = r#"kind = "stateful"
[[volumes]]
name = "data"
path = "/data"
size = "200Gi"
"#;

fn calls(name: &str) -> String {
    format!("[[depends_on]]\nservice = \"{name}\"\n")
}

fn specs(services: &[(&str, &str, String)]) -> Files {
    let fleet = ("fleet.toml".to_owned(), include_str!("fleet.toml").to_owned());
    let services =
        services.iter().map(|(name, rto, more)| (format!("{name}.toml"), service(name, rto, more)));
    std::iter::once(fleet).chain(services).collect()
}

/// The turn that a card names.
fn turn(tree: &Files, service: &str) -> Option<String> {
    let card = &tree[&format!("recovery/{service}.md")];
    card.lines().find_map(|line| line.strip_prefix("- Turn ").map(str::to_owned))
}

#[test]
fn who_is_called_moves_first_and_a_circle_ends() {
    let mut all = specs(&[
        ("front", "8h", calls("api")),
        ("api", "8h", calls("store")),
        ("store", "8h", VOLUME.to_owned()),
        ("a", "8h", calls("b")),
        ("b", "8h", calls("a")),
    ]);
    let compiled = compile(&all, &Files::new());
    assert_eq!(
        compiled.findings.iter().filter(|it| it.code.name() == "restores-together").count(),
        0
    );
    assert_eq!(turn(&compiled.tree, "front").unwrap(), "**3**, after `api`.");
    assert_eq!(turn(&compiled.tree, "api").unwrap(), "**2**, after `store`.");
    let shared = "**1**; others that are restored in centralus share its data movers.";
    assert_eq!(turn(&compiled.tree, "store").unwrap(), shared);
    assert_eq!(turn(&compiled.tree, "a").unwrap(), "**2**, after `b`.");
    // Where all serve, nobody moves; and a service that comes changes the card of no other.
    let cards = |tree: &Files| -> Vec<String> {
        ["front", "api", "a"].map(|name| tree[&format!("recovery/{name}.md")].clone()).into()
    };
    let before = cards(&compiled.tree);
    all.insert("more.toml".to_owned(), service("more", "8h", VOLUME));
    assert_eq!(cards(&compile(&all, &Files::new()).tree), before);
}

#[test]
fn restores_in_one_region_wait_for_each_other() {
    let late = |first: &str, second: &str| {
        let compiled = compile(
            &specs(&[("billing", first, VOLUME.to_owned()), ("orders", second, VOLUME.to_owned())]),
            &Files::new(),
        );
        let together = compiled.findings.into_iter();
        let together = together.filter(|finding| finding.code.name() == "restores-together");
        together.map(|finding| (finding.message, finding.notes)).collect::<Vec<_>>()
    };
    // Alone each serves again in 1h 28m 16s or less; the one with less time left goes first.
    assert_eq!(late("8h", "8h"), Vec::new());
    let told = late("2h30m", "2h20m");
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].0.contains("`billing` waits for other restores"), "{told:?}");
    assert!(told[0].1[0].contains("of `orders` first"), "{told:?}");
}

#[test]
fn the_whole_order_is_printed_for_whoever_asks() {
    let bench = Workbench::empty();
    let all = specs(&[
        ("front", "8h", calls("api")),
        ("api", "8h", String::new()),
        ("billing", "8h", VOLUME.to_owned()),
        ("orders", "7h", VOLUME.to_owned()),
    ]);
    all.iter().for_each(|(path, text)| bench.write(&format!("specs/{path}"), text));
    let order = "orders (this one), billing, api, front";
    let page = bench.run(&["runbook", "orders", "--loss", "region", "eastus2"]).code(0);
    assert!(page.stdout.contains(order), "{}", page.stdout);
    assert!(page.stdout.contains("4 of them need a person's hands"), "{}", page.stdout);
    let page = bench.run(&["runbook", "orders", "--loss", "node", "eastus2"]).code(0);
    assert!(!page.stdout.contains("in this order"), "{}", page.stdout);
    let page = bench.run(&["explain", "billing"]).code(0);
    let words = page.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("orders, billing (this one), api, front"), "{words}");
    assert!(
        words.contains("restore orders, billing, one after the other: this one waits"),
        "{words}"
    );
}
