//! How values lie in a compiled book: numbers in as few bytes as they need, each text once.

use std::collections::HashMap;
use std::sync::Arc;

use crate::book::Document;
use crate::{Date, Points};

/// The bytes are not those of a compiled book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Damaged;

pub(super) type Taken<T> = Result<T, Damaged>;

/// A value that can be put into a compiled book, and taken out again.
pub(super) trait Stored: Sized {
    fn put(&self, to: &mut Writer);
    fn take(from: &mut Reader<'_>) -> Taken<Self>;

    /// Many of them, one after the other; records lie field by field.
    fn put_all(values: &[Self], to: &mut Writer) {
        values.iter().for_each(|value| value.put(to));
    }

    fn take_all(count: usize, from: &mut Reader<'_>) -> Taken<Vec<Self>> {
        each(count, from)
    }
}

/// One after the other. A loop, and one for each type: iterators would be many times the code in a browser.
pub(super) fn each<T: Stored>(count: usize, from: &mut Reader<'_>) -> Taken<Vec<T>> {
    let mut all = Vec::with_capacity(count);
    for _ in 0..count {
        all.push(T::take(from)?);
    }
    Ok(all)
}

/// Texts of one kind. Those alike lie side by side: a compressor finds more in them so.
#[derive(Default)]
struct Pool {
    texts: Vec<Arc<str>>,
    index: HashMap<Arc<str>, usize>,
}

/// Plain ASCII, and all others: English, names and conditions; Chinese.
const POOLS: usize = 2;

/// Numbers of one kind lie side by side too.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    Plain,
    /// Which text.
    Text,
    /// Nodes of the graph.
    Node,
    /// Places in scripts.
    Place,
}

const STREAMS: usize = 4;

/// What ends a text, and what stands before it, and before itself, inside of one.
const END: char = '\0';
const ESCAPE: char = '\u{1}';
const ESCAPED_END: char = '\u{2}';

/// What the last number of its kind was: the next is stored as the difference, which is small.
#[derive(Debug, Default)]
pub(super) struct Last {
    pub(super) node: i64,
    pub(super) line: i64,
    pub(super) script: Option<Arc<str>>,
}

#[derive(Default)]
pub(super) struct Writer {
    streams: [Vec<u8>; STREAMS],
    pools: [Pool; POOLS],
    documents: HashMap<Arc<str>, usize>,
    pub(super) last: Last,
}

fn push(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// The sign in the last bit: small negative numbers stay short.
fn signed(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn unsigned(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

impl Writer {
    pub(super) fn with_documents(documents: &[Arc<Document>]) -> Writer {
        let documents = documents.iter().enumerate().map(|(at, document)| (Arc::clone(&document.id), at));
        Writer { documents: documents.collect(), ..Writer::default() }
    }

    pub(super) fn number(&mut self, stream: Stream, value: u64) {
        if let Some(out) = self.streams.get_mut(stream as usize) {
            push(out, value);
        }
    }

    pub(super) fn signed(&mut self, stream: Stream, value: i64) {
        self.number(stream, signed(value));
    }

    /// The texts, then the streams, each after its length.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut part = |bytes: &[u8]| {
            push(&mut out, bytes.len() as u64);
            out.extend_from_slice(bytes);
        };
        for pool in &self.pools {
            let mut all = String::new();
            for text in &pool.texts {
                for c in text.chars() {
                    match c {
                        END => all.extend([ESCAPE, ESCAPED_END]),
                        ESCAPE => all.extend([ESCAPE, ESCAPE]),
                        other => all.push(other),
                    }
                }
                all.push(END);
            }
            part(all.as_bytes());
        }
        self.streams.iter().for_each(|stream| part(stream));
        out
    }
}

pub(super) struct Reader<'a> {
    streams: [&'a [u8]; STREAMS],
    pools: [Texts; POOLS],
    documents: Vec<Arc<Document>>,
    pub(super) last: Last,
}

#[derive(Default)]
struct Texts {
    all: Vec<Arc<str>>,
    /// How many of them have been named.
    seen: usize,
}

impl Texts {
    fn read(bytes: &[u8]) -> Taken<Texts> {
        let text = std::str::from_utf8(bytes).map_err(|_| Damaged)?;
        let Some(text) = text.strip_suffix(END) else {
            return if text.is_empty() { Ok(Texts::default()) } else { Err(Damaged) };
        };
        let plain = |text: &str| -> Taken<Arc<str>> {
            if !text.contains(ESCAPE) {
                return Ok(text.into());
            }
            let mut out = String::with_capacity(text.len());
            let mut chars = text.chars();
            while let Some(c) = chars.next() {
                out.push(match (c, c == ESCAPE) {
                    (c, false) => c,
                    (_, true) => match chars.next() {
                        Some(ESCAPED_END) => END,
                        Some(ESCAPE) => ESCAPE,
                        _ => return Err(Damaged),
                    },
                });
            }
            Ok(out.into())
        };
        Ok(Texts { all: text.split(END).map(plain).collect::<Taken<_>>()?, seen: 0 })
    }
}

fn taken<'a>(from: &mut &'a [u8], length: usize) -> Taken<&'a [u8]> {
    let (taken, rest) = from.split_at_checked(length).ok_or(Damaged)?;
    *from = rest;
    Ok(taken)
}

