//! `risktier compile`: a rule book as one file that opens without its scripts being read.

use std::fs;

use crate::Outcome;
use crate::args::CompileArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::words::{grouped, say};

pub fn run(args: &CompileArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let book = book::load(&args.book)?;
    let compiled = book.to_compiled();
    fs::write(&args.out, &compiled).map_err(CliError::write(&args.out))?;
    let (path, bytes, hash) = (args.out.display(), grouped(compiled.len() as u64), book.hash());
    console.line(say(
        console.lang(),
        format!("{path}: {bytes} bytes, book {hash}"),
        format!("{path}：{bytes} 字节，规则册 {hash}"),
    ))?;
    Ok(Outcome::Done)
}
