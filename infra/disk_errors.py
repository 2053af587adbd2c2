"""What a disk refuses, as errors that say what is the matter: full, not writable, or not a folder."""

from __future__ import annotations

import errno
from pathlib import Path

from domain.errors import Unavailable

CODES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
}
_NO_FOLDER = frozenset({errno.EEXIST, errno.ENOTDIR})


def disk_failure(path: Path | str, error: OSError) -> Unavailable:
    """`disk_full`, `read_only` or, for everything else, `unavailable`, naming the path."""
    told = "there is a file where a folder is wanted" if error.errno in _NO_FOLDER else error.strerror
    return Unavailable(CODES.get(error.errno or 0, "unavailable"), f"{path}: {told}")
