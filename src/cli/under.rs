//! What files are checked under: the arguments that `check` and `fix` share.

use std::path::PathBuf;

use anyhow::{anyhow, bail};
use clap::Args;
use jiff::Timestamp;

use super::{Ceiling, assuming, engine, policies};
use crate::check::{Check, Input, Origin, exemptions_of};
use crate::dapr::Version;
use crate::policy::{API_VERSION, Engine, KIND, Mode, Policies, Profile, Rule, closest};
use crate::report::Severity;
use crate::rules::ALL;

/// What files are checked under.
#[derive(Args, Debug, Default)]
pub struct UnderArgs {
    /// Policy document (YAML). Without it, the built-in policy holds.
    #[arg(long, env = "DAPR_PREFLIGHT_POLICY", value_name = "FILE")]
    pub policy: Option<PathBuf>,

    /// The numbers of the built-in policy [default: reference].
    #[arg(long, value_name = "PROFILE", value_parser = profile, conflicts_with = "policy")]
    pub profile: Option<Profile>,

    /// The Dapr version that runs in the cluster, like 1.18 (its newest patch) or 1.18.2 [default: the newest known].
    #[arg(long, env = "DAPR_PREFLIGHT_DAPR_VERSION", value_name = "VERSION")]
    pub dapr_version: Option<Version>,

    /// Only these rules, by their ids.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule)]
    pub only: Vec<&'static Rule>,

    /// Not these rules, by their ids.
    #[arg(long, value_name = "RULE", value_delimiter = ',', value_parser = rule)]
    pub skip: Vec<&'static Rule>,

    /// PreflightExemption documents (YAML), beside those that are among the files.
    #[arg(long, value_name = "FILE")]
    pub exemptions: Option<PathBuf>,
}

impl UnderArgs {
    /// What to check with.
    pub(super) fn check(&self, mode: Option<Ceiling>, fail_on: Severity) -> anyhow::Result<Check> {
        let mut engine = engine(policies(self.policy.as_deref())?, self.dapr_version, Mode::Enforce)?;
        if let Some(profile) = self.profile {
            engine = engine.with_policies(assuming(built_in(profile)?, self.dapr_version));
        }
        if let Some(path) = &self.exemptions {
            let input =
                Input { name: path.display().to_string().into(), origin: Origin::File(path.clone()), named: true };
            engine =
                engine.with_exemptions(exemptions_of(&input, ALL).map_err(|error| anyhow!("--exemptions {error}"))?);
        }
        Ok(Check {
            engine: self.selected(engine)?,
            known: ALL,
            mode: mode.map(Mode::from),
            fail_on,
            now: Timestamp::now(),
            changes: false,
            progress: false,
        })
    }

    /// The same engine with the rules that are wanted.
    fn selected(&self, engine: Engine) -> anyhow::Result<Engine> {
        if self.only.is_empty() && self.skip.is_empty() {
            return Ok(engine);
        }
        let named = |rules: &[&Rule], rule: &Rule| rules.iter().any(|named| named.id == rule.id);
        let wanted = |rule: &&&Rule| (self.only.is_empty() || named(&self.only, rule)) && !named(&self.skip, rule);
        let rules: Vec<&'static Rule> = ALL.iter().filter(wanted).copied().collect();
        if rules.is_empty() {
            bail!("--only and --skip leave no rule");
        }
        // Once for the process, which ends when it has been used.
        Ok(engine.with_rules(rules.leak()))
    }
}

/// The built-in policy with the numbers of a profile.
fn built_in(profile: Profile) -> anyhow::Result<Policies> {
    let profile = serde_json::to_string(&profile)?;
    let text = format!(
        "{{apiVersion: {API_VERSION}, kind: {KIND}, metadata: {{name: built-in}}, spec: {{profile: {profile}}}}}"
    );
    Ok(Policies::parse(&text, ALL)?)
}

fn profile(text: &str) -> Result<Profile, String> {
    serde_json::from_value(text.into()).map_err(|_| "give reference or dapr-docs".to_owned())
}

/// The rule of that id.
pub(super) fn rule(id: &str) -> Result<&'static Rule, String> {
    ALL.iter().copied().find(|rule| rule.id == id).ok_or_else(|| {
        let hint = closest(id, ALL.iter().map(|rule| rule.id)).map(|near| format!(", did you mean \"{near}\"?"));
        format!("unknown rule \"{id}\"{} (`dapr-preflight rules` lists all)", hint.unwrap_or_default())
    })
}
