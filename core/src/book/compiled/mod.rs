//! Compiled books: takes a book, gives bytes; takes the bytes, gives the book again, without reading a script.
//!
//! For where start-up counts, or where nobody writes rules: a browser, a function that is started for each call. Such an
//! engine can be built without the feature `scripts`, and is then a third as large.

mod check;
mod codec;
mod model;

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::identity::hash;
use super::{BookData, Document, Overrides, RuleBook};
use crate::expr::Graph;
use crate::expr::graph::{Frame, Node};
use crate::{Date, ENGINE_VERSION, Value};
use codec::{Damaged, Reader, Stored, Taken, Writer};

/// How every compiled book begins, before the length of the version and the version of the engine.
const MAGIC: &[u8] = b"risktier book\n";
const CHECKSUM: usize = 32;

/// A compiled book that cannot be opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompiledBookError {
    /// Not a compiled book.
    #[error("not a compiled rule book; expected the bytes that `RuleBook::to_compiled` gives")]
    Format,
    /// Compiled by another version of the engine, which may lay books out otherwise.
    #[error("the book was compiled by engine {found}; expected {ENGINE_VERSION}: compile it again from its scripts")]
    Engine {
        /// That version.
        found: String,
    },
    /// The bytes are not those that were written.
    #[error(
        "the compiled book is damaged; expected the bytes as `RuleBook::to_compiled` gave them: get an unchanged copy"
    )]
    Damaged,
    /// Scripts that the book was not compiled from.
    #[error("the scripts are not those that the book was compiled from; expected scripts with the hash `{expected}`")]
    OtherSources {
        /// The hash of the book.
        expected: String,
    },
}

impl RuleBook {
    /// This book as bytes that [`RuleBook::from_compiled`] opens: all but the scripts themselves and the warnings. Equal books
    /// give equal bytes.
    pub fn to_compiled(&self) -> Vec<u8> {
        let body = body(&self.data);
        let mut out = Vec::with_capacity(body.len() + 64);
        out.extend_from_slice(MAGIC);
        out.push(ENGINE_VERSION.len() as u8);
        out.extend_from_slice(ENGINE_VERSION.as_bytes());
        out.extend_from_slice(&Sha256::digest(&body));
        out.extend_from_slice(&body);
        out
    }

    /// Opens what [`RuleBook::to_compiled`] gave. Its hash and its grades are those of the book from scripts.
    ///
    /// # Errors
    /// If the bytes are not a compiled book, are damaged, or come from another version of the engine.
    ///
    /// ```
    /// # use risktier::RuleBook;
    /// # let book = RuleBook::from_sources([("a.rhai", r#"sector("a", #{ name: #{ en: "A", zh: "甲" } });"#)]).unwrap();
    /// let copy = RuleBook::from_compiled(&book.to_compiled()).unwrap();
    /// assert_eq!(copy.hash(), book.hash());
    /// ```
    pub fn from_compiled(bytes: &[u8]) -> Result<RuleBook, CompiledBookError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(CompiledBookError::Format)?;
        let (length, rest) = rest.split_first().ok_or(CompiledBookError::Damaged)?;
        let (version, rest) = rest.split_at_checked(usize::from(*length)).ok_or(CompiledBookError::Damaged)?;
        if version != ENGINE_VERSION.as_bytes() {
            return Err(CompiledBookError::Engine { found: String::from_utf8_lossy(version).into_owned() });
        }
        let (checksum, body) = rest.split_at_checked(CHECKSUM).ok_or(CompiledBookError::Damaged)?;
        if checksum != Sha256::digest(body).as_slice() {
            return Err(CompiledBookError::Damaged);
        }
        let data = read(body).map_err(|Damaged| CompiledBookError::Damaged)?;
        Ok(RuleBook { data: Arc::new(data) })
    }

    /// This book with the scripts that it was compiled from, for whoever wants to read them or lay others over them.
    ///
    /// # Errors
    /// If they are not those scripts.
    pub fn with_sources<N: Into<String>, T: Into<Arc<str>>>(
        self,
        sources: impl IntoIterator<Item = (N, T)>,
    ) -> Result<RuleBook, CompiledBookError> {
        let sources = sources.into_iter().map(|(name, text)| (name.into(), text.into())).collect();
        if hash(&sources, &self.data.overrides) != self.data.hash {
            return Err(CompiledBookError::OtherSources { expected: self.hash().to_owned() });
        }
        let mut data = Arc::try_unwrap(self.data).unwrap_or_else(|shared| BookData::clone(&shared));
        data.sources = sources;
        Ok(RuleBook { data: Arc::new(data) })
    }
}

fn body(book: &BookData) -> Vec<u8> {
    let mut to = Writer::with_documents(&book.documents);
    book.hash.put(&mut to);
    let overrides = book.overrides.iter().map(|(name, values)| (Arc::from(name.as_str()), values.clone()));
    overrides.collect::<Vec<(Arc<str>, Vec<(Date, Value)>)>>().put(&mut to);
    let documents: Vec<Document> = book.documents.iter().map(|document| (**document).clone()).collect();
    documents.put(&mut to);
    book.roles.put(&mut to);
    book.key_fields.put(&mut to);
    book.facts.put(&mut to);
    book.lists.put(&mut to);
    book.measures.put(&mut to);
    book.parameters.put(&mut to);
    book.tables.put(&mut to);
    book.items.put(&mut to);
    book.issued_lists.put(&mut to);
    book.rules.put(&mut to);
    book.sectors.put(&mut to);
    book.parts.put(&mut to);
    book.graph.frames().to_vec().put(&mut to);
    book.graph.nodes().to_vec().put(&mut to);
    let mut sites: Vec<_> = book.first_sites.iter().map(|(node, site)| (*node, site.clone())).collect();
    sites.sort_unstable_by_key(|(node, _)| *node);
    sites.put(&mut to);
    to.finish()
}

fn read(body: &[u8]) -> Taken<BookData> {
    let from = &mut Reader::new(body)?;
    let hash = Stored::take(from)?;
    let overrides = Vec::<(Arc<str>, Vec<(Date, Value)>)>::take(from)?;
    let overrides: Overrides = overrides.into_iter().map(|(name, values)| (name.to_string(), values)).collect();
    let documents: Vec<_> = Vec::<Document>::take(from)?.into_iter().map(Arc::new).collect();
    from.with_documents(&documents);
    let book = BookData {
        sources: Default::default(),
        overrides,
        hash,
        #[cfg(feature = "scripts")]
        warnings: Vec::new(),
        documents,
        roles: Stored::take(from)?,
        key_fields: Stored::take(from)?,
        facts: Stored::take(from)?,
        lists: Stored::take(from)?,
        measures: Stored::take(from)?,
        parameters: Stored::take(from)?,
        tables: Stored::take(from)?,
        items: Stored::take(from)?,
        issued_lists: Stored::take(from)?,
        rules: Stored::take(from)?,
        sectors: Stored::take(from)?,
        parts: Stored::take(from)?,
        graph: {
            let frames: Vec<Frame> = Stored::take(from)?;
            let nodes: Vec<Node> = Stored::take(from)?;
            Graph::of_parts(nodes, frames)
        },
        first_sites: Vec::take(from)?.into_iter().collect::<HashMap<_, _>>(),
    };
    if !from.is_at_end() {
        return Err(Damaged);
    }
    check::check(&book)?;
    Ok(book)
}
