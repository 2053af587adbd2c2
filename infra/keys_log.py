"""The log's signing keys: Ed25519, in the key folder beside the data folder, never inside it."""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from domain.errors import Conflict, Unavailable
from domain.seal.checkpoint import ED25519, NoteSigner, check_key_name, key_id, verifier_key
from infra.keys import require_private, sync_folder, write_secret

KEY_FILE = "log.key"
RETIRING_KEY_FILE = "log.key.retiring"
NEXT_KEY_FILE = "log.key.next"
_PREFIX = "PRIVATE+KEY+"


@dataclass(frozen=True, slots=True, repr=False)
class LogKey:
    """A log's signing key; the private part leaves this object only into its file."""

    name: str
    private: Ed25519PrivateKey

    @property
    def public_key(self) -> bytes:
        """The 32 public bytes."""
        return self.private.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    @property
    def vkey(self) -> str:
        """The public key in one line, as an auditor pins it."""
        return verifier_key(self.name, ED25519, self.public_key)

    @property
    def signer(self) -> NoteSigner:
        """The key as the sealer takes it."""
        return NoteSigner(self.name, key_id(self.name, ED25519, self.public_key), self.private.sign)


def key_folder(data: Path) -> Path:
    """The default key folder of a data folder: `<data>-keys`, so that a copy of the data has no keys."""
    return data.with_name(f"{data.name}-keys")


def log_origin(source: str) -> str:
    """The log's identity, also its key's name: `caseledger` and the ledger's source."""
    return check_key_name(f"caseledger{source}")


def create_log_key(folder: Path, origin: str) -> LogKey:
    """Make a new key, mode 0600, synced; `Conflict` when there is one: it is never replaced."""
    key = LogKey(check_key_name(origin), Ed25519PrivateKey.generate())
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_key(folder / KEY_FILE, key)
    return key


def load_log_key(folder: Path, origin: str, name: str = KEY_FILE) -> LogKey:
    """Read the signing key; `Unavailable` when it is missing, readable by others, or of another log."""
    return _read_key(folder / name, origin)


def load_signers(folder: Path, origin: str) -> list[NoteSigner]:
    """The signers of the next checkpoint: the key, and while a rotation runs the retiring one behind it."""
    keys = {key.vkey: key for key in [load_log_key(folder, origin)]}
    if (folder / RETIRING_KEY_FILE).exists():
        retiring = load_log_key(folder, origin, RETIRING_KEY_FILE)
        keys.setdefault(retiring.vkey, retiring)
    return [key.signer for key in keys.values()]


def rotate_log_key(folder: Path, origin: str) -> tuple[LogKey, LogKey]:
    """Make the next key beside the present one; gives (old, new), for the event `ledger.key_rotated`.

    Until `retire_log_key` both sign, so whoever pinned the old key sees it sign the event that names
    the new one. At no moment is there no key. `Conflict` while an earlier rotation still runs.
    """
    if (folder / RETIRING_KEY_FILE).exists():
        raise Conflict("rotation_running", f"{folder / RETIRING_KEY_FILE}: retire it first; 请先停用旧密钥")
    old = load_log_key(folder, origin)
    for left in folder.glob(f"{NEXT_KEY_FILE}*"):  # what a death left before the new key was in force
        left.unlink()
    new = LogKey(old.name, Ed25519PrivateKey.generate())
    _write_key(folder / NEXT_KEY_FILE, new)
    os.link(folder / KEY_FILE, folder / RETIRING_KEY_FILE)
    os.replace(folder / NEXT_KEY_FILE, folder / KEY_FILE)
    sync_folder(folder)
    return old, new


def is_rotating(folder: Path, origin: str) -> bool:
    """Whether a retiring key stands beside another one; what a death left before the new key is removed."""
    path = folder / RETIRING_KEY_FILE
    if not path.exists():
        return False
    if load_log_key(folder, origin, RETIRING_KEY_FILE).vkey != load_log_key(folder, origin).vkey:
        return True
    path.unlink()
    return False


def retire_log_key(folder: Path) -> None:
    """Remove the retiring key; from the next checkpoint on only the new one signs."""
    if not (folder / KEY_FILE).exists():
        raise Unavailable("log_key_missing", f"{folder / KEY_FILE}")
    (folder / RETIRING_KEY_FILE).unlink(missing_ok=True)


def policy_text(*vkeys: str) -> str:
    """The C2SP tlog-policy that an auditor pins: the log's keys, no witnesses."""
    return "".join(f"log {vkey}\n" for vkey in vkeys) + "quorum none\n"


def _write_key(path: Path, key: LogKey) -> None:
    seed = key.private.private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    packed = b64encode(bytes([ED25519]) + seed).decode()
    if not write_secret(path, f"{_PREFIX}{key.name}+{key.signer.key_id.hex()}+{packed}\n"):
        raise Conflict("log_key_exists", f"{path}; 密钥已存在")


def _missing(path: Path) -> Unavailable:
    """What a lost key means: no second one is made by itself, because auditors pinned this one."""
    return Unavailable(
        "log_key_missing",
        f"{path}; restore it from the backup of the keys: recording goes on, sealing waits. If it is lost for good, "
        "the log ends here: found a new ledger under a new source and hand the auditors its policy. "
        "请从密钥备份恢复；记录照常，封存等待；确已丢失的，本日志到此为止，须另立新账本并向审计方交付新策略",
    )


def _read_key(path: Path, origin: str) -> LogKey:
    try:
        with path.open(encoding="utf-8") as file:
            require_private(path, os.fstat(file.fileno()).st_mode, "log_key_unsafe")
            line = file.read().removesuffix("\n")
    except FileNotFoundError:
        raise _missing(path) from None
    except UnicodeDecodeError:
        raise Unavailable("log_key_damaged", f"{path}; 密钥文件损坏") from None
    except OSError as error:
        raise Unavailable("log_key_unreadable", f"{path}: {error.strerror}") from None
    try:
        name, key_hex, packed = line.removeprefix(_PREFIX).split("+", 2)
        secret = b64decode(packed, validate=True)
        key = LogKey(check_key_name(name), Ed25519PrivateKey.from_private_bytes(secret[1:]))
    except ValueError:
        raise Unavailable("log_key_damaged", f"{path}; 密钥文件损坏") from None
    if not line.startswith(_PREFIX) or secret[0] != ED25519 or key.signer.key_id.hex() != key_hex:
        raise Unavailable("log_key_damaged", f"{path}; 密钥文件损坏")
    if name != origin:
        raise Unavailable("log_key_of_another_log", f"{path} is the key of {name!r}, not of {origin!r}")
    return key
