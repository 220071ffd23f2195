//! Reports, made by hand: each shows one thing that may happen to a fleet.

use ninefold::diag::Code;
use ninefold::diff::Report;
use ninefold::diff::report::{
    Accepted, Cause, CauseKind, Class, Counts, Direction, Effect, Group, HashedNames, Manifest,
    Object, Operation, Pairing, Place, Severity, Side, SideKind,
};
use ninefold::diff::value::{Change, FieldOperation, Line};
use ninefold::yaml::Value;
use std::collections::BTreeMap;

/// The regions of every fleet here.
pub(super) const REGIONS: [&str; 3] = ["eastus2", "centralus", "westeurope"];

/// Every report here, by name.
pub(super) fn all() -> Vec<(&'static str, Report)> {
    vec![
        ("nothing", nothing()),
        ("cosmetic", cosmetic()),
        ("one key", one_key()),
        ("image", image()),
        ("region", region_lost()),
        ("many", many(30)),
        ("too many", many(150)),
        ("hostile", hostile()),
    ]
}

/// 450 objects, and none differs.
pub(super) fn nothing() -> Report {
    Report {
        from: Side {
            kind: SideKind::Git,
            name: "origin/main".to_owned(),
            commit: Some("4f2c1a9b71e0d25a3c0f9e8d7c6b5a4938271605".to_owned()),
        },
        to: Side { kind: SideKind::Compile, name: "working tree".to_owned(), commit: None },
        counts: Counts { compared: 450, unchanged: 450, ..Counts::default() },
        causes: Vec::new(),
        effects: Vec::new(),
        objects: Vec::new(),
        groups: Vec::new(),
        notes: Vec::new(),
    }
}

/// Three files have other bytes and say the same.
pub(super) fn cosmetic() -> Report {
    let mut report = nothing();
    for region in REGIONS {
        let mut object = object("web", region, "Service", "web", Operation::Update);
        object.class = Class::Cosmetic;
        object.changes.push(Change {
            equal: true,
            ..change("spec.ports[port=80,protocol=TCP].targetPort", "8080", "8080")
        });
        report.objects.push(object);
    }
    finish(report)
}

/// One key of `[config]` of one service, in three regions.
pub(super) fn one_key() -> Report {
    let mut report = nothing();
    edit_config(&mut report, "web", "config.timeout: 30s → 45s", "specs/web.toml", 21);
    report.effects = vec![Effect {
        details: vec![
            "12 pods, the new ones first; generation h4zk6lbv9s stays".to_owned(),
            "all 3 regions at once".to_owned(),
        ],
        causes: vec![0],
        objects: (0..report.objects.len()).collect(),
        ..effect(Severity::Medium, "replaces its pods", "web")
    }];
    finish(report)
}

/// The same image is new in 30 services, each of its own size.
pub(super) fn image() -> Report {
    let mut report = nothing();
    let mut places = Vec::new();
    for number in 0..30 {
        let service = format!("svc{number:02}");
        places.push(Place {
            file: format!("specs/{service}.toml"),
            key: "image".to_owned(),
            line: Some(2),
            old_line: Some(2),
        });
        for region in REGIONS {
            let mut deployment =
                object(&service, region, "Deployment", &service, Operation::Replace);
            deployment.changes.push(change(
                &format!("spec.template.spec.containers[name={service}].image"),
                "registry.example.com/base@sha256:1111",
                "registry.example.com/base@sha256:2222",
            ));
            deployment.causes = vec![0];
            let mut autoscaler =
                object(&service, region, "HorizontalPodAutoscaler", &service, Operation::Replace);
            autoscaler.class = Class::Follows;
            autoscaler.causes = vec![0];
            report.objects.extend([deployment, autoscaler]);
        }
        report.effects.push(Effect {
            details: vec![
                format!(
                    "{} pods, the new ones first; generation h4zk6lb{number:02}s stays",
                    6 + number
                ),
                "all 3 regions at once".to_owned(),
            ],
            causes: vec![0],
            objects: (0..6).map(|at| number * 6 + at).collect(),
            ..effect(Severity::Medium, "replaces its pods", &service)
        });
    }
    report.causes.push(Cause {
        title: "image: …/base@sha256:1111 → …/base@sha256:2222".to_owned(),
        places,
        ..cause()
    });
    let mut report = finish(report);
    let deployments = |kind: &str| -> Vec<usize> {
        let of = |at: &usize| report.objects[*at].kind == kind;
        (0..report.objects.len()).filter(of).collect()
    };
    let services: Vec<String> = (0..30).map(|number| format!("svc{number:02}")).collect();
    let group = |kind: &str| Group {
        services: services.clone(),
        regions: REGIONS.map(str::to_owned).to_vec(),
        of_regions: 3,
        kind: kind.to_owned(),
        objects: deployments(kind),
    };
    report.groups = vec![group("Deployment"), group("HorizontalPodAutoscaler")];
    report
}

