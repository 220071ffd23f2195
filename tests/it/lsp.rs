//! `ninefold lsp`, as an editor talks to it.

use crate::talk::{Framing, Talk};
use crate::workbench::Workbench;
use serde_json::{Value, json};

/// A fleet on the disk, with an editor at its folder.
struct Editor {
    bench: Workbench,
    talk: Talk,
    version: i32,
}

const PUBLISHED: &str = "textDocument/publishDiagnostics";

impl Editor {
    fn new() -> Editor {
        let bench = Workbench::initialised();
        let mut command = bench.command(&["lsp", "--stdio"]);
        // Its folder is what the editor says, and not where it was started.
        command.current_dir("/");
        let mut talk = Talk::with(command, Framing::Headers);
        let root = format!("file://{}", bench.path("").display());
        let begun = talk.ask(
            "initialize",
            json!({
                "processId": 1, "rootUri": root, "capabilities": {
                    "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } },
                    "general": { "positionEncodings": ["utf-8", "utf-16"] },
                },
                "workspaceFolders": [{ "uri": root, "name": "fleet" }],
            }),
        );
        assert_eq!(begun["capabilities"]["positionEncoding"], "utf-16");
        assert_eq!(begun["serverInfo"]["name"], "ninefold");
        talk.tell("initialized", json!({}));
        talk.told("client/registerCapability", |_| true);
        Editor { bench, talk, version: 1 }
    }

    fn uri(&self, file: &str) -> String {
        format!("file://{}", self.bench.path(file).display())
    }

    fn open(&mut self, file: &str, text: &str) {
        let document = json!({
            "uri": self.uri(file), "languageId": "toml", "version": self.version, "text": text,
        });
        self.talk.tell("textDocument/didOpen", json!({ "textDocument": document }));
    }

    /// Changes the whole text; what is then said of it.
    fn write(&mut self, file: &str, text: &str) -> Vec<Value> {
        self.change(file, json!([{ "text": text }]));
        self.said_of(file)
    }

    fn change(&mut self, file: &str, changes: Value) {
        self.version += 1;
        let document = json!({ "uri": self.uri(file), "version": self.version });
        let params = json!({ "textDocument": document, "contentChanges": changes });
        self.talk.tell("textDocument/didChange", params);
    }

    /// What is said of a file in its newest version.
    fn said_of(&mut self, file: &str) -> Vec<Value> {
        let (uri, version) = (self.uri(file), self.version);
        let is_it = |params: &Value| {
            params["uri"] == uri && (params["version"].is_null() || params["version"] == version)
        };
        self.talk.told(PUBLISHED, is_it)["diagnostics"].as_array().unwrap().clone()
    }

    fn at(&self, file: &str, text: &str, before: &str) -> Value {
        let at = text.find(before).unwrap_or_else(|| panic!("{before} in {text}")) + before.len();
        let line = text[..at].matches('\n').count();
        let column = text[..at].lines().last().unwrap_or_default().encode_utf16().count();
        let position = json!({ "line": line, "character": column });
        json!({ "textDocument": { "uri": self.uri(file) }, "position": position })
    }

    fn hover(&mut self, file: &str, text: &str, before: &str) -> String {
        let params = self.at(file, text, before);
        let hover = self.talk.ask("textDocument/hover", params);
        hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
    }

    /// What is offered: label, and the text that it makes.
    fn complete(&mut self, file: &str, text: &str, before: &str) -> Vec<(String, String)> {
        let params = self.at(file, text, before);
        let items = self.talk.ask("textDocument/completion", params);
        let offered = items["items"].as_array().unwrap().iter().map(|item| {
            let text = |pointer: &str| item.pointer(pointer).unwrap().as_str().unwrap().to_owned();
            (text("/label"), text("/textEdit/newText"))
        });
        offered.collect()
    }

    fn end(mut self) {
        assert_eq!(self.talk.ask("shutdown", Value::Null), Value::Null);
        let refused = self.talk.ask("textDocument/hover", json!({}));
        assert_eq!(refused["code"], -32600);
        self.talk.tell("exit", Value::Null);
        assert_eq!(self.talk.end(), (Some(0), String::new()));
    }
}

fn labels(offered: &[(String, String)]) -> Vec<&str> {
    offered.iter().map(|(label, _)| label.as_str()).collect()
}

