//! The closed Rhai engine: pure data and arithmetic, nothing that reads a clock, a file or another process.

use std::cell::Cell;
use std::rc::Rc;

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicFnPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
    BasicStringPackage, LogicPackage, MoreStringPackage, Package,
};
use rhai::{Engine, LexError, OptimizationLevel, Token};

use super::limits;

/// The names of the script that is being read.
#[derive(Debug, Default)]
pub(super) struct Names {
    declared: Cell<usize>,
    in_a_row: Cell<usize>,
    after_until: Cell<bool>,
}

/// What the parser is given in place of one name too many.
pub(super) const TOO_MANY_NAMES: &str = "too many names";

impl Names {
    /// Before each script.
    pub(super) fn forget(&self) {
        self.declared.set(0);
        self.in_a_row.set(0);
        self.after_until.set(false);
    }

    fn see(&self, token: Token) -> Token {
        match &token {
            Token::Let | Token::Const => self.declared.set(self.declared.get() + 1),
            Token::Identifier(_) | Token::Comma => self.in_a_row.set(self.in_a_row.get() + 1),
            _ => self.in_a_row.set(0),
        }
        if self.declared.get() > limits::MAX_DECLARED_NAMES || self.in_a_row.get() > 2 * limits::MAX_PARAMETERS {
            return Token::LexError(Box::new(LexError::Runtime(TOO_MANY_NAMES.into())));
        }
        // To Rhai `until` is a word of its loops, which there are none of here; rules say with it when they end. What follows a
        // word is a sign to it, what follows a name adds or takes away.
        let after_until = self.after_until.replace(matches!(token, Token::Until));
        match token {
            Token::Until => Token::Identifier(Box::new("until".into())),
            Token::UnaryPlus if after_until => Token::Plus,
            Token::UnaryMinus if after_until => Token::Minus,
            other => other,
        }
    }
}

/// An engine with the plain language and the limits, without the vocabulary.
pub(super) fn closed_engine(names: &Rc<Names>) -> Engine {
    let mut engine = Engine::new_raw();
    // Not the whole core package: it has `sleep` and `exit`.
    ArithmeticPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
    BasicFnPackage::new().register_into_engine(&mut engine);
    LogicPackage::new().register_into_engine(&mut engine);
    BasicMathPackage::new().register_into_engine(&mut engine);
    BasicArrayPackage::new().register_into_engine(&mut engine);
    BasicMapPackage::new().register_into_engine(&mut engine);
    BasicIteratorPackage::new().register_into_engine(&mut engine);
    MoreStringPackage::new().register_into_engine(&mut engine);
    // The tree as it was written: the lowering folds constants itself, and needs the positions.
    engine.set_optimization_level(OptimizationLevel::None);
    for symbol in ["eval", "debug", "print", "while", "loop", "do", "try", "Fn", "call"] {
        engine.disable_symbol(symbol);
    }
    // Rhai searches names one by one, and compares each parameter with all before it: many take the square of the time.
    let names = Rc::clone(names);
    #[expect(deprecated, reason = "not deprecated, rhai says there, but it may change: the version is pinned")]
    engine.on_parse_token(move |token, _, _| names.see(token));
    engine.set_fail_on_invalid_map_property(true);
    engine.set_max_call_levels(limits::MAX_CALL_LEVELS);
    engine.set_max_expr_depths(limits::MAX_EXPRESSION_DEPTH, limits::MAX_EXPRESSION_DEPTH);
    engine.set_max_functions(limits::MAX_FUNCTIONS);
    engine.set_max_variables(limits::MAX_VARIABLES);
    engine.set_max_string_size(limits::MAX_STRING);
    engine.set_max_array_size(limits::MAX_ITEMS);
    engine.set_max_map_size(limits::MAX_ITEMS);
    engine
}
