//! `ninefold lsp`: findings, hover and completion for editors, by the Language Server Protocol.

mod desk; //   the open texts, and the fleets that they are part of
mod convert; // places and findings as the protocol has them
mod uri; //    paths as the protocol has them

use super::args::Lsp;
use super::disk::Trouble;
use super::exit::Exit;
use super::rpc::{self, Framing, Incoming, Problem};
use desk::Desk;
use lsp_types::{
    CodeActionParams, CompletionParams, DidChangeTextDocumentParams, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, HoverParams,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

const FRAMING: Framing = Framing::Headers;

/// How long nothing must be typed before the fleet is looked at.
const PAUSE: Duration = Duration::from_millis(60);

/// How many messages may come in before it is looked at nevertheless.
const PATIENCE: usize = 20;

/// A request before `initialize`.
const NOT_INITIALIZED: i32 = -32002;

/// A request after `shutdown`.
const SHUT_DOWN: i32 = -32600;

/// How far a session has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Running,
    ShutDown,
}

pub(super) fn run(arguments: &Lsp) -> Result<Exit, Trouble> {
    let messages = rpc::listen(FRAMING);
    let mut server = Server { state: State::New, desk: Desk::new(arguments) };
    let mut waited = 0;
    loop {
        let message = match (server.desk.is_stale(), waited) {
            (true, PATIENCE..) => Err(RecvTimeoutError::Timeout),
            (true, _) => messages.recv_timeout(PAUSE),
            (false, _) => {
                waited = 0;
                messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
            }
        };
        match message {
            Ok(message) => {
                waited += 1;
                if let Some(exit) = server.take(message) {
                    return Ok(exit);
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                waited = 0;
                // A bug is reported on stderr; the editor goes on with what was found before.
                let _ = catch_unwind(AssertUnwindSafe(|| server.desk.look()));
            }
            // The editor is gone, and did not say so.
            Err(RecvTimeoutError::Disconnected) => return Ok(Exit::Findings),
        }
    }
}

struct Server {
    state: State,
    desk: Desk,
}

impl Server {
    /// Does what a message asks for; how it all ends, if it does.
    fn take(&mut self, message: Incoming) -> Option<Exit> {
        match message {
            Incoming::Request { id, method, params } => {
                let answered = catch_unwind(AssertUnwindSafe(|| self.answer(&method, params)));
                let answered = answered.unwrap_or_else(|_| {
                    Err(Problem::new(rpc::INTERNAL, "this is a bug in Ninefold; see its stderr"))
                });
                rpc::answer(FRAMING, &id, answered);
            }
            Incoming::Notification { method, .. } if method == "exit" => {
                return Some(match self.state {
                    State::ShutDown => Exit::Done,
                    State::New | State::Running => Exit::Findings,
                });
            }
            Incoming::Notification { method, params } if self.state == State::Running => {
                let noted = catch_unwind(AssertUnwindSafe(|| self.note(&method, params)));
                if let Ok(Err(problem)) = noted {
                    log(&format!("{method}: {}", problem.message));
                }
            }
            Incoming::Notification { .. } | Incoming::Answer => {}
            Incoming::Broken(problem) => rpc::answer(FRAMING, &Value::Null, Err(problem)),
        }
        None
    }

    fn answer(&mut self, method: &str, params: Value) -> Result<Value, Problem> {
        match (self.state, method) {
            (State::New, "initialize") => {
                self.desk.begin(&params);
                self.state = State::Running;
                Ok(capabilities())
            }
            (State::New, _) => {
                Err(Problem::new(NOT_INITIALIZED, "the first request is `initialize`"))
            }
            (State::ShutDown, _) => {
                Err(Problem::new(SHUT_DOWN, "after `shutdown` comes `exit`, and no request"))
            }
            (State::Running, "shutdown") => {
                self.state = State::ShutDown;
                Ok(Value::Null)
            }
            (State::Running, "textDocument/hover") => {
                let params = read::<HoverParams>(params)?.text_document_position_params;
                Ok(self.desk.hover(&params.text_document.uri, params.position))
            }
            (State::Running, "textDocument/completion") => {
                let params = read::<CompletionParams>(params)?.text_document_position;
                Ok(self.desk.complete(&params.text_document.uri, params.position))
            }
            (State::Running, "textDocument/codeAction") => {
                let params = read::<CodeActionParams>(params)?;
                Ok(self.desk.mend(&params.text_document.uri, params.range))
            }
            (State::Running, _) => {
                Err(Problem::new(rpc::NO_METHOD, format!("there is no method `{method}` here")))
            }
        }
    }

    fn note(&mut self, method: &str, params: Value) -> Result<(), Problem> {
        match method {
            "initialized" => self.desk.watch(),
            "textDocument/didOpen" => {
                let document = read::<DidOpenTextDocumentParams>(params)?.text_document;
                self.desk.open(&document.uri, document.version, document.text);
            }
            "textDocument/didChange" => {
                let params = read::<DidChangeTextDocumentParams>(params)?;
                let document = params.text_document;
                self.desk.change(&document.uri, document.version, params.content_changes);
            }
            "textDocument/didClose" => {
                self.desk.close(&read::<DidCloseTextDocumentParams>(params)?.text_document.uri);
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.desk.stale(),
            // What begins with `$/` may be ignored, and what else there is does not concern this.
            _ => {}
        }
        Ok(())
    }
}

/// Says something in the log of the editor.
fn log(text: &str) {
    rpc::notify(FRAMING, "window/logMessage", &json!({ "type": 2, "message": text }));
}

fn read<T: DeserializeOwned>(params: Value) -> Result<T, Problem> {
    serde_json::from_value(params)
        .map_err(|error| Problem::new(rpc::WRONG_PARAMETERS, error.to_string()))
}

fn capabilities() -> Value {
    json!({
        "capabilities": {
            "positionEncoding": "utf-16",
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "hoverProvider": true,
            "completionProvider": { "triggerCharacters": ["\"", "'", "[", "=", "."] },
            "codeActionProvider": { "codeActionKinds": ["quickfix"] },
        },
        "serverInfo": { "name": "ninefold", "version": env!("CARGO_PKG_VERSION") },
    })
}
