//! Writes data to stdout while no screen is open. All data goes through [`Output`]: a pipe or a file gets the exact bytes, and a terminal
//! gets each line as [`Printable`], so that no byte acts on it.

use crate::commands::failure::Failure;
use crate::core::printable::Printable;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};

/// stdout, with what it needs to know of a terminal.
pub struct Output<W: Write = BufWriter<Stdout>> {
    out: W,
    is_terminal: bool,
    /// The unfinished line; always empty unless this is a terminal.
    begun: Vec<u8>,
    is_changed: bool,
}

impl Output {
    pub fn stdout() -> Self {
        Self::new(BufWriter::new(io::stdout()), io::stdout().is_terminal())
    }
}

impl<W: Write> Output<W> {
    fn new(out: W, is_terminal: bool) -> Self {
        Self { out, is_terminal, begun: Vec::new(), is_changed: false }
    }

    /// Whether the terminal shows something else than the bytes, such as spaces for a tab.
    pub(crate) fn is_changed(&self) -> bool {
        self.is_changed
    }

    /// Writes what is left. On a terminal it also ends the last line.
    ///
    /// # Errors
    /// When stdout cannot be written; see [`checked`].
    pub fn finish(&mut self) -> io::Result<()> {
        if !self.begun.is_empty() {
            self.end_line()?;
        }
        self.out.flush()
    }

    fn end_line(&mut self) -> io::Result<()> {
        let shown = Printable::from_bytes(&self.begun);
        self.is_changed |= shown.as_bytes() != self.begun;
        self.begun.clear();
        writeln!(self.out, "{shown}")
    }
}

impl<W: Write> Write for Output<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if !self.is_terminal {
            return self.out.write(bytes);
        }
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(end) => {
                    self.begun.extend_from_slice(end);
                    self.end_line()?;
                }
                None => self.begun.extend_from_slice(line),
            }
        }
        Ok(bytes.len())
    }

    /// Writes the complete lines. An unfinished line waits, because its next byte may change how its last one is shown.
    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The result of writing to stdout. A closed pipe is not an error: the reader wants no more.
///
/// # Errors
/// When stdout cannot be written for any other reason.
pub(crate) fn checked(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new("cannot write to stdout", error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: &[u8] = b"a\x1b]52;c;b3duZWQ=\x07\nb\xc2\x9b31m\xff\x7f\xe2\x80\xae\r\nc";

    fn written(is_terminal: bool, pieces: &[&[u8]]) -> (Vec<u8>, bool) {
        let mut output = Output::new(Vec::new(), is_terminal);
        pieces.iter().for_each(|piece| output.write_all(piece).unwrap());
        output.finish().unwrap();
        (output.out, output.is_changed)
    }

    #[test]
    fn a_pipe_gets_the_exact_bytes() {
        assert_eq!(written(false, &[HOSTILE]), (HOSTILE.to_vec(), false));
    }

    #[test]
    fn a_terminal_gets_lines_without_control_characters() {
        let expected = "a␛]52;c;b3duZWQ=␇\nb<U+009B>31m<FF>␡<U+202E>␍\nc\n";
        assert_eq!(written(true, &[HOSTILE]), (expected.as_bytes().to_vec(), true));
        assert_eq!(written(true, &[b"{\"a\":1}\n".as_slice()]), (b"{\"a\":1}\n".to_vec(), false));
        assert_eq!(written(true, &[]), (Vec::new(), false));
    }

    #[test]
    fn a_character_in_two_writes_is_shown_as_one() {
        for at in 0..HOSTILE.len() {
            let (begin, end) = HOSTILE.split_at(at);
            assert_eq!(written(true, &[begin, end]), written(true, &[HOSTILE]), "cut at {at}");
        }
    }

    #[test]
    fn only_a_closed_pipe_is_not_an_error() {
        assert!(checked(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        let failure = checked(Err(io::ErrorKind::StorageFull.into())).unwrap_err().to_string();
        assert!(failure.starts_with("hookglass: cannot write to stdout: "), "{failure}");
    }
}
