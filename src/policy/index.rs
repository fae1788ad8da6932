//! Which members of an inventory are of a kind, in a namespace, or scale a workload: found without looking at all of them,
//! since rules ask once for every app.

use std::collections::HashMap;

/// Positions in the list of members, in the order in which they were added.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// A few dozen at most.
    kinds: Vec<OfKind>,
    /// By the name of the workload that they scale.
    scalers: HashMap<String, Vec<usize>>,
}

#[derive(Debug)]
struct OfKind {
    group: String,
    kind: String,
    all: Vec<usize>,
    by_namespace: HashMap<String, Vec<usize>>,
}

impl Index {
    /// Adds a member.
    pub(super) fn add(&mut self, group: &str, kind: &str, namespace: &str, member: usize) {
        let known = self.kinds.iter().position(|of| (&*of.group, &*of.kind) == (group, kind));
        let at = known.unwrap_or_else(|| {
            let (group, kind) = (group.to_owned(), kind.to_owned());
            self.kinds.push(OfKind { group, kind, all: Vec::new(), by_namespace: HashMap::new() });
            self.kinds.len() - 1
        });
        self.kinds[at].all.push(member);
        self.kinds[at].by_namespace.entry(namespace.to_owned()).or_default().push(member);
    }

    /// Adds a member that scales a workload of that name.
    pub(super) fn add_scaler(&mut self, workload: &str, member: usize) {
        self.scalers.entry(workload.to_owned()).or_default().push(member);
    }

    /// The members of a kind.
    pub(super) fn of(&self, group: &str, kind: &str) -> &[usize] {
        self.find(group, kind).map(|of| &*of.all).unwrap_or_default()
    }

    /// Those that may be in a namespace: a manifest without one goes wherever it is sent.
    pub(super) fn beside(&self, group: &str, kind: &str, namespace: &str) -> impl Iterator<Item = usize> {
        let of = self.find(group, kind);
        let within = |namespace: &str| of.and_then(|of| of.by_namespace.get(namespace)).map(Vec::as_slice);
        let (first, rest) = match namespace {
            "" => (of.map(|of| &*of.all), None),
            namespace => (within(namespace), within("")),
        };
        first.unwrap_or_default().iter().chain(rest.unwrap_or_default()).copied()
    }

    /// Those that scale a workload of that name.
    pub(super) fn scalers(&self, workload: &str) -> &[usize] {
        self.scalers.get(workload).map(Vec::as_slice).unwrap_or_default()
    }

    fn find(&self, group: &str, kind: &str) -> Option<&OfKind> {
        self.kinds.iter().find(|of| (&*of.group, &*of.kind) == (group, kind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_no_namespace_is_beside_everything() {
        let mut index = Index::default();
        for (member, namespace) in ["a", "", "b", "a"].into_iter().enumerate() {
            index.add("apps", "Deployment", namespace, member);
        }
        let beside = |namespace| index.beside("apps", "Deployment", namespace).collect::<Vec<_>>();
        assert_eq!((beside("a"), beside("b"), beside("c")), (vec![0, 3, 1], vec![2, 1], vec![1]));
        assert_eq!(beside(""), [0, 1, 2, 3]);
        assert_eq!(index.of("apps", "Deployment"), [0, 1, 2, 3]);
        assert_eq!(index.of("apps", "StatefulSet"), [0; 0]);
    }
}
