//! A register as a book reads it: takes a table, an Arrow record batch or JSON texts, gives the rows of each sector, and the
//! columns that the plan of that sector reads.

use std::collections::{BTreeMap, HashMap};

use super::{BatchError, BatchOptions, Grader, JsonBatchError};
use crate::facts::column::Values;
use crate::facts::columns::Columns;
use crate::facts::{self, Firm, TableSource};
use crate::plan::Plan;
use crate::{FirmColumn, FirmError, FirmTable, ID_KEY, SECTOR_KEY};

/// Gives the id of a row, as text.
pub(crate) type Ids = Box<dyn Fn(usize) -> Option<String> + Send + Sync>;

/// Gives the columns that a plan reads, of some rows or of all.
pub(super) type ReadColumns<'r> = Box<dyn Fn(&Plan, Option<&[u32]>) -> Result<Columns, BatchError> + 'r>;

/// Firms that are read by column.
pub(crate) struct Register<'r> {
    pub(super) len: usize,
    /// What the column of sectors says; none if there is no such column.
    pub(super) sectors: Option<SectorTexts>,
    pub(super) ids: Ids,
    pub(super) read: ReadColumns<'r>,
}

/// Where the rows of a register are among those of its sectors.
pub(crate) enum Layout {
    /// Every row has one sector, the same: the rows of the one group lie as those of the register.
    OneSector,
    Mixed {
        /// Where the units of each row begin, and the end of the last.
        starts: Vec<u32>,
        units: Vec<UnitAt>,
        /// What was wrong with the sectors of a row.
        errors: BTreeMap<usize, Vec<FirmError>>,
    },
}

/// A group, and a place in it.
pub(crate) type UnitAt = (u32, u32);

/// What was made of a register: something for each sector, and where its rows are in it.
pub(crate) struct BySector<G> {
    pub(crate) ids: Ids,
    pub(crate) len: usize,
    pub(crate) layout: Layout,
    pub(crate) groups: Vec<G>,
}

/// What the sector column of a batch says: its different texts, and which of them each row has. A place beyond the texts: none.
pub(super) struct SectorTexts {
    pub(super) texts: Vec<String>,
    pub(super) of_row: Vec<u32>,
}

/// The rows of a sector.
type Members = (usize, Vec<u32>);

/// What the sector column says of a row: the sectors, and what is wrong with them.
#[derive(Debug, Clone, Default)]
struct SectorText {
    sectors: Vec<usize>,
    errors: Vec<FirmError>,
}

impl Layout {
    /// The units of a row of a register of so many.
    pub(crate) fn units(&self, row: usize, len: usize) -> impl Iterator<Item = UnitAt> {
        let (one, many): (Option<UnitAt>, &[UnitAt]) = match self {
            Layout::OneSector => ((row < len).then_some((0, row as u32)), &[]),
            Layout::Mixed { starts, units, .. } => {
                let ends = starts.get(row).zip(starts.get(row + 1));
                (None, ends.and_then(|(from, to)| units.get(*from as usize..*to as usize)).unwrap_or_default())
            }
        };
        one.into_iter().chain(many.iter().copied())
    }

    /// What is wrong with the sectors of a row.
    pub(crate) fn errors(&self, row: usize) -> &[FirmError] {
        match self {
            Layout::OneSector => &[],
            Layout::Mixed { errors, .. } => errors.get(&row).map(Vec::as_slice).unwrap_or_default(),
        }
    }
}

impl<'r> Register<'r> {
    pub(crate) fn of_table(table: &'r FirmTable, options: &'r BatchOptions) -> Register<'r> {
        let ids = table.column(ID_KEY).cloned();
        let read = move |plan: &Plan, rows: Option<&[u32]>| {
            let columns = Columns::read(
                plan,
                &TableSource { table, rows, parse_text: options.parse_text, parse_columns: &options.parse_columns },
            );
            Ok(columns.unwrap_or_else(|never| match never {}))
        };
        Register {
            len: table.rows(),
            sectors: table.column(SECTOR_KEY).map(SectorTexts::of_column),
            ids: Box::new(move |row: usize| ids.as_ref().and_then(|ids| id_of(ids, row))),
            read: Box::new(read),
        }
    }

    /// Firms as JSON texts, one each.
    pub(crate) fn of_json(grader: &Grader, texts: &[&'r str]) -> Result<Register<'r>, JsonBatchError> {
        let read = |(at, text): (usize, &&'r str)| {
            facts::from_json(grader.data(), &grader.inner.reader, text)
                .map_err(|error| JsonBatchError::Firm { at, error })
        };
        #[cfg(feature = "parallel")]
        let firms: Vec<Firm<'r>> = {
            use rayon::prelude::*;
            texts.par_iter().enumerate().map(read).collect::<Result<_, _>>()?
        };
        #[cfg(not(feature = "parallel"))]
        let firms: Vec<Firm<'r>> = texts.iter().enumerate().map(read).collect::<Result<_, _>>()?;

        let sectors = SectorTexts::of_texts(firms.iter().map(|firm| Some(firm.sectors.join(";"))));
        let ids: Vec<Option<String>> = firms.iter().map(|firm| firm.id.as_deref().map(str::to_owned)).collect();
        let columns = move |plan: &Plan, rows: Option<&[u32]>| {
            let of_sector: Vec<&Firm<'_>> = match rows {
                Some(rows) => rows.iter().filter_map(|row| firms.get(*row as usize)).collect(),
                None => firms.iter().collect(),
            };
            Ok(Columns::of_firms(plan, &of_sector))
        };
        Ok(Register {
            len: ids.len(),
            sectors: Some(sectors),
            ids: Box::new(move |row: usize| ids.get(row).cloned().flatten()),
            read: Box::new(columns),
        })
    }

    /// Groups the rows by sector, reads the columns of each group and makes something of it. `default` is the sector of rows that
    /// name none.
    pub(crate) fn by_sector<G>(
        self,
        grader: &Grader,
        default: Option<&str>,
        mut make: impl FnMut(usize, &Plan, Columns) -> G,
    ) -> Result<BySector<G>, BatchError> {
        let Register { len, sectors, ids, read } = self;
        let default = match default {
            None => None,
            Some(id) => Some(grader.sector_index(id).ok_or_else(|| grader.unknown_sector(id))?),
        };
        let (layout, members) = sectors_of(grader, sectors, default, len)?;
        let mut groups = Vec::with_capacity(members.len());
        for (sector, members) in members {
            let Some(plan) = grader.plan(sector) else { continue };
            let rows = (members.len() != len).then_some(members.as_slice());
            groups.push(make(sector, plan, read(plan, rows)?));
        }
        Ok(BySector { ids, len, layout, groups })
    }
}

