//! Lines of `lists.jsonl` and `follow.jsonl`.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use risktier::{Date, FirmStatus, FollowError, FollowedHazard, Follower};
use serde::de::DeserializeOwned;

use super::file;
use crate::error::CliError;
use crate::read::content;

const LISTS: &str = "lists of firms, as `risktier grade --lists jsonl` writes them";
const FOLLOWED: &str = "hazards, as `risktier follow` writes them";

/// So many lines are read at a time.
const CHUNK: usize = 512;

/// Reads a file of lines, chunk by chunk.
fn lines<T: DeserializeOwned + Send>(
    path: &Path,
    expected: &'static str,
    take: &mut dyn FnMut(T) -> Result<(), CliError>,
) -> Result<(), CliError> {
    let mut lines = BufReader::with_capacity(1 << 20, File::open(path).map_err(CliError::read(path))?).lines();
    let mut before = 0;
    loop {
        let chunk: Vec<String> = lines.by_ref().take(CHUNK).collect::<Result<_, _>>().map_err(CliError::read(path))?;
        if chunk.is_empty() {
            return Ok(());
        }
        let read = |(at, line): (usize, &String)| {
            serde_json::from_str(line)
                .map_err(|error| content(path, expected, format!("line {}: {error}", before + at + 1)))
        };
        let parsed: Vec<T> = chunk.par_iter().enumerate().map(read).collect::<Result<_, _>>()?;
        before += chunk.len();
        parsed.into_iter().try_for_each(&mut *take)?;
    }
}

/// Hands on the lists of each firm.
///
/// # Errors
/// If the file cannot be read, or has something else in it.
pub fn each_firm(path: &Path, take: &mut dyn FnMut(FirmStatus) -> Result<(), CliError>) -> Result<(), CliError> {
    lines(path, LISTS, take)
}

/// The hazards of a `follow.jsonl`.
///
/// # Errors
/// If the file cannot be read, or has something else in it.
pub fn followed(path: &Path) -> Result<Vec<FollowedHazard>, CliError> {
    let mut hazards = Vec::new();
    lines(path, FOLLOWED, &mut |hazard| {
        hazards.push(hazard);
        Ok(())
    })?;
    Ok(hazards)
}

/// The hazards of last period: of `follow.jsonl`, or those found in `lists.jsonl`, or of a folder with one of them.
///
/// # Errors
/// If there is neither, or it cannot be read.
pub fn hazards_before(path: &Path) -> Result<Vec<FollowedHazard>, CliError> {
    let path: PathBuf = if path.is_dir() {
        file(path, "follow.jsonl").or_else(|| file(path, "lists.jsonl")).ok_or_else(|| {
            let nothing = "neither follow.jsonl nor lists.jsonl is in it";
            content(path, "a folder of `risktier follow`, or of `risktier grade --lists jsonl`", nothing)
        })?
    } else {
        path.to_owned()
    };
    if is_followed(&path)? {
        return followed(&path);
    }
    let mut follower: Option<Follower> = None;
    let wrong = |error: FollowError| content(&path, LISTS, error);
    each_firm(&path, &mut |status| {
        let follower = match &mut follower {
            Some(follower) => follower,
            none => none.insert(Follower::new(Vec::new(), status.as_of).map_err(wrong)?),
        };
        follower.add(&status).map_err(wrong)
    })?;
    Ok(follower.map(|follower| follower.finish().hazards).unwrap_or_default())
}

/// Told by the first line.
fn is_followed(path: &Path) -> Result<bool, CliError> {
    #[derive(serde::Deserialize)]
    struct Line {
        first_seen: Option<Date>,
    }
    let mut line = String::new();
    BufReader::new(File::open(path).map_err(CliError::read(path))?)
        .read_line(&mut line)
        .map_err(CliError::read(path))?;
    Ok(serde_json::from_str::<Line>(&line).is_ok_and(|line| line.first_seen.is_some()))
}
