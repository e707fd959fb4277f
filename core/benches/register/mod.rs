//! A register like the published workload's: the same facts, of the same shape, without its files.

use std::sync::Arc;

use arrow_array::{
    ArrayRef, BooleanArray, DictionaryArray, Float64Array, Int8Array, Int16Array, Int32Array, Int64Array, RecordBatch,
    StringArray, types::Int8Type,
};

pub const INTS: [&str; 17] = [
    "employees",
    "hazard_level",
    "overdue_hazards",
    "open_hazards",
    "major_hazards",
    "accidents_12m",
    "deaths_36m",
    "license_days_left",
    "officers_certified",
    "days_since_inspection",
    "equipment_overdue",
    "hot_work_permits",
    "confined_spaces",
    "penalties_24m",
    "standardization",
    "age_years",
    "unused",
];
pub const FLOATS: [&str; 6] = ["q_ratio", "training_rate", "contractor_share", "likelihood", "exposure", "consequence"];
pub const BOOLS: [&str; 5] = ["license_valid", "safety_officer", "fire_system_ok", "insured", "night_shift"];

/// Columns of 64 bits, as the published workload has them.
pub struct Register {
    pub rows: usize,
    pub ints: Vec<Vec<i64>>,
    pub floats: Vec<Vec<f64>>,
    pub bools: Vec<Vec<bool>>,
}

/// A small generator, so that a benchmark needs no crate of its own (xorshift64*).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, end: i64) -> i64 {
        (self.unit() * end as f64) as i64
    }

    fn poisson(&mut self, mean: f64) -> i64 {
        let (mut count, mut product, limit) = (0, self.unit(), (-mean).exp());
        while product > limit {
            count += 1;
            product *= self.unit();
        }
        count
    }

    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }

    fn pick(&mut self, of: &[f64]) -> f64 {
        of[self.below(of.len() as i64) as usize]
    }
}

impl Register {
    pub fn new(rows: usize) -> Register {
        let mut random = Random(20_261_123);
        let mut ints = vec![Vec::with_capacity(rows); INTS.len()];
        let mut floats = vec![Vec::with_capacity(rows); FLOATS.len()];
        let mut bools = vec![Vec::with_capacity(rows); BOOLS.len()];
        for _ in 0..rows {
            let level = random.unit();
            let level =
                [(0.86, 0), (0.87, 1), (0.89, 2), (0.94, 3)].iter().find(|(to, _)| level < *to).map_or(4, |(_, l)| *l);
            let values = [
                (3.5 + 1.3 * random.normal()).exp() as i64 + 1,
                level,
                random.poisson(0.25),
                random.poisson(2.0),
                random.poisson(0.03),
                random.poisson(0.04),
                random.poisson(0.005),
                random.below(1155) - 60,
                random.poisson(1.5),
                random.below(900),
                random.poisson(0.1),
                random.poisson(1.0),
                random.poisson(0.6),
                random.poisson(0.2),
                random.pick(&[0.0, 0.0, 0.0, 3.0, 3.0, 2.0]) as i64,
                random.below(40),
                0,
            ];
            ints.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            let values = [
                (-2.5 + 1.5 * random.normal()).exp(),
                1.0 - random.unit() * random.unit() * 0.6,
                random.unit() * random.unit() * 0.6,
                random.pick(&[0.1, 0.2, 0.5, 1.0, 3.0, 6.0, 10.0]),
                random.pick(&[0.5, 1.0, 2.0, 3.0, 6.0, 10.0]),
                random.pick(&[1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 7.0, 7.0, 15.0, 40.0]),
            ];
            floats.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
            let values = [0.98, 0.95, 0.96, 0.7, 0.3].map(|share| random.unit() < share);
            bools.iter_mut().zip(values).for_each(|(column, value)| column.push(value));
        }
        Register { rows, ints, floats, bools }
    }

    fn sector(&self) -> (String, ArrayRef) {
        let keys = Int8Array::from(vec![0i8; self.rows]);
        let values = Arc::new(StringArray::from(vec!["benchmark"]));
        ("sector".into(), Arc::new(DictionaryArray::<Int8Type>::new(keys, values)))
    }

    fn batch(&self, int: impl Fn(usize, &[i64]) -> ArrayRef, float: impl Fn(usize, &[f64]) -> ArrayRef) -> RecordBatch {
        let mut columns = vec![self.sector()];
        columns.extend(self.ints.iter().enumerate().map(|(at, values)| (INTS[at].to_owned(), int(at, values))));
        columns.extend(self.floats.iter().enumerate().map(|(at, values)| (FLOATS[at].to_owned(), float(at, values))));
        columns.extend(
            self.bools
                .iter()
                .enumerate()
                .map(|(at, values)| (BOOLS[at].to_owned(), Arc::new(BooleanArray::from(values.clone())) as ArrayRef)),
        );
        RecordBatch::try_from_iter(columns).unwrap()
    }

    pub fn to_batch(&self) -> RecordBatch {
        self.batch(|_, v| Arc::new(Int64Array::from(v.to_vec())), |_, v| Arc::new(Float64Array::from(v.to_vec())))
    }

    /// Whole numbers in the narrowest type that holds them, as a well-made file would have them.
    pub fn to_narrow_batch(&self) -> RecordBatch {
        let int = |_: usize, values: &[i64]| -> ArrayRef {
            let most = values.iter().map(|value| value.abs()).max().unwrap_or(0);
            if most < 128 {
                Arc::new(Int8Array::from_iter_values(values.iter().map(|value| *value as i8)))
            } else if most < 32_768 {
                Arc::new(Int16Array::from_iter_values(values.iter().map(|value| *value as i16)))
            } else {
                Arc::new(Int32Array::from_iter_values(values.iter().map(|value| *value as i32)))
            }
        };
        self.batch(int, |_, v| Arc::new(Float64Array::from(v.to_vec())))
    }

    /// 5 % nulls in ten columns.
    pub fn to_batch_with_nulls(&self) -> RecordBatch {
        let is_null = |at: usize, row: usize| at < 7 && (row * 31 + at * 17).is_multiple_of(20);
        self.batch(
            |at, v| {
                Arc::new(Int64Array::from_iter(v.iter().enumerate().map(|(row, v)| (!is_null(at, row)).then_some(*v))))
            },
            |at, v| {
                Arc::new(Float64Array::from_iter(
                    v.iter().enumerate().map(|(row, v)| (!is_null(at + 4, row)).then_some(*v)),
                ))
            },
        )
    }

    pub fn to_json(&self, row: usize) -> String {
        let mut fields = vec!["\"sector\":\"benchmark\"".to_owned()];
        fields.extend(INTS[..16].iter().zip(&self.ints).map(|(name, values)| format!("\"{name}\":{}", values[row])));
        fields.extend(FLOATS.iter().zip(&self.floats).map(|(name, values)| format!("\"{name}\":{:?}", values[row])));
        fields.extend(BOOLS.iter().zip(&self.bools).map(|(name, values)| format!("\"{name}\":{}", values[row])));
        format!("{{{}}}", fields.join(","))
    }
}
