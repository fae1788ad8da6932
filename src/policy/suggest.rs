//! Did you mean …?

/// The candidate that `given` most likely meant, if one is near enough: at most a third of its length away.
#[must_use]
pub fn closest<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let given = given.to_ascii_lowercase();
    let length = given.chars().count();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let expected = candidate.chars().count();
            let most = (expected / 3).max(1);
            // Nothing is nearer than its length, and a text of any length is compared only where it could be near.
            let near = length.abs_diff(expected) <= most;
            let distance = near.then(|| strsim::damerau_levenshtein(&given, &candidate.to_ascii_lowercase()))?;
            (distance <= most).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_finds_nothing() {
        let words = ["app-id", "app-port", "enabled"];
        assert_eq!(closest("app-Id", words), Some("app-id"));
        assert_eq!(closest("enabeld", words), Some("enabled"));
        assert_eq!(closest("application", words), None);
        assert_eq!(closest("", words), None);
    }

    #[test]
    fn a_text_of_megabytes_resembles_nothing_and_costs_next_to_nothing() {
        let endless = "app-id".repeat(1_000_000);
        assert_eq!(closest(&endless, ["app-id", "app-port", "enabled"]), None);
    }

    #[test]
    fn of_two_words_equally_near_the_first_by_name_is_taken() {
        assert_eq!(closest("ac", ["ab", "aa"]), Some("aa"));
    }
}
