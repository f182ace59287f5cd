//! Tests of the configuration file.

use super::*;
use crate::core::colours::Rgb;
use crate::core::filter::Filter;
use crate::core::retention::Keep;

fn read(text: &str) -> Result<Layer, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, text).unwrap();
    Layer::read(&path, Source::File).map(|(layer, _)| layer)
}

fn overrides(texts: &[&str]) -> Option<Vec<Override>> {
    Some(texts.iter().map(|text| text.parse().unwrap()).collect())
}

#[test]
fn every_key_is_read() {
    let layer = read(
        "port = 4\nbind = \"::1\"\ndb = \"/d\"\nsecret_files = [\"/a\"]\nknown_secret_files = [\"/b\"]\n\
         public_url = \"https://a.app\"\ntarget = \"5\"\nforward_to = [\"user.*=4001\", \"4000\"]\nforward_mode = \"through\"\nforward = \"all\"\n\
         forward_parallel = 64\nkeep_path = true\nkeep_alive = false\nresume_forwarding = true\nheaders = \"a: b\"\ninsecure = true\nca = \"/c\"\noverride = 503\nlog = \"/l\"\nfixtures = \"/f\"\nkeep = \"30d\"\nmax_size = \"2GB\"\n\
         theme = \"light\"\n[filters]\na-1 = \"is:failed\"\n[colors]\nred = \"#ff0000\"\n[keys]\nquit = 5\n",
    );
    let mut saved = SavedFilters::default();
    saved.insert("a-1".to_owned(), Filter::parse("is:failed").unwrap());
    let expected = Layer {
        port: Some(4),
        bind: Some("::1".parse().unwrap()),
        db: Some("/d".into()),
        secret_files: Some(vec!["/a".into()]),
        known_secret_files: Some(vec!["/b".into()]),
        public_url: Some("https://a.app".into()),
        target: Some("5".into()),
        forward_to: Some(vec!["user.*=4001".into(), "4000".into()]),
        forward_mode: Some(ForwardMode::Through),
        forward: Some(Forwarded::All),
        forward_parallel: NonZeroUsize::new(64),
        keep_path: Some(true),
        keep_alive: Some(false),
        resume_forwarding: Some(true),
        headers: Some(vec!["a: b".into()]),
        insecure: Some(true),
        ca: Some("/c".into()),
        overrides: overrides(&["503"]),
        log: Some("/l".into()),
        fixtures: Some("/f".into()),
        keep: Keep::parse("30d"),
        max_size: Some(2_000_000_000),
        filters: Some(saved),
        theme: Some(ThemeName::Light),
        colors: Some(Colours { red: Some(Rgb(255, 0, 0)), ..Colours::default() }),
        rebindings: Some(vec![Rebinding { action: "quit".to_owned(), keys: vec!["5".to_owned()], line: 29 }]),
    };
    assert_eq!(layer.unwrap(), expected);
    assert_eq!(read("override = \"drop next:1\"").unwrap().overrides, overrides(&["drop next:1"]));
    assert_eq!(read("answer = [503, \"allow\"]").unwrap().overrides, overrides(&["503", "allow"]));
    for text in ["4000", "\"4000\"", "[4000]"] {
        assert_eq!(read(&format!("forward_to = {text}")).unwrap().forward_to, Some(vec!["4000".into()]), "{text}");
    }
    for text in ["100000", "\"100000\""] {
        assert_eq!(read(&format!("keep = {text}")).unwrap().keep, Some(Keep::Newest(100_000)), "{text}");
    }
    assert_eq!(read("").unwrap(), Layer::default());
}

