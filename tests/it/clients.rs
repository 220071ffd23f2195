//! What editors really send: the first messages of three of them, in their order and their forms, and
//! texts in folders with names that a URI has to spell.

use crate::talk::{Framing, Talk};
use crate::workbench::Workbench;
use serde_json::{Value, json};

/// How an editor introduces itself, and what it sends before and between what matters here.
struct Client {
    name: &'static str,
    capabilities: fn() -> Value,
    /// Whether it names its folder in `workspaceFolders`, beside `rootUri`.
    folders: bool,
    /// Notifications behind `initialized`.
    chatter: &'static [(&'static str, &'static str)],
    /// Whether a change is the whole text.
    whole: bool,
}

const CLIENTS: &[Client] = &[
    Client {
        name: "Visual Studio Code",
        capabilities: visual_studio_code,
        folders: true,
        chatter: &[
            ("$/setTrace", r#"{ "value": "off" }"#),
            ("workspace/didChangeConfiguration", r#"{ "settings": { "ninefold": null } }"#),
            (
                "workspace/didChangeWorkspaceFolders",
                r#"{ "event": { "added": [], "removed": [] } }"#,
            ),
        ],
        whole: false,
    },
    Client {
        name: "Neovim",
        capabilities: neovim,
        folders: true,
        chatter: &[("workspace/didChangeConfiguration", r#"{ "settings": {} }"#)],
        whole: false,
    },
    Client { name: "helix", capabilities: helix, folders: true, chatter: &[], whole: false },
    // One that is old, or small: a root and no more.
    Client { name: "small", capabilities: || json!({}), folders: false, chatter: &[], whole: true },
];

fn visual_studio_code() -> Value {
    json!({
        "workspace": {
            "applyEdit": true,
            "workspaceEdit": {
                "documentChanges": true, "resourceOperations": ["create", "rename", "delete"],
                "failureHandling": "textOnlyTransactional", "normalizesLineEndings": true,
                "changeAnnotationSupport": { "groupsOnLabel": true },
                // What no version of the protocol has yet ends no session.
                "snippetEditSupport": "a word of tomorrow",
            },
            "configuration": true, "workspaceFolders": true,
            "didChangeWatchedFiles": { "dynamicRegistration": true, "relativePatternSupport": true },
            "symbol": { "symbolKind": { "valueSet": [1, 2, 3, 99] } },
        },
        "textDocument": {
            "publishDiagnostics": {
                "relatedInformation": true, "versionSupport": false,
                "tagSupport": { "valueSet": [1, 2] }, "codeDescriptionSupport": true,
                "dataSupport": true,
            },
            "synchronization": {
                "dynamicRegistration": true, "willSave": true, "willSaveWaitUntil": true,
                "didSave": true,
            },
            "completion": {
                "dynamicRegistration": true, "contextSupport": true,
                "completionItem": {
                    "snippetSupport": true, "documentationFormat": ["markdown", "plaintext"],
                    "insertTextModeSupport": { "valueSet": [1, 2] },
                    "resolveSupport": { "properties": ["documentation", "detail"] },
                },
                "completionItemKind": { "valueSet": [1, 2, 25, 26] },
                "completionList": { "itemDefaults": ["editRange", "data"] },
            },
            "hover": { "contentFormat": ["markdown", "plaintext"] },
            "semanticTokens": { "formats": ["relative"], "requests": { "range": true } },
        },
        "window": { "workDoneProgress": true, "showDocument": { "support": true } },
        "general": {
            "staleRequestSupport": { "cancel": true, "retryOnContentModified": ["a"] },
            "regularExpressions": { "engine": "ECMAScript", "version": "ES2020" },
            "positionEncodings": ["utf-16"],
        },
        "notebookDocument": { "synchronization": { "dynamicRegistration": true } },
    })
}

fn neovim() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-16", "utf-32"] },
        "workspace": {
            "didChangeWatchedFiles": { "dynamicRegistration": false, "relativePatternSupport": true },
            "workspaceFolders": true, "configuration": true,
            "didChangeConfiguration": { "dynamicRegistration": false },
        },
        "textDocument": {
            "synchronization": { "didSave": true, "willSave": true, "willSaveWaitUntil": true },
            "diagnostic": { "dynamicRegistration": false },
            "foldingRange": { "lineFoldingOnly": true },
        },
        "window": { "workDoneProgress": true, "showMessage": { "messageActionItem": {} } },
    })
}

fn helix() -> Value {
    json!({
        "general": { "positionEncodings": ["utf-8", "utf-32", "utf-16"] },
        "workspace": { "configuration": true, "workspaceFolders": true, "applyEdit": true },
        "textDocument": {
            "completion": { "completionItem": { "snippetSupport": true } },
            "publishDiagnostics": { "versionSupport": true },
        },
        "window": { "workDoneProgress": true },
    })
}

/// A path as editors spell it: everything but letters, digits and a few marks.
fn uri(path: &std::path::Path) -> String {
    let path = path.display().to_string();
    let mut text = "file://".to_owned();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'_' | b'-' => {
                text.push(byte.into());
            }
            // Visual Studio Code and others differ in the case of digits; both are right.
            other => text.push_str(&format!("%{other:02x}")),
        }
    }
    text
}

