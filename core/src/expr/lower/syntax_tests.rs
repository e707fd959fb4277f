//! What the lowering relies on of Rhai's syntax tree besides the shapes of expressions: flags, places, statements, cases.

use rhai::{AST, ASTFlags, ASTNode, Engine, Expr, FnCallExpr, FnPtr, OptimizationLevel, RangeCase, Stmt};

fn parse(source: &str) -> AST {
    let mut engine = Engine::new_raw();
    engine.set_optimization_level(OptimizationLevel::None);
    engine.compile(source).unwrap()
}

/// The last statement, as an expression.
fn expr(source: &str) -> Expr {
    match parse(source).statements().last().unwrap() {
        Stmt::Expr(expr) => (**expr).clone(),
        Stmt::FnCall(call, position) => Expr::FnCall(call.clone(), *position),
        other => panic!("{other:?}"),
    }
}

fn call(expr: &Expr) -> &FnCallExpr {
    match expr {
        Expr::FnCall(call, _) => call,
        other => panic!("no call: {other:?}"),
    }
}

fn named<'a>(expr: &'a Expr, name: &str, arity: usize) -> &'a [Expr] {
    let call = call(expr);
    assert_eq!((call.name.as_str(), call.args.len()), (name, arity));
    &call.args
}

fn is_variable(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Variable(variable, ..) if variable.1 == name)
}

fn is_property(expr: &Expr, name: &str) -> bool {
    matches!(expr, Expr::Property(property, _) if property.2 == name)
}

fn dot(expr: &Expr) -> (&Expr, &Expr) {
    match expr {
        Expr::Dot(chain, ..) => (&chain.lhs, &chain.rhs),
        other => panic!("no dot: {other:?}"),
    }
}

/// The only statement of a block that is a value.
fn only_statement(expr: &Expr) -> Stmt {
    match expr {
        Expr::Stmt(block) => {
            assert_eq!(block.statements().len(), 1, "{block:?}");
            block.statements()[0].clone()
        }
        other => panic!("no block: {other:?}"),
    }
}

fn body(ast: &AST, name: &str, arity: usize) -> Vec<Stmt> {
    let mut one = ast.clone_functions_only();
    one.retain_functions(|_, _, known, params| known == name && params == arity);
    let mut body = Vec::new();
    one.walk(&mut |path| {
        if let [ASTNode::Stmt(stmt)] = path {
            body.push((*stmt).clone());
        }
        true
    });
    body
}

#[test]
fn operators_are_calls() {
    for sign in [">", "<", ">=", "<=", "==", "!=", "+", "-", "*", "/", "%", "**", "&", "|", "^", "<<", ">>"] {
        let parsed = expr(&format!("a {sign} 1"));
        let args = named(&parsed, sign, 2);
        assert!(is_variable(&args[0], "a") && matches!(args[1], Expr::IntegerConstant(1, _)), "{sign}");
        assert!(call(&parsed).op_token.is_some(), "{sign}");
    }
    named(&expr("!x"), "!", 1);
    named(&expr("-x"), "-", 1);
    assert!(matches!(expr("-5"), Expr::IntegerConstant(-5, _)));
}

#[test]
fn chains_nest_to_the_right() {
    let parsed = expr("firm.hazard.level");
    let (firm, rest) = dot(&parsed);
    assert!(is_variable(firm, "firm"));
    let (hazard, level) = dot(rest);
    assert!(is_property(hazard, "hazard") && is_property(level, "level"));

    let parsed = expr("firm.inv.filter(|i| i.d > 30).len()");
    let (_, rest) = dot(dot(&parsed).1);
    assert!(matches!(dot(&parsed).1, Expr::Dot(..)));
    let (filter, len) = dot(rest);
    assert!(matches!(filter, Expr::MethodCall(call, _) if call.name == "filter" && call.args.len() == 1));
    assert!(matches!(len, Expr::MethodCall(call, _) if call.name == "len" && call.args.is_empty()));

    let Expr::Dot(_, flags, _) = expr("f?.a") else { panic!() };
    assert!(flags.intersects(ASTFlags::NEGATED));
    let Expr::Index(chain, flags, _) = expr("firm[\"x\"]") else { panic!() };
    assert!(flags.intersects(ASTFlags::BREAK));
    assert!(is_variable(&chain.lhs, "firm") && matches!(&chain.rhs, Expr::StringConstant(text, _) if text == "x"));
    let parsed = expr("f.list[0].x");
    let Expr::Index(chain, flags, _) = dot(&parsed).1 else { panic!() };
    assert!(is_property(&chain.lhs, "list") && !flags.intersects(ASTFlags::BREAK));
    assert!(matches!(dot(&chain.rhs), (Expr::IntegerConstant(0, _), x) if is_property(x, "x")));
}

