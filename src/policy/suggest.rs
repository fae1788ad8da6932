//! Did you mean …?

/// The candidate that `given` most likely meant, if one is near enough: at most a third of its length away.
#[must_use]
pub fn closest<'c>(given: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let given = given.to_ascii_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&given, &candidate.to_ascii_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.chars().count() / 3).max(1))
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
    fn of_two_words_equally_near_the_first_by_name_is_taken() {
        assert_eq!(closest("ac", ["ab", "aa"]), Some("aa"));
    }
}
