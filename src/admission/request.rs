//! From bytes to a typed request, in one pass. The uid is kept as soon as it is read, so that whatever comes after it
//! can be answered.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::decision::NotAReview;
use super::object::{self, Object};
use super::resource::Resource;
use crate::dapr::{OF_SIDECAR, Text, UNLESS_MENDING};
use crate::json::Reader;
use crate::policy::{Kind, Stage};

/// An AdmissionReview's request, as far as it was read.
#[derive(Debug, Default)]
pub(super) struct Request<'a> {
    pub uid: Text<'a>,
    pub kind: GroupVersionKind<'a>,
    pub sub_resource: Text<'a>,
    pub name: Text<'a>,
    pub namespace: Text<'a>,
    pub operation: Text<'a>,
    pub dry_run: bool,
    /// `None` where there is none, or where no rule would read it.
    pub object: Option<Object<'a>>,
    /// Only of workloads on UPDATE.
    pub old_object: Option<Object<'a>>,
    /// The object, where it is a Dapr resource; `object` is `None` then. Boxed, so that a pod's request is no larger.
    pub resource: Option<Box<Resource>>,
    /// An object was passed over because its kind was not known yet.
    left_out: bool,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct GroupVersionKind<'a> {
    #[serde(default, borrow)]
    pub group: Text<'a>,
    #[serde(default, borrow)]
    pub version: Text<'a>,
    #[serde(default, borrow)]
    pub kind: Text<'a>,
}

/// What was read, and why not all of it could be.
pub(super) struct Parsed<'a> {
    pub request: Request<'a>,
    pub problem: Option<String>,
}

impl GroupVersionKind<'_> {
    fn judged(&self) -> Option<Kind> {
        Kind::find(&self.group, &self.version, &self.kind)
    }
}

impl<'a> Request<'a> {
    /// The object's name, or its `generateName` where it has none yet. Ends the object.
    pub fn take_name(&mut self) -> Text<'a> {
        if !self.name.is_empty() {
            return std::mem::take(&mut self.name);
        }
        let resource = self.resource.take().map(|resource| resource.metadata);
        let metadata = self.object.take().map(Object::into_metadata).or(resource);
        metadata.unwrap_or_default().generate_name
    }

    /// The object's kind, if it has rules. A subresource has none, wherever in the request it is named.
    pub fn judged_kind(&self) -> Option<Kind> {
        self.kind.judged().filter(|_| self.sub_resource.is_empty())
    }
}

/// Reads a review for one stage.
pub(super) fn parse(body: &[u8], stage: Stage) -> Result<Parsed<'_>, NotAReview> {
    let left_out: &[&str] = if stage == Stage::Mutate { &[UNLESS_MENDING, OF_SIDECAR] } else { &[] };
    let (api_version, kind) = Default::default();
    let mut reading = Reading { stage, left_out, request: Request::default(), api_version, kind };
    let mut result = reading.read(body);
    if result.is_ok() && reading.request.left_out {
        // The kind or the operation stood behind the object, which the API server does not do: now they are known.
        reading.request.left_out = false;
        result = reading.read(body);
    }
    let has_sidecar = matches!(&reading.request.object, Some(Object::Pod(pod)) if pod.has_sidecar());
    if result.is_ok() && has_sidecar && reading.left_out.contains(&OF_SIDECAR) {
        // Few come with a sidecar. Of all others nobody has to read what each container has for an environment.
        reading.left_out = &[UNLESS_MENDING];
        result = reading.read(body);
    }
    if result.is_ok() && Resource::is_in(&reading.request, stage) {
        result = Resource::read(body)
            .map(|resource| reading.request.resource = resource.map(Box::new))
            .map_err(|e| e.to_string());
    }
    let problem = match result {
        Err(problem) => Some(problem),
        Ok(()) if &*reading.api_version != "admission.k8s.io/v1" || &*reading.kind != "AdmissionReview" => Some(
            format!("expected an admission.k8s.io/v1 AdmissionReview, not {} {}", reading.api_version, reading.kind),
        ),
        Ok(()) => None,
    };
    let mut request = reading.request;
    if request.uid.is_empty() {
        let why = || problem.clone().unwrap_or_else(|| "the uid is missing or empty".to_owned());
        request.uid = only_uid(body).ok_or_else(|| NotAReview(why()))?;
    }
    Ok(Parsed { request, problem })
}

/// What has been read so far.
struct Reading<'de> {
    stage: Stage,
    /// Parts of the object that nobody looks at.
    left_out: &'static [&'static str],
    request: Request<'de>,
    api_version: Text<'de>,
    kind: Text<'de>,
}

