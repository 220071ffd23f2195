//! What an assistant may ask: the commands that read, and change nothing.

use serde_json::{Map, Value, json};

/// A command that an assistant may run.
pub(super) struct Tool {
    /// The command, and what the tool is called.
    pub(super) name: &'static str,
    /// What it answers.
    meaning: &'static str,
    /// The folders that the command takes.
    folders: &'static [Folder],
    parameters: &'static [Parameter],
}

/// A folder, which is none of the assistant's to choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    Specs,
    Templates,
    Out,
}

/// Something that an assistant may say.
struct Parameter {
    name: &'static str,
    meaning: &'static str,
    goes: Goes,
    needed: bool,
    /// What it is one of; empty where it is any text.
    words: &'static [&'static str],
}

/// How the command gets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Goes {
    /// In the order of the table, behind everything else.
    Alone,
    /// As an option.
    Option(&'static str),
    /// As an option, the value behind `git:`, so that it is no folder.
    Revision(&'static str),
    /// Over standard input.
    Input,
}

/// What a tool is run with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) arguments: Vec<String>,
    pub(super) input: String,
}

const fn parameter(name: &'static str, goes: Goes, meaning: &'static str) -> Parameter {
    Parameter { name, meaning, goes, needed: false, words: &[] }
}

const fn needed(name: &'static str, goes: Goes, meaning: &'static str) -> Parameter {
    Parameter { needed: true, ..parameter(name, goes, meaning) }
}

const FORM: Parameter = Parameter {
    words: &["json", "text"],
    ..parameter("form", Goes::Option("--format"), "How it is told. Default: json")
};

const INPUTS: &[Folder] = &[Folder::Specs, Folder::Templates];

pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "check",
        meaning: "Every finding in the specs: what is wrong, where, what follows from it, and what to write instead. Each fits `schema` of `check`.",
        folders: INPUTS,
        parameters: &[],
    },
    Tool {
        name: "explain",
        meaning: "What is promised of a service, region by region, with every term of every sum and where each number of its manifests comes from; or the page of a finding, by its code. Without a name, all codes.",
        folders: INPUTS,
        parameters: &[
            parameter("name", Goes::Alone, "A service, or the code of a finding"),
            parameter("region", Goes::Alone, "Of a service: only this region"),
            parameter(
                "field",
                Goes::Alone,
                "Of a service: only `rpo`, `rto`, `survivors`, `availability`, a loss such as `zone`, or a field such as `deployment.spec.replicas`",
            ),
            FORM,
        ],
    },
    Tool {
        name: "simulate",
        meaning: "What is left, what comes back and which promise breaks when a node, a zone or a region is lost, read from the committed manifests as a scheduler reads them.",
        folders: &[Folder::Specs, Folder::Out],
        parameters: &[
            Parameter {
                words: &["node", "zone", "region"],
                ..needed("lose", Goes::Option("--lose"), "What is lost")
            },
            parameter("name", Goes::Alone, "Which zone or region. Default: each of them in turn"),
            Parameter {
                words: &["gone", "cordoned"],
                ..parameter(
                    "how",
                    Goes::Option("--how"),
                    "How a zone is lost: its nodes gone, or cordoned while its pods stay ready. Default: gone",
                )
            },
            FORM,
        ],
    },
    Tool {
        name: "diff",
        meaning: "What a change of the specs will do to what runs, worst first, with the edit that causes it: the committed tree against what the specs compile to.",
        folders: &[Folder::Specs, Folder::Templates, Folder::Out],
        parameters: &[
            parameter(
                "from",
                Goes::Revision("--from"),
                "The revision of git to compare with. Default: where HEAD left the default branch",
            ),
            FORM,
        ],
    },
    Tool {
        name: "drill",
        meaning: "The objects of a drill, which restores a service into a closed namespace: to be read, and applied by a person.",
        folders: INPUTS,
        parameters: &[
            needed("service", Goes::Alone, "The service"),
            needed("region", Goes::Option("--region"), "Where it is restored"),
            parameter("id", Goes::Option("--id"), "Part of every name"),
            Parameter {
                words: &["backup", "archive", "copies"],
                ..parameter("from", Goes::Option("--from"), "What the data comes back from")
            },
            parameter("backup", Goes::Option("--backup"), "The name of the backup"),
            parameter("moment", Goes::Option("--moment"), "The moment, in UTC, of a database"),
        ],
    },
    Tool {
        name: "evidence",
        meaning: "Whether the record of a drill counts, and what of it goes into the fleet file. `schema` of `evidence` is the form of a record.",
        folders: INPUTS,
        parameters: &[
            needed("record", Goes::Input, "The record, as JSON"),
            parameter("today", Goes::Option("--today"), "The day on which it is asked"),
        ],
    },
    Tool {
        name: "calendar",
        meaning: "When each drill of each service is due.",
        folders: INPUTS,
        parameters: &[
            parameter("today", Goes::Option("--today"), "What is due before this day is overdue"),
            FORM,
        ],
    },
    Tool {
        name: "report",
        meaning: "The whole fleet at once: what is at risk, the room of every region after the worst loss, every promise of every service with its margin and its terms, the week of backups, drills, former generations, accepted findings.",
        folders: &[Folder::Specs, Folder::Templates, Folder::Out],
        parameters: &[parameter(
            "today",
            Goes::Option("--today"),
            "What is due before this day is overdue",
        )],
    },
    Tool {
        name: "schema",
        meaning: "The JSON Schema of a service spec, of the fleet file or of a record, with what each key means; or of what a command answers.",
        folders: &[],
        parameters: &[Parameter {
            words: &[
                "service",
                "fleet",
                "evidence",
                "check",
                "explain",
                "simulate",
                "diff",
                "drill",
                "calendar",
                "evidence-answer",
                "report",
            ],
            ..needed("of", Goes::Alone, "Of what")
        }],
    },
];

