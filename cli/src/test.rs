//! `risktier test`: the examples beside the rules, run. Of a folder on top of the standard book, its own examples: what the folder
//! changes, those of the standard book need not know.

use std::collections::BTreeSet;

use risktier::{ExampleFile, Rule};

use crate::Outcome;
use crate::args::CheckArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::words::{count, grouped, say};

pub fn run(args: &CheckArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let lang = console.lang();
    let folder = args.dir.as_deref();
    let built = book::sources(folder, !args.no_standard)?.build()?;
    let files = book::own_examples(folder)?;
    let report = built.run_examples(files.iter().map(|(name, text)| (name.as_str(), text.as_str())));
    for case in report.failed() {
        console.line(case)?;
    }

    let read: Vec<ExampleFile> = files.iter().filter_map(|(_, text)| ExampleFile::read(text).ok()).collect();
    let named: BTreeSet<&str> = read.iter().flat_map(ExampleFile::rules).collect();
    let scripts: BTreeSet<String> = book::own_scripts(folder)?.into_iter().collect();
    let own = |rule: &&Rule| scripts.contains(&*rule.site.script);
    let rules: Vec<&Rule> = built.rules().iter().filter(own).collect();
    let without: Vec<&str> = rules.iter().map(|rule| &*rule.id).filter(|id| !named.contains(id)).collect();
    if !without.is_empty() {
        let list = without.join(", ");
        console.line(say(lang, format!("rules without examples: {list}"), format!("没有示例的规则：{list}")))?;
    }
    let (cases, failed) = (report.cases.len() as u64, (report.cases.len() - report.passed()) as u64);
    let (rules, tested) = (rules.len() as u64, (rules.len() - without.len()) as u64);
    console.line(say(
        lang,
        format!(
            "{}, {} failed; {} of {} with examples",
            count(cases, "case", "cases"),
            grouped(failed),
            grouped(tested),
            count(rules, "rule", "rules")
        ),
        format!("{cases} 个示例，{failed} 个不符；{rules} 条规则中 {tested} 条有示例"),
    ))?;
    Ok(if failed == 0 { Outcome::Done } else { Outcome::SomeErrors })
}