#[test]
fn a_session_from_a_mistake_to_its_mending() {
    let mut editor = Editor::new();
    let hello = editor.bench.read("specs/hello.toml");
    // Nothing is wrong with what is on the disk, and a mistake is seen before it is saved.
    editor.open("specs/hello.toml", &hello);
    let mistake = format!("# 😀\n{hello}").replace("tier ", "teir ").replace("teir ", "teir  ");
    let found = editor.write("specs/hello.toml", &mistake);
    let wrong = found.iter().find(|one| one["code"] == "unknown-key").expect("the key is wrong");
    assert_eq!((&wrong["severity"], &wrong["source"]), (&json!(1), &json!("ninefold")));
    let line = mistake.lines().position(|line| line.starts_with("teir")).unwrap();
    assert_eq!(wrong["range"]["start"], json!({ "line": line, "character": 0 }));
    assert_eq!(wrong["range"]["end"], json!({ "line": line, "character": 4 }));
    let message = wrong["message"].as_str().unwrap();
    assert!(message.ends_with("help: did you mean `tier`?"), "{message}");
    assert_eq!(editor.bench.read("specs/hello.toml"), hello);

    // The editor offers to mend it, and a key is completed.
    let params = json!({
        "textDocument": { "uri": editor.uri("specs/hello.toml") },
        "range": wrong["range"], "context": { "diagnostics": [] },
    });
    let actions = editor.talk.ask("textDocument/codeAction", params);
    let edit = &actions[0]["edit"]["changes"][editor.uri("specs/hello.toml")][0];
    assert_eq!((&edit["newText"], &edit["range"]), (&json!("tier"), &wrong["range"]));
    assert_eq!(editor.write("specs/hello.toml", &hello), Vec::<Value>::new());

    // By ranges, as one types: a promise that nobody can keep, and its terms.
    let line = hello.lines().position(|line| line.starts_with("rto")).unwrap();
    let long = hello.lines().nth(line).unwrap().len();
    let range = json!({
        "start": { "line": line, "character": 0 }, "end": { "line": line, "character": long },
    });
    editor.change("specs/hello.toml", json!([{ "range": range, "text": "rto     = \"1s\"" }]));
    let found = editor.said_of("specs/hello.toml");
    assert!(found.iter().any(|one| one["code"] == "rto-out-of-reach"), "{found:?}");
    let broken = {
        let mut lines: Vec<&str> = hello.lines().collect();
        lines[line] = "rto     = \"1s\"";
        lines.join("\n") + "\n"
    };
    let hover = editor.hover("specs/hello.toml", &broken, "\nrt");
    assert!(hover.starts_with("**`rto`**: duration\n\nThe longest time until"), "{hover}");
    assert!(hover.contains("BROKEN") && hover.contains("assumed"), "{hover}");
    assert!(!hover.contains("\u{1b}"), "{hover}");
    editor.end();
}

