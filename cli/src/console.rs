//! What goes to the terminal: results to standard output, warnings and errors to standard error.

use std::fmt::Display;
use std::io::{self, Write};

use anstream::AutoStream;
use anstyle::{AnsiColor, Color, Style};
use risktier::{Lang, Tier};

use crate::error::CliError;
use crate::words::say;

/// Bold, for headings.
pub const HEADING: Style = Style::new().bold();
/// Faint, for what only some readers need.
pub const FAINT: Style = Style::new().dimmed();

/// The terminal, in a language. Colours are left out where the output is no terminal.
pub struct Console {
    lang: Lang,
    out: AutoStream<io::Stdout>,
    err: AutoStream<io::Stderr>,
}

impl Console {
    pub fn new(lang: Lang) -> Console {
        Console { lang, out: anstream::stdout(), err: anstream::stderr() }
    }

    pub fn lang(&self) -> Lang {
        self.lang
    }

    /// One line of the result.
    pub fn line(&mut self, line: impl Display) -> Result<(), CliError> {
        writeln!(self.out, "{line}").map_err(CliError::Output)
    }

    /// Something that somebody should look at. Never stops the work: where standard error is closed, nobody reads it.
    pub fn warning(&mut self, message: impl Display) {
        let style = AnsiColor::Yellow.on_default().bold();
        let word = say(self.lang, "warning", "警告");
        let _ = writeln!(self.err, "{style}{word}{style:#}: {message}");
    }

    pub fn error(&mut self, error: &CliError) {
        let style = AnsiColor::Red.on_default().bold();
        let word = say(self.lang, "error", "错误");
        let _ = writeln!(self.err, "{style}{word}{style:#}: {}", error.message(self.lang));
    }
}

/// The colour of a tier. It always stands beside the word.
pub fn tier_style(tier: Tier) -> Style {
    let color = match tier {
        Tier::Blue => Color::Ansi(AnsiColor::Blue),
        Tier::Yellow => Color::Ansi(AnsiColor::Yellow),
        // The sixteen colours have no orange.
        Tier::Orange => Color::Ansi256(anstyle::Ansi256Color(208)),
        Tier::Red => Color::Ansi(AnsiColor::Red),
    };
    Style::new().fg_color(Some(color)).bold()
}

/// The word for a tier, in its colour.
pub fn tier_word(tier: Tier, lang: Lang) -> String {
    let style = tier_style(tier);
    format!("{style}{}{style:#}", tier.name(lang))
}

/// The same line with the words of the tiers in their colours. What it looks like is otherwise unchanged.
pub fn paint_tiers(line: &str, lang: Lang) -> String {
    Tier::ALL.iter().fold(line.to_owned(), |line, tier| line.replace(tier.name(lang), &tier_word(*tier, lang)))
}
