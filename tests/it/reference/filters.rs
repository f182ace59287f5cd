//! `filters.md`: the terms of a filter, and the reasons.

use super::table;
use hookglass::core::check::Check;
use hookglass::core::diagnosis::explanation;
use hookglass::core::filter::{Field, State};
use hookglass::core::signature::Reason;

const INTRODUCTION: &str = "# Filters

`/` on the screen and `--filter` of `events`, `send` and `replay` take a filter, such as

```text
type:user.* (is:failed OR status:4xx) -data.email:*@acme.com \"jane doe\"
```

An event must match every term. An empty filter selects every event.

## Terms

";

const TEXT: &str = "Any other word, or a text in quotes, is searched for in the type, subject, ids, path and reason of an event, and in its
body. `@name` stands for the saved filter `name` of the [configuration file](config.md#filters).

## Values

- In texts, `*` stands for any text and `?` for one character. Without them, the whole text must be the same. Only `id:` compares the start.
- Lower case matches both cases. A capital letter makes case count. In `type:` and `reason:`, case never counts.
- `data.PATH` is a path in the JSON body: `data.user.email`, `data.roles[0].name`, `data[\"a key\"]`. A name goes into each element of an
  array. Escapes in a string are decoded, and numbers are compared as written. `data.PATH:*` selects bodies that have the path.
- Quotes group words: `type:\"my type\"`. A quote within quotes is written twice. Parentheses and a colon in a text need quotes.
- A time is `10m` ago (`s`, `m`, `h`, `d`), `12:00` today, `2026-01-31`, `2026-01-31T10:00`, or one with an offset such as
  `2026-01-31T10:00Z`. Without an offset, it is in the local time zone.
- `2kb` are 2,000 bytes.

## Operators

| Operator | Meaning |
| --- | --- |
| `a b`, `a AND b` | both |
| `a OR b` | one of them, or both; binds less than `AND` |
| `-a`, `NOT a` | not `a` |
| `( )` | a group |

";

pub fn page() -> String {
    let fields = Field::ALL.map(|field| {
        let old = field.old_name().map(|name| format!("; `{name}:` is the old name")).unwrap_or_default();
        [format!("`{}`", field.label()), format!("`{}`", field.example()), format!("{}{old}", field.selects())]
    });
    let states = State::ALL.map(|state| [format!("`is:{}`", state.word()), state.meaning().to_owned()]);
    let reasons = Reason::all().map(|reason| [format!("`{reason}`"), explanation(&reason).0]);
    let terms = table(["Term", "Example", "Selects"], fields);
    let states = table(["Term", "Selects events where"], states);
    let checks = Check::ALL.map(|check| [format!("`check:{check}`"), check.meaning().to_owned()]);
    let checks = table(["Term", "Selects events where"], checks);
    let reasons = table(["Reason", "Meaning"], reasons);
    format!(
        "{INTRODUCTION}{terms}\n{TEXT}## States\n\n{states}\n## Checks\n\nWhat [checks of the payload](../checks.md) can find.\n\n{checks}\n## Reasons\n\nWhy an event is not verified. Reasons about a header end with \
         its name, `foreign-sender:` with the name of the sender.\n\n{reasons}"
    )
}