impl<'de> Reading<'de> {
    /// Reads the whole body, or up to what cannot be read.
    fn read(&mut self, body: &'de [u8]) -> Result<(), String> {
        let text = std::str::from_utf8(body).map_err(|error| error.to_string())?;
        let mut json = Reader::new(text).leaving_out(self.left_out);
        (&mut *self).deserialize(&mut json).and_then(|()| json.end()).map_err(|error| error.to_string())
    }
}

impl<'de> DeserializeSeed<'de> for &mut Reading<'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Reading<'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an AdmissionReview")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match &*key {
                "apiVersion" => self.api_version = map.next_value()?,
                "kind" => self.kind = map.next_value()?,
                "request" => map.next_value_seed(InRequest { stage: self.stage, request: &mut self.request })?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

/// Reads the fields of `request` into their places.
struct InRequest<'r, 'de> {
    stage: Stage,
    request: &'r mut Request<'de>,
}

impl<'de> DeserializeSeed<'de> for InRequest<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for InRequest<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an AdmissionRequest")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Self { stage, request } = self;
        while let Some(key) = map.next_key::<Text<'de>>()? {
            match &*key {
                "uid" => request.uid = map.next_value()?,
                "kind" => request.kind = map.next_value()?,
                "subResource" => request.sub_resource = map.next_value()?,
                "name" => request.name = map.next_value()?,
                "namespace" => request.namespace = map.next_value()?,
                "operation" => request.operation = map.next_value()?,
                "dryRun" => request.dry_run = map.next_value::<Option<bool>>()?.unwrap_or_default(),
                "object" if request.is_announced() => request.object = map.next_value_seed(request.wanted(stage))?,
                "oldObject" if request.is_announced() => {
                    request.old_object = map.next_value_seed(request.wanted_old(stage))?;
                }
                other => {
                    request.left_out |= matches!(other, "object" | "oldObject");
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl Request<'_> {
    /// Whether the kind and the operation are known by now, as they are when the API server writes the request.
    fn is_announced(&self) -> bool {
        !self.kind.kind.is_empty() && !self.operation.is_empty()
    }

    /// Which of the objects to read: pods on CREATE, workloads on CREATE and UPDATE, nothing else.
    fn wanted(&self, stage: Stage) -> Wanted {
        let kind = self.judged_kind().filter(|&kind| match (&*self.operation, stage) {
            ("CREATE", Stage::Mutate) => kind == Kind::Pod,
            ("CREATE", Stage::Validate) => true,
            ("UPDATE", Stage::Validate) => kind != Kind::Pod,
            _ => false,
        });
        Wanted(kind)
    }

    fn wanted_old(&self, stage: Stage) -> Wanted {
        if &*self.operation == "UPDATE" { self.wanted(stage) } else { Wanted(None) }
    }
}

/// An object of that kind, or one that nobody reads.
struct Wanted(Option<Kind>);

impl<'de> DeserializeSeed<'de> for Wanted {
    type Value = Option<Object<'de>>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let Some(kind) = self.0 else { return IgnoredAny::deserialize(deserializer).map(|_| None) };
        deserializer.deserialize_option(Nullable(kind))
    }
}

struct Nullable(Kind);

impl<'de> Visitor<'de> for Nullable {
    type Value = Option<Object<'de>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a {:?} or null", self.0)
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        object::read(self.0, deserializer).map(Some)
    }
}

/// The uid alone, from a body whose other parts may be of any type, or broken after it.
pub(super) fn only_uid(body: &[u8]) -> Option<Text<'_>> {
    let mut found = None;
    let mut json = serde_json::Deserializer::from_slice(body);
    let _ = Path { keys: &["request", "uid"], found: &mut found }.deserialize(&mut json);
    found.filter(|uid| !uid.is_empty())
}

/// Walks down maps by key and keeps the string at the end.
struct Path<'f, 'de> {
    keys: &'static [&'static str],
    found: &'f mut Option<Text<'de>>,
}

impl<'de> DeserializeSeed<'de> for Path<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.keys {
            [] => Text::deserialize(deserializer).map(|text| *self.found = Some(text)),
            _ => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Path<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (key, rest) = self.keys.split_first().ok_or_else(|| serde::de::Error::custom("no key"))?;
        while let Some(at) = map.next_key::<Text<'de>>()? {
            match &*at == *key {
                true => map.next_value_seed(Path { keys: rest, found: self.found })?,
                false => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}
