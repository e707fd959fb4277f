//! `risktier reference`: the book as pages to read, in both languages, so that nobody needs to read scripts to know it.
//!
//! Takes a book, gives pages ([`Page`]: a name and its Markdown); [`run`] writes them into a folder.

mod group;
mod index;
mod numbers;
mod text;

use std::fs;
use std::path::Path;

use risktier::RuleBook;

use crate::Outcome;
use crate::args::ReferenceArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::words::{count, say};

/// A page: its path below the folder, and its text.
pub struct Page {
    pub path: String,
    pub text: String,
}

/// All pages of a book.
fn pages(book: &RuleBook) -> Vec<Page> {
    let mut pages = vec![index::page(book), numbers::page(book), index::documents(book)];
    pages.extend(book.sectors().iter().map(|sector| group::sector(book, sector)));
    pages.extend(book.parts().iter().map(|part| group::part(book, part)));
    pages
}

/// The page of a sector that is no more must not stay. Pages alone, and only those written here: the folder may hold
/// other things of whoever gave it.
fn remove_old_pages(folder: &Path) -> Result<(), CliError> {
    for entry in fs::read_dir(folder).map_err(CliError::read(folder))? {
        let path = entry.map_err(CliError::read(folder))?.path();
        let is_page = path.extension().is_some_and(|ending| ending == "md")
            && fs::read_to_string(&path).is_ok_and(|text| text.contains(group::BACK));
        if is_page {
            fs::remove_file(&path).map_err(CliError::write(&path))?;
        }
    }
    Ok(())
}

pub fn run(args: &ReferenceArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let book = book::load(&args.book)?;
    let pages = pages(&book);
    for folder in ["sectors", "parts"] {
        let folder = args.out.join(folder);
        fs::create_dir_all(&folder).map_err(CliError::write(&folder))?;
        remove_old_pages(&folder)?;
    }
    for page in &pages {
        let path = args.out.join(&page.path);
        fs::write(&path, &page.text).map_err(CliError::write(&path))?;
    }
    let (written, folder) = (pages.len() as u64, args.out.display());
    let lang = console.lang();
    console.line(say(
        lang,
        format!("{} written to {folder}", count(written, "page", "pages")),
        format!("已写入 {written} 页：{folder}"),
    ))?;
    Ok(Outcome::Done)
}
