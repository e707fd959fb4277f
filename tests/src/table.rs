//! Firms as tables in memory: columns of types picked at random among those that can hold the values.

use risktier::{Date, FirmColumn, FirmTable};

use crate::expr::{Ty, V};
use crate::firm::{Firm, Items};
use crate::rng::Rng;
use crate::schema::{FACTS, LISTS};

fn narrowed<T: TryFrom<i64> + Default>(numbers: &[i64]) -> Option<FirmColumn>
where
    FirmColumn: From<Vec<T>>,
{
    numbers.iter().map(|number| T::try_from(*number).ok()).collect::<Option<Vec<T>>>().map(FirmColumn::from)
}

/// Whole numbers in some width that has room for them.
fn integers(numbers: &[i64], rng: &mut Rng) -> FirmColumn {
    let widths = [narrowed::<i8>, narrowed::<i16>, narrowed::<i32>, narrowed::<u8>, narrowed::<u16>, narrowed::<u32>];
    rng.pick(&widths)(numbers).unwrap_or_else(|| numbers.to_vec().into())
}

fn column(ty: Ty, values: &[V], rng: &mut Rng) -> FirmColumn {
    let known: Vec<bool> = values.iter().map(|value| *value != V::Unknown).collect();
    let column = match ty {
        Ty::Bool => values.iter().map(|value| *value == V::Bool(true)).collect::<Vec<bool>>().into(),
        Ty::Int => {
            let number = |value: &V| if let V::Int(number) = value { *number } else { 0 };
            integers(&values.iter().map(number).collect::<Vec<i64>>(), rng)
        }
        Ty::Float => {
            let number = |value: &V| if let V::Float(number) = value { *number } else { 0.0 };
            let numbers: Vec<f64> = values.iter().map(number).collect();
            let whole = numbers.iter().all(|number| number.fract() == 0.0 && number.abs() < 1e9);
            let short = numbers.iter().all(|number| f64::from(*number as f32) == *number);
            match rng.below(3) {
                0 if whole => integers(&numbers.iter().map(|number| *number as i64).collect::<Vec<i64>>(), rng),
                1 if short => numbers.iter().map(|number| *number as f32).collect::<Vec<f32>>().into(),
                _ => numbers.into(),
            }
        }
        Ty::Text => {
            let text = |value: &V| if let V::Text(text) = value { Some(*text) } else { None };
            if rng.percent(50) {
                return FirmColumn::texts(values.iter().map(text));
            }
            let mut words: Vec<&str> = values.iter().filter_map(text).collect();
            words.sort_unstable();
            words.dedup();
            // A place beyond the words is an unknown.
            let code = |value: &V| {
                text(value)
                    .and_then(|text| words.iter().position(|word| *word == text))
                    .map_or(u32::MAX, |at| at as u32)
            };
            return FirmColumn::coded(values.iter().map(code).collect(), words.iter().copied());
        }
        Ty::Date => {
            let day = |value: &V| if let V::Date(day) = value { *day } else { 0 };
            let days: Vec<i32> = values.iter().map(day).collect();
            if rng.percent(70) {
                FirmColumn::days(days)
            } else {
                let texts = days.iter().map(|day| Date::from_days(i64::from(*day)).map(|day| day.to_string()));
                let texts: Vec<Option<String>> = texts.collect();
                FirmColumn::texts(texts.iter().map(Option::as_deref))
            }
        }
    };
    column.with_known(&known)
}

/// The firms as a table.
pub fn table(firms: &[Firm], rng: &mut Rng) -> FirmTable {
    let mut table = FirmTable::new(firms.len());
    table = table.with("id", FirmColumn::texts(firms.iter().map(|firm| Some(firm.id.as_str())))).unwrap();
    let sectors: Vec<String> = firms.iter().map(|firm| firm.sectors.join(";")).collect();
    let plain = FirmColumn::texts(sectors.iter().map(|sectors| (!sectors.is_empty()).then_some(sectors.as_str())));
    let coded = FirmColumn::coded((0..firms.len() as u32).collect(), sectors.iter().map(String::as_str));
    table = table.with("sector", if rng.percent(50) { plain } else { coded }).unwrap();
    for (at, spec) in FACTS.iter().enumerate() {
        let values: Vec<V> = firms.iter().map(|firm| firm.facts[at]).collect();
        if values.iter().any(|value| *value != V::Unknown) || rng.percent(50) {
            table = table.with(spec.name, column(spec.ty, &values, rng)).unwrap();
        }
    }
    for (at, list) in LISTS.iter().enumerate() {
        // Items before the first, behind unknown lists, and after the last are nobody's.
        let mut items: Vec<Option<Vec<V>>> = vec![None; rng.below(3)];
        let mut starts = vec![items.len()];
        for firm in firms {
            match &firm.lists[at] {
                Items::Known(known) => items.extend(known.iter().cloned()),
                Items::Unknown => items.extend(vec![None; rng.below(2)]),
            }
            starts.push(items.len());
        }
        let known = firms.iter().map(|firm| firm.lists[at] != Items::Unknown).collect();
        let mut of_items = FirmTable::new(items.len());
        for (field, spec) in list.fields.iter().enumerate() {
            let values: Vec<V> =
                items.iter().map(|item| item.as_ref().map_or(V::Unknown, |item| item[field])).collect();
            of_items = of_items.with(spec.name, column(spec.ty, &values, rng)).unwrap();
        }
        table = table.with_list(list.name, starts, known, of_items).unwrap();
    }
    table
}
