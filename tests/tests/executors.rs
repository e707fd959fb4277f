//! Columns equal one firm, on everything: random books, random firms, random column types.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use arrow_array::RecordBatch;
use proptest::prelude::*;
use risktier::{BatchGrades, BatchOptions, ExportOptions, Grade, GradeColumns, GradeError, Grader, RuleOutcome, Tier};
use risktier_tests::arrow::batch;
use risktier_tests::book::{Book, MEASURES};
use risktier_tests::expr::V;
use risktier_tests::firm::{Firm, FirmOptions, firm};
use risktier_tests::generate::{ALL, Options};
use risktier_tests::rng::Rng;
use risktier_tests::schema::{FACTS, LISTS};
use risktier_tests::table::table;

fn firms(rng: &mut Rng, count: usize) -> Vec<Firm> {
    (0..count)
        .map(|at| {
            let unknown = rng.pick(&[0, 10, 40]);
            let edge = rng.pick(&[0, 10, 30]);
            let mut firm = firm(rng, FirmOptions { unknown, edge });
            firm.id = format!("firm {at}");
            for sector in ["s0", "s1", "s2"] {
                if rng.percent(40) {
                    firm.sectors.push(sector.into());
                }
            }
            if rng.percent(50) {
                firm.sectors.reverse();
            }
            if rng.percent(5) {
                firm.sectors.push("s9".into());
            }
            if firm.sectors.is_empty() && rng.percent(90) {
                firm.sectors.push("s1".into());
            }
            if rng.percent(15) {
                spoil(rng, &mut firm);
            }
            firm
        })
        .collect()
}

/// Puts a value out of its limits.
fn spoil(rng: &mut Rng, firm: &mut Firm) {
    let wrong = |rng: &mut Rng, name: &str| match name {
        "n_lim" | "persons" => Some(V::Int(rng.pick(&[-6, 3_000_000, i64::MAX]))),
        "f_lim" | "tonnes" => Some(V::Float(-0.5)),
        "k0" | "k1" | "kind" => Some(V::Text("level 3")),
        _ => None,
    };
    for (spec, value) in FACTS.iter().zip(&mut firm.facts) {
        if rng.percent(50) {
            *value = wrong(rng, spec.name).unwrap_or(*value);
        }
    }
    for (list, items) in LISTS.iter().zip(&mut firm.lists) {
        let risktier_tests::firm::Items::Known(items) = items else { continue };
        for item in items.iter_mut().flatten() {
            for (spec, value) in list.fields.iter().zip(item) {
                if rng.percent(30) {
                    *value = wrong(rng, spec.name).unwrap_or(*value);
                }
            }
        }
    }
}

