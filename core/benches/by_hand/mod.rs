//! The same 32 rules written by hand: a struct, and an `if` for each.

use serde::Deserialize;

use crate::register::Register;

#[derive(Deserialize, Clone, Copy)]
pub struct Firm {
    pub employees: i64,
    pub hazard_level: i64,
    pub overdue_hazards: i64,
    pub open_hazards: i64,
    pub major_hazards: i64,
    pub accidents_12m: i64,
    pub deaths_36m: i64,
    pub license_days_left: i64,
    pub officers_certified: i64,
    pub days_since_inspection: i64,
    pub equipment_overdue: i64,
    pub hot_work_permits: i64,
    pub confined_spaces: i64,
    pub penalties_24m: i64,
    pub standardization: i64,
    pub age_years: i64,
    pub q_ratio: f64,
    pub training_rate: f64,
    pub contractor_share: f64,
    pub likelihood: f64,
    pub exposure: f64,
    pub consequence: f64,
    pub license_valid: bool,
    pub safety_officer: bool,
    pub fire_system_ok: bool,
    pub insured: bool,
    pub night_shift: bool,
}

/// How many firms of each tier, the sum of scores, and how many rules fired.
#[derive(Debug, Default, PartialEq)]
pub struct Counts {
    pub tiers: [usize; 4],
    pub score: i64,
    pub fired: u64,
}

/// Tier, score, and a bit for each rule that fired.
#[inline(always)]
fn grade(firm: &Firm) -> (u8, i64, u64) {
    let (mut tier, mut score, mut fired) = (0u8, 0i64, 0u64);
    if firm.hazard_level == 1 {
        tier = tier.max(3);
        fired |= 1 << 0;
    }
    if firm.major_hazards >= 1 {
        tier = tier.max(3);
        fired |= 1 << 1;
    }
    if !firm.license_valid && firm.employees > 10 {
        tier = tier.max(3);
        fired |= 1 << 2;
    }
    if firm.deaths_36m >= 1 && firm.days_since_inspection > 180 {
        tier = tier.max(3);
        fired |= 1 << 3;
    }
    if firm.likelihood * firm.exposure * firm.consequence >= 320.0 {
        tier = tier.max(3);
        fired |= 1 << 4;
    }
    if firm.hazard_level == 2 || firm.q_ratio >= 10.0 {
        tier = tier.max(2);
        fired |= 1 << 5;
    }
    if firm.accidents_12m >= 2 {
        tier = tier.max(2);
        fired |= 1 << 6;
    }
    if firm.likelihood * firm.exposure * firm.consequence >= 160.0 {
        tier = tier.max(2);
        fired |= 1 << 7;
    }
    if !firm.safety_officer && firm.employees >= 100 {
        tier = tier.max(2);
        fired |= 1 << 8;
    }
    if !firm.fire_system_ok && firm.night_shift {
        tier = tier.max(2);
        fired |= 1 << 9;
    }
    if firm.hazard_level == 3 || firm.hazard_level == 4 {
        tier = tier.max(1);
        fired |= 1 << 10;
    }
    if firm.likelihood * firm.exposure * firm.consequence >= 70.0 {
        tier = tier.max(1);
        fired |= 1 << 11;
    }
    if firm.q_ratio >= 0.5 && firm.q_ratio < 1.0 {
        score += 6;
        fired |= 1 << 12;
    }
    if firm.q_ratio >= 1.0 {
        score += 10;
        fired |= 1 << 13;
    }
    if firm.overdue_hazards >= 1 {
        score += 5;
        fired |= 1 << 14;
    }
    if firm.overdue_hazards >= 3 {
        score += 8;
        fired |= 1 << 15;
    }
    if firm.open_hazards > 5 {
        score += 6;
        fired |= 1 << 16;
    }
    if firm.accidents_12m == 1 {
        score += 10;
        fired |= 1 << 17;
    }
    if firm.license_days_left < 90 && firm.license_days_left >= 0 {
        score += 3;
        fired |= 1 << 18;
    }
    if firm.officers_certified < 1 && firm.employees >= 30 {
        score += 7;
        fired |= 1 << 19;
    }
    if firm.officers_certified * 100 < firm.employees && firm.employees > 300 {
        score += 6;
        fired |= 1 << 20;
    }
    if firm.training_rate < 0.8 {
        score += 5;
        fired |= 1 << 21;
    }
    if firm.days_since_inspection > 365 {
        score += 5;
        fired |= 1 << 22;
    }
    if firm.days_since_inspection > 730 {
        score += 5;
        fired |= 1 << 23;
    }
    if firm.equipment_overdue > 0 {
        score += 6;
        fired |= 1 << 24;
    }
    if firm.hot_work_permits > 3 && firm.confined_spaces > 1 {
        score += 6;
        fired |= 1 << 25;
    }
    if firm.contractor_share > 0.4 {
        score += 4;
        fired |= 1 << 26;
    }
    if firm.penalties_24m >= 2 || (firm.penalties_24m == 1 && firm.overdue_hazards >= 1) {
        score += 7;
        fired |= 1 << 27;
    }
    if firm.standardization == 0 {
        score += 4;
        fired |= 1 << 28;
    }
    if firm.age_years > 25 && firm.equipment_overdue > 0 {
        score += 4;
        fired |= 1 << 29;
    }
    if !firm.insured {
        score += 3;
        fired |= 1 << 30;
    }
    if firm.night_shift && firm.confined_spaces > 2 {
        score += 3;
        fired |= 1 << 31;
    }
    let band = u8::from(score >= 20) + u8::from(score >= 40) + u8::from(score >= 60);
    (tier.max(band), score, fired)
}

