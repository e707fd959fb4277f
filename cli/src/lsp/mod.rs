//! `risktier lsp`: what [`risktier::assist`] knows of rule scripts, for an editor that speaks the Language Server Protocol.

mod answer;
mod folder;

use std::time::Duration;

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, Response};
use lsp_types::notification::{
    DidChangeTextDocument, DidChangeWatchedFiles, DidCloseTextDocument, DidOpenTextDocument, DidSaveTextDocument,
    Notification as _, PublishDiagnostics,
};
use lsp_types::{
    CompletionOptions, HoverProviderCapability, InitializeParams, InitializeResult, OneOf, PositionEncodingKind,
    RenameOptions, ServerCapabilities, ServerInfo, TextDocumentSyncCapability, TextDocumentSyncKind,
    TextDocumentSyncOptions, TextDocumentSyncSaveOptions,
};
use risktier::Lang;
use risktier::assist::Unit;

use crate::Outcome;
use crate::args::LspArgs;
use crate::book;
use crate::console::Console;
use crate::error::CliError;
use folder::Folder;

/// So long nothing has come from the editor when the book is analysed.
const QUIET: Duration = Duration::from_millis(700);

fn broken<E: ToString>(error: E) -> CliError {
    CliError::Protocol(error.to_string())
}

pub fn run(args: &LspArgs, console: &Console) -> Result<Outcome, CliError> {
    let (connection, threads) = Connection::stdio();
    serve(&connection, args, console.lang())?;
    drop(connection);
    threads.join().map_err(broken)?;
    Ok(Outcome::Done)
}

fn serve(connection: &Connection, args: &LspArgs, lang: Lang) -> Result<(), CliError> {
    let (id, params) = connection.initialize_start().map_err(broken)?;
    let params: InitializeParams = serde_json::from_value(params).unwrap_or_default();
    let (unit, encoding) = encoding(&params);
    let result = InitializeResult {
        capabilities: capabilities(encoding),
        server_info: Some(ServerInfo { name: "risktier".into(), version: Some(risktier::ENGINE_VERSION.into()) }),
    };
    let result = serde_json::to_value(result).map_err(broken)?;
    connection.initialize_finish(id, result).map_err(broken)?;

    let root = args.book.clone().or_else(|| folder::root(&params));
    let mut folder = Folder::open(root, !args.no_standard, unit)?;
    publish(connection, &mut folder, lang)?;
    // The analysis of a book of forty sectors takes a second: it waits until nobody types.
    let as_of = book::grading_date(None)?;
    loop {
        let wait = if folder.saved { QUIET } else { Duration::MAX };
        let message = match connection.receiver.recv_timeout(wait) {
            Ok(message) => message,
            Err(nothing) if nothing.is_timeout() => {
                folder.analyse(as_of);
                publish(connection, &mut folder, lang)?;
                continue;
            }
            Err(_) => return Ok(()),
        };
        match message {
            Message::Request(request) => {
                if connection.handle_shutdown(&request).map_err(broken)? {
                    return Ok(());
                }
                folder.settle();
                let response = respond(&folder, request, lang);
                connection.sender.send(Message::Response(response)).map_err(broken)?;
            }
            Message::Notification(notification) => notice(&mut folder, notification),
            Message::Response(_) => {}
        }
        // Keys that were struck meanwhile are read first.
        if connection.receiver.is_empty() {
            publish(connection, &mut folder, lang)?;
        }
    }
}

/// How columns are counted: as the client likes best, UTF-16 where it does not say.
fn encoding(params: &InitializeParams) -> (Unit, PositionEncodingKind) {
    let liked = params.capabilities.general.as_ref().and_then(|general| general.position_encodings.clone());
    let known = [
        (PositionEncodingKind::UTF8, Unit::Utf8),
        (PositionEncodingKind::UTF16, Unit::Utf16),
        (PositionEncodingKind::UTF32, Unit::Chars),
    ];
    let find = |kind: PositionEncodingKind| known.iter().find(|(known, _)| *known == kind).cloned();
    let found = liked.unwrap_or_default().into_iter().find_map(find);
    let (encoding, unit) = found.unwrap_or((PositionEncodingKind::UTF16, Unit::Utf16));
    (unit, encoding)
}

fn capabilities(encoding: PositionEncodingKind) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(encoding),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::Supported(true)),
            ..TextDocumentSyncOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some([".", "\"", ":"].map(String::from).to_vec()),
            ..CompletionOptions::default()
        }),
        definition_provider: Some(OneOf::Left(true)),
        references_provider: Some(OneOf::Left(true)),
        document_symbol_provider: Some(OneOf::Left(true)),
        rename_provider: Some(OneOf::Right(RenameOptions {
            prepare_provider: Some(true),
            work_done_progress_options: Default::default(),
        })),
        ..ServerCapabilities::default()
    }
}

/// Tells of every script with a file what is wrong with it; once more with nothing when it is mended.
fn publish(connection: &Connection, folder: &mut Folder, lang: Lang) -> Result<(), CliError> {
    for params in folder.news(lang) {
        let notification = Notification::new(PublishDiagnostics::METHOD.into(), params);
        connection.sender.send(Message::Notification(notification)).map_err(broken)?;
    }
    Ok(())
}

/// What cannot be read is left alone: nobody waits for an answer.
fn notice(folder: &mut Folder, notification: Notification) {
    let params = notification.params;
    match notification.method.as_str() {
        DidOpenTextDocument::METHOD => {
            if let Ok(params) = serde_json::from_value::<lsp_types::DidOpenTextDocumentParams>(params) {
                folder.opened(&params.text_document.uri, params.text_document.text);
            }
        }
        DidChangeTextDocument::METHOD => {
            if let Ok(params) = serde_json::from_value::<lsp_types::DidChangeTextDocumentParams>(params) {
                folder.changed(&params.text_document.uri, params.content_changes);
            }
        }
        DidCloseTextDocument::METHOD => {
            if let Ok(params) = serde_json::from_value::<lsp_types::DidCloseTextDocumentParams>(params) {
                folder.closed(&params.text_document.uri);
            }
        }
        DidSaveTextDocument::METHOD | DidChangeWatchedFiles::METHOD => {
            folder.read_again();
            folder.saved = true;
        }
        _ => {}
    }
}

fn respond(folder: &Folder, request: Request, lang: Lang) -> Response {
    let Request { id, method, params } = request;
    match answer::answer(folder, &method, params, lang) {
        Some(Ok(value)) => Response::new_ok(id, value),
        Some(Err((code, message))) => Response::new_err(id, code as i32, message),
        None => {
            let message = format!("`{method}` is not served; expected what the capabilities name");
            Response::new_err(id, ErrorCode::MethodNotFound as i32, message)
        }
    }
}
