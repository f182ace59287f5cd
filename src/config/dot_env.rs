//! `.env` in the folder where hookglass starts. It often belongs to the app, so nothing that is wrong with it stops hookglass.

use super::reading::{self, Contents, MAX_TEXT, ReadError, Source};
use super::trust;
use super::{Notice, SECRET_VARIABLE};
use std::io;
use std::path::Path;

/// A value may refer to earlier ones, twice over each time; one longer than this many bytes is no setting.
const MAX_VALUE: usize = 64 * 1024;

/// The variables of the file at `path`, in their order, and what is to be told of it; none where there is no file.
pub(super) fn read(path: &Path) -> (Vec<(String, String)>, Vec<Notice>) {
    match reading::read(path, Source::File, MAX_TEXT) {
        Ok(Contents { bytes, metadata }) => {
            let (variables, why) = variables(&bytes);
            let unread = why.map(|why| Notice {
                text: format!("{why} `{}` is not understood and was left out", path.display()),
                hint: "mend the file and start again".to_owned(),
            });
            (variables, unread.into_iter().chain(trust::notice(path, &metadata)).collect())
        }
        Err(ReadError::Io(error)) if error.kind() == io::ErrorKind::NotFound && !path.is_symlink() => {
            Default::default()
        }
        Err(error) => {
            let text = format!("cannot read `{}`: {error}", path.display());
            let hint = format!("start without it, or give `{SECRET_VARIABLE}` in the environment");
            (Vec::new(), vec![Notice { text, hint }])
        }
    }
}

/// The variables in `bytes`, and what was left out. An error's own text would show the line, which may hold a secret.
fn variables(bytes: &[u8]) -> (Vec<(String, String)>, Option<&'static str>) {
    // As PowerShell writes files.
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return (Vec::new(), Some("the UTF-16 text of"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let (mut variables, mut why) = (Vec::new(), None);
    for entry in dotenvy::from_read_iter(bytes) {
        match entry {
            Ok((_, value)) if value.len() > MAX_VALUE => {
                return (variables, Some("a long value and what follows it in"));
            }
            Ok(pair) => variables.push(pair),
            Err(_) => why = Some("a line of"),
        }
    }
    (variables, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_understood_is_used_and_the_rest_is_told() {
        let long = [b"A=".as_slice(), &[b'x'; 1 << 20]].concat();
        let utf_16: Vec<u8> = "\u{feff}A=b\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let doubling: String =
            (1..40).map(|place| format!("V{place}=${{V{}}}${{V{}}}\n", place - 1, place - 1)).collect();
        for (bytes, count, why) in [
            (&b"\xef\xbb\xbfA=b\nC=d\r\n"[..], 2, None),
            (b"A=b\n\xff\nC=d\n", 2, Some("a line of")),
            (b"A=b\n\0\0\0\nC=d\n", 2, Some("a line of")),
            (b"A=\"b\nC=d\n", 0, Some("a line of")),
            (&utf_16, 0, Some("the UTF-16 text of")),
            (&long, 0, Some("a long value and what follows it in")),
            (format!("V0=0123456789\n{doubling}").as_bytes(), 13, Some("a long value and what follows it in")),
            (b"", 0, None),
        ] {
            let (variables, said) = variables(bytes);
            assert_eq!(
                (variables.len(), said),
                (count, why),
                "{:?}",
                String::from_utf8_lossy(&bytes[..bytes.len().min(40)])
            );
        }
    }
}