/// Row by row over columns; keeps tier, score and fired rules of every firm, as the engine does.
pub fn grade_rows(register: &Register) -> Counts {
    let mut counts = Counts::default();
    let mut tiers = Vec::with_capacity(register.rows);
    let mut scores = Vec::with_capacity(register.rows);
    let mut rules = Vec::with_capacity(register.rows);
    let ints: [&[i64]; 16] = std::array::from_fn(|at| &register.ints[at][..register.rows]);
    let floats: [&[f64]; 6] = std::array::from_fn(|at| &register.floats[at][..register.rows]);
    let bools: [&[bool]; 5] = std::array::from_fn(|at| &register.bools[at][..register.rows]);
    for row in 0..register.rows {
        let firm = Firm {
            employees: ints[0][row],
            hazard_level: ints[1][row],
            overdue_hazards: ints[2][row],
            open_hazards: ints[3][row],
            major_hazards: ints[4][row],
            accidents_12m: ints[5][row],
            deaths_36m: ints[6][row],
            license_days_left: ints[7][row],
            officers_certified: ints[8][row],
            days_since_inspection: ints[9][row],
            equipment_overdue: ints[10][row],
            hot_work_permits: ints[11][row],
            confined_spaces: ints[12][row],
            penalties_24m: ints[13][row],
            standardization: ints[14][row],
            age_years: ints[15][row],
            q_ratio: floats[0][row],
            training_rate: floats[1][row],
            contractor_share: floats[2][row],
            likelihood: floats[3][row],
            exposure: floats[4][row],
            consequence: floats[5][row],
            license_valid: bools[0][row],
            safety_officer: bools[1][row],
            fire_system_ok: bools[2][row],
            insured: bools[3][row],
            night_shift: bools[4][row],
        };
        let (tier, score, fired) = grade(&firm);
        tiers.push(tier);
        scores.push(score);
        rules.push(fired);
        counts.tiers[tier as usize] += 1;
        counts.score += score;
        counts.fired += u64::from(fired.count_ones());
    }
    std::hint::black_box((tiers, scores, rules));
    counts
}

const IDS: [&str; 32] = [
    "F01", "F02", "F03", "F04", "F05", "F06", "F07", "F08", "F09", "F10", "F11", "F12", "P01", "P02", "P03", "P04",
    "P05", "P06", "P07", "P08", "P09", "P10", "P11", "P12", "P13", "P14", "P15", "P16", "P17", "P18", "P19", "P20",
];

/// Tier and ids of fired rules from JSON text.
pub fn grade_json(text: &str) -> (u8, Vec<&'static str>) {
    let firm: Firm = serde_json::from_str(text).unwrap();
    let (tier, _, fired) = grade(&firm);
    (tier, IDS.iter().enumerate().filter(|(at, _)| fired >> at & 1 == 1).map(|(_, id)| *id).collect())
}
