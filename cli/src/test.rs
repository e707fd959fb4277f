//! `risktier test`: the examples beside the rules, run; what they show of the rules, which cases are missing, and which small
//! mistakes they would not notice. Of a folder on top of the standard book, its own examples and rules: what the folder changes,
//! those of the standard book need not know.

use std::collections::BTreeSet;

use risktier::{
    AtomShown, Coverage, ExampleCase, ExampleFile, ExampleReport, Lang, Mutation, Rule, RuleBook, Suggestion,
};
use serde::Serialize;

use crate::Outcome;
use crate::args::TestArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use crate::words::{count, grouped, say};

/// What was tested, as JSON.
#[derive(Serialize)]
struct Report<'r> {
    cases: usize,
    failed: Vec<&'r ExampleCase>,
    without_examples: &'r [&'r str],
    coverage: Option<Shares<&'r Coverage>>,
    mutation: Option<Shares<&'r Mutation>>,
    suggestions: Option<&'r [Suggestion]>,
}

/// What was found, behind the share that comes to.
#[derive(Serialize)]
struct Shares<T> {
    percent: f64,
    #[serde(flatten)]
    all: T,
}

pub fn run(args: &TestArgs, console: &mut Console) -> Result<Outcome, CliError> {
    let folder = args.dir.as_deref();
    let built = book::sources(folder, !args.no_standard)?.build()?;
    let files = book::own_examples(folder)?;
    let texts = || files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let report = built.run_examples(texts());

    let scripts: BTreeSet<String> = book::own_scripts(folder)?.into_iter().collect();
    let is_own = |script: &str| scripts.contains(script);
    let rules: Vec<&Rule> = built.rules().iter().filter(|rule| is_own(&rule.site.script)).collect();
    let read: Vec<ExampleFile> = files.iter().filter_map(|(_, text)| ExampleFile::read(text).ok()).collect();
    let named: BTreeSet<&str> = read.iter().flat_map(ExampleFile::rules).collect();
    let without: Vec<&str> = rules.iter().map(|rule| &*rule.id).filter(|id| !named.contains(id)).collect();

    let coverage = (args.coverage || args.require_mcdc.is_some()).then(|| {
        let mut coverage = built.coverage(texts());
        coverage.rules.retain(|rule| is_own(&rule.site.script));
        coverage
    });
    let mutation = (args.mutants || args.require_mutants.is_some()).then(|| {
        let mut mutation = built.mutation(texts());
        mutation.subjects.retain(|one| is_own(&one.site.script));
        mutation
    });
    let suggestions = args.suggest.then(|| suggestions(&built, texts(), is_own));

    if args.json {
        let report = Report {
            cases: report.cases.len(),
            failed: report.failed().collect(),
            without_examples: &without,
            coverage: coverage.as_ref().map(|all| Shares { percent: all.percent(), all }),
            mutation: mutation.as_ref().map(|all| Shares { percent: all.percent(), all }),
            suggestions: suggestions.as_deref(),
        };
        console.line(serde_json::to_string_pretty(&report).map_err(std::io::Error::from).map_err(CliError::Output)?)?;
    } else {
        of_cases(&report, &without, rules.len(), console)?;
        if let Some(coverage) = coverage.as_ref().filter(|_| args.coverage) {
            of_coverage(coverage, console)?;
        }
        if let Some(mutation) = mutation.as_ref().filter(|_| args.mutants) {
            of_mutation(mutation, console)?;
        }
        if let Some(suggestions) = &suggestions {
            of_suggestions(suggestions, console)?;
        }
    }

    let mut outcome = if report.failed().next().is_none() { Outcome::Done } else { Outcome::SomeErrors };
    let lang = console.lang();
    let shares = [
        (args.require_mcdc, coverage.as_ref().map(Coverage::percent), say(lang, "MC/DC", "MC/DC")),
        (args.require_mutants, mutation.as_ref().map(Mutation::percent), say(lang, "mutants noticed", "变异体检出率")),
    ];
    for (required, found, what) in shares {
        if let (Some(required), Some(found)) = (required, found)
            && found < required
        {
            outcome = Outcome::SomeErrors;
            console.warning(say(
                lang,
                format!("{what}: {found:.1} %; expected at least {required} %"),
                format!("{what}：{found:.1} %；要求至少 {required} %"),
            ));
        }
    }
    Ok(outcome)
}

fn suggestions<'t>(
    book: &RuleBook,
    texts: impl IntoIterator<Item = (&'t str, &'t str)>,
    is_own: impl Fn(&str) -> bool,
) -> Vec<Suggestion> {
    let mut all = book.suggest_examples(texts);
    all.retain(|one| book.rule(&one.rule).is_some_and(|rule| is_own(&rule.site.script)));
    all
}

