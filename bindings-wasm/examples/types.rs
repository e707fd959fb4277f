//! Prints the types of everything that comes out of the modules, as TypeScript: `js/types.ts`.
#![allow(missing_docs, clippy::print_stdout, reason = "a program that prints")]

use std::io::{self, Write};

use risktier_wasm::{author, book, error, grades, register};
use ts_rs::{Config, TS};

fn print<T: TS>(out: &mut impl Write, config: &Config) -> io::Result<()> {
    let text = format!("{}export {}\n", T::docs().unwrap_or_default(), T::decl(config));
    // Examples in the comments are Rust.
    let mut in_example = false;
    for line in text.lines() {
        if line.trim() == "* ```" {
            in_example = !in_example;
        } else if !in_example {
            writeln!(out, "{}", line.trim_end())?;
        }
    }
    writeln!(out)
}

macro_rules! print_all {
    ($out:expr, $config:expr, $($ty:ty),* $(,)?) => {
        $(print::<$ty>($out, $config)?;)*
    };
}

fn main() -> io::Result<()> {
    let out = &mut io::stdout().lock();
    let config = &Config::default();
    writeln!(out, "// Made from the Rust types by `bindings-wasm/build types`. Not to be edited.\n")?;
    print_all!(
        out,
        config,
        risktier::Tier,
        risktier::Date,
        risktier::Points,
        risktier::Value,
        risktier::Type,
        risktier::Lang,
        risktier::Label,
        risktier::Site,
        risktier::Grade,
        risktier::Identity,
        risktier::SectorGrade,
        risktier::Score,
        risktier::Fired,
        risktier::Undetermined,
        risktier::Wait,
        risktier::Fault,
        risktier::FaultKind,
        risktier::MeasureValue,
        risktier::Missing,
        risktier::DataError,
        risktier::FirmError,
        risktier::Explanation,
        risktier::SectorExplanation,
        risktier::RuleOutcome,
        risktier::RuleExplanation,
        risktier::FactRead,
        risktier::ItemRead,
        risktier::WayDown,
        risktier::Goal,
        risktier::Way,
        risktier::FirmLists,
        risktier::ListedSector,
        risktier::NextInspection,
        risktier::RiskEntry,
        risktier::HazardState,
        risktier::Hazard,
        risktier::Collect,
        risktier::DutyKind,
        risktier::Duty,
        risktier::FiveAssignments,
        risktier::Citation,
        risktier::Basis,
        risktier::Document,
        risktier::Role,
        risktier::KeyField,
        risktier::Fact,
        risktier::List,
        risktier::Measure,
        risktier::Parameter,
        risktier::ParameterValue,
        risktier::Table,
        risktier::Entries,
        risktier::RangeEntry,
        risktier::Item,
        risktier::Supervision,
        risktier::IssuedList,
        risktier::Scheme,
        risktier::Band,
        book::Sector<'static>,
        book::Rule<'static>,
        error::Finding,
        grades::RuleCount,
        register::TextColumn,
        risktier::mapping::Proposal,
        risktier::mapping::ProposedBy,
        author::ParameterOverride,
        author::Checked,
        author::Tested,
        author::OpenAtom,
        risktier::ExampleCase,
        risktier::Directions,
        risktier::Witness,
        risktier::Worse,
        risktier::assist::Completion,
        risktier::assist::Hover,
        risktier::assist::Kind,
        risktier::assist::Place,
        risktier::assist::Span,
    );
    Ok(())
}
