//! Random conditions of the rule language.

use crate::expr::{Arm, E, L, Ty, V};
use crate::rng::Rng;
use crate::schema::{AS_OF, FACTS, FUNCTIONS, FactSpec, LISTS, PARAMETERS, TABLES};

#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// `known`, `??` and facts with a declared value for their absence, which give unknown a meaning of its own.
    pub meaning: bool,
    /// Measures that can be read: their types, by number.
    pub measures: &'static [Ty],
    pub lists: bool,
}

pub const PLAIN: Options = Options { meaning: false, measures: &[], lists: true };
pub const ALL: Options = Options { meaning: true, measures: &[], lists: true };

pub struct Gen<'r> {
    pub rng: &'r mut Rng,
    pub options: Options,
    vars: Vec<(String, Ty)>,
    list_vars: Vec<(String, usize)>,
    items: Vec<(String, usize)>,
    /// No closures from here on: they would stand too deep.
    flat: bool,
    names: usize,
}

pub const INTS: &[i64] =
    &[0, 1, -1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 29, 30, 31, 50, 99, 100, 101, 365, 1000, -3, -30, -1000];
pub const EDGE_INTS: &[i64] = &[
    i64::MAX,
    i64::MAX - 1,
    -i64::MAX,
    i64::MAX / 2 + 1,
    9_007_199_254_740_993,
    1 << 32,
    2_147_483_648,
    -2_147_483_649,
    3_000_000,
    65_536,
    255,
    128,
    -129,
];
pub const FLOATS: &[f64] = &[
    0.0,
    0.1,
    0.2,
    0.3,
    0.5,
    0.7,
    0.9,
    1.0,
    1.5,
    2.0,
    2.5,
    3.5,
    -1.0,
    -0.5,
    -2.5,
    10.0,
    30.0,
    49.999,
    50.0,
    99.5,
    100.0,
    500.0,
    12345.678,
    0.333_333_333_333_333_3,
];
pub const EDGE_FLOATS: &[f64] = &[
    1.000_000_000_000_1,
    1.000_000_000_01,
    0.999_999_999_999_9,
    0.300_000_000_000_000_04,
    1e-300,
    1e300,
    -1e300,
    f64::MAX,
    f64::MIN,
    1e15,
    9_007_199_254_740_993.0,
    9.3e18,
    9_223_372_036_854_774_784.0,
    -9_223_372_036_854_775_808.0,
    1e-5,
    999_999_999_999.9,
];
pub const TEXTS: &[&str] =
    &["", "a", "ab", "abc", "b", "none", "level 1", "level 2", "level", "重大", "重", "Ab", "1", " "];

pub fn int(rng: &mut Rng, edge: u64) -> i64 {
    if rng.percent(edge) { rng.pick(EDGE_INTS) } else { rng.pick(INTS) }
}

pub fn float(rng: &mut Rng, edge: u64) -> f64 {
    if rng.percent(edge) { rng.pick(EDGE_FLOATS) } else { rng.pick(FLOATS) }
}

pub fn day(rng: &mut Rng, edge: u64) -> i32 {
    if rng.percent(edge) {
        return rng.pick(&[-719_162, 2_932_896, 0, -1]);
    }
    AS_OF + rng.pick(&[0, 1, -1, 7, 29, 30, 31, -30, 90, 364, 365, 366, -365, -400, 1000])
}

pub fn text_for(rng: &mut Rng, spec: &FactSpec) -> &'static str {
    if spec.one_of.is_empty() { rng.pick(TEXTS) } else { rng.pick(spec.one_of) }
}

const COMPARE: &[&str] = &["==", "!=", "<", "<=", ">", ">="];