/// A service leaves a region, another one shrinks, and a third keeps fewer backups, which is
/// accepted.
pub(super) fn region_lost() -> Report {
    let mut report = nothing();
    for kind in ["ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Schedule", "Service"] {
        let mut object = object("orders", "westeurope", kind, "orders", Operation::Delete);
        object.causes = vec![0];
        object.changes = vec![Change {
            operation: FieldOperation::Remove,
            old: Some(Value::Map(vec![("kind".to_owned(), Value::String(kind.to_owned()))])),
            ..change("", "", "")
        }];
        object.changes[0].new = None;
        report.objects.push(object);
    }
    for region in REGIONS {
        let mut object = object("web", region, "Deployment", "web", Operation::Update);
        object.causes = vec![1];
        object.changes = vec![Change {
            old: Some(Value::Int(6)),
            new: Some(Value::Int(4)),
            ..change("spec.replicas", "", "")
        }];
        report.objects.push(object);
    }
    report.causes = vec![
        Cause {
            title: "regions: − westeurope".to_owned(),
            places: vec![place("specs/orders.toml", "regions", 5)],
            ..cause()
        },
        Cause {
            title: "capacity.replicas: 6 → 4".to_owned(),
            places: vec![place("specs/web.toml", "capacity.replicas", 9)],
            ..cause()
        },
    ];
    report.effects = vec![
        Effect {
            regions: vec!["westeurope".to_owned()],
            details: vec![
                "regions 3 → 2; without the largest, 133% → 67% of the peak is left".to_owned(),
                "5 objects are deleted, none of them holds data".to_owned(),
            ],
            causes: vec![0],
            objects: (0..5).collect(),
            direction: Direction::Loosens,
            ..effect(Severity::Critical, "loses region westeurope", "orders")
        },
        Effect {
            details: vec!["survivors 4 of 6 → 2 of 4; the budget asks for 3".to_owned()],
            causes: vec![1],
            objects: (5..8).collect(),
            direction: Direction::Loosens,
            ..effect(Severity::High, "the loss of a zone leaves 2 pods, 3 are needed", "web")
        },
        Effect {
            details: vec!["30d → 7d".to_owned()],
            causes: vec![1],
            objects: vec![5],
            accepted: Some(Accepted {
                reason: "the archive keeps them".to_owned(),
                until: "2027-01-31".to_owned(),
            }),
            ..effect(Severity::High, "keeps backups for 7d instead of 30d", "web")
        },
    ];
    finish(report)
}

/// So many services change their region: of each, five objects go and five come.
pub(super) fn many(services: usize) -> Report {
    let mut report = nothing();
    report.counts.compared = services * 15;
    for number in 0..services {
        let service = format!("svc{number:02}");
        for kind in ["ConfigMap", "Deployment", "HorizontalPodAutoscaler", "Schedule", "Service"] {
            for (region, operation) in
                [("westeurope", Operation::Delete), ("northeurope", Operation::Create)]
            {
                let mut object = object(&service, region, kind, &service, operation);
                object.causes = vec![0];
                report.objects.push(object);
            }
        }
        let ten = |at: usize| number * 10 + at;
        for (severity, region, title) in [
            (Severity::Critical, "westeurope", "loses region westeurope"),
            (Severity::Info, "northeurope", "gains region northeurope"),
        ] {
            report.effects.push(Effect {
                regions: vec![region.to_owned()],
                // No two services are alike, so that nothing folds.
                details: vec![format!("{} pods of {service}", number + 3)],
                causes: vec![0],
                objects: (0..10).map(ten).collect(),
                ..effect(severity, title, &service)
            });
        }
    }
    report.effects.sort_by_key(|effect| std::cmp::Reverse(effect.severity));
    report.causes = vec![Cause {
        title: "regions: westeurope → northeurope".to_owned(),
        places: (0..services)
            .map(|n| place(&format!("specs/svc{n:02}.toml"), "regions", 5))
            .collect(),
        ..cause()
    }];
    finish(report)
}

