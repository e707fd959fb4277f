//! Firms of JSON as Arrow columns, for tests and benches.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, Int64Builder, ListBuilder, StringBuilder, StructBuilder};
use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Fields};
use risktier::{SectorFacts, Type};
use serde_json::{Map, Value};

pub type Facts = Map<String, Value>;

/// Firms as one Arrow batch, with a column for each of some facts and lists.
pub fn batch(facts: &SectorFacts<'_>, firms: &[Facts]) -> RecordBatch {
    let mut columns: Vec<(String, ArrayRef)> = Vec::new();
    let texts = |name: &str| firms.iter().map(|firm| firm.get(name).and_then(Value::as_str)).collect::<Vec<_>>();
    columns.push(("sector".into(), Arc::new(StringArray::from(texts("sector")))));
    for fact in &facts.facts {
        let values = firms.iter().map(|firm| firm.get(&*fact.name));
        let array: ArrayRef = match fact.ty {
            Type::Bool => {
                Arc::new(values.map(|value| value.and_then(Value::as_bool)).collect::<arrow_array::BooleanArray>())
            }
            Type::Int => {
                Arc::new(values.map(|value| value.and_then(Value::as_i64)).collect::<arrow_array::Int64Array>())
            }
            Type::Float => {
                Arc::new(values.map(|value| value.and_then(Value::as_f64)).collect::<arrow_array::Float64Array>())
            }
            Type::Text | Type::Date => Arc::new(StringArray::from(texts(&fact.name))),
        };
        columns.push((fact.name.to_string(), array));
    }
    for list in &facts.lists {
        let fields: Fields = list
            .fields
            .iter()
            .map(|field| {
                let ty = match field.ty {
                    Type::Bool => DataType::Boolean,
                    Type::Int => DataType::Int64,
                    Type::Float => DataType::Float64,
                    Type::Text | Type::Date => DataType::Utf8,
                };
                Field::new(&*field.name, ty, true)
            })
            .collect();
        let mut builder = ListBuilder::new(StructBuilder::from_fields(fields, 0));
        for firm in firms {
            let items = firm.get(&*list.name).and_then(Value::as_array);
            for item in items.into_iter().flatten() {
                let record = builder.values();
                for (at, field) in list.fields.iter().enumerate() {
                    let value = item.get(&*field.name);
                    match field.ty {
                        Type::Bool => record
                            .field_builder::<BooleanBuilder>(at)
                            .unwrap()
                            .append_option(value.and_then(Value::as_bool)),
                        Type::Int => record
                            .field_builder::<Int64Builder>(at)
                            .unwrap()
                            .append_option(value.and_then(Value::as_i64)),
                        Type::Float => record
                            .field_builder::<Float64Builder>(at)
                            .unwrap()
                            .append_option(value.and_then(Value::as_f64)),
                        Type::Text | Type::Date => {
                            record
                                .field_builder::<StringBuilder>(at)
                                .unwrap()
                                .append_option(value.and_then(Value::as_str));
                        }
                    }
                }
                record.append(true);
            }
            builder.append(items.is_some());
        }
        columns.push((list.name.to_string(), Arc::new(builder.finish())));
    }
    RecordBatch::try_from_iter(columns).unwrap()
}
