//! `risktier lsp`, as an editor speaks with it: messages over pipes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod tool;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use tool::Folder;

const SHOPS: &str = "document(\"LAW\", #{ title: \"条例\", number: \"No. 1\" });
sector(\"shops\", #{ name: #{ en: \"Shops\", zh: \"商店\" } });
fact(\"visitors\", INT, #{ en: \"Visitors\", zh: \"顾客数\", unit: \"persons\", min: 0 });
rule(\"SH-1\", #{ risk: #{ en: \"r\", zh: \"险\" }, finding: #{ en: \"f\", zh: \"见\" }, when: |firm| firm.visitors > 3,
    tier: RED, cite: cite(\"LAW\", \"Art. 1\", READ), since: date(2000, 1, 1), control: #{ en: \"c\", zh: \"控\" }, owner: \"boss\", days: 1 });
";

struct Session {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    next: i64,
}

impl Session {
    fn start(args: &[&str], root: Option<&str>, encodings: &[&str]) -> (Session, Value) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_risktier"))
            .arg("lsp")
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let (to, from) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut session = Session { child, to, from, next: 0 };
        let mut params = json!({ "processId": null, "rootUri": root, "capabilities": {} });
        if !encodings.is_empty() {
            params["capabilities"] = json!({ "general": { "positionEncodings": encodings } });
        }
        let answer = session.ask("initialize", params)["result"].clone();
        session.tell("initialized", json!({}));
        (session, answer)
    }

    fn write(&mut self, message: &Value) {
        let text = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{text}", text.len()).unwrap();
        self.to.flush().unwrap();
    }

    fn read(&mut self) -> Value {
        let mut length = 0;
        loop {
            let mut line = String::new();
            assert!(self.from.read_line(&mut line).unwrap() > 0, "the server went away");
            match line.trim() {
                "" => break,
                line => length = line.strip_prefix("Content-Length: ").map_or(length, |n| n.parse().unwrap()),
            }
        }
        let mut body = vec![0; length];
        self.from.read_exact(&mut body).unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    fn tell(&mut self, method: &str, params: Value) {
        self.write(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    fn ask(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.write(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        loop {
            let message = self.read();
            if message["id"] == id {
                return message;
            }
        }
    }

    /// The next diagnostics of a file: how many, and the first.
    fn diagnostics(&mut self, uri: &str) -> Vec<Value> {
        loop {
            let message = self.read();
            if message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == uri {
                return message["params"]["diagnostics"].as_array().unwrap().clone();
            }
        }
    }

    fn end(mut self) {
        assert_eq!(self.ask("shutdown", Value::Null)["result"], Value::Null);
        self.tell("exit", Value::Null);
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

/// The folder of the session, and what the editor calls its files.
fn folder() -> (Folder, String) {
    let folder = Folder::new()
        .with("shops.rhai", SHOPS)
        .with("roles.rhai", "role(\"boss\", #{ en: \"Boss\", zh: \"负责人\" });\n");
    let root = std::fs::canonicalize(folder.path("shops.rhai")).unwrap().parent().unwrap().display().to_string();
    (folder, format!("file://{root}"))
}

fn at(uri: &str, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri }, "position": { "line": line, "character": character } })
}

fn opened(session: &mut Session, uri: &str, text: &str) {
    let document = json!({ "uri": uri, "languageId": "rhai", "version": 1, "text": text });
    session.tell("textDocument/didOpen", json!({ "textDocument": document }));
}

fn changed(session: &mut Session, uri: &str, changes: Value) {
    let document = json!({ "uri": uri, "version": 2 });
    session.tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }));
}

fn column(line: u32, word: &str) -> u32 {
    let line = SHOPS.lines().nth(line as usize).unwrap();
    line[..line.find(word).unwrap()].encode_utf16().count() as u32
}

#[test]
fn an_editor_is_served() {
    let (_folder, root) = folder();
    let (mut session, answer) = Session::start(&["--no-standard"], Some(&root), &[]);
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    assert_eq!(answer["capabilities"]["renameProvider"]["prepareProvider"], true);
    let (shops, roles) = (format!("{root}/shops.rhai"), format!("{root}/roles.rhai"));
    opened(&mut session, &shops, SHOPS);
    assert_eq!(session.diagnostics(&shops), Vec::<Value>::new());

    let visitors = column(3, "firm.visitors") + 6;
    let hover = session.ask("textDocument/hover", at(&shops, 3, visitors));
    let text = hover["result"]["contents"]["value"].as_str().unwrap();
    assert!(text.contains("Visitors") && text.contains("int, persons, 0.."), "{text}");
    let definition = session.ask("textDocument/definition", at(&shops, 3, visitors));
    assert_eq!(definition["result"][0]["range"]["start"], json!({ "line": 2, "character": 6 }));
    // In a file that is not open.
    let boss = session.ask("textDocument/definition", at(&shops, 4, column(4, "boss")));
    assert_eq!(boss["result"][0]["uri"], roles);
    let mut params = at(&shops, 3, visitors);
    params["context"] = json!({ "includeDeclaration": true });
    assert_eq!(session.ask("textDocument/references", params)["result"].as_array().unwrap().len(), 2);
    let symbols = session.ask("textDocument/documentSymbol", json!({ "textDocument": { "uri": shops } }));
    let names: Vec<&str> =
        symbols["result"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["LAW", "shops", "visitors", "SH-1"]);

    let prepared = session.ask("textDocument/prepareRename", at(&shops, 3, visitors));
    assert_eq!(prepared["result"]["placeholder"], "visitors");
    let mut params = at(&shops, 3, visitors);
    params["newName"] = json!("guests");
    let edits = session.ask("textDocument/rename", params.clone())["result"]["changes"][&shops].clone();
    assert_eq!(edits.as_array().unwrap().len(), 2);
    params["newName"] = json!("Guests!");
    let refused = session.ask("textDocument/rename", params);
    assert!(refused["error"]["message"].as_str().unwrap().contains("is not a name"));

    // A change in the middle of a line with Chinese before it, in UTF-16.
    let range =
        json!({ "start": { "line": 3, "character": visitors - 1 }, "end": { "line": 3, "character": visitors + 7 } });
    changed(&mut session, &shops, json!([{ "range": range, "text": "vis" }]));
    let wrong = session.diagnostics(&shops);
    assert_eq!(wrong[0]["code"], "E040");
    assert_eq!(wrong[0]["range"]["start"], json!({ "line": 3, "character": visitors - 1 }));
    let items = session.ask("textDocument/completion", at(&shops, 3, visitors + 2));
    assert_eq!(items["result"][0]["label"], "visitors");
    assert_eq!(items["result"][0]["textEdit"]["range"]["start"]["character"], visitors - 1);
    changed(&mut session, &shops, json!([{ "text": SHOPS }]));
    assert_eq!(session.diagnostics(&shops), Vec::<Value>::new(), "mended");

    // An error in another file than the one that was edited.
    opened(&mut session, &roles, "role(\"chief\", #{ en: \"Boss\", zh: \"负责人\" });\n");
    assert_eq!(session.diagnostics(&shops)[0]["code"], "E017");
    session.tell("textDocument/didClose", json!({ "textDocument": { "uri": roles } }));
    assert_eq!(session.diagnostics(&shops), Vec::<Value>::new(), "as it is on disk");
    session.end();
}

#[test]
fn odd_messages_are_answered_and_never_fatal() {
    let (_folder, root) = folder();
    let (mut session, answer) = Session::start(&["--no-standard", "--lang", "zh"], Some(&root), &["utf-32", "utf-8"]);
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-32");
    let shops = format!("{root}/shops.rhai");
    assert_eq!(session.ask("workspace/symbol", json!({ "query": "" }))["error"]["code"], -32601);
    assert_eq!(session.ask("textDocument/hover", json!({ "oops": 1 }))["error"]["code"], -32602);
    assert_eq!(session.ask("textDocument/hover", at("untitled:one", 0, 0))["result"], Value::Null);
    assert_eq!(session.ask("textDocument/hover", at("file:///%zz/%", 0, 0))["result"], Value::Null);
    assert_eq!(session.ask("textDocument/hover", at(&shops, u32::MAX, u32::MAX))["result"], Value::Null);
    session.tell("textDocument/didChange", json!([]));
    session.tell("textDocument/didOpen", json!({ "textDocument": 7 }));
    session.tell("$/setTrace", json!({ "value": "off" }));
    opened(&mut session, &shops, SHOPS);
    let range = json!({ "start": { "line": 9, "character": 9 }, "end": { "line": 2, "character": 1 } });
    changed(&mut session, &shops, json!([{ "range": range, "text": "x" }]));
    let hover = session.ask("textDocument/hover", at(&shops, 2, 8));
    assert!(hover["result"]["contents"]["value"].as_str().unwrap().contains("顾客数"));
    for cut in (0..SHOPS.len()).filter(|cut| SHOPS.is_char_boundary(*cut)).step_by(41) {
        changed(&mut session, &shops, json!([{ "text": &SHOPS[..cut] }]));
        let line = SHOPS[..cut].matches('\n').count() as u32;
        assert!(session.ask("textDocument/completion", at(&shops, line, 200))["result"].is_array());
    }
    session.end();
}

#[test]
fn the_standard_book_lies_under_the_folder() {
    let folder = Folder::new().with("city.rhai", "amend_rule(\"LB-04\", #{ tier: RED, days: 7, cite: own(\"x\") });\n");
    let (mut session, _) = Session::start(&["--book", &folder.text("")], None, &[]);
    let root = std::fs::canonicalize(folder.path("city.rhai")).unwrap().parent().unwrap().display().to_string();
    let city = format!("file://{root}/city.rhai");
    let text = "amend_rule(\"LB-04\", #{ tier: RED, owner: \"\" });";
    opened(&mut session, &city, text);
    let codes: Vec<Value> = session.diagnostics(&city).iter().map(|one| one["code"].clone()).collect();
    assert!(codes.contains(&json!("E038")), "{codes:?}");
    let owner = text.find("\"\"").unwrap() as u32 + 1;
    let items = session.ask("textDocument/completion", at(&city, 0, owner));
    assert!(items["result"].as_array().unwrap().iter().any(|one| one["label"] == "principal"));
    let rule = session.ask("textDocument/hover", at(&city, 0, 14));
    assert!(rule["result"]["contents"]["value"].as_str().unwrap().contains("LB-04"));
    session.end();
}

#[test]
fn when_nobody_types_the_book_is_looked_at_as_a_whole() {
    let never = SHOPS.replace("firm.visitors > 3", "firm.visitors > 3 && firm.visitors < 2");
    let folder = Folder::new()
        .with("shops.rhai", &never)
        .with("roles.rhai", "role(\"boss\", #{ en: \"Boss\", zh: \"负责人\" });\n");
    let root = std::fs::canonicalize(folder.path("shops.rhai")).unwrap().parent().unwrap().display().to_string();
    let uri = format!("file://{root}/shops.rhai");
    let (mut session, _) = Session::start(&["--no-standard"], Some(&format!("file://{root}")), &[]);
    opened(&mut session, &uri, &never);
    let found = loop {
        let diagnostics = session.diagnostics(&uri);
        if let Some(first) = diagnostics.first() {
            break first.clone();
        }
    };
    assert_eq!(found["code"], "W101");
    assert!(found["message"].as_str().unwrap().starts_with("no firm can meet the condition of `SH-1`"), "{found}");
    // What is mended is no longer said, whether it is saved or not.
    let all = json!([{ "text": SHOPS }]);
    changed(&mut session, &uri, all);
    assert_eq!(session.diagnostics(&uri), Vec::<Value>::new());
    session.end();
}
