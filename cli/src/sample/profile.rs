//! What is sound in a sector, and what is a finding: found out by grading.

use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use risktier::{Grader, SectorFacts, Tier, Type};
use serde_json::{Map, Value};

use super::values::Values;
use super::{ExampleLists, Standing, generator, standing};

/// A value of a fact that makes a sound firm worse.
pub struct Finding {
    pub fact: String,
    pub value: Value,
    /// The tier of the firm with this finding alone.
    pub tier: Tier,
}

/// A sector, with a sound firm and what can be wrong with it.
pub struct Profile<'b> {
    pub sector: String,
    pub facts: SectorFacts<'b>,
    pub sound: Map<String, Value>,
    /// Values of a fact that a sound firm can have as well.
    pub variations: Vec<(String, Vec<Value>)>,
    pub findings: Vec<Finding>,
}

impl<'b> Profile<'b> {
    /// `example` is the sound firm of the examples; facts that it does not have are found by trying.
    /// `lists` are those of the examples: drawn from them, the records of a list hang together.
    pub fn new(
        grader: &'b Grader,
        sector: &str,
        example: &Map<String, Value>,
        lists: &ExampleLists,
        seed: u64,
    ) -> Profile<'b> {
        let book = grader.book();
        let at = book.sectors().iter().position(|known| *known.id == *sector).unwrap_or(0) as u64;
        // Streams of firms count from 0; those of sectors come from the other end.
        let mut rng = generator(seed, u64::MAX - 1 - at);
        let facts = grader.facts_of(sector).unwrap_or_default();
        let values = Values { book, day: grader.as_of() };
        let candidates = candidates(&facts, &values, lists, &mut rng);
        let mut sound: Map<String, Value> =
            candidates.iter().filter_map(|(name, _)| Some((name.clone(), example.get(name)?.clone()))).collect();
        // Twice: what is sound for one fact may hang on another that was chosen later.
        for _ in 0..2 {
            for (name, values) in candidates.iter().filter(|(name, _)| !example.contains_key(name)) {
                choose(grader, sector, &mut sound, name, values);
            }
        }
        let mut profile =
            Profile { sector: sector.to_owned(), facts, sound, variations: Vec::new(), findings: Vec::new() };
        if let Some(base) = standing(grader, sector, &profile.sound) {
            for (name, values) in candidates {
                profile.sort_values(grader, name, values, base);
            }
        }
        profile
    }

    fn sort_values(&mut self, grader: &Grader, name: String, values: Vec<Value>, base: Standing) {
        let mut variations = Vec::new();
        for value in values {
            let mut firm = self.sound.clone();
            firm.insert(name.clone(), value.clone());
            match standing(grader, &self.sector, &firm) {
                Some(standing) if standing <= base => variations.push(value),
                Some(standing) => self.findings.push(Finding { fact: name.clone(), value, tier: standing.0 }),
                None => {}
            }
        }
        if !variations.is_empty() {
            self.variations.push((name, variations));
        }
    }
}

/// So many lists of the examples are drawn from.
const LISTS: usize = 24;

fn candidates(
    facts: &SectorFacts<'_>,
    values: &Values<'_>,
    lists: &ExampleLists,
    rng: &mut ChaCha8Rng,
) -> Vec<(String, Vec<Value>)> {
    let mut candidates = Vec::new();
    for fact in &facts.facts {
        candidates.push((fact.name.to_string(), values.of_fact(fact, rng)));
    }
    for list in &facts.lists {
        // Records drawn field by field do where the examples have few; in a ledger they would contradict each other.
        let mut drawn: Vec<Value> = match lists.get(&*list.name) {
            Some(known) if known.len() >= 3 => {
                let mut known: Vec<Value> = known.choose_multiple(rng, LISTS).cloned().collect();
                known.push(Value::Array(Vec::new()));
                known
            }
            _ => Vec::new(),
        };
        let texts = list.fields.iter().filter(|field| field.ty == Type::Text && field.one_of.is_empty()).count();
        if drawn.is_empty() || texts < 3 || list.fields.iter().any(|field| &*field.name == "cas") {
            drawn.extend(values.of_list(list, rng));
        }
        candidates.push((list.name.to_string(), drawn));
    }
    candidates
}

/// Gives the firm the value that it stands best with.
fn choose(grader: &Grader, sector: &str, firm: &mut Map<String, Value>, name: &str, values: &[Value]) {
    let mut best: Option<(Standing, &Value)> = None;
    for value in values {
        firm.insert(name.to_owned(), value.clone());
        let Some(standing) = standing(grader, sector, firm) else { continue };
        if best.as_ref().is_none_or(|(known, _)| standing < *known) {
            best = Some((standing, value));
        }
    }
    match best {
        Some((_, value)) => firm.insert(name.to_owned(), value.clone()),
        None => firm.remove(name),
    };
}