fn of_cases(report: &ExampleReport, without: &[&str], rules: usize, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    for case in report.failed() {
        console.line(case)?;
    }
    if !without.is_empty() {
        let list = without.join(", ");
        console.line(say(lang, format!("rules without examples: {list}"), format!("没有示例的规则：{list}")))?;
    }
    let (cases, failed) = (report.cases.len() as u64, (report.cases.len() - report.passed()) as u64);
    let (rules, tested) = (rules as u64, (rules - without.len()) as u64);
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
    ))
}

fn of_coverage(coverage: &Coverage, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    for rule in &coverage.rules {
        for atom in &rule.atoms {
            let Some(missing) = missing(atom.shown, lang) else { continue };
            console.line(format!("{}: {}: `{}`: {missing}", rule.site, rule.rule, atom.text))?;
        }
    }
    let outcomes = |of: fn(&risktier::RuleCoverage) -> usize| {
        grouped(coverage.rules.iter().filter(|rule| of(rule) > 0).count() as u64)
    };
    let (fired, clear) = (outcomes(|rule| rule.fires), outcomes(|rule| rule.clear));
    let undetermined = outcomes(|rule| rule.undetermined);
    let (rules, atoms) = (coverage.rules.len() as u64, coverage.atoms() as u64);
    let (percent, shown) = (coverage.percent(), grouped(coverage.shown() as u64));
    let impossible = grouped(coverage.impossible() as u64);
    console.line(say(
        lang,
        format!(
            "of {}: {fired} shown firing, {clear} clear, {undetermined} undetermined; MC/DC {percent:.1} %: {shown} of {} \
             shown to decide, {impossible} more cannot",
            count(rules, "rule", "rules"),
            count(atoms, "atom", "atoms"),
        ),
        format!(
            "{rules} 条规则中：{fired} 条有触发示例，{clear} 条有不触发示例，{undetermined} 条有待定示例；MC/DC {percent:.1} %：\
             {atoms} 个原子条件中 {shown} 个已证明起决定作用，另有 {impossible} 个不可能起决定作用"
        ),
    ))
}

fn missing(shown: AtomShown, lang: Lang) -> Option<&'static str> {
    let AtomShown::Missing { when_true, when_false } = shown else { return None };
    Some(match (when_true, when_false) {
        (true, false) => say(lang, "no case in which it decides by being false", "缺少其为假时起决定作用的示例"),
        (false, true) => say(lang, "no case in which it decides by being true", "缺少其为真时起决定作用的示例"),
        _ => say(lang, "no cases in which it decides", "缺少其起决定作用的示例"),
    })
}

fn of_mutation(mutation: &Mutation, console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    for one in &mutation.subjects {
        for mutant in &one.survived {
            console.line(say(
                lang,
                format!("{}: {}: {mutant}, and no case would notice", one.site, one.name),
                format!("{}: {}: `{}` 改为 `{}`，没有示例能够发现", one.site, one.name, mutant.from, mutant.to),
            ))?;
        }
    }
    let (killed, survived) = (mutation.killed() as u64, mutation.survived() as u64);
    let (percent, equivalent) = (mutation.percent(), mutation.equivalent() as u64);
    console.line(say(
        lang,
        format!(
            "{} made: {percent:.1} % noticed, {} not; {} more change nothing",
            count(killed + survived, "small mistake", "small mistakes"),
            grouped(survived),
            grouped(equivalent)
        ),
        format!("{} 个变异体：检出 {percent:.1} %，{survived} 个未检出；另有 {equivalent} 个等价", killed + survived),
    ))
}

fn of_suggestions(suggestions: &[Suggestion], console: &mut Console) -> Result<(), CliError> {
    let lang = console.lang();
    let mut file = "";
    for one in suggestions {
        if one.file != file {
            file = &one.file;
            console.line(say(
                lang,
                format!("for the rules of {file}; an expert has to confirm each, then take `confirm` away:"),
                format!("加入 {file} 的 rules；须由专业人员逐条确认后删去 `confirm`："),
            ))?;
        }
        console.line(serde_json::to_string(&one.examples).map_err(std::io::Error::from).map_err(CliError::Output)?)?;
    }
    let cases = suggestions.iter().map(|one| one.shows.len()).sum::<usize>() as u64;
    let rules = suggestions.iter().map(|one| &one.rule).collect::<BTreeSet<_>>().len() as u64;
    console.line(say(
        lang,
        format!("{} suggested, for {}", count(cases, "case", "cases"), count(rules, "rule", "rules")),
        format!("建议 {cases} 个示例，涉及 {rules} 条规则"),
    ))
}
