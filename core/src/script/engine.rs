//! The closed Rhai engine: pure data and arithmetic, nothing that reads a clock, a file or another process.

use rhai::packages::{
    ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage, BasicStringPackage,
    LogicPackage, MoreStringPackage, Package,
};
use rhai::{Engine, OptimizationLevel, Token};

use super::limits;

/// An engine with the plain language and the limits, without the vocabulary.
pub(super) fn closed_engine() -> Engine {
    let mut engine = Engine::new_raw();
    // Not the core package, whose language part can sleep.
    ArithmeticPackage::new().register_into_engine(&mut engine);
    BasicStringPackage::new().register_into_engine(&mut engine);
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
    // To Rhai `until` is a word of its loops, which there are none of here; rules say with it when they end.
    #[expect(deprecated, reason = "not deprecated, rhai says there, but it may change: the version is pinned")]
    engine.on_parse_token(|token, _, _| match token {
        Token::Until => Token::Identifier(Box::new("until".into())),
        other => other,
    });
    engine.set_fail_on_invalid_map_property(true);
    engine.set_max_operations(limits::MAX_OPERATIONS);
    engine.set_max_call_levels(limits::MAX_CALL_LEVELS);
    engine.set_max_expr_depths(limits::MAX_EXPRESSION_DEPTH, limits::MAX_EXPRESSION_DEPTH);
    engine.set_max_functions(limits::MAX_FUNCTIONS);
    engine.set_max_variables(limits::MAX_VARIABLES);
    engine.set_max_string_size(limits::MAX_STRING);
    engine.set_max_array_size(limits::MAX_ITEMS);
    engine.set_max_map_size(limits::MAX_ITEMS);
    engine
}
