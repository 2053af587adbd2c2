"""The keys of the key folder: the discipline key and the tag key, 32 bytes each, mode 0600, beside the data."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from domain.errors import Unavailable

DISCIPLINE_KEY = "discipline.key"
TAG_KEY = "tag.key"
KEY_BYTES = 32


def make_key(path: Path) -> bool:
    """Create a key file of mode 0600 unless it is there; True when it was made."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return not path.exists() and write_secret(path, secrets.token_hex(KEY_BYTES) + "\n")


def write_secret(path: Path, text: str) -> bool:
    """Write a file of mode 0600 that has its name only whole and synced; False, and nothing done, where there is one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)  # unlike a rename, never over a file that is there
    except FileExistsError:
        return False
    finally:
        beside.unlink(missing_ok=True)
    sync_folder(path.parent)
    return True


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def require_private(path: Path, mode: int, code: str = "key_unsafe") -> None:
    """Refuse a secret file that others may read, as ssh does; the refusal names file, mode and the command that mends it."""
    if mode & 0o077:
        raise Unavailable(code, f"{path} has mode {mode & 0o777:04o}; run chmod 600 {path}; 权限过宽")


def read_key(path: Path) -> bytes | None:
    """A key, or None where it does not lie here; raises `Unavailable` for one that others may read or a broken file."""
    try:
        with path.open(encoding="ascii") as file:
            require_private(path, os.fstat(file.fileno()).st_mode)
            text = file.read().strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable("unavailable", f"{path} cannot be read: {error}") from error
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise Unavailable("unavailable", f"{path} does not hold {KEY_BYTES} bytes in hexadecimal")
    return key


def tag(key: bytes, field: str, value: str) -> str:
    """`hmac:` HMAC-SHA-256(key, field name ‖ 0x00 ‖ UTF-8 value)."""
    return "hmac:" + hmac.new(key, field.encode() + b"\x00" + value.encode("utf-8"), hashlib.sha256).hexdigest()


class DisciplineKey:
    """The discipline key where it lies, read once; without it every answer is None."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / DISCIPLINE_KEY
        self._key: bytes | None = None

    def tag(self, field: str, value: str) -> str | None:
        """The tag of a restricted value, or None where the key is not here."""
        if self._key is None:
            self._key = read_key(self._path)
        return None if self._key is None else tag(self._key, field, value)

    def file_digest(self, path: Path) -> str | None:
        """`hmac:` HMAC-SHA-256(key, "file" ‖ 0x00 ‖ the file's bytes), or None where the key is not here."""
        if self._key is None:
            self._key = read_key(self._path)
        if self._key is None:
            return None
        keyed = hmac.new(self._key, b"file\x00", hashlib.sha256)
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                keyed.update(piece)
        return "hmac:" + keyed.hexdigest()
