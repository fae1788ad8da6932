//! Writes a text over a file: whole or not at all, and never over what somebody else wrote meanwhile.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::Builder;

/// Why a file was not written; it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// It is not as it was when it was read.
    #[error("{0} has changed since it was read: run fix again")]
    Changed(PathBuf),
    /// It, or its directory, cannot be written.
    #[error("cannot write {0}")]
    Io(PathBuf, #[source] io::Error),
}

/// Replaces a file that still is `before` by `after`, with the same permissions. Of a symbolic link, what it leads to.
///
/// # Errors
/// [`SaveError`]; nothing was changed.
pub fn save(path: &Path, before: &str, after: &str) -> Result<(), SaveError> {
    let failed = |error| SaveError::Io(path.to_owned(), error);
    let target = fs::canonicalize(path).map_err(failed)?;
    let directory = target.parent().unwrap_or(Path::new("."));
    let mut new = Builder::new().prefix(".dapr-preflight-").tempfile_in(directory).map_err(failed)?;
    new.write_all(after.as_bytes()).map_err(failed)?;
    new.as_file().set_permissions(fs::metadata(&target).map_err(failed)?.permissions()).map_err(failed)?;
    new.as_file().sync_all().map_err(failed)?;
    if fs::read(&target).map_err(failed)? != before.as_bytes() {
        return Err(SaveError::Changed(path.to_owned()));
    }
    new.persist(&target).map_err(|error| failed(error.error))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_changed_meanwhile_stays_as_it_is_and_nothing_is_left_beside_it() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("order.yaml");
        fs::write(&file, "theirs").unwrap();
        assert!(matches!(save(&file, "before", "after"), Err(SaveError::Changed(_))));
        assert_eq!(fs::read_to_string(&file).unwrap(), "theirs");
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    #[cfg(unix)]
    fn a_link_is_followed_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let directory = tempfile::tempdir().unwrap();
        let (file, link) = (directory.path().join("order.yaml"), directory.path().join("link.yaml"));
        fs::write(&file, "before").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&file, &link).unwrap();
        save(&link, "before", "after").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "after");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o640);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }
}