impl Tool {
    pub(super) fn find(name: &str) -> Option<&'static Tool> {
        TOOLS.iter().find(|tool| tool.name == name)
    }

    /// The tool, as it is listed for an assistant.
    pub(super) fn declared(&self) -> Value {
        let properties: Map<String, Value> = (self.parameters.iter())
            .map(|parameter| {
                let mut schema = json!({ "type": "string", "description": parameter.meaning });
                if !parameter.words.is_empty() {
                    schema["enum"] = parameter.words.into();
                }
                (parameter.name.to_owned(), schema)
            })
            .collect();
        let needed = self.parameters.iter().filter(|parameter| parameter.needed);
        let needed: Vec<&str> = needed.map(|parameter| parameter.name).collect();
        json!({
            "name": self.name,
            "description": self.meaning,
            "inputSchema": {
                "type": "object",
                "properties": properties,
                "required": needed,
                "additionalProperties": false,
            },
            "annotations": { "readOnlyHint": true, "openWorldHint": false },
        })
    }

    /// How the command is run for what an assistant says.
    ///
    /// # Errors
    ///
    /// What is wrong with what it says.
    pub(super) fn run(
        &self,
        arguments: &Map<String, Value>,
        folder: impl Fn(Folder) -> Vec<String>,
    ) -> Result<Run, String> {
        let known: Vec<&str> = self.parameters.iter().map(|parameter| parameter.name).collect();
        if let Some(wrong) = arguments.keys().find(|name| !known.contains(&name.as_str())) {
            let help = crate::diag::did_you_mean(wrong, known.iter().copied());
            return Err(format!("`{}` has no parameter `{wrong}`; {help}", self.name));
        }
        let mut run = Run { arguments: vec![self.name.to_owned()], input: String::new() };
        run.arguments.extend(self.folders.iter().flat_map(|one| folder(*one)));
        // A schema has one form.
        if self.name != "schema" && !arguments.contains_key(FORM.name) {
            run.arguments.push("--format=json".to_owned());
        }
        let mut alone = Vec::new();
        for parameter in self.parameters {
            let Some(value) = parameter.value(arguments)? else { continue };
            match parameter.goes {
                Goes::Alone => alone.push(value),
                Goes::Option(option) => run.arguments.push(format!("{option}={value}")),
                Goes::Revision(option) => run.arguments.push(format!("{option}=git:{value}")),
                Goes::Input => {
                    alone.push("-".to_owned());
                    run.input = value;
                }
            }
        }
        if !alone.is_empty() {
            run.arguments.push("--".to_owned());
            run.arguments.extend(alone);
        }
        Ok(run)
    }
}

impl Parameter {
    fn value(&self, arguments: &Map<String, Value>) -> Result<Option<String>, String> {
        let name = self.name;
        let value = match arguments.get(name) {
            None | Some(Value::Null) if self.needed => {
                return Err(format!("`{name}` is missing: {}", self.meaning));
            }
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text.clone(),
            // A record is easily sent as the object that it is.
            Some(value @ Value::Object(_)) if self.goes == Goes::Input => value.to_string(),
            Some(_) => return Err(format!("`{name}` is not text")),
        };
        if !self.words.is_empty() && !self.words.contains(&value.as_str()) {
            let help = crate::diag::did_you_mean(&value, self.words.iter().copied());
            return Err(format!("`{value}` is not a value for `{name}`; {help}"));
        }
        if self.goes == Goes::Alone && value.is_empty() {
            return Err(format!("`{name}` is empty"));
        }
        Ok(Some(value))
    }
}
