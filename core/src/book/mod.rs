//! The rule book: takes the declarations of all scripts, gives a checked [`RuleBook`].

#[cfg(feature = "scripts")]
mod amend;
#[cfg(feature = "scripts")]
mod build;
#[cfg(feature = "scripts")]
mod bundle;
#[cfg(feature = "scripts")]
mod checks;
mod compiled;
#[cfg(feature = "scripts")]
mod fields;
mod identity;
mod model;
#[cfg(feature = "scripts")]
mod read;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

#[cfg(feature = "scripts")]
pub use build::RuleBookBuilder;
#[cfg(feature = "scripts")]
pub use bundle::BundleError;
pub use compiled::CompiledBookError;
pub use model::{
    Amount, Band, Basis, Citation, Document, Effect, Entries, Fact, Formula, IssuedList, Item, KeyField, List, Measure,
    Parameter, ParameterValue, Part, RangeEntry, Role, Rule, Scheme, Sector, Supervision, Table, Worse,
};

#[cfg(feature = "scripts")]
use crate::Diagnostic;
use crate::expr::{Graph, NodeId, Op};
use crate::{Date, Grader, Site, Value};

/// Rules, loaded and checked: immutable, plain data, cheap to clone, and free to cross threads.
///
/// ```
/// use risktier::{Date, RuleBook, Tier};
///
/// let book = RuleBook::from_sources([("crane.rhai", r#"
///     role("principal", #{ en: "Principal", zh: "主要负责人" });
///     sector("cranes", #{ name: #{ en: "Cranes", zh: "起重机" } });
///     fact("overdue", INT, #{ en: "Cranes overdue for inspection", zh: "超期未检起重机", unit: "cranes", min: 0 });
///     rule("CR-1", #{
///         risk:    #{ en: "A load falls", zh: "吊物坠落" },
///         finding: #{ en: "A crane is overdue for inspection", zh: "起重机超期未检" },
///         when:    |firm| firm.overdue > 0,
///         tier:    ORANGE,
///         cite:    own("an example"),
///         since:   date(2020, 1, 1),
///         control: #{ en: "Inspect it", zh: "检验" },
///         owner:   "principal",
///         days:    7,
///     });
/// "#)]).unwrap();
///
/// let grader = book.as_of(Date::new(2026, 11, 1).unwrap());
/// let grade = grader.grade_json(r#"{"sector": "cranes", "overdue": 2}"#).unwrap();
/// assert_eq!(grade.tier, Tier::Orange);
/// assert_eq!(&*grade.sectors[0].fired[0].rule, "CR-1");
/// ```
#[derive(Clone)]
pub struct RuleBook {
    pub(crate) data: Arc<BookData>,
}

/// Values of parameters in place of those in the scripts, by name, each from a day on.
pub(crate) type Overrides = BTreeMap<String, Vec<(Date, Value)>>;

#[derive(Clone)]
pub(crate) struct BookData {
    pub(crate) sources: BTreeMap<String, Arc<str>>,
    pub(crate) overrides: Overrides,
    pub(crate) hash: Arc<str>,
    #[cfg(feature = "scripts")]
    pub(crate) warnings: Vec<Diagnostic>,
    pub(crate) documents: Vec<Arc<Document>>,
    pub(crate) roles: Vec<Role>,
    pub(crate) key_fields: Vec<KeyField>,
    pub(crate) sectors: Vec<Sector>,
    pub(crate) parts: Vec<Part>,
    pub(crate) facts: Vec<Fact>,
    pub(crate) lists: Vec<List>,
    pub(crate) measures: Vec<Measure>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) tables: Vec<Table>,
    pub(crate) items: Vec<Item>,
    pub(crate) issued_lists: Vec<IssuedList>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) graph: Graph,
    /// Where each operation that may fault was first written.
    pub(crate) first_sites: HashMap<NodeId, Site>,
}

impl RuleBook {
    /// Starts a book that is put together from sources and overrides.
    #[cfg(feature = "scripts")]
    pub fn builder() -> RuleBookBuilder {
        RuleBookBuilder::default()
    }

    /// A book from named scripts in memory.
    ///
    /// # Errors
    /// Every error and warning in the scripts, if there is an error.
    #[cfg(feature = "scripts")]
    pub fn from_sources<N: Into<String>, T: Into<String>>(
        sources: impl IntoIterator<Item = (N, T)>,
    ) -> Result<RuleBook, crate::BookError> {
        sources.into_iter().fold(RuleBook::builder(), |builder, (name, text)| builder.source(name, text)).build()
    }

    /// A grader for one grading date. Rules outside their dates on that day do not exist for it.
    pub fn as_of(&self, date: Date) -> Grader {
        Grader::new(self.clone(), date)
    }

    /// SHA-256, in hexadecimal, of the sources, the overrides and the version of the rule language.
    pub fn hash(&self) -> &str {
        &self.data.hash
    }

