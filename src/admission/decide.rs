//! What may refuse what.
//!
//! A tool in this place must never turn the loss of a node into an outage. So a workload is refused for any finding of
//! a rule at level `deny`, where a person reads the answer; what a controller makes is refused only for what would not
//! start anyway, unless the policy is stricter.

use jiff::Timestamp;

use super::decision::{Effect, Outcome, RuleResult};
use super::identity::identity;
use super::message::{Denial, Warnings};
use super::object::Object;
use super::request::Request;
use super::resource;
use crate::dapr::MIRROR_POD;
use crate::policy::{Edit, Engine, Fix, Judged, Kind, Level, Mode, OwnedPods, Phase, PodSubject, Stage, patch};

/// What was decided, and what the answer says of it.
#[derive(Debug)]
pub(super) struct Verdict {
    pub outcome: Outcome,
    pub results: Vec<RuleResult>,
    pub edits: Vec<String>,
    /// As JSON, with an operation in it.
    pub patch: Option<Vec<u8>>,
    pub denial: Option<Denial>,
    pub warnings: Warnings,
    pub detail: Option<String>,
}

impl Verdict {
    pub fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            results: Vec::new(),
            edits: Vec::new(),
            patch: None,
            denial: None,
            warnings: Warnings::default(),
            detail: None,
        }
    }

    /// What the findings come to, each with what it does.
    pub fn of(judged: Vec<(Judged, Effect)>) -> Self {
        let with = |wanted: &'static [Effect]| {
            judged.iter().filter(move |(_, effect)| wanted.contains(effect)).map(|(judged, effect)| (judged, *effect))
        };
        let denial = Denial::of(with(&[Effect::Denied]).map(|(judged, _)| judged));
        let warnings = Warnings::of(with(&[Effect::Warned, Effect::Unapplied]));
        let outcome = match (&denial, warnings.is_empty()) {
            (Some(_), _) => Outcome::Denied,
            (None, false) => Outcome::Warned,
            (None, true) => Outcome::Allowed,
        };
        let safe = judged.iter().filter(|(judged, _)| judged.finding.fix == Fix::Safe);
        let edits = safe.flat_map(|(judged, _)| &judged.finding.edits).map(|edit| edit.at().to_owned()).collect();
        let results =
            judged.iter().map(|(judged, effect)| RuleResult { rule: judged.rule.id, effect: *effect }).collect();
        Self { results, edits, denial, warnings, ..Self::new(outcome) }
    }

    /// Allowed, since nobody can say what it is.
    pub fn unreadable(why: String) -> Self {
        Self { detail: Some(why), ..Self::new(Outcome::Unreadable) }
    }
}

/// Decides one request.
pub(super) fn decide(request: &Request<'_>, stage: Stage, mode: Mode, engine: &Engine, now: Timestamp) -> Verdict {
    if !request.sub_resource.is_empty() {
        return Verdict::new(Outcome::Skipped);
    }
    if stage == Stage::Mutate && &*request.operation == "UPDATE" {
        return Verdict::unreadable("UPDATE at a mutating path: pods are mutated on CREATE only".to_owned());
    }
    if let Some(resource) = &request.resource {
        return resource::decide(request, resource, mode, engine, now);
    }
    let (Some(kind), Some(object)) = (request.judged_kind(), &request.object) else {
        return Verdict::new(Outcome::Skipped);
    };
    let policy = engine.policies().for_namespace(&request.namespace);
    let subject = match object {
        Object::Pod(pod) if pod.annotation(MIRROR_POD).is_some() => return Verdict::new(Outcome::Skipped),
        Object::Pod(pod) => {
            let phase = if stage == Stage::Mutate { Phase::Incoming } else { Phase::Final };
            PodSubject::pod(pod, phase, policy)
        }
        Object::Workload { .. } if !is_due(request, object) => return Verdict::new(Outcome::Skipped),
        Object::Workload { metadata, template } => PodSubject::template(template, kind, metadata, policy),
    };
    if !subject.concerns_dapr() {
        return Verdict::new(Outcome::Skipped);
    }
    let exempt = engine.exemptions().covering(&request.namespace, now, || identity(request, object));
    let subject = subject.exempted_by(exempt);
    match stage {
        Stage::Mutate => mutate(&subject, mode, engine),
        Stage::Validate => validate(&subject, object, mode, engine),
    }
}

/// Whether a workload is judged now: its own controller is not judged itself, and on UPDATE something changed that
/// rules read (its template, or annotations of Dapr's or ours on itself), of an object that is not on its way out (its
/// finalizers could not be removed).
fn is_due(request: &Request<'_>, object: &Object<'_>) -> bool {
    let metadata = object.metadata();
    let judged_elsewhere = metadata.controller().is_some_and(|owner| Kind::is_judged(&owner.api_version, &owner.kind));
    let unchanged = match (&request.old_object, object) {
        (Some(Object::Workload { metadata: was, template: old }), Object::Workload { metadata, template }) => {
            old == template && was.annotations == metadata.annotations
        }
        _ => false,
    };
    !judged_elsewhere && !unchanged && metadata.deletion_timestamp.is_none()
}

/// Adds what is safely missing. Never denies, never warns.
fn mutate(subject: &PodSubject<'_>, mode: Mode, engine: &Engine) -> Verdict {
    let judged = engine.mend(subject);
    let sent = mode == Mode::Enforce && !judged.is_empty();
    let effect = if sent { Effect::Edited } else { Effect::Recorded };
    Verdict {
        results: judged.iter().map(|judged| RuleResult { rule: judged.rule.id, effect }).collect(),
        patch: sent.then(|| patch(subject, judged.iter().flat_map(|judged| &judged.finding.edits))),
        edits: judged.into_iter().flat_map(|judged| judged.finding.edits).map(Edit::into_at).collect(),
        ..Verdict::new(if sent { Outcome::Patched } else { Outcome::Allowed })
    }
}

/// Refuses, warns or records. Never patches.
fn validate(subject: &PodSubject<'_>, object: &Object<'_>, mode: Mode, engine: &Engine) -> Verdict {
    let owned = object.metadata().controller().is_some();
    let judged = engine.judge(subject).into_iter().map(|judged| {
        let effect = effect(&judged, subject.phase, owned, subject.policy.owned_pods, mode);
        (judged, effect)
    });
    Verdict::of(judged.collect())
}

/// What one finding does to an object under review; `owned` says whether a controller made it.
#[must_use]
pub fn effect(judged: &Judged, phase: Phase, owned: bool, owned_pods: OwnedPods, mode: Mode) -> Effect {
    let finding = &judged.finding;
    match mode {
        Mode::Audit => return Effect::Recorded,
        Mode::Warn => return Effect::Warned,
        Mode::Enforce => {}
    }
    if finding.fix == Fix::Safe {
        // A template's pods will be mended; a pod that was to be mended and is not is nobody's reason to refuse it.
        return if phase == Phase::Template { Effect::Recorded } else { Effect::Unapplied };
    }
    let may_refuse = finding.certain || !owned || owned_pods == OwnedPods::Deny;
    match judged.level {
        Level::Deny if may_refuse && !finding.advisory => Effect::Denied,
        _ => Effect::Warned,
    }
}
