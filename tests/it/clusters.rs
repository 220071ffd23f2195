//! What to do when the control plane of a cluster is gone: every region has a card and a procedure,
//! what they name is there, and their commands do what they say.

use crate::generate;
use crate::support;
use crate::workbench::{Files, TREES, Workbench, files_below, repository};
use serde_yaml::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The example, and every case: specs and tree.
fn fleets() -> Vec<(String, Files, &'static Files)> {
    let specs = |name: &str| match name {
        "the example" => files_below(&repository("specs")),
        case => files_below(&repository("tests/cases").join(case).join("specs")),
    };
    TREES.iter().map(|(name, tree)| (name.clone(), specs(name), tree)).collect()
}

fn card(region: &str) -> String {
    format!("recovery/fleet/{region}.md")
}

/// The card of a region, with the procedures to which it leads.
fn page(tree: &Files, region: &str) -> String {
    let card = &tree[&card(region)];
    let links = card.split("](../").skip(1).filter_map(|rest| rest.split(')').next());
    let procedures = links.map(|link| tree[&format!("recovery/{link}")].as_str());
    [card.as_str()].into_iter().chain(procedures).collect::<Vec<_>>().join("\n")
}

/// The regions of a fleet file.
fn regions(specs: &Files) -> Vec<String> {
    let fleet: toml::Table = specs["fleet.toml"].parse().unwrap();
    fleet["regions"].as_table().unwrap().keys().cloned().collect()
}

/// The blocks of commands in a page.
fn commands(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1);
    blocks
        .map(|block| {
            let (block, _) = block.split_once("```").expect("a block ends");
            block.lines().map(|line| format!("{}\n", line.trim_start())).collect()
        })
        .collect()
}

/// The line of the commands of a page that begins so.
#[cfg(target_os = "linux")]
fn command<'a>(blocks: &'a [String], beginning: &str) -> &'a str {
    let mut lines = blocks.iter().flat_map(|block| block.lines());
    lines.find(|line| line.starts_with(beginning)).unwrap_or_else(|| panic!("{beginning}"))
}

