//! The files of a follow-up. A file gets its name when it is whole.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use risktier::{FollowUp, Lang};

use crate::args::SheetFormat;
use crate::error::CliError;
use crate::lists::MARK;

/// Writes `follow.jsonl`, and what else is asked for; gives the paths.
///
/// # Errors
/// If the folder or a file cannot be written.
pub fn files(
    folder: &Path,
    follow_up: &FollowUp,
    formats: &[SheetFormat],
    lang: Lang,
) -> Result<Vec<PathBuf>, CliError> {
    fs::create_dir_all(folder).map_err(CliError::write(folder))?;
    let mut files = vec![whole(folder, "follow.jsonl", |file| {
        for hazard in &follow_up.hazards {
            serde_json::to_writer(&mut *file, hazard).map_err(|error| error.to_string())?;
            file.write_all(b"\n").map_err(|error| error.to_string())?;
        }
        Ok(())
    })?];
    if formats.contains(&SheetFormat::Csv) {
        files.push(whole(folder, "follow.csv", |file| {
            file.write_all(MARK).map_err(|error| error.to_string())?;
            let mut csv = csv::Writer::from_writer(file);
            let headings = FollowUp::columns().iter().map(|column| column.title(lang));
            csv.write_record(headings).map_err(|error| error.to_string())?;
            for hazard in &follow_up.hazards {
                let cells = hazard.row(lang).into_iter().map(|cell| cell.to_text(lang));
                csv.write_record(cells).map_err(|error| error.to_string())?;
            }
            csv.flush().map_err(|error| error.to_string())
        })?);
    }
    if formats.contains(&SheetFormat::Xlsx) {
        let write = |file: &mut BufWriter<File>| follow_up.to_xlsx(lang, file).map_err(|error| error.to_string());
        files.push(whole(folder, "follow.xlsx", write)?);
    }
    Ok(files)
}

/// Writes a file under another name first.
///
/// # Errors
/// If it cannot be written.
pub fn whole(
    folder: &Path,
    name: &str,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), String>,
) -> Result<PathBuf, CliError> {
    let (path, part) = (folder.join(name), folder.join(format!("{name}.part")));
    let mut file = BufWriter::with_capacity(1 << 20, File::create(&part).map_err(CliError::write(&part))?);
    write(&mut file).map_err(CliError::write(&part))?;
    file.flush().map_err(CliError::write(&part))?;
    drop(file);
    fs::rename(&part, &path).map_err(CliError::write(&path))?;
    Ok(path)
}