#[test]
fn in_is_contains_with_its_operands_swapped() {
    let parsed = expr("x in [3, 4]");
    let args = named(&parsed, "contains", 2);
    assert!(matches!(&args[0], Expr::Array(items, _) if items.len() == 2) && is_variable(&args[1], "x"));
    let parsed = expr("x in 1..5");
    named(&named(&parsed, "contains", 2)[0], "..", 2);
    let parsed = expr("x in 1..=5");
    named(&named(&parsed, "contains", 2)[0], "..=", 2);
    let parsed = expr("\"ab\" in name");
    assert!(is_variable(&named(&parsed, "contains", 2)[0], "name"));
    named(&named(&expr("x !in [1]"), "!", 1)[0], "contains", 2);
    assert!(matches!(dot(&expr("[3, 4].contains(x)")), (Expr::Array(..), Expr::MethodCall(..))));
}

#[test]
fn choices_are_statements_in_a_block() {
    let Stmt::If(flow, _) = only_statement(&expr("x + if a { 1 } else if b { 2 } else { 3 }").clone().args_last())
    else {
        panic!()
    };
    assert!(is_variable(&flow.expr, "a"));
    assert!(matches!(flow.branch.statements(), [Stmt::If(inner, _)] if !inner.branch.statements().is_empty()));
    let Stmt::If(flow, _) = only_statement(&expr("x + if a { 1 }").args_last()) else { panic!() };
    assert!(flow.branch.statements().is_empty());
}

