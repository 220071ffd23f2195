//! Lines of a page: how long they are, and how they look.

/// How wide a page is, in characters: what every terminal has.
pub(super) const WIDTH: usize = 80;

/// Escape sequences of the one kind of terminal that there is left.
#[derive(Clone, Copy)]
pub(super) enum Style {
    Bold,
    Dim,
    Green,
    Red,
    Plain,
}

/// A page as it grows.
pub(super) struct Out {
    /// Its lines.
    pub(super) text: String,
    /// Whether colour is shown.
    pub(super) colour: bool,
}

impl Out {
    /// A line as it is.
    pub(super) fn line(&mut self, text: &str) {
        self.styled(Style::Plain, text);
    }

    /// A line in one style. Nothing of a spec gets past here that a terminal obeys.
    pub(super) fn styled(&mut self, style: Style, text: &str) {
        let painted = self.paint(style, text.trim_end());
        self.text.push_str(&painted);
        self.text.push('\n');
    }

    /// A text in one style.
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        let text = crate::explain::shown(text);
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Green => "32",
            Style::Red => "1;31",
            Style::Plain => return text,
        };
        if self.colour { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text }
    }

    /// A paragraph that begins at `indent`.
    pub(super) fn paragraph(&mut self, style: Style, indent: usize, text: &str) {
        for line in wrap(text, WIDTH - indent) {
            self.styled(style, &format!("{:indent$}{line}", ""));
        }
    }

    /// A paragraph that begins at `indent` with `first`, and goes on at `hang`.
    pub(super) fn hanging(
        &mut self,
        style: Style,
        indent: usize,
        hang: usize,
        first: &str,
        text: &str,
    ) {
        for (index, line) in wrap(text, WIDTH - hang).iter().enumerate() {
            let begin = if index == 0 { format!("{:indent$}{first}", "") } else { String::new() };
            self.styled(style, &format!("{begin:hang$}{line}"));
        }
    }

    /// An empty line, and a heading.
    pub(super) fn title(&mut self, text: &str) {
        self.line("");
        self.paragraph(Style::Bold, 0, text);
    }
}

/// The words of a text in lines of at most `width`, where no word is longer.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            Some(_) | None => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_cut() {
        assert_eq!(wrap("a bb ccc", 4), ["a bb", "ccc"]);
        assert_eq!(wrap("longer-than-that b", 4), ["longer-than-that", "b"]);
    }
}