#[test]
fn a_mistake_is_reported_with_its_line() {
    for (text, line, why) in [
        ("forward_mode = \"before\"", 1, "`forward_mode` must be \"after\" or \"through\""),
        ("# a\nheaders = [\"a: b\", \"hunter2\"]", 2, "expected `name: value`"),
        ("headers = \"Content-Length: 3\"", 1, "hookglass sets `Content-Length` itself"),
        ("theme = \"loud\"", 1, "`theme` must be \"terminal\" or \"dark\" or \"light\" or \"high-contrast\""),
        ("[colors]\n\nred = \"scarlet\"", 3, "expected a colour such as \"#ff8800\""),
        ("keep = \"30 days\"", 1, "expected a time such as 30d or 12h, or a number of events"),
        ("keep = -1", 1, "expected a time such as 30d or 12h, or a number of events"),
        ("# a\nmax_size = \"2\"", 2, "expected a size with its unit, such as 500MB or 2GB"),
        ("insecure = 1", 1, "`insecure` must be true or false"),
        ("forward_to = true", 1, "expected a string, a number, or a list of them"),
        ("forward_to = [[4000]]", 1, "expected a string"),
        ("# a\nforward_parallel = 65", 2, "`forward_parallel` must be a number from 1 to 64"),
        ("forward_parallel = 0", 1, "`forward_parallel` must be a number from 1 to 64"),
        ("override = 99", 1, "column 1"),
        ("override = \"503 soon\"", 1, "column 5"),
        ("answer = [503, 99]", 1, "column 1"),
        ("port = 1\nanswer = 503\noverride = 503", 2, "`answer` is the old name of `override`, and both are set"),
        ("port = 70000", 1, "`port` must be a number from 0 to 65535"),
        ("port = \"x\"", 1, "`port` must be a number from 0 to 65535"),
        ("port = ", 1, "`port` must be a number from 0 to 65535"),
        ("bind = \"localhost\"", 1, "`bind` must be an IP address in quotes"),
        ("port = 1\nport = 2", 2, "duplicate key"),
        ("port", 1, ""),
        ("[filters]\na = \"is:failed\"\nb = \"is:good\"", 3, "column 4: expected `verified`"),
        ("filters = { a = \"(\" }", 1, "column 2: expected a term"),
        ("[filters]\na = \"b\"\nc = 5", 3, "expected a string"),
        ("[filters]\na = \"b\"\nB = \"c\"", 3, "`B` cannot be the name of a filter"),
        ("[filters]\na = \"b\"\nc = \"@a\"", 3, "column 1"),
        ("port = 1\nfilters = 3", 2, "`filters` must be a table of names and filters"),
    ] {
        match read(text) {
            Err(ConfigError::Key { line: found, why: said, .. }) => {
                assert_eq!(found, line, "{text}: {said}");
                assert!(said.contains(why) && !said.contains('\n'), "{text}: {said}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn an_unknown_key_is_reported_with_its_line_and_the_nearest_key() {
    for (text, line, key, hint) in [
        ("port = 1\nprot = 2\n", 2, "prot", "did you mean `port`? `hookglass config` lists the keys"),
        ("\u{feff}\n\n[panes]\nmode = \"x\"\n", 3, "panes", "`hookglass config` lists the keys"),
        ("[colors]\nteal = \"#008080\"\n", 2, "teal", "`hookglass config` lists the keys"),
    ] {
        let error = read(text).unwrap_err();
        let said = error.to_string();
        assert!(said.ends_with(&format!(", line {line}: there is no key `{key}`")), "{said}");
        assert_eq!(error.hint(), hint);
    }
}

#[test]
fn a_file_in_another_encoding_is_named_as_such() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "\u{feff}port = 1".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).unwrap();
    let error = Layer::read(&path, Source::File).unwrap_err();
    assert!(error.to_string().ends_with("is not UTF-8 text"), "{error}");
    assert_eq!(error.hint(), "save the file as UTF-8");
}

#[test]
fn paths_are_relative_to_the_folder_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    std::fs::write(&path, "db = \"a/b.db\"\nsecret_files = [\"s\", \"/t\"]").unwrap();
    let (layer, _) = Layer::read(&path, Source::File).unwrap();
    assert_eq!(layer.db, Some(folder.path().join("a/b.db")));
    assert_eq!(layer.secret_files, Some(vec![folder.path().join("s"), "/t".into()]));
}

#[test]
fn a_secret_is_masked_when_debugged() {
    let key = "C5HTKtiWE0r5SMVEBviGl0YO4rJcZTlFEnvbqaQ5M";
    let layer = Layer {
        port: Some(4321),
        secret_files: Some(vec![format!("whsec_{key}").into(), key.into()]),
        target: Some(format!("http://me:{key}@host")),
        forward_to: Some(vec![format!("4000/?token={key}")]),
        headers: Some(vec![format!("x-bypass: {key}")]),
        ..Layer::default()
    };
    let shown = format!("{layer:?}");
    assert!(shown.contains("4321") && !shown.contains(key), "{shown}");
    let asked = Layer { target: Some(format!("4000/?token={key}")), ..Layer::default() };
    let settings = super::super::Settings::merge(asked, &Layer::default()).unwrap();
    let shown = format!("{settings:?}");
    assert!(shown.contains("localhost:4000") && !shown.contains(key), "{shown}");
}

#[test]
fn the_upper_layer_wins_and_lists_are_not_merged() {
    let upper = Layer { port: Some(1), forward_to: Some(vec!["1".into()]), ..Layer::default() };
    let lower = Layer {
        port: Some(2),
        forward_to: Some(vec!["2".into(), "3".into()]),
        keep_path: Some(true),
        ..Layer::default()
    };
    let merged = upper.clone().over(lower);
    assert_eq!(merged, Layer { keep_path: Some(true), ..upper });
}
