//! Answers of the language server, in the types of the protocol.

use std::collections::HashMap;

use lsp_server::ErrorCode;
use lsp_types::request::{
    Completion as Complete, DocumentSymbolRequest, GotoDefinition, HoverRequest, PrepareRenameRequest, References,
    Rename, Request,
};
use lsp_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, DocumentSymbol, Documentation, Hover, HoverContents,
    Location, MarkupContent, MarkupKind, PrepareRenameResponse, SymbolKind, TextDocumentPositionParams, TextEdit, Uri,
    WorkspaceEdit,
};
use risktier::Lang;
use risktier::assist::{Completion, Kind, Outlined, Span};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::folder::Folder;

type Answer = Result<Value, (ErrorCode, String)>;

/// The answer to a request; none where the method is not served.
pub fn answer(folder: &Folder, method: &str, params: Value, lang: Lang) -> Option<Answer> {
    Some(match method {
        HoverRequest::METHOD => read::<HoverRequest>(params).and_then(|params| {
            let at = place(folder, &params.text_document_position_params);
            give(at.and_then(|(script, offset)| hover(folder, &script, offset, lang)))
        }),
        Complete::METHOD => read::<Complete>(params).and_then(|params| {
            let at = place(folder, &params.text_document_position);
            let found = at.map(|(script, offset)| folder.assist.completions(&script, offset)).unwrap_or_default();
            let items = found.iter().enumerate().map(|(at, one)| completion(folder, at, one, lang));
            give(items.collect::<Vec<_>>())
        }),
        GotoDefinition::METHOD => read::<GotoDefinition>(params).and_then(|params| {
            let at = place(folder, &params.text_document_position_params);
            let spans = at.map(|(script, offset)| folder.assist.definition(&script, offset)).unwrap_or_default();
            give(locations(folder, &spans))
        }),
        References::METHOD => read::<References>(params).and_then(|params| {
            let declaration = params.context.include_declaration;
            let at = place(folder, &params.text_document_position);
            let spans = at.map(|(script, offset)| folder.assist.references(&script, offset, declaration));
            give(locations(folder, &spans.unwrap_or_default()))
        }),
        PrepareRenameRequest::METHOD => read::<PrepareRenameRequest>(params).and_then(|params| {
            let Some((script, offset)) = place(folder, &params) else { return give(()) };
            match folder.assist.renamable(&script, offset) {
                Ok((span, placeholder)) => {
                    give(PrepareRenameResponse::RangeWithPlaceholder { range: folder.range(&span), placeholder })
                }
                Err(_) => give(()),
            }
        }),
        Rename::METHOD => read::<Rename>(params).and_then(|params| {
            let Some((script, offset)) = place(folder, &params.text_document_position) else { return give(()) };
            rename(folder, &script, offset, &params.new_name)
        }),
        DocumentSymbolRequest::METHOD => read::<DocumentSymbolRequest>(params).and_then(|params| {
            let script = folder.script(&params.text_document.uri);
            let symbols = script.map(|script| folder.assist.symbols(&script)).unwrap_or_default();
            give(symbols.iter().map(|one| symbol(folder, one, lang)).collect::<Vec<_>>())
        }),
        _ => return None,
    })
}

fn read<R: Request>(params: Value) -> Result<R::Params, (ErrorCode, String)>
where
    R::Params: DeserializeOwned,
{
    let wrong = |error| (ErrorCode::InvalidParams, format!("`{}`: {error}; expected its parameters", R::METHOD));
    serde_json::from_value(params).map_err(wrong)
}

fn give(value: impl serde::Serialize) -> Answer {
    serde_json::to_value(value).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

fn place(folder: &Folder, at: &TextDocumentPositionParams) -> Option<(String, usize)> {
    let script = folder.script(&at.text_document.uri)?;
    let offset = folder.offset(&script, at.position)?;
    Some((script, offset))
}

fn markdown(value: &str) -> MarkupContent {
    MarkupContent { kind: MarkupKind::Markdown, value: value.to_owned() }
}

fn hover(folder: &Folder, script: &str, offset: usize, lang: Lang) -> Option<Hover> {
    let hover = folder.assist.hover(script, offset)?;
    let contents = HoverContents::Markup(markdown(hover.text.get(lang)));
    Some(Hover { contents, range: Some(folder.range(&hover.span)) })
}

fn completion(folder: &Folder, at: usize, one: &Completion, lang: Lang) -> CompletionItem {
    let kind = match one.kind {
        Kind::Fact | Kind::Measure | Kind::List | Kind::Field => CompletionItemKind::FIELD,
        Kind::Function => CompletionItemKind::FUNCTION,
        Kind::Word => CompletionItemKind::KEYWORD,
        Kind::Key => CompletionItemKind::PROPERTY,
        Kind::Variable => CompletionItemKind::VARIABLE,
        Kind::Value => CompletionItemKind::VALUE,
        _ => CompletionItemKind::REFERENCE,
    };
    let both = |label: &risktier::Label| match lang {
        Lang::En => format!("{}\n\n{}", label.en, label.zh),
        Lang::Zh => format!("{}\n\n{}", label.zh, label.en),
    };
    let documentation = one.documentation.as_ref().map(both);
    let edit = TextEdit { range: folder.range(&one.span), new_text: one.label.clone() };
    CompletionItem {
        label: one.label.clone(),
        kind: Some(kind),
        detail: Some(one.detail.clone()).filter(|detail| !detail.is_empty()),
        documentation: documentation.map(|text| Documentation::MarkupContent(markdown(&text))),
        sort_text: Some(format!("{at:05}")),
        text_edit: Some(CompletionTextEdit::Edit(edit)),
        ..CompletionItem::default()
    }
}

/// Those with a file: the standard book is inside the program.
fn locations(folder: &Folder, spans: &[Span]) -> Vec<Location> {
    let location = |span: &Span| Some(Location { uri: folder.uri(&span.script)?, range: folder.range(span) });
    spans.iter().filter_map(location).collect()
}

fn rename(folder: &Folder, script: &str, offset: usize, name: &str) -> Answer {
    let refused = |message: String| (ErrorCode::RequestFailed, message);
    let edits = folder.assist.rename(script, offset, name).map_err(|error| refused(error.to_string()))?;
    #[expect(clippy::mutable_key_type, reason = "the protocol's own type; its hash is that of its text")]
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for edit in edits {
        let Some(uri) = folder.uri(&edit.span.script) else {
            let script = &edit.span.script;
            return Err(refused(format!(
                "`{script}` of the standard book names it too; expected a name that this folder alone uses"
            )));
        };
        changes.entry(uri).or_default().push(TextEdit { range: folder.range(&edit.span), new_text: edit.text });
    }
    give(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}

fn symbol(folder: &Folder, one: &Outlined, lang: Lang) -> DocumentSymbol {
    let kind = match one.kind {
        Kind::Sector | Kind::Part => SymbolKind::MODULE,
        Kind::List => SymbolKind::ARRAY,
        Kind::Fact | Kind::Field | Kind::Measure => SymbolKind::FIELD,
        Kind::Rule => SymbolKind::EVENT,
        Kind::Parameter => SymbolKind::CONSTANT,
        _ => SymbolKind::OBJECT,
    };
    let range = folder.range(&one.span);
    #[expect(deprecated, reason = "a field of the type that must be given")]
    DocumentSymbol {
        name: one.name.clone(),
        detail: one.label.as_ref().map(|label| label.get(lang).to_owned()),
        kind,
        tags: None,
        deprecated: None,
        range,
        selection_range: range,
        children: None,
    }
}