/// Which rows belong to which sector.
fn sectors_of(
    grader: &Grader,
    sectors: Option<SectorTexts>,
    default: Option<usize>,
    len: usize,
) -> Result<(Layout, Vec<Members>), BatchError> {
    let read = |text: &str| {
        let mut of = SectorText::default();
        for id in text.split(';').map(str::trim).filter(|id| !id.is_empty()) {
            match grader.sector_index(id) {
                Some(sector) if of.sectors.contains(&sector) => {}
                Some(sector) => of.sectors.push(sector),
                None => of.errors.push(grader.unknown_sector(id)),
            }
        }
        if of.sectors.is_empty() && of.errors.is_empty() {
            match default {
                Some(sector) => of.sectors.push(sector),
                None => of.errors.push(FirmError::NoSector),
            }
        }
        of
    };
    // Registers name few sectors many times: each text is read once.
    let (kinds, of_row) = match (sectors, default) {
        (None, None) => return Err(BatchError::NoSectorColumn),
        (None, Some(_)) => (vec![read("")], vec![0; len]),
        (Some(SectorTexts { texts, of_row }), _) => {
            // One more kind, for rows that say nothing.
            let none = texts.len() as u32;
            let says_nothing = of_row.iter().any(|kind| *kind >= none);
            let more = says_nothing.then_some("");
            let kinds = texts.iter().map(String::as_str).chain(more).map(read).collect();
            (kinds, of_row.into_iter().map(|kind| kind.min(none)).collect::<Vec<u32>>())
        }
    };
    if let ([only], false) = (kinds.as_slice(), of_row.is_empty())
        && let ([sector], []) = (only.sectors.as_slice(), only.errors.as_slice())
    {
        return Ok((Layout::OneSector, vec![(*sector, (0..len as u32).collect())]));
    }
    let mut members: Vec<Members> = Vec::new();
    let mut starts = Vec::with_capacity(len + 1);
    let mut units = Vec::with_capacity(len);
    let mut errors = BTreeMap::new();
    starts.push(0);
    for (row, kind) in of_row.into_iter().enumerate() {
        let Some(of) = kinds.get(kind as usize) else { continue };
        for sector in &of.sectors {
            let group = members.iter().position(|(known, _)| known == sector).unwrap_or_else(|| {
                members.push((*sector, Vec::new()));
                members.len() - 1
            });
            if let Some((_, members)) = members.get_mut(group) {
                units.push((group as u32, members.len() as u32));
                members.push(row as u32);
            }
        }
        if !of.errors.is_empty() {
            errors.insert(row, of.errors.clone());
        }
        starts.push(units.len() as u32);
    }
    Ok((Layout::Mixed { starts, units, errors }, members))
}

impl SectorTexts {
    fn of_texts(rows: impl Iterator<Item = Option<String>>) -> SectorTexts {
        let mut all = SectorTexts { texts: Vec::new(), of_row: Vec::new() };
        let mut known: HashMap<String, u32> = HashMap::new();
        for text in rows {
            let kind = match text {
                None => u32::MAX,
                Some(text) => *known.entry(text).or_insert_with_key(|text| {
                    all.texts.push(text.clone());
                    all.texts.len() as u32 - 1
                }),
            };
            all.of_row.push(kind);
        }
        all
    }

    fn of_column(column: &FirmColumn) -> SectorTexts {
        if let Values::Coded(codes, words) = &column.values {
            let code = |(row, code): (usize, &u32)| if column.is_unknown(row) { u32::MAX } else { *code };
            return SectorTexts {
                texts: (0..words.len()).map(|at| words.get(at).to_owned()).collect(),
                of_row: codes.iter().enumerate().map(code).collect(),
            };
        }
        SectorTexts::of_texts((0..column.len()).map(|row| id_of(column, row)))
    }
}

/// A value of a column that names something.
fn id_of(column: &FirmColumn, row: usize) -> Option<String> {
    let number = || (!column.is_unknown(row)).then(|| column.integer(row)).flatten();
    column.text(row).map(str::to_owned).or_else(|| number().map(|number| number.to_string()))
}