/// A fleet below a folder with a name of which a URI may have no letter as it is.
const FOLDER: &str = "a b/100% ü#?";

fn found(talk: &mut Talk, uri: &str, version: i32) -> Vec<Value> {
    let is_it = |params: &Value| params["uri"] == uri && params["version"] == version;
    let params = talk.told("textDocument/publishDiagnostics", is_it);
    params["diagnostics"].as_array().unwrap().clone()
}

fn session(client: &Client) {
    let bench = Workbench::initialised();
    let texts = ["fleet", "hello"].map(|name| bench.read(&format!("specs/{name}.toml")));
    for (name, text) in ["fleet", "hello"].iter().zip(&texts) {
        let path = bench.path(&format!("{FOLDER}/specs/{name}.toml"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut command = bench.command(&["lsp"]);
    command.current_dir("/");
    let mut talk = Talk::with(command, Framing::Headers);
    // Before all else, something may be asked; it is answered, and ends nothing.
    assert_eq!(talk.ask("textDocument/hover", json!({}))["code"], -32002);
    talk.tell("textDocument/didOpen", json!({}));

    let root = uri(&bench.path(FOLDER));
    let mut params = json!({
        "processId": 1, "clientInfo": { "name": client.name, "version": "1.0" },
        "rootUri": root, "initializationOptions": null,
        "capabilities": (client.capabilities)(), "trace": "off", "workDoneToken": "1",
    });
    if client.folders {
        params["workspaceFolders"] = json!([{ "uri": root, "name": "fleet" }]);
    }
    let begun = talk.ask("initialize", params);
    assert_eq!(begun["capabilities"]["positionEncoding"], "utf-16", "{}", client.name);
    assert_eq!(begun["capabilities"]["textDocumentSync"]["change"], 2);
    talk.tell("initialized", json!({}));
    for (method, params) in client.chatter {
        talk.tell(method, serde_json::from_str(params).unwrap());
    }

    // With the line ends of Windows, and letters of two units before what is wrong.
    let hello = texts[1].replace('\n', "\r\n");
    let file = uri(&bench.path(&format!("{FOLDER}/specs/hello.toml")));
    let document = json!({ "uri": file, "languageId": "toml", "version": 1, "text": hello });
    talk.tell("textDocument/didOpen", json!({ "textDocument": document }));
    let wrong = format!("team = \"😀\" # {}\r\n{hello}", "𝄞".repeat(3));
    let wrong = wrong.replacen("team", "taem", 1);
    let changes = match client.whole {
        true => json!([{ "text": wrong }]),
        // Typed, in the order in which it is: the second range counts what the first has put there.
        false => {
            let at = |character: u32| json!({ "line": 0, "character": character });
            let from = |start, end| json!({ "start": at(start), "end": at(end) });
            json!([
                { "range": from(0, 0), "rangeLength": 0, "text": "team = \"😀\" # 𝄞𝄞𝄞\r\n" },
                { "range": from(1, 3), "rangeLength": 2, "text": "ae" },
                { "range": from(8, 10), "text": "" },
                { "range": from(8, 8), "text": "😀" },
            ])
        }
    };
    let change =
        json!({ "textDocument": { "uri": file, "version": 2 }, "contentChanges": changes });
    talk.tell("textDocument/didChange", change);
    let told = found(&mut talk, &file, 2);
    let unknown = told.iter().find(|one| one["code"] == "unknown-key").expect(client.name);
    assert_eq!(unknown["range"]["start"], json!({ "line": 0, "character": 0 }));
    assert_eq!(unknown["range"]["end"], json!({ "line": 0, "character": 4 }));
    assert!(unknown["message"].as_str().unwrap().contains("`team`"), "{unknown}");

    // A request that is cancelled is answered nevertheless, once, and the next one, too.
    let asked = json!({
        "textDocument": { "uri": file }, "position": { "line": 0, "character": 1 },
        "context": { "triggerKind": 1 },
    });
    let completed = talk.ask("textDocument/completion", asked.clone());
    assert!(completed["items"].is_array(), "{completed}");
    talk.tell("$/cancelRequest", json!({ "id": 3 }));
    talk.tell("$/somethingNew", json!({ "id": 3 }));
    assert_eq!(talk.ask("$/somethingElse", json!({}))["code"], -32601);
    assert_eq!(talk.ask("textDocument/semanticTokens/full", asked)["code"], -32601);
    // What is behind letters of two units is where an editor says that it is.
    let line = wrong.lines().position(|line| line.starts_with("tier")).unwrap();
    let position = json!({ "line": line, "character": 2 });
    let hover = json!({ "textDocument": { "uri": file }, "position": position });
    let hover = talk.ask("textDocument/hover", hover);
    assert!(hover["contents"]["value"].as_str().unwrap().starts_with("**`tier`**"), "{hover}");
    assert_eq!(hover["range"]["end"], json!({ "line": line, "character": 4 }));

    // It is mended, and saved.
    let range = json!({
        "start": { "line": 0, "character": 0 }, "end": { "line": 1, "character": 0 },
    });
    let mended = match client.whole {
        true => json!([{ "text": hello }]),
        false => json!([{ "range": range, "text": "" }]),
    };
    let change = json!({ "textDocument": { "uri": file, "version": 3 }, "contentChanges": mended });
    talk.tell("textDocument/didChange", change);
    assert_eq!(found(&mut talk, &file, 3), Vec::<Value>::new(), "{}", client.name);
    talk.tell("textDocument/willSave", json!({ "textDocument": { "uri": file }, "reason": 1 }));
    talk.tell("textDocument/didSave", json!({ "textDocument": { "uri": file }, "text": hello }));
    talk.tell("textDocument/didClose", json!({ "textDocument": { "uri": file } }));
    assert_eq!(talk.ask("shutdown", Value::Null), Value::Null);
    talk.tell("exit", Value::Null);
    assert_eq!(talk.end(), (Some(0), String::new()), "{}", client.name);
}

#[test]
fn every_client_gets_from_a_mistake_to_its_mending() {
    CLIENTS.iter().for_each(session);
}

#[test]
fn a_session_ends_with_its_editor() {
    let bench = Workbench::initialised();
    let begin = |talk: &mut Talk| {
        let params = json!({ "processId": null, "rootUri": null, "capabilities": {} });
        assert!(talk.ask("initialize", params)["capabilities"].is_object());
        talk.tell("initialized", json!({}));
    };
    // Its input ends without a word.
    let mut talk = Talk::with(bench.command(&["lsp"]), Framing::Headers);
    begin(&mut talk);
    assert_eq!(talk.end(), (Some(1), String::new()));
    // `shutdown` as some clients send it: without parameters.
    let mut talk = Talk::with(bench.command(&["lsp"]), Framing::Headers);
    begin(&mut talk);
    let message = r#"{"jsonrpc":"2.0","id":"last","method":"shutdown"}"#;
    talk.send(format!("Content-Length: {}\r\n\r\n{message}", message.len()).as_bytes());
    let answer = talk.next();
    assert_eq!((&answer["id"], &answer["result"]), (&json!("last"), &Value::Null));
    assert!(answer.as_object().unwrap().contains_key("result"));
    talk.tell("exit", Value::Null);
    assert_eq!(talk.end(), (Some(0), String::new()));
}

#[test]
fn two_folders_are_two_fleets() {
    let bench = Workbench::initialised();
    for folder in ["one", "two"] {
        for name in ["fleet", "hello"] {
            let text = bench.read(&format!("specs/{name}.toml"));
            let path = bench.path(&format!("{folder}/specs/{name}.toml"));
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    }
    let mut talk = Talk::with(bench.command(&["lsp"]), Framing::Headers);
    let folders: Vec<Value> =
        ["one", "two"].map(|name| json!({ "uri": uri(&bench.path(name)), "name": name })).into();
    let params = json!({
        "processId": 1, "rootUri": null, "capabilities": {}, "workspaceFolders": folders,
    });
    talk.ask("initialize", params);
    talk.tell("initialized", json!({}));
    for (version, folder) in ["one", "two"].into_iter().enumerate() {
        let file = uri(&bench.path(&format!("{folder}/specs/hello.toml")));
        let text = bench.read("specs/hello.toml").replace("tier ", "teir ");
        let version = version as i32;
        let document =
            json!({ "uri": file, "languageId": "toml", "version": version, "text": text });
        talk.tell("textDocument/didOpen", json!({ "textDocument": document }));
        let told = found(&mut talk, &file, version);
        assert!(told.iter().any(|one| one["code"] == "unknown-key"), "{folder}: {told:?}");
    }
    talk.ask("shutdown", Value::Null);
    talk.tell("exit", Value::Null);
    assert_eq!(talk.end().0, Some(0));
}
