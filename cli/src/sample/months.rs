//! A register over months: firms enter and leave, put findings right, fall behind, and find out what was not known. Days in their
//! records stay as they are, so that licences run out and inspections age.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use risktier::Date;
use serde_json::Value;

use super::draw::{Draw, Firm};
use super::generator;
use super::profile::Profile;
use super::spoil::{Spoil, spoil};

/// One firm in so many leaves in a month, and as many enter.
const LEAVES: u64 = 50;
/// Shares of firms that get better, and worse, in a month.
const BETTER: f64 = 0.35;
const WORSE: f64 = 0.1;
/// Share of the facts left out that are found out in a month.
const LEARNED: f64 = 0.1;
/// Share of firms that do not report, this month, something that was known.
const FORGETS: f64 = 0.1;

/// The first days of the last months up to a day, the day itself last.
pub fn days(last: Date, months: u32) -> Vec<Date> {
    let mut days = vec![last];
    while (days.len() as u32) < months {
        let Some(before) = days.first().and_then(|first| month_before(*first)) else { break };
        days.insert(0, before);
    }
    days
}

/// The same day a month before, or the last day of that month.
fn month_before(day: Date) -> Option<Date> {
    let text = day.to_string();
    let mut parts = text.split('-').map(str::parse::<i16>);
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(of_month))) = (parts.next(), parts.next(), parts.next()) else {
        return None;
    };
    let (year, month) = if month == 1 { (year - 1, 12) } else { (year, month - 1) };
    let days = (1..=of_month).rev();
    days.into_iter().find_map(|of_month| Date::new(year, i8::try_from(month).ok()?, i8::try_from(of_month).ok()?))
}

/// How many firms there are in all, those that enter later among them.
pub fn firms(first: u64, months: u32) -> u64 {
    first + u64::from(months.saturating_sub(1)) * entering(first)
}

fn entering(first: u64) -> u64 {
    first.div_ceil(LEAVES)
}

impl Draw<'_> {
    /// A firm in each of the months in which it is in the register. `first` is how many there are in the first month.
    pub fn in_months(&self, at: u64, first: u64, months: u32, wrong: Option<Spoil>) -> Vec<Option<Firm>> {
        let months = months as usize;
        if months == 1 {
            return vec![Some(self.firm(at, wrong))];
        }
        let enters = if at < first { 0 } else { 1 + ((at - first) / entering(first)) as usize };
        let mut firm = self.firm(at, None);
        let mut register: Vec<Option<Firm>> = (0..enters.min(months)).map(|_| None).collect();
        while register.len() < months {
            // A stream of its own for each month, behind those of the firms.
            let mut rng = generator(self.seed, at + (register.len() as u64 + 1) * (1 << 40));
            if register.len() > enters {
                if rng.random_range(0..LEAVES) == 0 {
                    break;
                }
                self.next_month(&mut firm, &mut rng);
            }
            let mut now = firm.clone();
            if let (Some(how), Some(profile)) = (wrong, self.profiles_of(&firm).next()) {
                spoil(&mut now, profile, how, &mut rng);
            }
            register.push(Some(now));
        }
        register.resize_with(months, || None);
        register
    }

    fn profiles_of<'f>(&'f self, firm: &'f Firm) -> impl Iterator<Item = &'f Profile<'f>> {
        self.profiles.iter().filter(|profile| firm.sector.split(';').any(|sector| sector == profile.sector))
    }

    fn next_month(&self, firm: &mut Firm, rng: &mut ChaCha8Rng) {
        let profiles: Vec<&Profile<'_>> =
            self.profiles.iter().filter(|profile| firm.sector.split(';').any(|of| of == profile.sector)).collect();
        for profile in &profiles {
            for (name, sound) in &profile.sound {
                if firm.facts.get(name).is_some_and(Value::is_null) && rng.random_bool(LEARNED) {
                    firm.facts.insert(name.clone(), sound.clone());
                }
            }
        }
        let Some(profile) = profiles.get(rng.random_range(0..profiles.len().max(1))) else { return };
        if rng.random_bool(FORGETS)
            && let Some(fact) = profile.findings.get(rng.random_range(0..profile.findings.len().max(1)))
            // A list without rows would read as an empty one.
            && let Some(value) = firm.facts.get_mut(&fact.fact).filter(|value| !value.is_array())
        {
            *value = Value::Null;
        }
        if rng.random_bool(BETTER) {
            let bad: Vec<&str> = profile
                .findings
                .iter()
                .filter(|finding| firm.facts.get(&finding.fact) == Some(&finding.value))
                .map(|finding| finding.fact.as_str())
                .collect();
            for fact in bad {
                if let (Some(sound), true) = (profile.sound.get(fact), rng.random_bool(0.7)) {
                    firm.facts.insert(fact.to_owned(), sound.clone());
                }
            }
        }
        if rng.random_bool(WORSE)
            && let Some(finding) = profile.findings.get(rng.random_range(0..profile.findings.len().max(1)))
        {
            firm.facts.insert(finding.fact.clone(), finding.value.clone());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_end_with_the_day() {
        let day = |text: &str| text.parse::<Date>().ok();
        let texts = |last: &str, months| {
            day(last).map(|last| days(last, months).iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(texts("2026-11-01", 3), Some(["2026-09-01", "2026-10-01", "2026-11-01"].map(String::from).into()));
        assert_eq!(texts("2026-01-31", 3), Some(["2025-11-30", "2025-12-31", "2026-01-31"].map(String::from).into()));
        assert_eq!(texts("2026-03-30", 2), Some(["2026-02-28", "2026-03-30"].map(String::from).into()));
        assert_eq!(firms(100, 3), 104);
    }
}
