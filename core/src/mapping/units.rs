//! Units that registers use, and what they are in those that facts are declared in.

/// Dimension, names, and how many of the first unit of the dimension one is.
const UNITS: &[(&str, &[&str], f64)] = &[
    ("mass", &["t", "tonne", "tonnes", "吨"], 1.0),
    ("mass", &["kg", "kilogram", "kilograms", "公斤", "千克"], 0.001),
    ("mass", &["g", "gram", "grams", "克"], 0.000_001),
    ("mass", &["lb", "lbs", "pound", "pounds", "磅"], 0.000_453_592_37),
    ("mass", &["斤"], 0.0005),
    ("money", &["10^4 CNY", "万元"], 1.0),
    ("money", &["CNY", "yuan", "元"], 0.0001),
    ("money", &["10^8 CNY", "亿元"], 10_000.0),
    ("length", &["m", "metre", "metres", "meter", "meters", "米"], 1.0),
    ("length", &["km", "公里", "千米"], 1000.0),
    ("length", &["cm", "厘米"], 0.01),
    ("length", &["mm", "毫米"], 0.001),
    ("length", &["ft", "foot", "feet"], 0.3048),
    ("area", &["m2", "m²", "平方米", "㎡"], 1.0),
    ("area", &["10^4 m2", "10^4 m²", "万平方米"], 10_000.0),
    ("volume", &["m3", "m³", "立方米"], 1.0),
    ("volume", &["L", "l", "litre", "litres", "升"], 0.001),
    ("volume", &["10^4 m3", "10^4 m³", "万立方米"], 10_000.0),
    ("share", &["1"], 1.0),
    ("share", &["%", "percent", "百分比"], 0.01),
];

fn unit(name: &str) -> Option<(&'static str, f64)> {
    UNITS.iter().find(|(_, names, _)| names.contains(&name)).map(|(dimension, _, size)| (*dimension, *size))
}

/// By what a number in one unit is multiplied to be one in another; none if they do not go together.
pub fn factor(from: &str, to: &str) -> Option<f64> {
    let ((dimension, from), (other, to)) = (unit(from.trim())?, unit(to.trim())?);
    (dimension == other).then(|| if from == to { 1.0 } else { from / to })
}

/// The units that go together with one.
pub fn alike(to: &str) -> Vec<&'static str> {
    let Some((dimension, _)) = unit(to.trim()) else { return Vec::new() };
    UNITS.iter().filter(|(known, ..)| *known == dimension).filter_map(|(_, names, _)| names.first().copied()).collect()
}

/// A unit that a heading names, as in `storage (kg)` or `storage_pounds`.
pub fn named_in(heading: &str) -> Option<&'static str> {
    let lower = heading.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| "()（）[]_ -/".contains(c)).filter(|word| !word.is_empty()).collect();
    let all = UNITS.iter().flat_map(|(_, names, _)| names.iter().copied());
    // Single letters are more often something else.
    all.filter(|name| name.chars().count() > 1 || !name.is_ascii())
        .find(|name| words.iter().any(|word| *word == name.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_one_dimension_go_together() {
        assert_eq!(factor("pounds", "t"), Some(0.000_453_592_37));
        assert_eq!(factor("元", "10^4 CNY"), Some(0.0001));
        assert_eq!(factor("t", "kg"), Some(1000.0));
        assert_eq!(factor("kg", "m"), None);
        assert_eq!(factor("furlong", "m"), None);
        assert_eq!(named_in("stock (kg)"), Some("kg"));
        assert_eq!(named_in("存量（吨）"), Some("吨"));
        assert_eq!(named_in("list"), None);
    }
}