#[test]
fn what_may_be_written_is_offered() {
    let mut editor = Editor::new();
    editor
        .bench
        .write("specs/other.toml", "name = \"other\"\nports = [{ name = \"grpc\", port = 1 }]\n");
    let file = "specs/new.toml";
    // A file that is not on the disk yet.
    let text = "name = \"new\"\nti\nregions = [\"\"]\nkind = \"\"\n[[depends_on]]\nservice = \"\"\nports = [\"\"]\n[capacity]\n\n[[vol]]\n";
    editor.open(file, text);
    let found = editor.said_of(file);
    assert!(!found.is_empty());
    let keys = editor.complete(file, text, "\nti");
    let needed: Vec<&str> = labels(&keys)[..4].to_vec();
    assert_eq!(needed, ["image", "rpo", "rto", "tier"]);
    assert!(keys.contains(&("tier".to_owned(), "tier = \"\"".to_owned())), "{keys:?}");
    assert!(keys.contains(&("volumes".to_owned(), "[[volumes]]\n".to_owned())), "{keys:?}");
    assert!(!labels(&keys).contains(&"name"), "it is there already");
    let regions = editor.complete(file, text, "regions = [\"");
    assert!(
        !regions.is_empty()
            && editor
                .bench
                .read("specs/fleet.toml")
                .contains(&format!("[regions.{}]", regions[0].0)),
        "{regions:?}"
    );
    assert_eq!(labels(&editor.complete(file, text, "kind = \"")), ["deployment", "stateful"]);
    assert_eq!(labels(&editor.complete(file, text, "service = \"")), ["hello", "other"]);
    assert_eq!(editor.complete(file, text, "ports = [\""), []);
    let capacity = editor.complete(file, text, "[capacity]\n");
    assert!(labels(&capacity).contains(&"autoscale"), "{capacity:?}");
    assert!(labels(&editor.complete(file, text, "[[vol")).contains(&"volumes"));

    let named =
        text.replace("service = \"", "service = \"other").replace("\nti\n", "\ntier = \"\"\n");
    editor.change(file, json!([{ "text": named }]));
    assert_eq!(labels(&editor.complete(file, &named, "ports = [\"")), ["grpc"]);
    let tiers = editor.complete(file, &named, "tier = \"");
    assert_eq!(labels(&tiers), ["bronze", "gold", "platinum", "silver"]);
    assert_eq!(tiers[1].1, "gold");
    let bare = named.replace("\ntier = \"\"", "\ntier = ");
    editor.change(file, json!([{ "text": bare }]));
    assert_eq!(editor.complete(file, &bare, "tier = ")[1].1, "\"gold\"");
    let elsewhere = format!("{bare}\n[environments.staging]\ntier = \"\"\nrp");
    editor.change(file, json!([{ "text": elsewhere }]));
    let tiers = editor.complete(file, &elsewhere, "staging]\ntier = \"");
    assert_eq!(labels(&tiers), ["bronze", "gold", "platinum", "silver"]);
    assert!(labels(&editor.complete(file, &elsewhere, "\nrp")).contains(&"rpo"));
    // In the fleet, too.
    let fleet = editor.bench.read("specs/fleet.toml") + "\n[tiers.ours]\nlike = \"\"\n";
    editor.open("specs/fleet.toml", &fleet);
    assert!(labels(&editor.complete("specs/fleet.toml", &fleet, "like = \"")).contains(&"gold"));
    assert!(editor.hover("specs/fleet.toml", &fleet, "\nlik").starts_with("**`tiers.ours.like`**"));
    editor.end();
}

const SMALL_FLEET: &str = r#"inventory = "2026-11-01"
[registries."registry.example.com"]
stored_in = ["west"]
mirrors = {  }
[priority_classes]
urgent = 1000
[tiers.gold]
priority_class = ""
[defaults]
placement = { pool = "" }
[[accept]]
service = ""
rule = ""
[regions.west]
geography = "us"
zones = [{ name = "west-1", nodes = 3, cpu = "8", memory = "32Gi" }]
pools = [{ name = "gpu", zones = [""] }]
registries = [{ host = "" }]
delivered_from = ""
[regions.test]
environment = ""
geography = ""
[regions.west.backup]
locations = [{ name = "a", stored_in = "" }]
"#;

#[test]
fn names_are_offered_wherever_they_fit_in_the_fleet_and_in_specs() {
    let mut editor = Editor::new();
    let file = "specs/fleet.toml";
    let spec =
        "name = \"web\"\nregions = [\"west\"]\nnamespace = \"shop\"\n[environments.staging]\n";
    editor.bench.write("specs/web.toml", spec);
    editor.bench.remove("specs/hello.toml");
    editor.open(file, SMALL_FLEET);
    editor.said_of(file);
    for (before, expected) in [
        ("mirrors = { ", &["test", "west"][..]),
        ("stored_in = [\"", &["test", "west"]),
        ("priority_class = \"", &["urgent"]),
        ("pool = \"", &["gpu"]),
        ("[[accept]]\nservice = \"", &["fleet", "web"]),
        ("zones = [\"", &["west-1"]),
        ("host = \"", &["registry.example.com"]),
        ("delivered_from = \"", &["test", "west"]),
        ("environment = \"", &["staging"]),
        ("]\nenvironment = \"\"\ngeography = \"", &["us"]),
        ("\"a\", stored_in = \"", &["test", "west"]),
    ] {
        let offered = editor.complete(file, SMALL_FLEET, before);
        let offered = labels(&offered);
        let all = expected.iter().all(|name| offered.contains(name));
        assert!(all, "{before}: {offered:?}");
    }
    let effects = editor.complete(file, SMALL_FLEET, "rule = \"");
    assert!(labels(&effects).contains(&"service-removed"), "{effects:?}");
    let header = SMALL_FLEET.replace("[tiers.gold]", "[tiers.]");
    editor.change(file, json!([{ "text": header }]));
    assert!(labels(&editor.complete(file, &header, "[tiers.")).contains(&"bronze"));

    // A region belongs to one environment, and only there it is offered.
    let fleet = SMALL_FLEET.replace("environment = \"\"", "environment = \"staging\"");
    editor.write(file, &format!("{fleet}\n[nothing]\n"));
    let file = "specs/web.toml";
    let spec = "name = \"web\"\nregions = [\"\"]\nteam = \"\"\n[config]\nLEVEL = {  }\n[environments.staging]\nregions = [\"\"]\n[[scratch]]\npath = \"/tmp/a\"\n[[sidecars]]\nmounts = [\"\"]\n[[called_by]]\nnamespace = \"\"\n";
    editor.open(file, spec);
    editor.said_of(file);
    for (before, expected) in [
        ("web\"\nregions = [\"", &["west"][..]),
        ("staging]\nregions = [\"", &["test"]),
        ("LEVEL = { ", &["default"]),
        ("mounts = [\"", &["/tmp/a"]),
    ] {
        let offered = editor.complete(file, spec, before);
        let offered: Vec<&str> = offered
            .iter()
            .map(|(label, _)| label.as_str())
            .filter(|it| expected.contains(it))
            .collect();
        assert_eq!(offered, expected, "{before}");
    }
    let regions = editor.complete(file, spec, "web\"\nregions = [\"");
    assert!(!labels(&regions).contains(&"test"), "{regions:?}");
    let spec = "name = \"web\"\n[environments.]\n";
    editor.change(file, json!([{ "text": spec }]));
    assert_eq!(labels(&editor.complete(file, spec, "[environments.")), ["staging"]);
    editor.end();
}