/// Compares a batch with its firms one by one: the grades, and the exported columns, which come from the masks.
fn compare(grader: &Grader, firms: &[Firm], rng: &mut Rng, whole: bool, note: &str) {
    let batch = batch(firms, rng);
    let grades = grader.grade_batch(&batch).unwrap();
    assert_eq!(grades.len(), firms.len());
    let options = ExportOptions { missing: whole, ..ExportOptions::default() };
    let mut columns = GradeColumns::new(grader, &options);
    let mut counts = ([0; 4], 0);
    for (row, firm) in firms.iter().enumerate() {
        let json = firm.json().to_string();
        let one = grader.grade_json(&json);
        match &one {
            Ok(grade) => counts.0[grade.tier as usize] += 1,
            Err(_) => counts.1 += 1,
        }
        let tiers: Option<(Tier, Tier, Tier)> = one.as_ref().ok().map(|grade| (grade.tier, grade.best, grade.worst));
        assert_eq!(grades.tiers(row), tiers, "{note} row {row}\n{json}");
        if whole {
            match (&one, grades.grade(row)) {
                (Ok(one), Ok(row_grade)) => {
                    assert_eq!(row_grade, *one, "{note} row {row}\n{json}");
                    let bytes = |grade| serde_json::to_string(grade).unwrap();
                    assert_eq!(bytes(&row_grade), bytes(one), "{note} row {row}\n{json}");
                    says_the_same(&grades, row, one);
                }
                (Err(GradeError::Firm(one)), Err(row)) => assert_eq!(*one, row),
                (one, row) => panic!("{note}: one {one:?}, row {row:?}\n{json}"),
            }
        }
        columns.push(Some(&firm.id), &one);
    }
    assert_eq!(grades.counts(), counts);
    let exported = grades.to_record_batch(&options).unwrap();
    let wanted = columns.finish().unwrap();
    assert_eq!(exported.schema(), wanted.schema());
    parts_are_those_of_the_whole(&grades, &exported, &options, rng);
    if whole {
        let texts: Vec<String> = firms.iter().map(|firm| firm.json().to_string()).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let of_texts = grader.grade_json_batch(&texts, None).unwrap();
        assert_eq!(of_texts.to_record_batch(&options).unwrap(), wanted, "{note}: from texts");
    }
    let of_table = grader.grade_table(&table(firms, rng), &BatchOptions::default()).unwrap();
    assert_eq!(of_table.to_record_batch(&options).unwrap(), wanted, "{note}: from a table");
    for of in [&grades, &of_table] {
        numbers_are_those_of_the_rows(of);
    }
    for (field, (exported, wanted)) in
        wanted.schema().fields().iter().zip(exported.columns().iter().zip(wanted.columns()))
    {
        if exported != wanted {
            let differs = (0..firms.len())
                .find(|row| exported.slice(*row, 1).to_data() != wanted.slice(*row, 1).to_data())
                .unwrap();
            panic!(
                "{note}: column {} row {differs}: columns {:?}, one {:?}\n{}",
                field.name(),
                exported.slice(differs, 1),
                wanted.slice(differs, 1),
                firms[differs].json()
            );
        }
    }
}

/// Tiers and scores of all rows at once are those of the rows one by one.
fn numbers_are_those_of_the_rows(grades: &BatchGrades) {
    let [tier, best, worst] = grades.tier_codes();
    let scores = grades.score_values();
    assert_eq!(
        (tier.len(), best.len(), worst.len(), scores.len()),
        (grades.len(), grades.len(), grades.len(), grades.len())
    );
    for row in 0..grades.len() {
        let none = BatchGrades::NO_TIER;
        let of_row = grades.tiers(row).map_or((none, none, none), |(a, b, c)| (a as u8, b as u8, c as u8));
        assert_eq!((tier[row], best[row], worst[row]), of_row, "row {row}");
        let score = grades.score(row).map_or(f64::NAN, |score| score.value.to_f64());
        assert!(scores[row] == score || (scores[row].is_nan() && score.is_nan()), "row {row}");
    }
}

/// What a batch says of a row without making its grade.
fn says_the_same(grades: &BatchGrades, row: usize, one: &Grade) {
    assert_eq!(grades.decided_by(row), Some(&*one.decided_by));
    assert_eq!(grades.data_errors(row), one.data_errors);
    let deciding = one.sectors.iter().find(|sector| sector.sector == one.decided_by).unwrap();
    assert_eq!(grades.score(row), deciding.score);
    let rules = |outcome| grades.rules(row, outcome).map(|of| (of.sector.to_owned(), of.rule.id.to_string()));
    let of_one = |ids: fn(&risktier::SectorGrade) -> Vec<String>| -> Vec<(String, String)> {
        let with_sector = |sector: &risktier::SectorGrade| {
            ids(sector).into_iter().map(|id| (sector.sector.to_string(), id)).collect::<Vec<_>>()
        };
        one.sectors.iter().flat_map(with_sector).collect()
    };
    let fired = of_one(|sector| sector.fired.iter().map(|fired| fired.rule.to_string()).collect());
    assert_eq!(rules(RuleOutcome::Fired).collect::<Vec<_>>(), fired);
    let open = of_one(|sector| sector.undetermined.iter().map(|open| open.rule.to_string()).collect());
    assert_eq!(rules(RuleOutcome::Undetermined).collect::<Vec<_>>(), open);
    let faults = one.sectors.iter().any(|sector| !sector.faults.is_empty());
    assert_eq!(grades.has_errors(row), faults || !one.data_errors.is_empty() || !one.errors.is_empty());
    assert_eq!(!grades.faults(row).is_empty(), faults);
}