fn pulled(from: &mut &[u8]) -> Taken<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let [byte] = taken(from, 1)? else { return Err(Damaged) };
        let part = u64::from(byte & 0x7f);
        if (part << shift) >> shift != part {
            return Err(Damaged);
        }
        value |= part << shift;
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(Damaged)
}

impl<'a> Reader<'a> {
    pub(super) fn new(mut bytes: &'a [u8]) -> Taken<Reader<'a>> {
        let mut part = || -> Taken<&'a [u8]> {
            let length = pulled(&mut bytes)?;
            taken(&mut bytes, usize::try_from(length).map_err(|_| Damaged)?)
        };
        let pools = [Texts::read(part()?)?, Texts::read(part()?)?];
        let streams = [part()?, part()?, part()?, part()?];
        if !bytes.is_empty() {
            return Err(Damaged);
        }
        Ok(Reader { streams, pools, documents: Vec::new(), last: Last::default() })
    }

    /// What citations refer to.
    pub(super) fn with_documents(&mut self, documents: &[Arc<Document>]) {
        self.documents = documents.to_vec();
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.streams.iter().all(|stream| stream.is_empty())
    }

    pub(super) fn number(&mut self, stream: Stream) -> Taken<u64> {
        pulled(self.streams.get_mut(stream as usize).ok_or(Damaged)?)
    }

    pub(super) fn signed(&mut self, stream: Stream) -> Taken<i64> {
        Ok(unsigned(self.number(stream)?))
    }

    fn plain(&mut self) -> Taken<&mut &'a [u8]> {
        self.streams.get_mut(Stream::Plain as usize).ok_or(Damaged)
    }
}

macro_rules! stored_unsigned {
    ($($ty:ty),*) => {
        $(impl Stored for $ty {
            fn put(&self, to: &mut Writer) {
                to.number(Stream::Plain, *self as u64);
            }

            fn take(from: &mut Reader<'_>) -> Taken<$ty> {
                <$ty>::try_from(from.number(Stream::Plain)?).map_err(|_| Damaged)
            }
        })*
    };
}

stored_unsigned!(u8, u32, u64, usize);

impl Stored for bool {
    fn put(&self, to: &mut Writer) {
        to.number(Stream::Plain, u64::from(*self));
    }

    fn take(from: &mut Reader<'_>) -> Taken<bool> {
        match from.number(Stream::Plain)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Damaged),
        }
    }
}

impl Stored for i64 {
    fn put(&self, to: &mut Writer) {
        to.signed(Stream::Plain, *self);
    }

    fn take(from: &mut Reader<'_>) -> Taken<i64> {
        from.signed(Stream::Plain)
    }
}

impl Stored for f64 {
    fn put(&self, to: &mut Writer) {
        if let Some(plain) = to.streams.first_mut() {
            plain.extend_from_slice(&self.to_le_bytes());
        }
    }

    fn take(from: &mut Reader<'_>) -> Taken<f64> {
        let bytes = taken(from.plain()?, 8)?.try_into().map_err(|_| Damaged)?;
        Ok(f64::from_le_bytes(bytes))
    }
}