/// Texts that try to be something else than texts.
pub(super) const HOSTILE: [&str; 12] = [
    "`````` ticks ``` `",
    "a|b\\|c\\\\|d",
    "</details></summary><script>alert(1)</script>",
    "\x1b[31mred\x1b[0m\x07\x1b]0;title\x07",
    "line\nline\r\n### heading\n```",
    "abc\u{202e}txt.exe\u{2066}\u{200f}\u{2028}",
    "@everyone #123 owner/repo#4 GH-7 :tada: www.evil.example http://evil.example",
    "👩‍🚀🏳️‍🌈 \u{301}",
    "<!-- ninefold:diff v1 key=other --> --> -->",
    "%0A::error file=x,line=1::gotcha, 100%",
    "* [x](y) ![z](w) _a_ **b** ~~c~~ $x$ &amp;",
    "- \n+ @@ -1 +1 @@ # ",
];

/// Every name, value and phrase is hostile, and one is long.
pub(super) fn hostile() -> Report {
    let mut report = nothing();
    report.from.name = HOSTILE.concat();
    report.to.name = "`".repeat(10_000);
    report.notes = HOSTILE.map(str::to_owned).to_vec();
    let long = "x".repeat(10_000);
    for (number, text) in HOSTILE.into_iter().chain([long.as_str()]).enumerate() {
        let mut object = object(text, text, text, text, Operation::Replace);
        object.id = text.to_owned();
        object.generation = Some(text.to_owned());
        object.changes = vec![
            change(text, text, &format!("{text}{text}")),
            Change {
                lines: vec![
                    line(' ', text),
                    line('-', text),
                    Line { emphasis: vec![(0, 1)], ..line('+', text) },
                ],
                ..change(text, text, text)
            },
            Change { inside: vec![change(text, text, text)], ..change(text, text, text) },
            Change {
                new: Some(Value::Map(vec![(
                    text.to_owned(),
                    Value::List(vec![Value::String(text.repeat(10))]),
                )])),
                ..change(text, text, text)
            },
        ];
        object.causes = vec![number];
        report.objects.push(object);
        report.causes.push(Cause {
            title: text.to_owned(),
            places: vec![place(text, text, 3)],
            old: Some(text.to_owned()),
            new: Some(text.to_owned()),
            objects: vec![number],
            followers: vec![number],
            ..cause()
        });
        for severity in Severity::ALL {
            report.effects.push(Effect {
                regions: vec![text.to_owned()],
                details: vec![text.to_owned(), text.to_owned()],
                causes: vec![number],
                objects: vec![number],
                accepted: Some(Accepted { reason: text.to_owned(), until: text.to_owned() }),
                ..effect(severity, text, text)
            });
            report.effects.push(Effect { causes: vec![number], ..effect(severity, text, text) });
        }
    }
    report.effects.sort_by_key(|effect| std::cmp::Reverse(effect.severity));
    let group = |at: usize| Group {
        services: vec![report.objects[at].service.clone()],
        regions: vec![report.objects[at].region.clone()],
        of_regions: 3,
        kind: report.objects[at].kind.clone(),
        objects: vec![at],
    };
    let groups = (0..report.objects.len()).map(group).collect();
    Report { groups, ..finish(report) }
}

/// A change of one configuration value: the ConfigMap, and who follows it.
fn edit_config(report: &mut Report, service: &str, title: &str, file: &str, line: usize) {
    let before = report.objects.len();
    for region in REGIONS {
        let mut config = object(service, region, "ConfigMap", "web-config", Operation::Replace);
        config.changes = vec![change("data.timeout", "30s", "45s")];
        let mut objects = vec![config];
        for kind in ["Deployment", "HorizontalPodAutoscaler"] {
            let mut object = object(service, region, kind, service, Operation::Replace);
            object.class = Class::Follows;
            objects.push(object);
        }
        for mut object in objects {
            object.causes = vec![report.causes.len()];
            report.objects.push(object);
        }
    }
    let all = before..report.objects.len();
    let of = |class: Class| -> Vec<usize> {
        all.clone().filter(|at| report.objects[*at].class == class).collect()
    };
    report.groups.push(Group {
        services: vec![service.to_owned()],
        regions: REGIONS.map(str::to_owned).to_vec(),
        of_regions: 3,
        kind: "ConfigMap".to_owned(),
        objects: of(Class::Edited),
    });
    report.causes.push(Cause {
        title: title.to_owned(),
        places: vec![place(file, "config.timeout", line)],
        old: Some("30s".to_owned()),
        new: Some("45s".to_owned()),
        objects: of(Class::Edited),
        followers: of(Class::Follows),
        ..cause()
    });
}

