//! Firms as Arrow record batches, in the many types that a column can have.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Float64Array, Int64Array, LargeListArray, ListArray, RecordBatch,
    StringArray, StructArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer, OffsetBuffer};
use arrow_schema::{DataType, Field, Fields, TimeUnit};

use crate::expr::{Ty, V};
use crate::firm::{Firm, Items};
use crate::rng::Rng;
use crate::schema::{FACTS, LISTS};

/// The values of a fact as a column of its widest type; nulls have rubbish behind them.
fn plain(ty: Ty, values: &[V], rng: &mut Rng) -> ArrayRef {
    let nulls = NullBuffer::new(BooleanBuffer::collect_bool(values.len(), |at| values[at] != V::Unknown));
    let nulls = (nulls.null_count() > 0 || rng.percent(30)).then_some(nulls);
    let rubbish = rng.percent(50);
    match ty {
        Ty::Bool => {
            let bits = BooleanBuffer::collect_bool(values.len(), |at| match values[at] {
                V::Bool(value) => value,
                _ => rubbish,
            });
            Arc::new(BooleanArray::new(bits, nulls))
        }
        Ty::Int => {
            let numbers: Vec<i64> = values
                .iter()
                .map(|value| {
                    if let V::Int(value) = value {
                        *value
                    } else if rubbish {
                        -7
                    } else {
                        0
                    }
                })
                .collect();
            Arc::new(Int64Array::new(numbers.into(), nulls))
        }
        Ty::Float => {
            let numbers: Vec<f64> = values
                .iter()
                .map(|value| {
                    if let V::Float(value) = value {
                        *value
                    } else if rubbish {
                        f64::NAN
                    } else {
                        0.0
                    }
                })
                .collect();
            Arc::new(Float64Array::new(numbers.into(), nulls))
        }
        Ty::Date => {
            let numbers: Vec<i32> = values
                .iter()
                .map(|value| {
                    if let V::Date(value) = value {
                        *value
                    } else if rubbish {
                        i32::MAX
                    } else {
                        0
                    }
                })
                .collect();
            Arc::new(Date32Array::new(numbers.into(), nulls))
        }
        Ty::Text => {
            let texts = values.iter().map(|value| if let V::Text(value) = value { Some(*value) } else { None });
            Arc::new(texts.collect::<StringArray>())
        }
    }
}

/// The same values in another type, if every one of them has a place there.
fn cast(array: &ArrayRef, to: &DataType) -> Option<ArrayRef> {
    let there = arrow_cast::cast(array, to).ok()?;
    let back = arrow_cast::cast(&there, array.data_type()).ok()?;
    let same = |at: usize| {
        array.is_null(at) == back.is_null(at)
            && (array.is_null(at)
                || match array.data_type() {
                    DataType::Float64 => {
                        array.as_primitive::<Float64Type>().value(at).to_bits()
                            == back.as_primitive::<Float64Type>().value(at).to_bits()
                    }
                    DataType::Int64 => {
                        array.as_primitive::<Int64Type>().value(at) == back.as_primitive::<Int64Type>().value(at)
                    }
                    _ => true,
                })
    };
    (there.null_count() == array.null_count() && (0..array.len()).all(same)).then_some(there)
}

/// A column for a fact, in some type that can hold it.
pub fn column(ty: Ty, values: &[V], rng: &mut Rng) -> ArrayRef {
    let array = plain(ty, values, rng);
    if array.null_count() == array.len() && rng.percent(30) {
        return arrow_array::new_null_array(&DataType::Null, array.len());
    }
    let dictionary = |key: DataType, value: DataType| DataType::Dictionary(Box::new(key), Box::new(value));
    let others = match ty {
        Ty::Bool => return array,
        Ty::Int => vec![
            DataType::Int32,
            DataType::Int16,
            DataType::Int8,
            DataType::UInt8,
            DataType::UInt16,
            DataType::UInt32,
            DataType::UInt64,
            DataType::Float64,
            DataType::Float32,
            dictionary(DataType::Int32, DataType::Int64),
        ],
        Ty::Float => vec![
            DataType::Float32,
            DataType::Int64,
            DataType::Int32,
            DataType::UInt8,
            DataType::UInt64,
            dictionary(DataType::Int32, DataType::Float64),
        ],
        Ty::Text => vec![
            DataType::LargeUtf8,
            DataType::Utf8View,
            dictionary(DataType::Int8, DataType::Utf8),
            dictionary(DataType::UInt16, DataType::LargeUtf8),
        ],
        Ty::Date => vec![
            DataType::Date64,
            DataType::Utf8,
            DataType::Timestamp(TimeUnit::Second, None),
            DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
            DataType::Timestamp(TimeUnit::Microsecond, None),
        ],
    };
    for _ in 0..2 {
        let to = &others[rng.below(others.len())];
        if let Some(there) = cast(&array, to) {
            return there;
        }
    }
    array
}

