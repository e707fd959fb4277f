//! `risktier`: grades a register of firms by a rule book, says why a firm has its grade, and checks rule books.
//!
//! Every command takes its arguments from [`args`], its rules from [`book`], and gives an exit code: 0 graded, 1 some
//! firms had errors, 2 could not run.

mod args;
mod book;
mod check;
mod compile;
mod console;
mod diff;
mod error;
mod explain;
mod follow;
mod forecast;
mod grade;
mod lists;
mod lsp;
mod mapping;
mod monthly;
mod notes;
mod period;
mod progress;
mod read;
mod reference;
mod register;
mod related;
mod report;
mod sample;
mod schema;
mod sectors;
mod summary;
mod test;
mod words;
mod write;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command};
use console::Console;
use error::CliError;

fn main() -> ExitCode {
    let args = Args::parse();
    let mut console = Console::new(args.lang.into());
    let done = match &args.command {
        Command::Grade(args) => grade::run(args, &mut console),
        Command::Explain(args) => explain::run(args, &mut console),
        Command::Lists(args) => lists::run(args, &mut console),
        Command::Forecast(args) => forecast::run(args, &mut console),
        Command::Diff(args) => diff::run(args, &mut console),
        Command::Follow(args) => follow::run(args, &mut console),
        Command::Report(args) => monthly::run(args, &mut console),
        Command::Map(args) => mapping::propose::run(args, &mut console),
        Command::Check(args) => check::run(args, &mut console),
        Command::Lsp(args) => lsp::run(args, &console),
        Command::Test(args) => test::run(args, &mut console),
        Command::Sectors(args) => sectors::run(args, &mut console),
        Command::Schema(args) => schema::run(args, &mut console),
        Command::Compile(args) => compile::run(args, &mut console),
        Command::Reference(args) => reference::run(args, &mut console),
        Command::Sample(args) => sample::run(args, &mut console),
    };
    match done {
        Ok(outcome) => outcome.into(),
        // Whoever read the output has enough of it.
        Err(CliError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            console.error(&error);
            Outcome::CouldNotRun.into()
        }
    }
}

/// What a command came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Everything was graded.
    Done,
    /// Some firms had data errors, or could not be graded.
    SomeErrors,
    /// There is no result.
    CouldNotRun,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(match outcome {
            Outcome::Done => 0,
            Outcome::SomeErrors => 1,
            Outcome::CouldNotRun => 2,
        })
    }
}
