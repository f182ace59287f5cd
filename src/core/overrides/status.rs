//! What the statuses mean to the provider, in its guide and in HTTP: one table for the menu, the field and the help.

/// What an answer with `status` says, beginning with the number; `None` where neither the guide nor experience has a word on it.
pub const fn meaning(status: u16) -> Option<&'static str> {
    Some(match status {
        200 => "200 taken: any 2xx within 10 s counts",
        201 => "201 taken: what the guide recommends",
        202 => "202 taken, to be worked on later",
        204 => "204 taken, with nothing to say",
        301 | 302 | 307 | 308 => "3xx moved: nobody goes there, so it counts as failed",
        400 => "400 malformed: a failure, tried again",
        401 => "401 signature not valid: a failure, tried again",
        403 => "403 not authorised: a failure, tried again",
        404 => "404 no such path: a failure, tried again",
        409 => "409 in conflict: a failure, tried again",
        422 => "422 understood, not usable: a failure, tried again",
        429 => "429 too many at once: a failure, tried again",
        500 => "500 the app broke: a failure, tried again",
        503 => "503 busy or down: a failure, tried again",
        _ => return None,
    })
}

/// Whether an answer with `status` never has a body (RFC 9110 sections 15.3.5, 15.3.6 and 15.4.5).
pub const fn is_bodyless(status: u16) -> bool {
    matches!(status, 204 | 205 | 304)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_of_the_guide_has_its_meaning() {
        for status in [200, 201, 202, 400, 401, 403, 422, 500] {
            let meaning = meaning(status).unwrap();
            assert!(meaning.starts_with(&status.to_string()), "{meaning}");
            assert_eq!(meaning.contains("failure"), status >= 400, "{meaning}");
        }
        assert_eq!(meaning(299), None);
    }
}
