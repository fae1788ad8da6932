//! The lines under a finding: where it is, what would happen, what to write.
//!
//! They are what `annotate-snippets` would write, and written here since they are most of a long report: it takes them
//! through a buffer of single characters with a style each, which was a tenth of all that `check` did.

/// How the lines look.
#[derive(Clone, Copy, Debug)]
pub(super) struct Footer {
    /// Behind the numbers of the lines: `|`.
    bar: &'static str,
    /// Before a name: `= `.
    equals: &'static str,
    /// Around a name.
    name: [&'static str; 2],
}

impl Footer {
    /// For a terminal with colors, or for anything else.
    pub(super) const fn new(color: bool) -> Self {
        match color {
            true => Self {
                bar: "\x1b[1m\x1b[94m|\x1b[0m",
                equals: "\x1b[1m\x1b[94m= \x1b[0m",
                name: ["\x1b[1m", "\x1b[0m"],
            },
            false => Self { bar: "|", equals: "= ", name: ["", ""] },
        }
    }

    /// Adds lines, each with a name and a text of one line, below what is shown of that line of a file.
    pub(super) fn write(&self, out: &mut String, line: usize, notes: &[(&str, &str)]) {
        let indent = line.checked_ilog10().map_or(1, |digits| digits as usize + 1) + 1;
        out.extend(std::iter::repeat_n(' ', indent));
        out.push_str(self.bar);
        let [before, behind] = self.name;
        for (name, text) in notes {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', indent));
            out.extend([self.equals, before, name, behind, ": ", text]);
        }
    }
}

#[cfg(test)]
mod tests {
    use annotate_snippets::renderer::DecorStyle;
    use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

    use super::*;

    const NOTES: [(&str, &str); 3] = [("in", "Pod order, spec"), ("note", "é \u{1f3b5} `x`"), ("help", "")];

    fn by_the_library(renderer: &Renderer, line: usize, notes: &[(&str, &str)]) -> String {
        let snippet = Snippet::source("a: 1").line_start(line).annotation(AnnotationKind::Primary.span(0..1));
        let mut group = Group::with_title(Level::ERROR.primary_title("title")).element(snippet.path("f.yaml"));
        for (name, text) in notes {
            group = group.element(Level::INFO.with_name(*name).message(*text));
        }
        renderer.clone().decor_style(DecorStyle::Ascii).render(&[group])
    }

    #[test]
    fn the_lines_are_those_of_the_library_in_colors_and_without() {
        for (color, renderer) in [(true, Renderer::styled()), (false, Renderer::plain())] {
            for line in [1, 9, 10, 99, 100, 12_345] {
                let mut ours = by_the_library(&renderer, line, &[]);
                ours.push('\n');
                Footer::new(color).write(&mut ours, line, &NOTES);
                assert_eq!(ours, by_the_library(&renderer, line, &NOTES), "line {line}, color: {color}");
            }
        }
    }
}
