//! From paths to texts: files as they are named, directories as git sees them.

use std::collections::HashSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;

use ignore::{DirEntry, WalkBuilder, WalkState};
use rayon::prelude::*;

use super::input::{Input, Origin, unreadable};
use crate::policy::printable;
use crate::report::Unreadable;

/// The name of standard input in reports.
const STDIN: &str = "<stdin>";

/// What a directory's files must end in to be manifests.
const ENDINGS: [&str; 3] = ["yaml", "yml", "json"];

/// The texts of these paths, in order, each once: a file whatever it ends in; of a directory every `.yaml`, `.yml` and
/// `.json` file below it that is neither hidden nor left out by a `.gitignore` or `.ignore`; `-` for standard input.
///
/// Beside them, the paths that lead nowhere, and a directory without any such file, which may be a slip.
#[must_use]
pub fn inputs(paths: &[PathBuf]) -> (Vec<Input>, Vec<Unreadable>) {
    let (mut inputs, mut missing) = (Vec::new(), Vec::new());
    for path in paths {
        let found = match path.to_str() {
            Some("-") => stdin().map(|input| vec![input]),
            _ if path.is_dir() => below(path),
            _ => file(path).map(|input| vec![input]),
        };
        match found {
            Ok(found) => inputs.extend(found),
            Err(error) => missing.push(error),
        }
    }
    let mut seen = HashSet::new();
    inputs.retain(|input| seen.insert(input.name.clone()));
    (inputs, missing)
}

fn stdin() -> Result<Input, Unreadable> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(STDIN, &format!("cannot be read: {error}"), ""))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let problem = format!("not UTF-8, from byte {} on", error.utf8_error().valid_up_to());
        unreadable(STDIN, &problem, "pipe YAML or JSON in UTF-8")
    })?;
    // What renders manifests prints nothing when it fails, and the shell forgets its exit code.
    if text.trim().is_empty() {
        let problem = "there is nothing in standard input";
        return Err(unreadable(STDIN, problem, "see whether the command before the pipe failed"));
    }
    Ok(Input::text(STDIN, text))
}

fn file(path: &Path) -> Result<Input, Unreadable> {
    match path.metadata() {
        Ok(_) => Ok(input(path.to_owned(), true)),
        Err(error) => Err(unreadable(&path.display().to_string(), &format!("cannot be read: {error}"), "")),
    }
}

fn below(directory: &Path) -> Result<Vec<Input>, Unreadable> {
    let (found, all) = mpsc::channel();
    let walk = WalkBuilder::new(directory).require_git(false).threads(rayon::current_num_threads()).build_parallel();
    walk.run(|| {
        let found = found.clone();
        Box::new(move |entry| {
            let path =
                entry.map(|entry| is_manifest(&entry).then(|| entry.into_path())).map_err(|error| error.to_string());
            // The receiver is there until the walk has ended.
            let _ = found.send(path);
            WalkState::Continue
        })
    });
    drop(found);
    let (mut files, mut errors) = (Vec::new(), Vec::new());
    for path in all {
        match path {
            Ok(path) => files.extend(path),
            Err(error) => errors.push(error),
        }
    }
    // Of several the same one every time, whoever came first.
    if let Some(error) = errors.into_iter().min() {
        return Err(unreadable(&directory.display().to_string(), &error, ""));
    }
    if files.is_empty() {
        let problem = "there is no .yaml, .yml or .json file in this directory";
        let advice = "name another one; hidden files and what .gitignore leaves out do not count";
        return Err(unreadable(&directory.display().to_string(), problem, advice));
    }
    files.par_sort_unstable();
    Ok(files.into_par_iter().map(|path| input(path, false)).collect())
}

/// Whether it is a file, or a symbolic link to one, that ends in what manifests end in.
fn is_manifest(entry: &DirEntry) -> bool {
    let ending = entry.path().extension().and_then(|ending| ending.to_str());
    let manifest = ending.is_some_and(|ending| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(ending)));
    manifest && (entry.file_type().is_some_and(|kind| kind.is_file()) || entry.path().is_file())
}

fn input(path: PathBuf, named: bool) -> Input {
    let shown = path.to_string_lossy();
    let name = printable(shown.strip_prefix("./").unwrap_or(&shown)).into();
    Input { name, origin: Origin::File(path), named }
}