#[test]
fn switch_keeps_its_values() {
    let source = "x + switch y { 1 | 2 => 10, \"a\" => 20, 3..5 => 30, 6..=9 if z => 40, _ => 50 }";
    let Stmt::Switch(parts, _) = only_statement(&expr(source).args_last()) else { panic!() };
    let (on, cases) = *parts;
    assert!(is_variable(&on, "y"));
    // Each literal of an alternative and each other arm once, in the order of the script.
    let value = |arm: &Expr| match only_statement(arm) {
        Stmt::Expr(expr) => match *expr {
            Expr::IntegerConstant(value, _) => value,
            ref other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    let results: Vec<i64> = cases.expressions.iter().map(|arm| value(&arm.rhs)).collect();
    assert!(results.is_sorted() && results.first() == Some(&10), "{results:?}");
    assert_eq!(cases.expressions.iter().filter(|arm| !matches!(arm.lhs, Expr::BoolConstant(true, _))).count(), 1);
    assert_eq!(value(&cases.expressions[cases.def_case.unwrap()].rhs), 50);
    // The feature `grain` keeps the values, not only their hashes.
    let value_of = |arm: i64| -> Vec<String> {
        let has = |at: &usize| value(&cases.expressions[*at].rhs) == arm;
        let mut values: Vec<String> = cases
            .cases
            .values()
            .filter(|case| case.blocks.iter().any(has))
            .map(|case| case.value.to_string())
            .collect();
        values.sort();
        values
    };
    assert_eq!((value_of(10), value_of(20)), (vec!["1".into(), "2".into()], vec!["a".into()]));
    let ranges: Vec<(i64, i64, bool)> = cases
        .ranges
        .iter()
        .map(|range| match range {
            RangeCase::ExclusiveInt(range, _) => (range.start, range.end, false),
            RangeCase::InclusiveInt(range, _) => (*range.start(), *range.end(), true),
        })
        .collect();
    assert_eq!(ranges, [(3, 5, false), (6, 9, true)]);
    // Ranges stand among the cases too, as no plain value.
    assert!(
        cases
            .cases
            .values()
            .all(|case| case.value.is_int() || case.value.is_string() || case.value.type_name().contains("ange"))
    );
}

#[test]
fn names_and_assignments_are_statements() {
    let ast = parse("let r = a * b; const q = 1; r += 1; r = 2; r > 3");
    let [
        Stmt::Var(first, flags, _),
        Stmt::Var(_, constant, _),
        Stmt::Assignment(plus),
        Stmt::Assignment(set),
        Stmt::Expr(last),
    ] = ast.statements()
    else {
        panic!("{ast:?}")
    };
    assert_eq!(first.0.name, "r");
    assert!(!flags.intersects(ASTFlags::CONSTANT) && constant.intersects(ASTFlags::CONSTANT));
    assert!(plus.0.is_op_assignment() && !set.0.is_op_assignment());
    named(last, ">", 2);
}

#[test]
fn closures_are_pointers_and_captures_are_curried() {
    let ast = parse("x.some(|i| i.d > 30)");
    let Stmt::Expr(parsed) = &ast.statements()[0] else { panic!() };
    let Expr::MethodCall(some, _) = dot(parsed).1 else { panic!() };
    let Expr::DynamicConstant(value, position) = &some.args[0] else { panic!("{some:?}") };
    assert_eq!((position.line(), position.position()), (Some(1), Some(8)));
    let pointer = value.read_lock::<FnPtr>().unwrap();
    assert!(pointer.fn_name().starts_with("anon$"));
    assert_eq!(body(&ast, pointer.fn_name(), 1).len(), 1);

    let ast = parse("let t = 3; x.some(|i| i.d > t)");
    let Stmt::Expr(parsed) = &ast.statements()[1] else { panic!() };
    let Expr::MethodCall(some, _) = dot(parsed).1 else { panic!() };
    let Expr::Stmt(block) = &some.args[0] else { panic!("{some:?}") };
    let [Stmt::Share(shared), Stmt::Expr(curry)] = block.statements() else { panic!("{block:?}") };
    assert_eq!(shared.len(), 1);
    let args = named(curry, "curry", 2);
    assert!(matches!(args[0], Expr::DynamicConstant(..)) && is_variable(&args[1], "t"));
    // The captured name comes first among the parameters.
    let closure = ast.iter_functions().find(|f| f.name.starts_with("anon$")).unwrap();
    assert_eq!(closure.params.to_vec(), ["t", "i"]);
}

#[test]
fn calls_of_modules_keep_their_namespace() {
    let parsed = expr("lib::f(1)");
    assert_eq!(call(&parsed).namespace.path[0].as_str(), "lib");
    assert!(call(&expr("f(1)")).namespace.is_empty());
    assert!(matches!(expr("lib::X"), Expr::Variable(variable, ..) if !variable.2.is_empty()));
    let ast = parse("import \"a/b\" as c;");
    let [Stmt::Import(parts, _)] = ast.statements() else { panic!() };
    assert!(matches!(&parts.0, Expr::StringConstant(name, _) if name == "a/b"));
    assert_eq!(parts.1.name, "c");
}

#[test]
fn odd_literals() {
    assert!(matches!(expr("`a${x}b`"), Expr::InterpolatedString(parts, _) if parts.len() == 3));
    assert!(matches!(expr("'x'"), Expr::CharConstant(..)));
    assert!(matches!(expr("()"), Expr::Unit(_)));
    // Too large for an int: silently a float.
    assert!(matches!(expr("9223372036854775808"), Expr::FloatConstant(..)));
    let Expr::Map(map, _) = expr("#{ b: 1, \"a\": 2 }") else { panic!() };
    assert_eq!(
        map.0.iter().map(|(key, _)| (key.name.as_str(), key.pos.position())).collect::<Vec<_>>(),
        [("b", Some(4)), ("a", Some(10))]
    );
}

#[test]
fn columns_count_characters() {
    let parsed = expr("\"危险化学品\" == firm.name");
    let args = named(&parsed, "==", 2);
    assert_eq!((args[0].position().position(), parsed.position().position()), (Some(1), Some(9)));
    assert_eq!(args[1].start_position().position(), Some(12));
}

trait ArgsLast {
    fn args_last(&self) -> Expr;
}

impl ArgsLast for Expr {
    fn args_last(&self) -> Expr {
        call(self).args.last().unwrap().clone()
    }
}