#[test]
fn a_key_of_the_fleet_tells_who_rests_on_it_and_what_follows() {
    let mut editor = Editor::new();
    let file = "specs/fleet.toml";
    let fleet = editor.bench.read(file);
    editor.open(file, &fleet);
    // A hover waits for nothing: the fleet is looked at when what is wrong with it is told.
    editor.write(file, &fleet.replacen("inventory", "inventroy", 1));
    editor.write(file, &fleet);
    let region = fleet.lines().find_map(|line| line.strip_prefix("[regions.")).unwrap();
    let region = region.trim_end_matches(']').to_owned();
    let hover = editor.hover(file, &fleet, &format!("[regions.{region}]\nge"));
    assert!(hover.contains("`regions") && hover.contains("One service is in"), "{hover}");
    let zones = editor.hover(file, &fleet, "\nzone");
    assert!(zones.contains("**Room**") && zones.contains("are requested"), "{zones}");
    // The number of zones is where replicas follow from.
    assert!(zones.contains("**Numbers in the manifests**") && zones.contains("(hello)"), "{zones}");

    // A tier that the fleet changes: the terms of what is promised, and fields.
    let changed = format!("{fleet}\n[tiers.gold]\nnode_loss = \"20s\"\navailability = 99.9\n");
    editor.write(file, &format!("{changed}a = 1\n"));
    editor.write(file, &changed);
    let tier = editor.hover(file, &changed, "\nnode_lo");
    assert!(tier.contains("of the tier `gold`: hello."), "{tier}");
    assert!(tier.contains("tolerations"), "{tier}");
    let share = editor.hover(file, &changed, "\navailabi");
    assert!(share.contains("**Terms of what is promised**"), "{share}");
    assert!(share.contains("promised 99.9 %, worst case 99."), "{share}");
    editor.end();
}

