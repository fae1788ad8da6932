//! JUnit XML, for CI systems that show test reports: a suite for each file, a case for each finding.

use std::collections::BTreeMap;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::{Found, Report, Unreadable};
use crate::policy::field_path;

pub(super) fn junit(report: &Report) -> String {
    let mut suites: BTreeMap<&str, Vec<TestCase>> = BTreeMap::new();
    for file in &report.files {
        suites.entry(file).or_default();
    }
    for unread in &report.unreadable {
        suites.entry(&unread.file).or_default().push(unreadable(unread));
    }
    for one in &report.found {
        suites.entry(&one.file).or_default().push(found(one));
    }
    let mut junit = quick_junit::Report::new("dapr-preflight");
    for (file, cases) in suites {
        let mut suite = TestSuite::new(file);
        match cases.is_empty() {
            true => suite.add_test_case(case("no findings", file, TestCaseStatus::success())),
            false => suite.add_test_cases(cases),
        };
        junit.add_test_suite(suite);
    }
    if !report.unseen.is_empty() {
        let mut suite = TestSuite::new("not evaluated");
        for unseen in &report.unseen {
            let mut status = TestCaseStatus::skipped();
            status.set_message(format!("needs {}", unseen.needs));
            suite.add_test_case(case(unseen.rule.id, "not evaluated", status));
        }
        junit.add_test_suite(suite);
    }
    junit.to_string().expect("writing to memory does not fail")
}

fn case(name: &str, file: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(name, status);
    case.set_classname(file);
    case
}

/// A finding that does not make the run fail is a case that passes, with what it says as its output.
fn found(found: &Found) -> TestCase {
    let finding = &found.finding;
    let start = found.place.region.start;
    let text = format!(
        "{}:{}:{}\n{}\n{}\n{}",
        found.file, start.line, start.column, finding.problem, finding.consequence, finding.advice
    );
    let name = format!("[{}] {} {}", found.rule.id, found.object, field_path(&finding.at));
    if !found.fails {
        let mut case = case(&name, &found.file, TestCaseStatus::success());
        case.set_system_out(text);
        return case;
    }
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    status.set_type(found.severity.as_str()).set_message(finding.problem.clone()).set_description(text);
    case(&name, &found.file, status)
}

fn unreadable(unreadable: &Unreadable) -> TestCase {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("unreadable").set_message(unreadable.problem.clone()).set_description(unreadable.advice.clone());
    let line = unreadable.place.as_ref().map(|place| format!(" line {}", place.region.start.line)).unwrap_or_default();
    case(&format!("readable{line}"), &unreadable.file, status)
}