/// Counts what there is.
fn finish(mut report: Report) -> Report {
    let count =
        |operation| report.objects.iter().filter(|object| object.operation == operation).count();
    let class = |class| report.objects.iter().filter(|object| object.class == class).count();
    report.counts = Counts {
        compared: report.counts.compared,
        unchanged: report.counts.compared.saturating_sub(report.objects.len()),
        created: count(Operation::Create),
        deleted: count(Operation::Delete),
        updated: count(Operation::Update),
        replaced: count(Operation::Replace),
        moved: count(Operation::Move),
        kept: count(Operation::Keep),
        retired: count(Operation::Retire),
        followed: class(Class::Follows),
        cosmetic: class(Class::Cosmetic),
    };
    for (number, cause) in report.causes.iter_mut().enumerate() {
        let of = |class: Class| -> Vec<usize> {
            let is = |object: &Object| object.class == class && object.causes.contains(&number);
            (0..report.objects.len()).filter(|at| is(&report.objects[*at])).collect()
        };
        (cause.objects, cause.followers) = (of(Class::Edited), of(Class::Follows));
    }
    report
}

pub(super) fn object(
    service: &str,
    region: &str,
    kind: &str,
    logical_name: &str,
    operation: Operation,
) -> Object {
    let manifest = |suffix: &str| Manifest {
        api_version: "v1".to_owned(),
        name: format!("{logical_name}-{suffix}"),
        path: format!("{region}/{service}/{}.yaml", kind.to_lowercase()),
        document: 0,
    };
    let old = (operation != Operation::Create).then(|| manifest("h4zk6lbv9s"));
    let new_suffix = if operation == Operation::Replace { "q7mxw2kd5c" } else { "h4zk6lbv9s" };
    let new = (operation != Operation::Delete).then(|| manifest(new_suffix));
    Object {
        id: format!("{region}//{kind}/{service}/{logical_name}"),
        service: service.to_owned(),
        region: region.to_owned(),
        kind: kind.to_owned(),
        logical_name: logical_name.to_owned(),
        generation: None,
        operation,
        class: Class::Edited,
        pairing: Pairing::Identity,
        old,
        new,
        changes: Vec::new(),
        names: HashedNames::default(),
        causes: Vec::new(),
    }
}

pub(super) fn change(path: &str, old: &str, new: &str) -> Change {
    Change {
        path: path.to_owned(),
        steps: Vec::new(),
        old_pointer: Some(format!("/{}", path.replace('.', "/"))),
        new_pointer: Some(format!("/{}", path.replace('.', "/"))),
        operation: FieldOperation::Replace,
        old: Some(Value::String(old.to_owned())),
        new: Some(Value::String(new.to_owned())),
        equal: false,
        cosmetic: false,
        order: Vec::new(),
        masked: false,
        lines: Vec::new(),
        inside: Vec::new(),
    }
}

pub(super) fn line(mark: char, text: &str) -> Line {
    Line { mark, text: text.to_owned(), emphasis: Vec::new() }
}

fn effect(severity: Severity, title: &str, service: &str) -> Effect {
    Effect {
        rule: Code::RESIDENCY,
        severity,
        direction: Direction::Neutral,
        service: service.to_owned(),
        regions: REGIONS.map(str::to_owned).to_vec(),
        title: title.to_owned(),
        details: Vec::new(),
        evidence: BTreeMap::new(),
        causes: Vec::new(),
        objects: Vec::new(),
        accepted: None,
    }
}

fn cause() -> Cause {
    Cause {
        kind: CauseKind::Spec,
        title: String::new(),
        places: Vec::new(),
        old: None,
        new: None,
        promotes: None,
        objects: Vec::new(),
        followers: Vec::new(),
    }
}

fn place(file: &str, key: &str, line: usize) -> Place {
    Place { file: file.to_owned(), key: key.to_owned(), line: Some(line), old_line: Some(line) }
}
