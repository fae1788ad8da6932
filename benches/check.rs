//! How long `check` takes on 10,000 files, beside kube-score and beside only reading them: the same files, alternating.
//!
//! The aims are 50 MB/s on one core and 1/25 of kube-score's time. Neither is reached on files this small, and the second
//! is less than `find | xargs cat` takes. The kernel has a third of the time (profile: finding and reading files 24 %,
//! page faults 8 %); of the rest no part takes a sixth (judging 14 %, parsing 13 %, rendering 9 %, building values 8 %).
//!
//! `cargo bench --bench check` builds kube-score once (Go is needed, and its module proxy) into the target directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const APPS: usize = 2000;
const ROUNDS: usize = 5;
const KUBE_SCORE: &str = "github.com/zegl/kube-score/cmd/kube-score@v1.20.0";

/// One way to go through all files.
struct Contender {
    name: &'static str,
    command: Box<dyn Fn() -> Command>,
    times: Vec<Duration>,
}

fn main() {
    // `cargo test --benches` gives no `--bench`: it only wants to know that this compiles.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let tmp = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let tree = tmp.join("check-bench");
    let bytes = plant(&tree);
    let files = paths(&tree);
    println!("{} files, {:.1} MB", files.len(), bytes as f64 / 1e6);

    let kube_score = kube_score(&tmp);
    let ours = |threads: &'static str, tree: PathBuf| {
        move || {
            let mut command = Command::new(env!("CARGO_BIN_EXE_dapr-preflight"));
            command.arg("check").arg(&tree).env("RAYON_NUM_THREADS", threads);
            command
        }
    };
    let shell = format!("find {} -type f -print0 | xargs -0 cat", tree.display());
    let mut contenders = [
        contender("find | xargs cat", move || {
            let mut command = Command::new("sh");
            command.args(["-c", &shell]);
            command
        }),
        contender("dapr-preflight check", ours("0", tree.clone())),
        contender("the same on one core", ours("1", tree)),
        contender("kube-score score", move || {
            let mut command = Command::new(&kube_score);
            command.arg("score").args(&files);
            command
        }),
    ];
    for _ in 0..ROUNDS {
        for contender in &mut contenders {
            let mut command = (contender.command)();
            let begun = Instant::now();
            command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
            contender.times.push(begun.elapsed());
        }
    }
    for contender in &mut contenders {
        contender.times.sort_unstable();
    }
    let median = |contender: &Contender| contender.times[ROUNDS / 2].as_secs_f64();
    let reference = median(&contenders[3]);
    for contender in &contenders {
        let (seconds, all) = (median(contender), contender.times.iter().map(Duration::as_secs_f64));
        let all: Vec<_> = all.map(|seconds| format!("{seconds:.2}")).collect();
        println!(
            "{:21} {seconds:6.3} s, {:6.1} MB/s, 1/{:.1} of kube-score ({})",
            contender.name,
            bytes as f64 / 1e6 / seconds,
            reference / seconds,
            all.join(" ")
        );
    }
}

fn contender(name: &'static str, command: impl Fn() -> Command + 'static) -> Contender {
    Contender { name, command: Box::new(command), times: Vec::new() }
}

/// Builds kube-score, unless it is there.
fn kube_score(tmp: &Path) -> PathBuf {
    let path = tmp.join("kube-score");
    if !path.exists() {
        let built = Command::new("go").args(["install", KUBE_SCORE]).env("GOBIN", tmp).status().unwrap();
        assert!(built.success(), "go install {KUBE_SCORE}");
    }
    path
}

fn paths(tree: &Path) -> Vec<PathBuf> {
    let folders = fs::read_dir(tree).unwrap().map(|entry| entry.unwrap().path());
    folders.flat_map(|folder| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path())).collect()
}

/// Writes the files, a folder for each app; how many bytes they are together.
fn plant(tree: &Path) -> usize {
    let mut bytes = 0;
    for app in 0..APPS {
        let folder = tree.join(format!("app-{app:04}"));
        fs::create_dir_all(&folder).unwrap();
        for (name, template) in FILES {
            let text =
                template.replace("NAME", &format!("app-{app:04}")).replace("SHOP", &format!("team-{}", app % 40));
            bytes += text.len();
            fs::write(folder.join(name), text).unwrap();
        }
    }
    bytes
}

/// What an app of a platform team's repository is made of.
const FILES: [(&str, &str); 5] = [
    ("deployment.yaml", include_str!("check/deployment.yaml")),
    ("service.yaml", include_str!("check/service.yaml")),
    ("hpa.yaml", include_str!("check/hpa.yaml")),
    ("configmap.yaml", include_str!("check/configmap.yaml")),
    ("component.yaml", include_str!("check/component.yaml")),
];