#[test]
fn a_port_shows_what_rests_on_its_number_and_its_name_shows_the_number() {
    let mut editor = Editor::new();
    let own = "\n[[ports]]\nname = \"web\"\nport = 8080\nservice = 80\n\
        [probes]\nport = \"web\"\n[[sidecars]]\nname = \"proxy\"\nimage = \"IMAGE\"\n\
        ports = [{ name = \"tls\", port = 8443 }]\nprobes = { ready = { tcp = \"tls\" } }\n\
        [[called_by]]\nnamespace = \"monitoring\"\nports = [\"tls\"]\n";
    let image = format!("registry.example.com/proxy@sha256:{}", "0".repeat(64));
    let hello = editor.bench.read("specs/hello.toml");
    let called = format!("{hello}{}", own.replace("IMAGE", &image));
    editor.bench.write("specs/hello.toml", &called);
    let caller = hello.replace("\"hello\"", "\"caller\"")
        + "[[depends_on]]\nservice = \"hello\"\nports = [\"web\"]\n";
    editor.bench.write("specs/caller.toml", &caller);
    let file = "specs/hello.toml";
    editor.open(file, &called);
    editor.write(file, &called.replace("8080", "\"8080\""));
    assert_eq!(editor.write(file, &called), Vec::<Value>::new());

    let number = editor.hover(file, &called, "\nport = 80");
    assert!(number.starts_with("**`ports.port`**: number"), "{number}");
    for field in ["containerPort", "network-policy", "what it listens on"] {
        assert!(number.contains(field), "{field}: {number}");
    }
    let service = editor.hover(file, &called, "\nservice = 8");
    assert!(service.contains("service.spec\n  ports[web].port = 80\n"), "{service}");
    let probe = editor.hover(file, &called, "[probes]\nport = \"w");
    assert!(probe.contains("\n\n`web`: TCP port 8080, which callers reach as 80."), "{probe}");
    let beside = editor.hover(file, &called, "ready = { tcp = \"t");
    assert!(beside.contains("`tls`: TCP port 8443 of the sidecar `proxy`."), "{beside}");
    let admitted = editor.hover(file, &called, "monitoring\"\nports = [\"t");
    assert!(admitted.contains("`tls`: TCP port 8443 of the sidecar `proxy`."), "{admitted}");

    editor.open("specs/caller.toml", &caller);
    editor.write("specs/caller.toml", &caller.replace("gold", "golden"));
    editor.write("specs/caller.toml", &caller);
    let named = editor.hover("specs/caller.toml", &caller, "ports = [\"we");
    assert!(named.contains("The names of that service's ports."), "{named}");
    assert!(named.contains("`web`: TCP port 8080, which callers reach as 80."), "{named}");
    editor.end();
}

#[test]
fn nothing_that_is_sent_ends_the_session() {
    let mut editor = Editor::new();
    let hello = editor.bench.read("specs/hello.toml");
    editor.open("specs/hello.toml", &hello);
    editor.talk.send(b"Content-Length: 5\r\n\r\n{\"a\":");
    editor.talk.send(b"Content-Length: 2\r\n\r\n[]");
    editor.talk.send(b"Nonsense\r\nContent-Length: none\r\n\r\n");
    let refused = editor.talk.ask("textDocument/rename", json!({}));
    assert_eq!(refused["code"], -32601);
    let refused = editor.talk.ask("initialize", json!({}));
    assert_eq!(refused["code"], -32601);
    for params in [json!(null), json!([1]), json!({ "textDocument": 3 })] {
        assert_eq!(editor.talk.ask("textDocument/hover", params.clone())["code"], -32602);
        editor.talk.tell("textDocument/didOpen", params.clone());
        editor.talk.tell("textDocument/didChange", params);
    }
    editor.change("specs/none.toml", json!([{ "text": "" }]));
    let uri = editor.uri("specs/hello.toml");
    for (line, character) in [(0, u32::MAX), (u32::MAX, 0), (u32::MAX, u32::MAX), (3, 7)] {
        for uri in [&*uri, "file:///none.toml", "untitled:x", "https://example.com/a.toml"] {
            let at = json!({ "line": line, "character": character });
            let params = json!({ "textDocument": { "uri": uri }, "position": at });
            let _ = editor.talk.ask("textDocument/hover", params.clone());
            let _ = editor.talk.ask("textDocument/completion", params);
        }
        let range = json!({
            "start": { "line": line, "character": character }, "end": { "line": 0, "character": 1 },
        });
        editor.change("specs/hello.toml", json!([{ "range": range, "text": "\u{0}😀\"" }]));
    }
    assert!(!editor.said_of("specs/hello.toml").is_empty());
    let closing = json!({ "textDocument": { "uri": uri } });
    editor.talk.tell("textDocument/didClose", closing);
    editor.open("specs/hello.toml", &hello);
    editor.end();
}

#[test]
fn what_others_save_is_seen() {
    let mut editor = Editor::new();
    let hello = editor.bench.read("specs/hello.toml");
    editor.open("specs/hello.toml", &hello);
    let _ = editor.talk.ask("textDocument/completion", editor.at("specs/hello.toml", &hello, ""));
    editor.bench.edit("specs/fleet.toml", "inventory", "inventroy");
    let changed = json!({ "changes": [{ "uri": editor.uri("specs/fleet.toml"), "type": 2 }] });
    editor.talk.tell("workspace/didChangeWatchedFiles", changed);
    let found = editor.said_of("specs/fleet.toml");
    assert!(found.iter().any(|one| one["code"] == "unknown-key"), "{found:?}");
    // Without `shutdown`, the editor has crashed.
    editor.talk.tell("exit", Value::Null);
    assert_eq!(editor.talk.end().0, Some(1));
}
