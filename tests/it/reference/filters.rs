//! `filters.md`: the terms of a filter, and the reasons.

use super::table;
use hookglass::core::diagnosis::explanation;
use hookglass::core::filter::{Field, State};
use hookglass::core::signature::Reason;

const INTRODUCTION: &str = "# Filters

`/` on the screen and `--filter` of `events`, `send` and `replay` take a filter, such as

```text
type:user.* is:invalid -reason:timestamp-* \"jane doe\"
```

A filter is a list of terms. An event must match all of them. A `-` in front of a term negates it. An empty filter selects every
event. Quotes group words: `type:\"my type\"`.

In `type:` and `reason:`, `*` stands for any text and `?` for one character. Without them, the whole text must be the same.

## Terms

";

const TEXT: &str = "Any other word, or a text in quotes, is searched for in the type, subject, ids, path and reason of an event, but not
in its body. A capital letter in it makes the search case-sensitive.

";

pub fn page() -> String {
    let fields = Field::ALL.map(|field| {
        let old = field.old_name().map(|name| format!("; `{name}:` is the old name")).unwrap_or_default();
        [format!("`{}:`", field.name()), format!("`{}`", field.example()), format!("{}{old}", field.selects())]
    });
    let states = State::ALL.map(|state| [format!("`is:{}`", state.word()), state.meaning().to_owned()]);
    let reasons = Reason::all().map(|reason| [format!("`{reason}`"), explanation(&reason).0]);
    let terms = table(["Term", "Example", "Selects"], fields);
    let states = table(["Term", "Selects events where"], states);
    let reasons = table(["Reason", "Meaning"], reasons);
    format!(
        "{INTRODUCTION}{terms}\n{TEXT}## States\n\n{states}\n## Reasons\n\nWhy an event is not verified. Reasons about a header end with \
         its name, `foreign-sender:` with the name of the sender.\n\n{reasons}"
    )
}
