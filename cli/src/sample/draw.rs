//! Draws one firm: sound at first, then with as many findings as its quality asks for.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use risktier::{Grader, Tier};
use serde_json::{Map, Value};

use super::profile::Profile;
use super::spoil::{self, Spoil};
use super::{generator, standing};

/// So many findings are tried on a firm.
const TRIES: usize = 60;
/// One firm in so many works in two sectors.
const TWO_SECTORS: u64 = 40;
const DISTRICTS: u32 = 12;

/// A firm of the register.
#[derive(Clone)]
pub struct Firm {
    pub id: String,
    pub sector: String,
    pub district: String,
    pub facts: Map<String, Value>,
}

/// Draws the firms of a register, each by itself, so that they can be drawn in any order.
pub struct Draw<'a> {
    pub grader: &'a Grader,
    pub profiles: &'a [Profile<'a>],
    pub seed: u64,
    pub firms: u64,
    pub missing: f64,
}

impl Draw<'_> {
    pub fn firm(&self, at: u64, spoil: Option<Spoil>) -> Firm {
        let mut rng = generator(self.seed, at);
        let mut profiles = Vec::new();
        profiles.extend(self.profiles.get(rng.random_range(0..self.profiles.len().max(1))));
        if rng.random_range(0..TWO_SECTORS) == 0
            && let Some(second) = self.profiles.get(rng.random_range(0..self.profiles.len().max(1)))
            && profiles.iter().all(|first| first.sector != second.sector)
        {
            profiles.push(second);
        }
        let mut facts = Map::new();
        for profile in &profiles {
            for (name, value) in self.in_sector(profile, &mut rng) {
                // What two sectors ask about is the same fact.
                facts.entry(name).or_insert(value);
            }
        }
        self.leave_out(&mut facts, &mut rng);
        let names: Vec<&str> = profiles.iter().map(|profile| profile.sector.as_str()).collect();
        let mut firm = Firm {
            id: format!("S{:0width$}", at + 1, width = self.firms.to_string().len()),
            sector: names.join(";"),
            district: format!("district {:02}", rng.random_range(1..=DISTRICTS)),
            facts,
        };
        if let (Some(spoil), Some(profile)) = (spoil, profiles.first()) {
            spoil::spoil(&mut firm, profile, spoil, &mut rng);
        }
        firm
    }

    fn in_sector(&self, profile: &Profile<'_>, rng: &mut ChaCha8Rng) -> Map<String, Value> {
        let stands = |facts: &Map<String, Value>| standing(self.grader, &profile.sector, facts);
        let Some(sound) = stands(&profile.sound) else { return profile.sound.clone() };
        let mut firm = profile.sound.clone();
        for (name, values) in &profile.variations {
            if let (true, Some(value)) = (rng.random_bool(0.6), values.get(rng.random_range(0..values.len().max(1)))) {
                firm.insert(name.clone(), value.clone());
            }
        }
        let mut now = stands(&firm);
        if now.is_none_or(|now| now.0 > sound.0) {
            // Together the variations are a finding: as alike as it is, the sound firm will do.
            firm.clone_from(&profile.sound);
            now = Some(sound);
        }
        let wanted = quality(rng);
        let fitting: Vec<_> = profile.findings.iter().filter(|finding| finding.tier <= wanted).collect();
        for _ in 0..TRIES {
            if fitting.is_empty() || now.is_none_or(|now| now.0 >= wanted) {
                break;
            }
            let Some(finding) = fitting.get(rng.random_range(0..fitting.len())) else { break };
            let before = firm.insert(finding.fact.clone(), finding.value.clone());
            match stands(&firm) {
                Some(after) if after.0 <= wanted => now = Some(after),
                _ => match before {
                    Some(before) => drop(firm.insert(finding.fact.clone(), before)),
                    None => drop(firm.remove(&finding.fact)),
                },
            }
        }
        firm
    }

    /// Facts, and now and then a field of a record, that nobody wrote down.
    fn leave_out(&self, facts: &mut Map<String, Value>, rng: &mut ChaCha8Rng) {
        for value in facts.values_mut() {
            match value {
                Value::Array(items) => {
                    let fields = items.iter_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut);
                    fields.filter(|_| rng.random_bool(self.missing / 10.0)).for_each(|field| *field = Value::Null);
                }
                _ if rng.random_bool(self.missing) => *value = Value::Null,
                _ => {}
            }
        }
    }
}

/// The tier that the firm is to come to: most firms are well kept.
fn quality(rng: &mut ChaCha8Rng) -> Tier {
    match rng.random_range(0..100) {
        0..48 => Tier::Blue,
        48..76 => Tier::Yellow,
        76..92 => Tier::Orange,
        _ => Tier::Red,
    }
}
