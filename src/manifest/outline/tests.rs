use super::*;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Values {
    name: &'static str,
    port: u16,
    ratio: f64,
    labels: BTreeMap<&'static str, &'static str>,
    words: Vec<&'static str>,
    none: Option<u32>,
    sort: Sort,
    #[serde(flatten)]
    more: More,
}

#[derive(Clone, Copy, Serialize)]
enum Sort {
    First,
    Second,
}

#[derive(Serialize)]
struct More {
    on: bool,
    below: i64,
}

fn values() -> Values {
    Values {
        name: "checkout",
        port: 8080,
        ratio: 0.5,
        labels: BTreeMap::from([("app", "checkout"), ("tier", "")]),
        words: vec!["a", ""],
        none: None,
        sort: Sort::First,
        more: More { on: true, below: -1 },
    }
}

fn key(values: &Values) -> Vec<u8> {
    Outline::of(values).unwrap().key
}

#[test]
fn a_token_stands_for_each_string_that_is_not_empty_and_for_each_number() {
    let read = Outline::tokens(&values()).unwrap();
    let token = |number| tokens::token(number);
    let wanted = serde_json::json!({
        "name": token(0),
        "port": token(1),
        "ratio": 0.5,
        "labels": { token(2): token(3), token(4): "" },
        "words": [token(5), ""],
        "none": null,
        "sort": "First",
        "on": true,
        "below": -1,
    });
    assert_eq!(serde_json::to_value(read).unwrap(), wanted);
    let strings = Outline::of(&values()).unwrap().into_strings();
    let all: Vec<&str> = (0..strings.len()).filter_map(|number| strings.get(number)).collect();
    assert_eq!(all, ["checkout", "8080", "app", "checkout", "tier", "a"]);
}

#[test]
fn only_what_strings_and_numbers_say_is_left_out() {
    let was = key(&values());
    assert_eq!(key(&Values { name: "another", words: vec!["b", ""], ..values() }), was);
    assert_eq!(key(&Values { port: 8081, ..values() }), was);
    let others = [
        Values { name: "", ..values() },
        Values { port: 0, ..values() },
        Values { ratio: 0.25, ..values() },
        Values { labels: BTreeMap::from([("app", "checkout")]), ..values() },
        Values { words: vec!["a"], ..values() },
        Values { words: vec!["a", "b"], ..values() },
        Values { none: Some(0), ..values() },
        Values { sort: Sort::Second, ..values() },
        Values { more: More { on: false, below: -1 }, ..values() },
        Values { more: More { on: true, below: -2 }, ..values() },
        Values { none: Some(u32::MAX), ..values() },
        Values { more: More { on: true, below: 1 }, ..values() },
    ];
    let mut all: Vec<Vec<u8>> = others.iter().map(key).collect();
    all.push(was);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), others.len() + 1);
}
