//! The arguments of every command.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use risktier::{Date, Lang, Tier};

/// Grades enterprises into four safety-risk tiers (blue, yellow, orange, red) from rules, with reasons.
#[derive(Debug, Parser)]
#[command(
    name = "risktier",
    version,
    arg_required_else_help = true,
    after_help = "Exit codes: 0 graded, 1 some firms had data errors or could not be graded, 2 could not run."
)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
    /// Language of the output
    #[arg(long, global = true, value_enum, default_value_t = Language::En)]
    pub lang: Language,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    En,
    Zh,
}

impl From<Language> for Lang {
    fn from(language: Language) -> Lang {
        match language {
            Language::En => Lang::En,
            Language::Zh => Lang::Zh,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Grade a register of firms
    Grade(GradeArgs),
    /// Say why a firm has its grade
    Explain(ExplainArgs),
    /// Issue the three lists of a firm: risks, hazards, responsibilities
    Lists(ListsArgs),
    /// Look ahead: the day on which each firm's tier changes if nobody acts, and because of what
    Forecast(ForecastArgs),
    /// Compare two books, days or sets of parameters: over a register, and rule by rule
    Diff(DiffArgs),
    /// Follow hazards up: which are new, still open, overdue, closed, reopened since last period
    Follow(FollowArgs),
    /// Write the monthly report: counts, moves between tiers, overdue hazards, a safety index
    Report(ReportArgs),
    /// Propose a mapping from the columns of a file to the facts of a sector
    Map(MapArgs),
    /// Check a rule book
    Check(CheckArgs),
    /// Run the examples beside the rules of a book, and say what they leave open
    Test(TestArgs),
    /// Serve an editor that writes rule scripts, in the Language Server Protocol over standard input and output
    Lsp(LspArgs),
    /// List the sectors of the book
    Sectors(SectorsArgs),
    /// List the facts that the rules of a sector read
    Schema(SchemaArgs),
    /// Write the book as one file that opens without its scripts being read: for the browser package, and wherever start-up
    /// counts
    Compile(CompileArgs),
    /// Write the book as pages to read: rules, facts, scores and citations of every sector, in both languages
    Reference(ReferenceArgs),
    /// Write a synthetic register, to try things out
    Sample(SampleArgs),
}

/// Which rules.
#[derive(Debug, clap::Args)]
pub struct BookArgs {
    /// Folder of rule scripts (.rhai) to use on top of the standard book; a script with the name of a standard one
    /// takes its place
    #[arg(long, value_name = "DIR")]
    pub book: Option<PathBuf>,
    /// Leave the standard book out
    #[arg(long, requires = "book")]
    pub no_standard: bool,
    /// Give a parameter of the book another value (repeatable)
    #[arg(long = "parameter", value_name = "NAME=VALUE", value_parser = named)]
    pub parameters: Vec<(String, String)>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Formats are told by the ending: .csv, .tsv, .json (an array of firms, or one), .jsonl or .ndjson, .parquet.
A firm has a column `id`, a column `sector` (several ids with `;` between), and a column for each fact.

A table given with --list is taken for the whole register: a firm without a row there has an empty list.
With --list-partial NAME such a firm's list is unknown.

Exit codes: 0 graded, 1 some firms had data errors or could not be graded, 2 could not run.")]
pub struct GradeArgs {
    #[command(flatten)]
    pub register: RegisterArgs,
    /// Grading date, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Folder for the results: grades.csv (or .jsonl, .parquet), summary.json, what --lists asks for, and left_over.csv
    /// with the rows of related tables that belong to no firm
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Format of the results
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub format: Format,
    /// Issue the three lists of every firm into the folder, in these formats: csv (three files), xlsx (one workbook),
    /// jsonl, html (a page a firm)
    #[arg(long, value_name = "FORMAT", value_enum, value_delimiter = ',', requires = "out")]
    pub lists: Vec<ListFormat>,
    /// Lists only for firms of this tier or a worse one
    #[arg(long, value_name = "TIER", value_enum, default_value_t = TierArg::Blue, requires = "lists")]
    pub lists_from: TierArg,
    #[command(flatten)]
    pub book: BookArgs,
    /// Summary as text, or as one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub summary: SummaryFormat,
    /// Write the column `missing` too: the facts that keep a grade unsettled, the most decisive first
    #[arg(long)]
    pub missing: bool,
}

/// Which firms, and how they are read.
#[derive(Debug, clap::Args)]
pub struct RegisterArgs {
    /// Files of firms
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: ReadingArgs,
}

/// How firms are read.
#[derive(Debug, clap::Args)]
pub struct ReadingArgs {
    /// Related table of a list, joined by the firm's id (repeatable): inventory=inventory.csv
    #[arg(long = "list", value_name = "NAME=FILE", value_parser = named)]
    pub related: Vec<(String, String)>,
    /// The table of this list is not complete: the list of a firm without a row there is unknown (repeatable)
    #[arg(long = "list-partial", value_name = "NAME")]
    pub partial_lists: Vec<String>,
    /// Mapping file (TOML): columns of other names, units, codes, several columns into one fact, tables of lists
    #[arg(long, value_name = "FILE")]
    pub map: Option<PathBuf>,
    /// Column of the firm's id, in the files of firms and in the related tables; `id` if not given
    #[arg(long, value_name = "COLUMN")]
    pub id: Option<String>,
    /// Column of the firm's name, handed through to the results and the lists as `name`
    #[arg(long, value_name = "COLUMN")]
    pub name: Option<String>,
    /// Hand a column through to the results (repeatable)
    #[arg(long, value_name = "COLUMN")]
    pub keep: Vec<String>,
    /// Sector of firms that name none
    #[arg(long, value_name = "ID")]
    pub sector: Option<String>,
    /// Read a fact, or list.field, from another column, times a number if one is given (repeatable):
    /// inventory.tonnes=pounds*0.00045359237
    #[arg(long = "column", value_name = "FACT=COLUMN[*FACTOR]", value_parser = named)]
    pub columns: Vec<(String, String)>,
    /// No progress bar, not even on a terminal
    #[arg(long)]
    pub no_progress: bool,
    /// How many threads to use; all cores if not given
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub threads: Option<u16>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The facts of each firm stay as they are; what changes is the day: licences run out, deadlines pass, inspections age, rules begin and end.
Firms whose tier changes are listed by the day, and of one day the worst first.

Exit codes: 0 looked ahead, 1 some firms could not be graded, 2 could not run.")]
pub struct ForecastArgs {
    #[command(flatten)]
    pub register: RegisterArgs,
    /// Grading date, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// How many days to look ahead
    #[arg(long, value_name = "N", default_value_t = 90, conflicts_with = "until", value_parser = clap::value_parser!(u32).range(1..=3653))]
    pub days: u32,
    /// The last day to look at, YYYY-MM-DD, in place of --days
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<Date>,
    /// Folder for forecast.csv and forecast.json (which `risktier report` reads)
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the forecasts as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Before and after may differ in the book (--before, --book), in the day (--before-as-of, --as-of) and in parameters
(--before-parameter, --parameter). Without a register the rules alone are compared: what was added, removed, changed in its words
or in its meaning, with a firm that shows it.

Exit codes: 0 compared, 1 some firms could not be graded, 2 could not run.")]
pub struct DiffArgs {
    /// Files of firms; none to compare the rules alone
    #[arg(value_name = "FILE")]
    pub files: Vec<PathBuf>,
    #[command(flatten)]
    pub reading: ReadingArgs,
    /// Folder of rule scripts before, on top of the standard book; the standard book if not given
    #[arg(long, value_name = "DIR")]
    pub before: Option<PathBuf>,
    /// Leave the standard book out of the book before
    #[arg(long, requires = "before")]
    pub before_no_standard: bool,
    /// Give a parameter of the book before another value (repeatable)
    #[arg(long = "before-parameter", value_name = "NAME=VALUE", value_parser = named)]
    pub before_parameters: Vec<(String, String)>,
    /// Grading date before, YYYY-MM-DD; that of after if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub before_as_of: Option<Date>,
    /// Grading date after, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Folder for changes.json, and of a register moved.csv
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Print the changes as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Jsonl,
    Parquet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SummaryFormat {
    Text,
    Json,
}

#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// File with one firm as a JSON object; `-` for standard input
    #[arg(value_name = "FIRM.json")]
    pub file: PathBuf,
    /// Sector of the firm, if it names none
    #[arg(long, value_name = "ID")]
    pub sector: Option<String>,
    /// Grading date, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Print the explanation as JSON
    #[arg(long)]
    pub json: bool,
    /// Show the rules that are clear, too
    #[arg(long)]
    pub all: bool,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// risks.csv, hazards.csv and responsibilities.csv
    Csv,
    /// lists.xlsx: a sheet of firms, and a sheet a list
    Xlsx,
    /// lists.jsonl: an object a firm
    Jsonl,
    /// firms/ID.html: a page a firm, to print
    Html,
}

impl ListFormat {
    pub const ALL: [ListFormat; 4] = [ListFormat::Csv, ListFormat::Xlsx, ListFormat::Jsonl, ListFormat::Html];
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TierArg {
    Blue,
    Yellow,
    Orange,
    Red,
}

impl From<TierArg> for Tier {
    fn from(tier: TierArg) -> Tier {
        match tier {
            TierArg::Blue => Tier::Blue,
            TierArg::Yellow => Tier::Yellow,
            TierArg::Orange => Tier::Orange,
            TierArg::Red => Tier::Red,
        }
    }
}

#[derive(Debug, clap::Args)]
pub struct ListsArgs {
    /// File with one firm as a JSON object; `-` for standard input
    #[arg(value_name = "FIRM.json")]
    pub file: PathBuf,
    /// Sector of the firm, if it names none
    #[arg(long, value_name = "ID")]
    pub sector: Option<String>,
    /// Name of the firm, to stand on the lists
    #[arg(long)]
    pub name: Option<String>,
    /// Grading date, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Folder for the lists as files; without it they are printed
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Formats of the files; all if not given
    #[arg(long, value_name = "FORMAT", value_enum, value_delimiter = ',', requires = "out")]
    pub formats: Vec<ListFormat>,
    /// Print the lists as JSON
    #[arg(long, conflicts_with = "out")]
    pub json: bool,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
follow.jsonl has an object for every hazard, with the day it was first seen, its deadline, and what has become of it. It is
what goes in as --before the next time. Without --before, everything found is new.

A hazard is closed only where its rule is clear now. Where the record does not say any more, where the firm is absent, has no
lists or names another sector, it stays open, and its time runs on. Issue lists of all firms (no --lists-from), else those
that are better than its tier have none.")]
pub struct FollowArgs {
    /// Last period: follow.jsonl, or lists.jsonl, or a folder with one of them, follow.jsonl first
    #[arg(long, value_name = "PATH")]
    pub before: Option<PathBuf>,
    /// This period: the folder of `risktier grade --lists jsonl --out`, or its lists.jsonl
    #[arg(long, value_name = "PATH")]
    pub now: PathBuf,
    /// Folder for follow.jsonl, and follow.csv and follow.xlsx to read
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Formats beside follow.jsonl; all if not given
    #[arg(long, value_name = "FORMAT", value_enum, value_delimiter = ',', requires = "out")]
    pub formats: Vec<SheetFormat>,
    /// Counts as text, or as one JSON object and nothing else
    #[arg(long, value_enum, default_value_t = SummaryFormat::Text)]
    pub summary: SummaryFormat,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SheetFormat {
    Csv,
    Xlsx,
}

impl SheetFormat {
    pub const ALL: [SheetFormat; 2] = [SheetFormat::Csv, SheetFormat::Xlsx];
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
A folder needs grades.csv (or .jsonl, .parquet) and summary.json. What else is in it makes more pages:
lists.jsonl or follow.jsonl (`grade --lists jsonl`, `follow`) for hazards, the column `missing` (`grade --missing`) for missing
facts, a column `district` (`grade --keep district`) for districts. The report names what is left out, and why.")]
pub struct ReportArgs {
    /// Folders of `risktier grade --out`, one a month in any order; the last is reported on, the others are its past
    #[arg(required_unless_present = "print_indicators", value_name = "DIR")]
    pub periods: Vec<PathBuf>,
    /// Folder for report.html, report.xlsx and report.json
    #[arg(long, value_name = "DIR", required_unless_present = "print_indicators")]
    pub out: Option<PathBuf>,
    /// Formats; all if not given
    #[arg(long, value_name = "FORMAT", value_enum, value_delimiter = ',')]
    pub formats: Vec<ReportFormat>,
    /// Column of the firm's district in the grades
    #[arg(long, value_name = "COLUMN", default_value = "district")]
    pub district: String,
    /// forecast.json, for the early-warning list
    #[arg(long, value_name = "FILE")]
    pub forecast: Option<PathBuf>,
    /// Indicators of the safety index (TOML), in place of the compiled-in ones
    #[arg(long, value_name = "FILE")]
    pub indicators: Option<PathBuf>,
    /// Print the compiled-in indicators as TOML, to start a file of your own from
    #[arg(long)]
    pub print_indicators: bool,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// report.html: one page to print
    Html,
    /// report.xlsx: a sheet a table
    Xlsx,
    /// report.json: the whole record
    Json,
}

impl ReportFormat {
    pub const ALL: [ReportFormat; 3] = [ReportFormat::Html, ReportFormat::Xlsx, ReportFormat::Json];
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The proposal is a mapping file on standard output, to be read, mended and given to `risktier grade --map`. Behind each line
stands how sure it is, from 0 to 1, and what it was told by: the name of the column, its heading, and the values in it.")]
pub struct MapArgs {
    /// File of firms, or of a list's items
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Id of the sector
    #[arg(value_name = "SECTOR")]
    pub sector: String,
    /// Leave out what is less sure than this, 0 to 1
    #[arg(long, value_name = "CONFIDENCE", default_value_t = 0.5, value_parser = share)]
    pub least: f64,
    /// Grading date, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Errors keep a book from being used. Warnings do not: W001 to W004 are of single scripts, W101 to W114 of the book as a whole on the
grading date, each proved, and shown by a firm where a firm can show it.")]
pub struct CheckArgs {
    /// Folder of rule scripts (.rhai), on top of the standard book; the standard book if not given
    #[arg(value_name = "BOOK_DIR")]
    pub dir: Option<PathBuf>,
    /// Leave the standard book out
    #[arg(long, requires = "dir")]
    pub no_standard: bool,
    /// Look at the rules that are in force on this day, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    /// Say of which facts it is proved that no firm's tier gets better when they get worse, and which declare no direction (`worse`)
    /// but have one
    #[arg(long)]
    pub directions: bool,
    /// Warnings, too, give exit code 1: for build servers
    #[arg(long)]
    pub deny_warnings: bool,
    /// Print errors, warnings and directions as JSON
    #[arg(long)]
    pub json: bool,
}

#[derive(Debug, clap::Args)]
pub struct TestArgs {
    /// Folder of rule scripts (.rhai) and examples (.examples.json), on top of the standard book; the standard book if not
    /// given
    #[arg(value_name = "BOOK_DIR")]
    pub dir: Option<PathBuf>,
    /// Leave the standard book out
    #[arg(long, requires = "dir")]
    pub no_standard: bool,
    /// Say which outcomes of rules, and which of their atomic conditions, no example shows (masking MC/DC)
    #[arg(long)]
    pub coverage: bool,
    /// Write the missing cases, with boundary values, as JSON to paste into the examples
    #[arg(long)]
    pub suggest: bool,
    /// Make small mistakes in the rules, one at a time, and say which of them no example would notice
    #[arg(long)]
    pub mutants: bool,
    /// Print everything as JSON
    #[arg(long)]
    pub json: bool,
    /// Exit with 1 if fewer of the atomic conditions are shown to decide
    #[arg(long, value_name = "PERCENT")]
    pub require_mcdc: Option<f64>,
    /// Exit with 1 if fewer of the small mistakes would be noticed
    #[arg(long, value_name = "PERCENT")]
    pub require_mutants: Option<f64>,
}

#[derive(Debug, clap::Args)]
pub struct LspArgs {
    /// Folder of rule scripts (.rhai), on top of the standard book; the folder that the editor has open if not given
    #[arg(long, value_name = "DIR")]
    pub book: Option<PathBuf>,
    /// Leave the standard book out
    #[arg(long)]
    pub no_standard: bool,
}

#[derive(Debug, clap::Args)]
pub struct SectorsArgs {
    /// Print the sectors as JSON
    #[arg(long)]
    pub json: bool,
    /// Grading date, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, clap::Args)]
pub struct CompileArgs {
    /// The file; `RuleBook::from_compiled` of the same version of the engine opens it
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, clap::Args)]
pub struct ReferenceArgs {
    /// Folder for the pages (Markdown): README.md, a page a sector and a part, numbers, documents. Pages of sectors that
    /// are no more are removed
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, clap::Args)]
pub struct SchemaArgs {
    /// Id of the sector
    #[arg(value_name = "SECTOR")]
    pub sector: String,
    /// Print a JSON Schema (draft 2020-12) of a firm of this sector
    #[arg(long)]
    pub json_schema: bool,
    /// Grading date, YYYY-MM-DD; today if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    #[command(flatten)]
    pub book: BookArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "\
The firms are drawn from the facts that the rules read, and from the examples beside the rules. They are no real firms:
every row says `synthetic` in its column `source`. The same arguments give the same files.")]
pub struct SampleArgs {
    /// How many firms
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub firms: u64,
    /// Another seed gives other firms
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub seed: u64,
    /// Folder for firms.csv and one file for each list
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Sectors of the firms (repeatable); all if not given
    #[arg(long = "sector", value_name = "ID")]
    pub sectors: Vec<String>,
    /// Share of the facts that are left out, 0 to 1; of the fields of list items, a tenth of it
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share)]
    pub missing: f64,
    /// How many rows get a value of the wrong type, out of range, or a sector that the book does not have
    #[arg(long, value_name = "ROWS", default_value_t = 0)]
    pub bad: u64,
    /// So many months of one register, in a folder each (2026-09, 2026-10, ...): firms get better and worse, enter and leave. The last
    /// month is that of --as-of
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=60))]
    pub months: u32,
    /// Day that the dates of the firms are drawn around; that of the examples if not given
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Date>,
    #[command(flatten)]
    pub book: BookArgs,
}

fn named(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() && !value.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(format!("`{text}` has no name and value; expected NAME=VALUE")),
    }
}

fn date(text: &str) -> Result<Date, String> {
    text.parse().map_err(|error: risktier::ParseDateError| error.to_string())
}

fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err(format!("`{text}` is not a share; expected a number from 0 to 1")),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }
}