    /// What is odd in the scripts, though the book can be used.
    #[cfg(feature = "scripts")]
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.data.warnings
    }

    /// The key fields, in the order of scripts and lines.
    pub fn key_fields(&self) -> &[KeyField] {
        &self.data.key_fields
    }

    /// The key field with this id.
    pub fn key_field(&self, id: &str) -> Option<&KeyField> {
        self.data.key_fields.iter().find(|field| &*field.id == id)
    }

    /// The sectors, in the order of scripts and lines.
    pub fn sectors(&self) -> &[Sector] {
        &self.data.sectors
    }

    /// The sector with this id.
    pub fn sector(&self, id: &str) -> Option<&Sector> {
        self.data.sectors.iter().find(|sector| &*sector.id == id)
    }

    /// The groups of rules that sectors take over.
    pub fn parts(&self) -> &[Part] {
        &self.data.parts
    }

    /// All rules of all sectors and parts.
    pub fn rules(&self) -> &[Rule] {
        &self.data.rules
    }

    /// The rule with this id.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.data.rules.iter().find(|rule| &*rule.id == id)
    }

    /// All single-valued facts.
    pub fn facts(&self) -> &[Fact] {
        &self.data.facts
    }

    /// All lists.
    pub fn lists(&self) -> &[List] {
        &self.data.lists
    }

    /// All measures.
    pub fn measures(&self) -> &[Measure] {
        &self.data.measures
    }

    /// All parameters.
    pub fn parameters(&self) -> &[Parameter] {
        &self.data.parameters
    }

    /// All tables.
    pub fn tables(&self) -> &[Table] {
        &self.data.tables
    }

    /// All scored items.
    pub fn items(&self) -> &[Item] {
        &self.data.items
    }

    /// What this book calls the lists that are issued for a firm.
    pub fn issued_lists(&self) -> &[IssuedList] {
        &self.data.issued_lists
    }

    /// All documents that rules can cite.
    pub fn documents(&self) -> &[Arc<Document>] {
        &self.data.documents
    }

    /// All posts that answer for rules.
    pub fn roles(&self) -> &[Role] {
        &self.data.roles
    }

    /// The scripts that the book was built from, by name; none if it was compiled, and has not been given them
    /// ([`RuleBook::with_sources`]).
    pub fn sources(&self) -> impl Iterator<Item = (&str, &str)> {
        self.data.sources.iter().map(|(name, source)| (name.as_str(), &**source))
    }
}

impl BookData {
    /// Which facts and which lists are read below some nodes.
    pub(crate) fn read_by(&self, roots: impl IntoIterator<Item = NodeId>) -> (Vec<bool>, Vec<bool>) {
        let needed = self.graph.reachable(roots);
        let (mut facts, mut lists) = (vec![false; self.facts.len()], vec![false; self.lists.len()]);
        for (node, _) in self.graph.nodes().iter().zip(&needed).filter(|(_, needed)| **needed) {
            let mark = match &node.op {
                Op::Fact(at) => facts.get_mut(*at as usize),
                Op::ListKnown(at) => lists.get_mut(*at as usize),
                Op::Agg(agg) => lists.get_mut(self.graph.frame(agg.frame).list as usize),
                _ => None,
            };
            if let Some(mark) = mark {
                *mark = true;
            }
        }
        (facts, lists)
    }
}

impl fmt::Debug for RuleBook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleBook")
            .field("hash", &self.data.hash)
            .field("sectors", &self.data.sectors.len())
            .field("rules", &self.data.rules.len())
            .finish_non_exhaustive()
    }
}

/// Characters of a name, and names, that are compared to find the nearest.
const LONGEST_NAME: usize = 64;
const MOST_NAMES: usize = 200;

/// How often each letter stands in a name; letters share 32 places.
fn letters(name: &str) -> [u8; 32] {
    let mut counts = [0u8; 32];
    for letter in name.bytes().take(4 * LONGEST_NAME) {
        if let Some(count) = counts.get_mut(usize::from(letter % 32)) {
            *count = count.saturating_add(1);
        }
    }
    counts
}

/// The known name that is nearest to one that is not known, if any is near.
///
/// ```
/// assert_eq!(risktier::nearest("employes", ["age", "employees"]).as_deref(), Some("employees"));
/// assert_eq!(risktier::nearest("weather", ["age", "employees"]), None);
/// ```
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let length = name.chars().count();
    // What it costs grows with the square of the length, and nobody misspells a name as long as that.
    if length > LONGEST_NAME {
        return None;
    }
    let letters = letters(name);
    let comparable = |known: &&'a str| {
        let other = known.chars().take(LONGEST_NAME + 1).count();
        // Each letter that only one of them has takes at least half a change.
        let differing: usize = letters.iter().zip(self::letters(known)).map(|(a, b)| usize::from(a.abs_diff(b))).sum();
        other <= LONGEST_NAME && length.abs_diff(other).max(differing / 2) * 3 <= length.max(other).max(3)
    };
    let close = |known: &'a str| {
        let distance = strsim::osa_distance(name, known);
        let longest = length.max(known.chars().count());
        (distance * 3 <= longest.max(3)).then_some((distance, known))
    };
    let candidates = known.into_iter().filter(comparable).take(MOST_NAMES);
    candidates.filter_map(close).min().map(|(_, known)| known.to_owned())
}