/// Some rows, and some columns, of an export.
fn parts_are_those_of_the_whole(grades: &BatchGrades, whole: &RecordBatch, options: &ExportOptions, rng: &mut Rng) {
    let from = rng.below(grades.len() + 1);
    let to = from + rng.below(grades.len() - from + 1);
    assert_eq!(grades.to_record_batch_of(from..to, options).unwrap(), whole.slice(from, to - from));
    for (field, column) in whole.schema().fields().iter().zip(whole.columns()) {
        if let Some(alone) = grades.to_column_of(field.name(), from..to) {
            assert_eq!(&alone, &column.slice(from, to - from), "{}", field.name());
        }
    }
    assert!(grades.to_column_of("fired", 0..1).is_none());
}

fn check(seed: u64, depth: usize, count: usize, whole: bool) {
    let mut rng = Rng::new(seed);
    let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, depth, 8);
    let grader = book.grader();
    let firms = firms(&mut rng, count);
    compare(&grader, &firms, &mut rng, whole, &format!("seed {seed} depth {depth} count {count}"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn columns_equal_one_firm(seed: u64, depth in 1usize..5, count in prop::sample::select(vec![1usize, 2, 63, 64, 65, 130])) {
        check(seed, depth, count, true);
    }
}

#[test]
fn columns_equal_one_firm_around_the_ends_of_chunks() {
    for (seed, count) in [2047, 2048, 2049, 4096, 4100].into_iter().enumerate() {
        check(seed as u64, 2, count, false);
    }
}

/// More rows than one thread takes at a time; the firms repeat, so that the grades are known.
#[test]
fn columns_equal_one_firm_over_several_runs_of_rows() {
    let mut rng = Rng::new(77);
    let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, 2, 4);
    let grader = book.grader();
    let few = firms(&mut rng, 97);
    let many: Vec<Firm> = (0..2 * 16 * 2048 + 100).map(|at| few[at % few.len()].clone()).collect();
    let batch = batch(&many, &mut rng);
    let grades = grader.grade_batch(&batch).unwrap();
    let wanted: Vec<_> = few.iter().map(|firm| grader.grade_json(&firm.json().to_string())).collect();
    for row in 0..many.len() {
        let tiers = wanted[row % few.len()].as_ref().ok().map(|grade| (grade.tier, grade.best, grade.worst));
        assert_eq!(grades.tiers(row), tiers, "row {row}");
    }
    for row in (0..many.len()).rev().step_by(1009) {
        assert_eq!(grades.grade(row).ok(), wanted[row % few.len()].as_ref().ok().cloned(), "row {row}");
    }
}

/// A batch cut into pieces, and in another order, gives the same grades.
#[test]
fn chunking_and_order_change_nothing() {
    for seed in 0..6 {
        let mut rng = Rng::new(seed);
        let book = Book::random(&mut rng, Options { measures: MEASURES, ..ALL }, 3, 6);
        let grader = book.grader();
        let firms = firms(&mut rng, 200);
        let whole = batch(&firms, &mut rng);
        let grades = grader.grade_batch(&whole).unwrap();
        for size in [1, 7, 64, 100] {
            for from in (0..firms.len()).step_by(size) {
                let part = whole.slice(from, size.min(firms.len() - from));
                let part = grader.grade_batch(&part).unwrap();
                for row in 0..part.len() {
                    assert_eq!(
                        part.grade(row).ok(),
                        grades.grade(from + row).ok(),
                        "seed {seed} row {} of pieces of {size}",
                        from + row
                    );
                }
            }
        }
        let order: Vec<u32> = (0..firms.len() as u32).map(|at| (at * 77 + 5) % 200).collect();
        let columns: Vec<_> = whole
            .columns()
            .iter()
            .map(|column| {
                arrow_select::take::take(column, &arrow_array::UInt32Array::from(order.clone()), None).unwrap()
            })
            .collect();
        let shuffled = RecordBatch::try_new(whole.schema(), columns).unwrap();
        let shuffled = grader.grade_batch(&shuffled).unwrap();
        for (row, from) in order.iter().enumerate() {
            assert_eq!(shuffled.grade(row).ok(), grades.grade(*from as usize).ok(), "seed {seed} row {row}");
        }
    }
}