/// By how many texts of its kind ago it was first named; 0 for one that is new.
impl Stored for Arc<str> {
    fn put(&self, to: &mut Writer) {
        let kind = usize::from(!self.is_ascii());
        let Some(pool) = to.pools.get_mut(kind) else { return };
        let next = pool.texts.len();
        let ago = match pool.index.get(self) {
            Some(at) => next - at,
            None => {
                pool.index.insert(Arc::clone(self), next);
                pool.texts.push(Arc::clone(self));
                0
            }
        };
        to.number(Stream::Text, (ago as u64) << 1 | kind as u64);
    }

    fn take(from: &mut Reader<'_>) -> Taken<Arc<str>> {
        let code = from.number(Stream::Text)?;
        let pool = from.pools.get_mut((code & 1) as usize).ok_or(Damaged)?;
        let ago = usize::try_from(code >> 1).map_err(|_| Damaged)?;
        let at = pool.seen.checked_sub(ago).ok_or(Damaged)?;
        pool.seen += usize::from(ago == 0);
        pool.all.get(at).cloned().ok_or(Damaged)
    }
}

/// A document that is cited: by its place among the documents, so that it stays one.
impl Stored for Arc<Document> {
    fn put(&self, to: &mut Writer) {
        let at = to.documents.get(&self.id).copied().unwrap_or(usize::MAX);
        at.put(to);
    }

    fn take(from: &mut Reader<'_>) -> Taken<Arc<Document>> {
        let at = usize::take(from)?;
        from.documents.get(at).cloned().ok_or(Damaged)
    }
}

impl Stored for Date {
    fn put(&self, to: &mut Writer) {
        i64::from(self.days()).put(to);
    }

    fn take(from: &mut Reader<'_>) -> Taken<Date> {
        Date::from_days(i64::take(from)?).ok_or(Damaged)
    }
}

impl Stored for Points {
    fn put(&self, to: &mut Writer) {
        self.thousandths().put(to);
    }

    fn take(from: &mut Reader<'_>) -> Taken<Points> {
        let points = Points::from_thousandths(i64::take(from)?);
        let inside = points <= Points::MAX && points.thousandths() >= -Points::MAX.thousandths();
        inside.then_some(points).ok_or(Damaged)
    }
}

impl<T: Stored> Stored for Option<T> {
    fn put(&self, to: &mut Writer) {
        self.is_some().put(to);
        if let Some(value) = self {
            value.put(to);
        }
    }

    fn take(from: &mut Reader<'_>) -> Taken<Option<T>> {
        if bool::take(from)? { Ok(Some(T::take(from)?)) } else { Ok(None) }
    }
}

impl<T: Stored> Stored for Vec<T> {
    fn put(&self, to: &mut Writer) {
        self.len().put(to);
        T::put_all(self, to);
    }

    fn take(from: &mut Reader<'_>) -> Taken<Vec<T>> {
        let length = usize::take(from)?;
        // Every value takes a byte at least, somewhere: a length that is a lie does not become memory.
        if length > from.streams.iter().map(|stream| stream.len()).sum() {
            return Err(Damaged);
        }
        T::take_all(length, from)
    }
}

impl<T: Stored> Stored for Box<[T]> {
    fn put(&self, to: &mut Writer) {
        self.len().put(to);
        T::put_all(self, to);
    }

    fn take(from: &mut Reader<'_>) -> Taken<Box<[T]>> {
        Ok(Vec::take(from)?.into())
    }
}

impl<T: Stored, const N: usize> Stored for [T; N] {
    fn put(&self, to: &mut Writer) {
        self.iter().for_each(|value| value.put(to));
    }

    fn take(from: &mut Reader<'_>) -> Taken<[T; N]> {
        each(N, from)?.try_into().map_err(|_| Damaged)
    }
}

impl<A: Stored, B: Stored> Stored for (A, B) {
    fn put(&self, to: &mut Writer) {
        self.0.put(to);
        self.1.put(to);
    }

    fn take(from: &mut Reader<'_>) -> Taken<(A, B)> {
        Ok((A::take(from)?, B::take(from)?))
    }
}
