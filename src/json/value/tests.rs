use super::super::tests::json as any_json;
use super::*;
use proptest::prelude::*;
use serde::Deserialize;

proptest! {
    #[test]
    fn a_value_says_what_serde_json_says(text in any_json(), key in "[a-c]{0,2}", index in 0..4_usize) {
        let theirs: serde_json::Value = serde_json::from_str(&text).unwrap();
        let ours: Value = serde_json::from_str(&text).unwrap();
        prop_assert_eq!(&Value::from(theirs.clone()), &ours);
        prop_assert_eq!(serde_json::Value::from(&ours), theirs.clone());
        prop_assert_eq!(ours.to_string(), theirs.to_string());
        prop_assert_eq!(serde_json::Value::from(&ours[&*key]), theirs[&*key].clone());
        prop_assert_eq!(serde_json::Value::from(&ours[index]), theirs[index].clone());
        // What is read from a value is what is read from its text.
        prop_assert_eq!(serde_json::Value::deserialize(&ours).unwrap(), theirs);
    }
}

#[test]
fn a_value_takes_no_more_room_than_a_string() {
    assert_eq!(size_of::<Value>(), size_of::<String>());
}

#[test]
fn of_a_key_that_is_there_twice_the_last_value_counts() {
    let value: Value = serde_json::from_str(r#"{"b":1,"a":2,"b":3}"#).unwrap();
    assert_eq!(value, json!({ "a": 2, "b": 3 }));
}

#[test]
fn a_key_is_found_among_few_and_among_many() {
    for count in [1, 16, 17, 200] {
        let value = Value::Object((0..count).map(|number| (number.to_string().into(), Value::from(true))).collect());
        let map = value.as_object().unwrap();
        assert!((0..count).all(|number| map.contains_key(&number.to_string())) && !map.contains_key("x"));
        assert!(map.keys().is_sorted() && map.len() == count);
    }
}

#[test]
fn what_is_not_wanted_is_let_go_of() {
    let mut value = json!({ "a": 1, "b": { "c": 2 }, "d": 3 });
    value.as_object_mut().unwrap().retain(|key, _| key != "a");
    let taken = value.get_mut("b").map(Value::take);
    assert_eq!((value, taken), (json!({ "b": null, "d": 3 }), Some(json!({ "c": 2 }))));
}