fn list(at: usize, firms: &[Firm], rng: &mut Rng) -> ArrayRef {
    let specs = LISTS[at].fields;
    let hidden = rng.percent(30);
    let mut items: Vec<Option<Vec<V>>> = Vec::new();
    // Items before the first row's, as in a slice.
    if rng.percent(30) {
        items.extend([None, None, None]);
    }
    let mut offsets = vec![items.len()];
    for firm in firms {
        match &firm.lists[at] {
            Items::Known(known) => items.extend(known.iter().cloned()),
            // A null row may have items behind it.
            Items::Unknown if hidden => items.push(None),
            Items::Unknown => {}
        }
        offsets.push(items.len());
    }
    if rng.percent(30) {
        items.push(None);
    }
    let fields: Vec<(Field, ArrayRef)> = specs
        .iter()
        .enumerate()
        .map(|(field, spec)| {
            // What stands in a null record is nobody's.
            let rubbish = match spec.ty {
                Ty::Bool => V::Bool(true),
                Ty::Int => V::Int(1),
                Ty::Float => V::Float(1.0),
                Ty::Text => V::Text("none"),
                Ty::Date => V::Date(0),
            };
            let values: Vec<V> = items.iter().map(|item| item.as_ref().map_or(rubbish, |item| item[field])).collect();
            let array = column(spec.ty, &values, rng);
            (Field::new(spec.name, array.data_type().clone(), true), array)
        })
        .collect();
    let nulls = NullBuffer::new(BooleanBuffer::collect_bool(items.len(), |at| items[at].is_some()));
    let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = fields.into_iter().unzip();
    let records = StructArray::new(Fields::from(fields), arrays, Some(nulls));
    let valid = NullBuffer::new(BooleanBuffer::collect_bool(firms.len(), |row| firms[row].lists[at] != Items::Unknown));
    let field = Arc::new(Field::new("item", records.data_type().clone(), true));
    if rng.percent(50) {
        let offsets: Vec<i32> = offsets.into_iter().map(|at| at as i32).collect();
        Arc::new(ListArray::new(field, OffsetBuffer::new(offsets.into()), Arc::new(records), Some(valid)))
    } else {
        let offsets: Vec<i64> = offsets.into_iter().map(|at| at as i64).collect();
        Arc::new(LargeListArray::new(field, OffsetBuffer::new(offsets.into()), Arc::new(records), Some(valid)))
    }
}

/// The firms as a batch: a slice of a longer one, in types picked at random.
pub fn batch(firms: &[Firm], rng: &mut Rng) -> RecordBatch {
    let (before, after) = (rng.pick(&[0, 0, 1, 3, 64, 65]), rng.pick(&[0, 0, 1, 5]));
    let padded: Vec<Firm> = (0..before)
        .map(|at| &firms[at % firms.len()])
        .chain(firms)
        .chain((0..after).map(|at| &firms[at % firms.len()]))
        .cloned()
        .collect();
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    columns.push(("id".into(), Arc::new(padded.iter().map(|firm| Some(firm.id.as_str())).collect::<StringArray>())));
    let sectors: ArrayRef = Arc::new(
        padded
            .iter()
            .map(|firm| Some(firm.sectors.join(if firm.id.len() % 2 == 0 { ";" } else { " ; " })))
            .collect::<StringArray>(),
    );
    let dictionary = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let sectors = if rng.percent(50) { cast(&sectors, &dictionary).unwrap() } else { sectors };
    columns.push(("sector".into(), sectors));
    for (at, spec) in FACTS.iter().enumerate() {
        let values: Vec<V> = padded.iter().map(|firm| firm.facts[at]).collect();
        if values.iter().any(|value| *value != V::Unknown) || rng.percent(50) {
            columns.push((spec.name.into(), column(spec.ty, &values, rng)));
        }
    }
    for (at, spec) in LISTS.iter().enumerate() {
        columns.push((spec.name.into(), list(at, &padded, rng)));
    }
    if rng.percent(50) {
        columns.reverse();
    }
    let fields: Vec<Field> =
        columns.iter().map(|(name, array)| Field::new(name, array.data_type().clone(), true)).collect();
    let schema = Arc::new(arrow_schema::Schema::new(fields));
    let batch = RecordBatch::try_new(schema, columns.into_iter().map(|(_, array)| array).collect()).unwrap();
    batch.slice(before, firms.len())
}
