//! Forecasts of many firms: the executor of columns for what does not move with the day, timelines for the rest, row by row.

use super::firm::{SectorAhead, changes};
use super::moving::Moving;
use super::outlook::Outlook;
use super::record::Forecast;
use super::tiers::Steps;
use crate::facts;
use crate::facts::columns::Columns;
use crate::grade::register::{BySector, Register};
use crate::plan::Plan;
use crate::plan::columns::{Executor, TiersAhead};
use crate::plan::one;
use crate::{BatchError, BatchOptions, Date, FirmError, FirmTable, JsonBatchError, Tier};

/// Rows that one thread looks at at a time.
const RUN: usize = 8 * 2048;

/// The forecasts of a batch, one for each row, in the order of the rows.
pub struct BatchForecast {
    outlook: Outlook,
    ahead: BySector<Group>,
}

/// The rows of one sector.
struct Group {
    sector: usize,
    columns: Columns,
    tiers: TiersAhead,
}

impl Group {
    fn steps(&self, at: u32) -> Steps {
        let tier = self.tiers.tier.get(at as usize).copied().unwrap_or(Tier::Red as u8);
        let then = self.tiers.then.binary_search_by_key(&at, |(row, _)| *row).ok();
        let then = then.and_then(|found| self.tiers.then.get(found)).map(|(_, then)| then.clone());
        Steps { first: Tier::from_index(tier), then: then.unwrap_or_default() }
    }
}

impl Outlook {
    /// The forecasts of the rows of a table, as [`Grader::grade_table`](crate::Grader::grade_table) reads it.
    ///
    /// # Errors
    /// If there is no way to know the sectors.
    pub fn forecast_table(&self, table: &FirmTable, options: &BatchOptions) -> Result<BatchForecast, BatchError> {
        self.forecast_register(Register::of_table(table, options), options.sector.as_deref())
    }

    /// The forecasts of the rows of a record batch, as [`Grader::grade_batch_with`](crate::Grader::grade_batch_with) reads it.
    ///
    /// # Errors
    /// If there is no way to know the sectors, or Arrow cannot read a column.
    #[cfg(feature = "arrow")]
    pub fn forecast_batch(
        &self,
        batch: &arrow_array::RecordBatch,
        options: &BatchOptions,
    ) -> Result<BatchForecast, BatchError> {
        self.forecast_register(Register::of_batch(batch, options)?, options.sector.as_deref())
    }

    /// The forecasts of firms from JSON texts, one each. `sector` is for firms that name none.
    ///
    /// # Errors
    /// As for [`Grader::grade_json_batch`](crate::Grader::grade_json_batch).
    pub fn forecast_json_batch(&self, texts: &[&str], sector: Option<&str>) -> Result<BatchForecast, JsonBatchError> {
        Ok(self.forecast_register(Register::of_json(&self.grader, texts)?, sector)?)
    }

    fn forecast_register(&self, register: Register<'_>, default: Option<&str>) -> Result<BatchForecast, BatchError> {
        let ahead =
            register.by_sector(&self.grader, default, |sector, plan, columns| self.group(sector, plan, columns))?;
        Ok(BatchForecast { outlook: self.clone(), ahead })
    }

    fn group(&self, sector: usize, plan: &Plan, columns: Columns) -> Group {
        let executor = Executor::new(self.grader.data(), plan, &columns);
        let runs: Vec<(usize, usize)> =
            (0..columns.len.div_ceil(RUN)).map(|run| (run * RUN, ((run + 1) * RUN).min(columns.len))).collect();
        #[cfg(feature = "parallel")]
        let parts: Vec<TiersAhead> = {
            use rayon::prelude::*;
            runs.par_iter().map(|(from, to)| executor.run_ahead(*from, *to)).collect()
        };
        #[cfg(not(feature = "parallel"))]
        let parts: Vec<TiersAhead> = runs.iter().map(|(from, to)| executor.run_ahead(*from, *to)).collect();
        drop(executor);
        let mut tiers = TiersAhead::default();
        for mut part in parts {
            tiers.tier.append(&mut part.tier);
            tiers.then.append(&mut part.then);
        }
        Group { sector, columns, tiers }
    }
}

impl BatchForecast {
    /// How many rows: as many as the batch had.
    pub fn len(&self) -> usize {
        self.ahead.len
    }

    /// True for a batch without rows.
    pub fn is_empty(&self) -> bool {
        self.ahead.len == 0
    }

    /// The outlook that made them.
    pub fn outlook(&self) -> &Outlook {
        &self.outlook
    }

    /// The firm's own id, as text.
    pub fn id(&self, row: usize) -> Option<String> {
        (self.ahead.ids)(row)
    }

    fn steps(&self, row: usize) -> Option<Steps> {
        let units = self.ahead.layout.units(row, self.ahead.len);
        let steps: Vec<Steps> =
            units.filter_map(|(group, at)| Some(self.ahead.groups.get(group as usize)?.steps(at))).collect();
        Steps::worst(&steps)
    }

    /// The tier on record of a row on the grading date; none if it cannot be graded.
    pub fn tier(&self, row: usize) -> Option<Tier> {
        Some(self.steps(row)?.first)
    }

    /// The days on which the tier on record of a row becomes another, and which; the first one first.
    pub fn changes(&self, row: usize) -> Vec<(Date, Tier)> {
        let then = self.steps(row).map(|steps| steps.then).unwrap_or_default();
        then.into_iter().filter_map(|(day, tier)| Some((Date::from_days(day.into())?, tier))).collect()
    }

    /// The forecast of a row with what turns the tier, as [`Outlook::forecast_json`] gives it for one firm.
    ///
    /// # Errors
    /// If the row cannot be graded.
    pub fn forecast(&self, row: usize) -> Result<Forecast, FirmError> {
        let book = self.outlook.grader.data();
        let errors = self.ahead.layout.errors(row).to_vec();
        let units: Vec<(&Group, &Plan, usize)> = self
            .ahead
            .layout
            .units(row, self.ahead.len)
            .filter_map(|(group, at)| {
                let group = self.ahead.groups.get(group as usize)?;
                Some((group, self.outlook.grader.plan(group.sector)?, at as usize))
            })
            .collect();
        let mut data_errors: Vec<crate::DataError> = Vec::new();
        for error in units.iter().flat_map(|(group, plan, at)| group.columns.errors(plan, *at)) {
            if !data_errors.contains(&error) {
                data_errors.push(error);
            }
        }
        facts::sort_errors(&mut data_errors);
        let rows: Vec<_> = units.iter().map(|(group, plan, at)| group.columns.row(plan, *at)).collect();
        let evaluations: Vec<_> =
            units.iter().zip(&rows).map(|((_, plan, _), row)| one::run(book, plan, row)).collect();
        let sectors: Vec<_> = units
            .iter()
            .zip(&rows)
            .zip(&evaluations)
            .map(|(((_, plan, _), row), values)| SectorAhead::new(Moving::new(book, plan), row, values))
            .collect();
        let Some((tier, changes)) = changes(&sectors) else {
            return Err(errors.into_iter().next().unwrap_or(FirmError::NoSector));
        };
        Ok(Forecast {
            id: self.id(row),
            tier,
            until: self.outlook.until(),
            changes,
            data_errors,
            errors,
            identity: self.outlook.grader.identity(),
        })
    }
}