#[test]
fn tables_whose_columns_do_not_go_together_say_which() {
    use risktier::{FirmColumn, FirmTable, FirmTableError};
    let table = || FirmTable::new(2).with("a", FirmColumn::from(vec![1, 2])).unwrap();
    let error = table().with("b", FirmColumn::from(vec![1.0])).unwrap_err();
    assert_eq!(error.to_string(), "column `b` has 1 rows; expected 2, as many as the table");
    let error = table().with("a", FirmColumn::unknown(2)).unwrap_err();
    assert_eq!(error, FirmTableError::Twice { column: "a".into() });
    let items = || FirmTable::new(3);
    assert!(table().with_list("l", vec![0, 2, 3], vec![true, true], items()).is_ok());
    for starts in [vec![0, 2, 1], vec![0, 2, 4]] {
        let error = table().with_list("l", starts, Vec::new(), items()).unwrap_err();
        assert_eq!(error, FirmTableError::Starts { column: "l".into(), row: 1 });
    }
    assert!(table().with_list("l", vec![0, 1], Vec::new(), items()).is_err());
}

/// A list where one value should be, and values where lists should be, are said, and count as unknown.
#[test]
fn columns_of_the_wrong_kind_are_data_errors_of_their_rows() {
    use risktier::{FirmColumn, FirmTable};
    let mut rng = Rng::new(12);
    let grader = Book::random(&mut rng, ALL, 3, 5).grader();
    let (fact, list) = (FACTS[0].name, LISTS[0].name);
    let table = FirmTable::new(2).with("sector", FirmColumn::coded(vec![0; 2], ["s0"])).unwrap();
    let of_fact = table.clone().with_list(fact, vec![0, 2, 2], vec![true, false], FirmTable::new(2)).unwrap();
    let of_list = table.with(list, FirmColumn::from(vec![7, 8]).with_known(&[true, false])).unwrap();
    for (table, name, value) in [(of_fact, fact, "a list of 2"), (of_list, list, "7")] {
        let grades = grader.grade_table(&table, &BatchOptions::default()).unwrap();
        let errors = grades.data_errors(0);
        assert_eq!(errors.iter().map(|error| (&*error.fact, &*error.value)).collect::<Vec<_>>(), [(name, value)]);
        assert!(grades.data_errors(1).is_empty(), "an unknown is no error");
    }
}

/// Cells of text, as a file has them, come out as the same cells of an Arrow batch do.
#[test]
fn a_table_of_text_is_read_as_a_batch_of_text_is() {
    use arrow_array::{ArrayRef, StringArray};
    use risktier::{FirmColumn, FirmTable};
    let mut rng = Rng::new(11);
    let grader = Book::random(&mut rng, ALL, 3, 5).grader();
    let cells = [
        "",
        " 7 ",
        "7.5",
        "true",
        "TRUE",
        "no",
        "2026-02-28",
        "2026-02-30",
        "level 1",
        "9223372036854775808",
        "-1e3",
        "NaN",
    ];
    let rows = 200;
    let mut table = FirmTable::new(rows).with("sector", FirmColumn::coded(vec![0; rows], ["s0"])).unwrap();
    let mut columns: Vec<(&str, ArrayRef)> = vec![("sector", std::sync::Arc::new(StringArray::from(vec!["s0"; rows])))];
    for spec in FACTS {
        let texts: Vec<Option<&str>> = (0..rows).map(|_| rng.percent(80).then(|| rng.pick(&cells))).collect();
        table = table.with(spec.name, FirmColumn::texts(texts.iter().copied())).unwrap();
        columns.push((spec.name, std::sync::Arc::new(StringArray::from(texts))));
    }
    let batch =
        RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true))).unwrap();
    let options = BatchOptions { parse_text: true, ..BatchOptions::default() };
    let (of_batch, of_table) =
        (grader.grade_batch_with(&batch, &options).unwrap(), grader.grade_table(&table, &options).unwrap());
    let mut wrong = 0;
    for row in 0..rows {
        assert_eq!(of_table.grade(row).unwrap(), of_batch.grade(row).unwrap(), "row {row}");
        wrong += of_table.data_errors(row).len();
    }
    assert!(wrong > rows, "{wrong} cells do not fit");
}