fn shell(folder: &Path, script: &str) -> String {
    let run = Command::new("bash").current_dir(folder).args(["-c", script]).output().unwrap();
    assert!(run.status.success(), "{script}\n{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}

#[test]
fn every_region_has_a_card_and_every_service_leads_to_it() {
    let (mut cards, mut links) = (0, 0);
    for (fleet, specs, tree) in fleets() {
        let ledger: serde_json::Value = serde_json::from_str(&tree["ledger/fleet.json"]).unwrap();
        let owned: BTreeSet<&str> = (ledger["recovery"].as_array().expect("pages").iter())
            .map(|file| file["path"].as_str().unwrap())
            .collect();
        for region in regions(&specs) {
            let path = card(&region);
            assert!(tree.contains_key(&path) && owned.contains(&*path), "{fleet}: {path}");
            cards += 1;
            let of_services = tree.iter().filter(|(file, _)| {
                file.matches('/').count() == 1 && file.starts_with("recovery/")
            });
            for (file, text) in of_services {
                let service = file.trim_start_matches("recovery/").trim_end_matches(".md");
                // Environments of a service have folders of one name, in regions of their own.
                let here = format!("{region}/{}/", service.split('@').next().unwrap_or(service));
                let own = tree[&format!("ledger/{service}.json")].contains(&format!("\"{here}"));
                let runs = own && tree.keys().any(|path| path.starts_with(&here));
                let link = format!("(fleet/{region}.md)");
                assert_eq!(runs, text.contains(&link), "{fleet}: {file}: {region}");
                links += usize::from(runs);
            }
        }
    }
    assert!(cards > 30 && links > 40, "{cards} {links}");
}

#[test]
fn what_a_page_names_is_in_the_tree() {
    let (mut named, mut own) = (0, 0);
    let random = (700..712).map(|seed| {
        let fleet = generate::fleet(seed, 4);
        (format!("seed {seed}"), fleet.files(), fleet.compile())
    });
    let random: Vec<(String, Files, Files)> = random.collect();
    let random = random.iter().map(|(name, specs, tree)| (name.clone(), specs.clone(), tree));
    for (fleet, specs, tree) in fleets().into_iter().chain(random) {
        for region in regions(&specs) {
            let text = &page(tree, &region);
            own += usize::from(text.contains("Restore a snapshot"));
            let ends = |c: char| c.is_whitespace() || "`\"'();,".contains(c);
            for word in text.split(ends).map(|word| word.trim_end_matches('.')) {
                let path = word.starts_with(&format!("{region}/")) || word.starts_with("recovery/");
                if !path || word.contains(['*', '$', '<']) {
                    continue;
                }
                let there =
                    |file: &String| file == word || word.ends_with('/') && file.starts_with(word);
                assert!(tree.keys().any(there), "{fleet}: {region}: {word}");
                named += 1;
            }
            let services = format!("{region}/");
            let shared = format!("{region}/fleet/");
            if !tree.keys().any(|path| path.starts_with(&services) && !path.starts_with(&shared)) {
                assert!(text.contains("No service is in"), "{fleet}: {region}");
                continue;
            }
            let locations = format!("{shared}backup-storage-location-");
            for (path, manifest) in tree.iter().filter(|(path, _)| path.starts_with(&locations)) {
                let location: Value = serde_yaml::from_str(manifest).unwrap();
                if location["spec"]["accessMode"] == "ReadWrite" {
                    let name = location["metadata"]["name"].as_str().unwrap();
                    let list = text.lines().find_map(|line| line.split("LOCATIONS=").nth(1));
                    let list = list.unwrap_or_else(|| panic!("{fleet}: {path}"));
                    let mut names = list.split(|c: char| c.is_whitespace() || c == '\'');
                    assert!(names.any(|one| one == name), "{fleet}: {path}");
                }
            }
        }
    }
    assert!(named > 100 && own > 5, "{named} {own}");
}

/// A pod in a namespace of the system has no ServiceAccount of a service's, which would name the Secret.
#[test]
fn snapshots_are_pulled_with_the_secrets_of_their_registries() {
    let specs = files_below(&repository("tests/cases/self-managed-control-plane/specs"));
    let with = |registries: &str| {
        let mut specs = specs.clone();
        let fleet = specs.get_mut("fleet.toml").expect("a fleet");
        *fleet = fleet.replacen("[regions.dc1]\n", &format!("[regions.dc1]\n{registries}"), 1);
        crate::workbench::compile(&specs, &Files::new()).tree
    };
    let named = |tree: &Files| -> Vec<String> {
        let job: Value =
            serde_yaml::from_str(&tree["dc1/fleet/cron-job-etcd-snapshot.yaml"]).expect("YAML");
        let named = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["imagePullSecrets"];
        let names = named.as_sequence().into_iter().flatten();
        names.map(|one| one["name"].as_str().expect("a name").to_owned()).collect()
    };
    let registry =
        |host: &str, secret: &str| format!("{{ host = \"{host}\", pull_secret = \"{secret}\" }}");
    let etcd = registry("registry.k8s.io", "pull-etcd");
    let upload = |secret| registry("docker.io", secret);
    let both = |secret| format!("registries = [{etcd}, {}]\n", upload(secret));
    for (registries, expected) in [
        (String::new(), &[][..]),
        (format!("registries = [{etcd}]\n"), &["pull-etcd"][..]),
        (format!("registries = [{}]\n", upload("pull-upload")), &["pull-upload"][..]),
        (both("pull-upload"), &["pull-etcd", "pull-upload"][..]),
        (both("pull-etcd"), &["pull-etcd"][..]),
    ] {
        let tree = with(&registries);
        assert_eq!(named(&tree), expected, "{registries}");
        // A new cluster has none of them, and the page says so, and asks.
        let page = &tree[&card("dc1")];
        for secret in expected.iter().chain(&["etcd-vault"]) {
            assert!(page.contains(&format!("the Secret `{secret}` in `kube-system`")), "{page}");
            assert!(page.contains(&format!("-n kube-system get secret {secret}\n")), "{page}");
        }
        assert_eq!(page.matches("get secret").count(), expected.len() + 1, "{page}");
    }
}

#[test]
fn the_page_of_a_saved_etcd_says_how_it_is_saved() {
    let mut saved = 0;
    for (fleet, specs, tree) in fleets() {
        for region in regions(&specs) {
            let text = &page(tree, &region);
            let Some(manifest) = tree.get(&format!("{region}/fleet/cron-job-etcd-snapshot.yaml"))
            else {
                assert!(
                    !text.contains("cronjob") && !text.contains("etcdutl"),
                    "{fleet}: {region}"
                );
                continue;
            };
            let job: Value = serde_yaml::from_str(manifest).unwrap();
            let pod = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"];
            let upload = &pod["containers"][0];
            // It runs beside etcd and the API server, and may not take from them what they need.
            let steps =
                ["initContainers", "containers"].map(|list| pod[list].as_sequence().unwrap());
            for step in steps.into_iter().flatten() {
                let resources = &step["resources"];
                assert!(resources["requests"]["cpu"].is_string(), "{fleet}: {region}: {step:?}");
                assert_eq!(resources["requests"]["memory"], resources["limits"]["memory"]);
                assert!(resources["limits"]["memory"].is_string(), "{fleet}: {region}: {step:?}");
            }
            let words = |value: &Value| value.as_str().unwrap().to_owned();
            let args: Vec<String> =
                upload["args"].as_sequence().unwrap().iter().map(words).collect();
            let name = words(&job["metadata"]["name"]);
            let namespace = words(&job["metadata"]["namespace"]);
            let seconds =
                job["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"].as_u64().unwrap();
            for said in [
                format!("CRONJOB={name}"),
                format!("CRON_NAMESPACE={namespace}"),
                format!("CRON_LIMIT={seconds}s"),
                "create job \"--from=cronjob/${CRONJOB:?}\" \"${CRONJOB:?}-by-hand\"".to_owned(),
                format!("IMAGE={}", words(&pod["initContainers"][0]["image"])),
                format!("`{}` with `{}`", words(&upload["image"]), args.join(" ")),
                format!("(`{}` UTC)", words(&job["spec"]["schedule"])),
                "PKI=/etc/kubernetes/pki/etcd\n".to_owned(),
                "--key=$PKI/healthcheck-client.key".to_owned(),
            ] {
                assert!(text.contains(&said), "{fleet}: {region}: {said}");
            }
            if let Some(secret) = upload["envFrom"][0]["secretRef"]["name"].as_str() {
                assert!(
                    text.contains(&format!("Secret `{secret}`")),
                    "{fleet}: {region}: {secret}"
                );
            }
            // What runs once stands on the page, and nowhere where an engine would apply it.
            for (path, manifest) in tree.iter().filter(|(path, _)| path.ends_with(".yaml")) {
                let once = manifest.contains("\nkind: Job\n") && manifest.contains(&name);
                assert!(
                    !once && !manifest.contains("metadata:\n  name: etcd-snapshot-by-hand"),
                    "{path}"
                );
            }
            saved += 1;
        }
    }
    assert_eq!(saved, 3, "the example and two cases");
}

/// Which services a page speaks of is asked of the tree when it is read.
#[test]
fn the_commands_of_a_procedure_find_the_services_of_the_region() {
    let (out, tree) = (repository("out"), files_below(&repository("out")));
    let (mut without, mut restored) = (0, 0);
    for region in ["eastus2", "centralus", "westeurope"] {
        let blocks = commands(&page(&tree, region));
        let set = format!("{}\nREGION={region}", tree["recovery/procedures/functions.sh"]);
        let services: BTreeSet<&str> = (tree.keys())
            .filter_map(|path| path.strip_prefix(&format!("{region}/"))?.split('/').next())
            .filter(|service| !["fleet", "delivery"].contains(service))
            .collect();
        let has = |service: &str, stem: &str| {
            tree.keys().any(|path| path.starts_with(&format!("{region}/{service}/{stem}")))
        };
        let expected: Vec<String> = (services.iter())
            .filter(|service| !has(service, "stateful-set") && !has(service, "postgresql-cluster"))
            .map(|service| {
                format!("--context {region} apply --server-side -R -f {region}/{service}/")
            })
            .collect();
        let each = blocks.iter().find(|block| block.starts_with("for FOLDER")).expect("step 6");
        let ran = shell(&out, &format!("{set}\nkubectl() {{ echo \"$@\"; }}\n{each}"));
        assert_eq!(ran.lines().collect::<Vec<_>>(), expected, "{region}");
        without += expected.len();

        let mut expected = Vec::new();
        for service in &services {
            let ledger: serde_json::Value =
                serde_json::from_str(&tree[&format!("ledger/{service}.json")]).unwrap();
            let role = &ledger["promises"][region]["role"];
            let set = format!("recovery/{service}/restore-{region}/1-restore.yaml");
            if role != "standby" && tree.contains_key(&set) {
                expected.push(*service);
            }
        }
        let which = blocks.iter().find(|block| block.starts_with("for SET")).expect("step 7");
        let (which, _) = which.split_once("SERVICE=    #").expect("the rest is for one of them");
        let ran = shell(&out, &format!("{set}\n{which}true"));
        let ran: Vec<(&str, &str)> = (ran.lines())
            .map(|line| line.split_once(" must serve again within ").expect("its RTO"))
            .collect();
        assert_eq!(ran.iter().map(|(name, _)| *name).collect::<Vec<_>>(), expected, "{region}");
        assert!(
            ran.iter().all(|(_, rto)| rto.starts_with(|c: char| c.is_ascii_digit())),
            "{ran:?}"
        );
        restored += ran.len();
    }
    assert!(without > 5 && restored > 3, "{without} {restored}");
}

/// As kubeadm writes it, shortened (`cmd/kubeadm/app/phases/etcd/local.go`).
#[cfg(target_os = "linux")]
const MANIFEST: &str = "apiVersion: v1
kind: Pod
metadata:
  name: etcd
spec:
  containers:
  - command:
    - etcd
    - --advertise-client-urls=https://10.0.0.4:2379
    - --data-dir=/var/lib/etcd
    - --initial-advertise-peer-urls=https://10.0.0.4:2380
    - --initial-cluster=cp-1=https://10.0.0.4:2380
    - --listen-peer-urls=https://10.0.0.4:2380
    - --name=cp-1
    image: registry.k8s.io/etcd:3.6.4-0
";

#[cfg(target_os = "linux")]
#[test]
fn the_commands_of_a_page_read_what_kubeadm_writes() {
    let tree = files_below(&repository("out"));
    let blocks = commands(&page(&tree, "westeurope"));
    let folder = crate::workbench::folder();
    std::fs::write(folder.path().join("etcd.yaml"), MANIFEST).unwrap();
    let block = blocks.iter().find(|block| block.starts_with("ETCD=")).expect("step 3");
    let (_, rest) = block.split_once('\n').unwrap();
    let printed = shell(folder.path(), &format!("ETCD=etcd.yaml\n{rest}"));
    assert_eq!(printed, "cp-1=https://10.0.0.4:2380\n");
    let alone = command(&blocks, "sed 's/^").split(" > ").next().unwrap();
    let alone = alone.replace("/etc/kubernetes/stopped/", "");
    let flags = shell(folder.path(), &alone);
    let at = "    - --force-new-cluster\n    - --data-dir=/var/lib/etcd\n";
    assert_eq!(flags, MANIFEST.replace("    - --data-dir=/var/lib/etcd\n", at));
}

#[test]
fn every_block_of_commands_is_read_by_a_shell() {
    let mut read = 0;
    let pages = files_below(&repository("out/recovery")).into_iter();
    for (path, text) in pages.filter(|(path, _)| path.contains("cluster")) {
        for block in commands(&text) {
            let run = Command::new("bash").args(["-n", "-c", &block]).output().unwrap();
            assert!(
                run.status.success(),
                "{path}: {block}{}",
                String::from_utf8_lossy(&run.stderr)
            );
            read += 1;
        }
    }
    assert!(read > 15, "{read}");
}

/// A fleet of one region, and what its table says beside.
fn fleet_of_one(provider: &str, zones: u32, more: &str) -> String {
    let zones: Vec<String> = (1..=zones)
        .map(|zone| {
            format!("{{ name = \"hall-{zone}\", nodes = 3, cpu = \"48\", memory = \"192Gi\" }}")
        })
        .collect();
    format!(
        "inventory = \"2026-11-01\"\n[regions.hall]\ngeography = \"eu\"\nprovider = \"{provider}\"\ncluster = \"k8s-hall\"\nkubernetes = \"1.34\"\nzones = [{}]\nbackup.locations = [{{ name = \"vault\", stored_in = \"other\", geography = \"eu\" }}]\n{more}",
        zones.join(", ")
    )
}

const TOOL: &str = "name = \"tool\"\nimage = \"registry.example.com/tool@sha256:0000000000000000000000000000000000000000000000000000000000000000\"\ntier = \"bronze\"\nregions = [\"hall\"]\nrpo = \"3d\"\nrto = \"2d\"\n";

fn page_of_one(provider: &str, zones: u32, more: &str) -> String {
    let fleet = fleet_of_one(provider, zones, more);
    let outcome = support::compile(&[("fleet.toml", &fleet), ("tool.toml", TOOL)]);
    assert_eq!(outcome.codes(), [""; 0], "{}", outcome.report());
    page(&outcome.files, "hall")
}

#[test]
fn a_page_says_who_runs_the_control_plane() {
    let managed = page_of_one("google", 3, "");
    assert!(managed.contains("GKE runs its control plane"), "{managed}");
    assert!(managed.contains("gcloud container clusters describe k8s-hall"), "{managed}");
    assert!(!managed.contains("/etc/kubernetes"), "{managed}");
    let unknown = page_of_one("other", 3, "");
    assert!(unknown.contains("The fleet does not say who runs its control plane"), "{unknown}");
    let own = page_of_one("google", 3, "control_plane = { self_managed = true }\n");
    assert!(own.contains("Its control plane is our own"), "{own}");
    for page in [&unknown, &own] {
        // Without snapshots there is nothing to restore, but a member that is left still helps.
        assert!(page.contains("--force-new-cluster") && !page.contains("etcdutl"), "{page}");
        assert!(page.contains("The fleet has no snapshots of this etcd"), "{page}");
    }
    for page in [&managed, &unknown, &own] {
        assert!(page.contains("# Replace a cluster that is gone"), "{page}");
    }
}

#[test]
fn a_page_says_what_the_zones_mean_for_a_majority() {
    let words = ["lists one zone here", "lists two zones here"];
    for (zones, said) in [(1, Some(words[0])), (2, Some(words[1])), (3, None)] {
        let page = page_of_one("other", zones, "");
        for word in words {
            assert_eq!(page.contains(word), said == Some(word), "{zones}: {page}");
        }
    }
}

/// Pull requests of different teams must not meet in a page that all of them share.
#[test]
fn a_change_of_a_service_changes_no_page_of_a_cluster() {
    let specs = files_below(&repository("specs"));
    let pages = |specs: &Files| {
        let files: Vec<(&str, &str)> =
            (specs.iter()).map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let mut files = support::compile(&files).files;
        files.retain(|path, _| path.starts_with("recovery/fleet/"));
        files
    };
    let before = pages(&specs);
    assert_eq!(before.len(), 3);
    let mut edited = specs.clone();
    edited.remove("backoffice.toml").expect("a service");
    let orders = edited.get_mut("orders.toml").expect("orders");
    *orders = orders.replace("rto      = \"1h\"", "rto      = \"2h\"");
    assert_eq!(pages(&edited), before);
}

#[test]
fn a_page_is_watched_over_like_everything_else_in_the_tree() {
    let bench = Workbench::initialised();
    bench.run(&["build"]).code(0);
    let tree = bench.tree();
    let path = tree.keys().find(|path| path.starts_with("recovery/fleet/")).expect("a card");
    let file = format!("out/{path}");
    bench.write(&file, "call Ada\n");
    let said = bench.run(&["verify"]).code(1).stderr;
    assert!(said.contains("tree-edited") && said.contains(path), "{said}");
    bench.run(&["build", "--check"]).code(1);
    bench.run(&["build"]).code(0);
    bench.remove(&file);
    let said = bench.run(&["verify"]).code(1).stderr;
    assert!(said.contains("tree-incomplete") && said.contains(path), "{said}");
    bench.run(&["build"]).code(0);
    bench.write("out/recovery/fleet/notes.md", "call Ada\n");
    let said = bench.run(&["verify"]).code(1).stderr;
    assert!(said.contains("foreign-file") && said.contains("recovery/fleet/notes.md"), "{said}");
    bench.remove("out/recovery/fleet/notes.md");
    assert_eq!(bench.tree(), tree);
    bench.run(&["verify"]).code(0);
}
