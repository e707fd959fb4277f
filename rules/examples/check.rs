//! Loads the standard book and prints what is wrong with it, or what is in it.
#![allow(clippy::print_stdout, missing_docs)]
fn main() {
    match risktier_rules::try_book() {
        Err(error) => println!("{error}"),
        Ok(book) => {
            for w in book.warnings() { println!("{w}"); }
            println!("{} sectors, {} rules, {} facts", book.sectors().len(), book.rules().len(), book.facts().len());
        }
    }
}