impl<'r> Gen<'r> {
    pub fn new(rng: &'r mut Rng, options: Options) -> Gen<'r> {
        Gen { rng, options, vars: Vec::new(), list_vars: Vec::new(), items: Vec::new(), flat: false, names: 0 }
    }

    /// A condition that reads something of the firm.
    pub fn condition(&mut self, depth: usize) -> E {
        let condition = self.any(Ty::Bool, depth);
        let read = E::Bin(self.rng.pick(&["&&", "||"]), Box::new(condition), Box::new(self.fact(Ty::Bool)));
        if self.rng.percent(80) { self.bool(depth) } else { read }
    }

    fn name(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn boxed(&mut self, ty: Ty, depth: usize) -> Box<E> {
        Box::new(self.any(ty, depth))
    }

    fn number(&mut self, depth: usize) -> (E, Ty) {
        let ty = if self.rng.percent(50) { Ty::Int } else { Ty::Float };
        (self.any(ty, depth), ty)
    }

    pub fn literal(&mut self, ty: Ty) -> V {
        match ty {
            Ty::Bool => V::Bool(self.rng.percent(50)),
            Ty::Int => V::Int(int(self.rng, 6)),
            Ty::Float => V::Float(float(self.rng, 12)),
            Ty::Text => V::Text(self.rng.pick(TEXTS)),
            Ty::Date => V::Date(day(self.rng, 4)),
        }
    }

    fn fact(&mut self, ty: Ty) -> E {
        let meaning = self.options.meaning;
        let of_type: Vec<usize> =
            (0..FACTS.len()).filter(|at| FACTS[*at].ty == ty && (meaning || FACTS[*at].absent.is_none())).collect();
        E::Fact(self.rng.pick(&of_type))
    }

    fn leaf(&mut self, ty: Ty) -> E {
        let vars: Vec<&(String, Ty)> = self.vars.iter().filter(|(_, known)| *known == ty).collect();
        if !vars.is_empty() && self.rng.percent(35) {
            return E::Var(self.rng.pick(&vars).0.clone());
        }
        if !self.items.is_empty() && self.rng.percent(60) {
            let (name, list) = self.items[self.rng.below(self.items.len())].clone();
            let meaning = self.options.meaning;
            let fields = LISTS[list].fields;
            let of_type: Vec<usize> = (0..fields.len())
                .filter(|at| fields[*at].ty == ty && (meaning || fields[*at].absent.is_none()))
                .collect();
            if !of_type.is_empty() {
                return E::Field(name, list, self.rng.pick(&of_type));
            }
        }
        let measures: Vec<usize> =
            (0..self.options.measures.len()).filter(|at| self.options.measures[*at] == ty).collect();
        if !measures.is_empty() && self.rng.percent(25) {
            return E::Measure(self.rng.pick(&measures), ty);
        }
        if self.rng.percent(match ty {
            Ty::Bool => 3,
            _ => 25,
        }) {
            let params: Vec<usize> = (0..PARAMETERS.len()).filter(|at| PARAMETERS[*at].1 == ty).collect();
            return match ty {
                Ty::Date if self.rng.percent(50) => E::AsOf,
                Ty::Int | Ty::Float if self.rng.percent(20) => E::Param(self.rng.pick(&params)),
                _ => E::Lit(self.literal(ty)),
            };
        }
        self.fact(ty)
    }

    pub fn any(&mut self, ty: Ty, depth: usize) -> E {
        if depth == 0 {
            return self.leaf(ty);
        }
        let d = depth - 1;
        match self.rng.below(100) {
            0..7 => {
                let c = self.boxed(Ty::Bool, d);
                return E::If(c, self.boxed(ty, d), self.boxed(ty, d));
            }
            7..12 => return self.switch(ty, d),
            12..17 => {
                let of = self.rng.pick(&[Ty::Bool, Ty::Int, Ty::Float, Ty::Text, Ty::Date]);
                let value = self.boxed(of, d);
                let name = self.name("v");
                self.vars.push((name.clone(), of));
                let rest = self.boxed(ty, d);
                self.vars.pop();
                return E::Let(name, value, rest);
            }
            17..20 if self.can_close() => {
                let name = self.name("l");
                // Its filters may come to stand inside another closure.
                let flat = std::mem::replace(&mut self.flat, true);
                let (list, at) = self.list(d, 60);
                self.flat = flat;
                self.list_vars.push((name.clone(), at));
                let rest = self.boxed(ty, d);
                self.list_vars.pop();
                return E::LetList(name, list, rest);
            }
            20..24 if self.options.meaning => {
                let count = 2 + self.rng.below(2);
                return E::Coalesce((0..count).map(|_| self.any(ty, d)).collect());
            }
            24..29 => {
                let functions: Vec<usize> = (0..FUNCTIONS.len()).filter(|at| FUNCTIONS[*at].ty == ty).collect();
                if !functions.is_empty() {
                    let function = self.rng.pick(&functions);
                    return E::Call(
                        function,
                        FUNCTIONS[function].params.iter().map(|(_, ty)| self.any(*ty, d)).collect(),
                    );
                }
            }
            29..34 => {
                let tables: Vec<usize> = (0..TABLES.len()).filter(|at| TABLES[*at].ty == ty).collect();
                if !tables.is_empty() {
                    let table = self.rng.pick(&tables);
                    let by_text = matches!(TABLES[table].rows, crate::schema::Rows::Text(_));
                    let key = if by_text { self.any(Ty::Text, d) } else { self.number(d).0 };
                    return E::Lookup(table, Box::new(key));
                }
            }
            _ => {}
        }
        match ty {
            Ty::Bool => self.bool(d),
            Ty::Int => self.int(d),
            Ty::Float => self.float(d),
            Ty::Text => self.leaf(Ty::Text),
            Ty::Date => self.date(d),
        }
    }

    fn can_close(&self) -> bool {
        self.options.lists && !self.flat && self.items.len() < 2
    }

    /// A list of the firm, or a name for one, perhaps filtered.
    fn list(&mut self, depth: usize, filtered: u64) -> (L, usize) {
        let (mut list, at) = if !self.list_vars.is_empty() && self.rng.percent(50) {
            let (name, at) = self.list_vars[self.rng.below(self.list_vars.len())].clone();
            (L::Var(name), at)
        } else {
            let at = self.rng.below(LISTS.len());
            (L::Base(at), at)
        };
        let mut chance = filtered;
        while self.rng.percent(chance) {
            let (name, keep) = self.closure(at, Ty::Bool, depth);
            list = L::Filter(Box::new(list), name, keep);
            chance = 15;
        }
        (list, at)
    }

    fn closure(&mut self, list: usize, ty: Ty, depth: usize) -> (String, Box<E>) {
        let name = self.name("i");
        self.items.push((name.clone(), list));
        let body = self.boxed(ty, depth.min(2));
        self.items.pop();
        (name, body)
    }

    fn aggregate(&mut self, kinds: &[&'static str], asked: Ty, depth: usize) -> E {
        let (list, at) = self.list(depth, 30);
        let kind = self.rng.pick(kinds);
        match kind {
            "len" | "is_empty" => E::Agg(kind, list, None),
            "count" if self.rng.percent(30) => E::Agg(kind, list, None),
            "count" => {
                let ask = self.closure(at, Ty::Bool, depth);
                E::Agg(kind, list, Some(ask))
            }
            _ => {
                let ask = self.closure(at, asked, depth);
                E::Agg(kind, list, Some(ask))
            }
        }
    }

    fn switch(&mut self, ty: Ty, d: usize) -> E {
        let on_ty = self.rng.pick(&[Ty::Int, Ty::Int, Ty::Int, Ty::Text, Ty::Bool]);
        let on = self.boxed(on_ty, d);
        let mut arms = Vec::new();
        let mut ranges = false;
        for _ in 0..1 + self.rng.below(3) {
            let mut literals = Vec::new();
            let mut range = None;
            if on_ty == Ty::Int && (ranges || self.rng.percent(40)) {
                // Numbers cannot follow ranges.
                if !ranges && self.rng.percent(20) {
                    literals.push(V::Int(self.rng.pick(INTS)));
                }
                ranges = true;
                let from = self.rng.pick(INTS);
                range = Some((from, from + self.rng.range(-1, 40), self.rng.percent(50)));
            } else {
                for _ in 0..1 + self.rng.below(2) {
                    literals.push(if on_ty == Ty::Int { V::Int(self.rng.pick(INTS)) } else { self.literal(on_ty) });
                }
            }
            let guard = self.rng.percent(35).then(|| self.any(Ty::Bool, d.min(1)));
            arms.push(Arm { literals, range, guard, value: self.any(ty, d) });
        }
        let otherwise = self.boxed(ty, d);
        E::Switch(on, arms, otherwise)
    }

    /// A question to a list about each item of a list, which compares the two by equal values.
    pub fn pairs(&mut self, depth: usize) -> E {
        let (outer, inner) = (self.rng.below(LISTS.len()), self.rng.below(LISTS.len()));
        let (outer_name, inner_name) = (self.name("i"), self.name("i"));
        self.items.push((outer_name.clone(), outer));
        self.items.push((inner_name.clone(), inner));
        let joined = Box::new(self.joined(depth));
        let filtered = self.rng.percent(60);
        let kind = self.rng.pick(&["some", "all", "count", "sum_f"]);
        let mut value = Box::new(match kind {
            "sum_f" => self.leaf(Ty::Float),
            _ if filtered => self.leaf(Ty::Bool),
            _ => *joined.clone(),
        });
        let mut filter = joined;
        if filtered && kind != "sum_f" && self.rng.percent(40) {
            std::mem::swap(&mut filter, &mut value);
        }
        self.items.pop();
        let list = L::Base(inner);
        let list =
            if filtered || kind == "sum_f" { L::Filter(Box::new(list), inner_name.clone(), filter) } else { list };
        let asked = E::Agg(kind, list, Some((inner_name, value)));
        let holds = match kind {
            "count" => E::Bin(">", Box::new(asked), Box::new(E::Lit(V::Int(self.rng.range(0, 3))))),
            "sum_f" => E::Bin(">", Box::new(asked), self.boxed(Ty::Float, 0)),
            _ => asked,
        };
        self.items.pop();
        E::Agg(self.rng.pick(&["some", "all"]), L::Base(outer), Some((outer_name, Box::new(holds))))
    }

    /// What compares two items by equal values, as a ledger does: by this the pairs to look at are found.
    fn joined(&mut self, d: usize) -> E {
        let (outer, inner) = (self.items[0].clone(), self.items[1].clone());
        let ty = self.rng.pick(&[Ty::Text, Ty::Text, Ty::Int, Ty::Date, Ty::Float]);
        let field = |rng: &mut Rng, (name, list): (String, usize)| {
            let fields = LISTS[list].fields;
            let of_type: Vec<usize> = (0..fields.len()).filter(|at| fields[*at].ty == ty).collect();
            (!of_type.is_empty()).then(|| E::Field(name, list, rng.pick(&of_type)))
        };
        let (Some(a), Some(b)) = (field(self.rng, inner), field(self.rng, outer)) else { return self.leaf(Ty::Bool) };
        let mut condition = if self.rng.percent(50) {
            E::Bin("==", Box::new(a.clone()), Box::new(b.clone()))
        } else {
            E::Bin("==", Box::new(b.clone()), Box::new(a.clone()))
        };
        if self.options.meaning && self.rng.percent(40) {
            let known = E::Known(Box::new(if self.rng.percent(50) { a.clone() } else { b }));
            condition = E::Bin("&&", Box::new(known), Box::new(condition));
        }
        if ty == Ty::Text && self.rng.percent(30) {
            let filled = E::Bin("!=", Box::new(a), Box::new(E::Lit(V::Text(""))));
            condition = E::Bin("&&", Box::new(condition), Box::new(filled));
        }
        if self.rng.percent(70) {
            condition = E::Bin("&&", Box::new(condition), self.boxed(Ty::Bool, d));
        }
        if self.rng.percent(15) { E::Un("!", Box::new(condition)) } else { condition }
    }

    fn bool(&mut self, d: usize) -> E {
        if self.items.len() == 2 && self.rng.percent(30) {
            return self.joined(d.saturating_sub(1));
        }
        match self.rng.below(100) {
            0..14 => E::Bin("&&", self.boxed(Ty::Bool, d), self.boxed(Ty::Bool, d)),
            14..28 => E::Bin("||", self.boxed(Ty::Bool, d), self.boxed(Ty::Bool, d)),
            28..33 => E::Un("!", self.boxed(Ty::Bool, d)),
            33..58 => {
                let (a, _) = self.number(d);
                let (b, _) = self.number(d);
                E::Bin(self.rng.pick(COMPARE), Box::new(a), Box::new(b))
            }
            58..64 => E::Bin(self.rng.pick(COMPARE), self.boxed(Ty::Date, d), self.boxed(Ty::Date, d)),
            64..68 => E::Bin(self.rng.pick(&["==", "!="]), self.boxed(Ty::Text, d), self.boxed(Ty::Text, d)),
            68..71 => E::Bin(self.rng.pick(&["==", "!="]), self.boxed(Ty::Bool, d), self.boxed(Ty::Bool, d)),
            71..75 => {
                let test = self.rng.pick(&["starts_with", "ends_with", "contains", "in"]);
                E::TextTest(test, self.boxed(Ty::Text, d), self.boxed(Ty::Text, d.min(1)))
            }
            75..80 => {
                let ty = self.rng.pick(&[Ty::Int, Ty::Float, Ty::Text, Ty::Text, Ty::Date]);
                let a = self.boxed(ty, d);
                let mut items: Vec<E> = (0..self.rng.below(4)).map(|_| E::Lit(self.literal(ty))).collect();
                if self.rng.percent(30) {
                    items.push(self.any(ty, d.min(1)));
                }
                E::InList(a, items)
            }
            80..84 => {
                let from = self.rng.pick(INTS);
                let to = if self.rng.percent(20) {
                    self.any(Ty::Int, d.min(1))
                } else {
                    E::Lit(V::Int(from + self.rng.range(-2, 60)))
                };
                E::InRange(self.boxed(Ty::Int, d), Box::new(E::Lit(V::Int(from))), Box::new(to), self.rng.percent(50))
            }
            84..87 if self.options.meaning => {
                let ty = self.rng.pick(&[Ty::Bool, Ty::Int, Ty::Float, Ty::Text, Ty::Date]);
                if self.options.lists && self.rng.percent(20) {
                    return E::KnownList(self.rng.below(LISTS.len()));
                }
                E::Known(self.boxed(ty, d))
            }
            87..100 if self.can_close() => self.aggregate(&["some", "all", "some", "all", "is_empty"], Ty::Bool, d),
            _ => self.leaf(Ty::Bool),
        }
    }

    fn int(&mut self, d: usize) -> E {
        match self.rng.below(100) {
            0..40 => E::Bin(
                self.rng.pick(&["+", "-", "*", "/", "%", "min", "max"]),
                self.boxed(Ty::Int, d),
                self.boxed(Ty::Int, d),
            ),
            40..45 => E::Un(self.rng.pick(&["-", "abs", "to_int"]), self.boxed(Ty::Int, d)),
            45..52 => E::Un("to_int", self.boxed(Ty::Float, d)),
            52..58 => E::Un("len", self.boxed(Ty::Text, d)),
            58..68 => E::Bin("-", self.boxed(Ty::Date, d), self.boxed(Ty::Date, d)),
            68..78 if self.can_close() => self.aggregate(&["count", "len"], Ty::Bool, d),
            78..90 if self.can_close() => self.aggregate(&["sum", "max", "min"], Ty::Int, d),
            _ => self.leaf(Ty::Int),
        }
    }

    fn float(&mut self, d: usize) -> E {
        match self.rng.below(100) {
            0..40 => {
                let (a, b) = match self.rng.below(4) {
                    0 => (Ty::Int, Ty::Float),
                    1 => (Ty::Float, Ty::Int),
                    _ => (Ty::Float, Ty::Float),
                };
                E::Bin(self.rng.pick(&["+", "-", "*", "/", "%", "min", "max"]), self.boxed(a, d), self.boxed(b, d))
            }
            40..52 => {
                E::Un(self.rng.pick(&["-", "abs", "round", "floor", "ceiling", "to_float"]), self.boxed(Ty::Float, d))
            }
            52..60 => E::Un("to_float", self.boxed(Ty::Int, d)),
            60..85 if self.can_close() => self.aggregate(&["sum_f", "max", "min"], Ty::Float, d),
            _ => self.leaf(Ty::Float),
        }
    }

    fn date(&mut self, d: usize) -> E {
        match self.rng.below(100) {
            0..35 => E::Bin(self.rng.pick(&["+", "-"]), self.boxed(Ty::Date, d), self.boxed(Ty::Int, d.min(1))),
            35..55 if self.can_close() => self.aggregate(&["max", "min"], Ty::Date, d),
            _ => self.leaf(Ty::Date),
        }
    }
}
