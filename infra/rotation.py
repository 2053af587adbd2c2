"""Changing the log's key: the old key signs, inside the log, the event that names the new one."""

from __future__ import annotations

import msgspec

from domain.answers import Submission
from domain.errors import Conflict
from domain.register import KeyRotated
from infra.keys_log import RETIRING_KEY_FILE, is_rotating, load_log_key, log_origin, retire_log_key, rotate_log_key
from infra.sealing import sealed_position, sealer_of, sealing_alone
from infra.settings import Settings
from infra.sql_source import SqlSource
from infra.wiring import open_ledger, open_source, source_of, utc_now


class Rotated(msgspec.Struct, frozen=True):
    """What the ledger recorded: the old and the new verifier key, and the log's size from which both have signed."""

    old: str
    new: str
    from_size: int


def rotate(settings: Settings) -> Rotated:
    """Make the next key, record the change and seal it with both keys; nobody else seals meanwhile.

    An interrupted change goes on where it stopped. Raises `rotation_running` where an earlier one waits to be
    ended by `retire`, and `sealer_running` while another process seals.
    """
    keys, source = settings.key_folder, source_of(settings)
    origin = log_origin(source)
    with open_source(settings) as events, sealing_alone(settings.data, events):
        sealer_of(settings.data, keys, source, events).seal_waiting()
        if is_rotating(keys, origin):
            old, new = _interrupted(settings, events, origin)
        else:
            before, after = rotate_log_key(keys, origin)
            old, new = before.vkey, after.vkey
        rotated = Rotated(old, new, events.head() + 1)
        _record(settings, rotated)
        sealer_of(settings.data, keys, source, events).seal_waiting()
    return rotated


def retire(settings: Settings) -> str:
    """Remove the old key once the change is sealed; gives the verifier key that signs from now on.

    Raises `rotation_running` while the change is not in the published log yet, `sealer_running` while another
    process seals.
    """
    keys, origin = settings.key_folder, log_origin(source_of(settings))
    with open_source(settings) as events, sealing_alone(settings.data, events):
        new = load_log_key(keys, origin).vkey
        if (keys / RETIRING_KEY_FILE).exists():
            position = _recorded_at(events, new)
            if position is None or position > sealed_position(settings.data):
                raise Conflict("rotation_running", "run `caseledger rotate-key` first; 轮换尚未写入日志")
            retire_log_key(keys)
    return new


def _interrupted(settings: Settings, events: SqlSource, origin: str) -> tuple[str, str]:
    """The keys of a change that was made but not recorded; refused where it was recorded."""
    new = load_log_key(settings.key_folder, origin).vkey
    if _recorded_at(events, new) is not None:
        raise Conflict("rotation_running", "end it with `caseledger rotate-key --retire`; 请先停用旧密钥")
    return load_log_key(settings.key_folder, origin, RETIRING_KEY_FILE).vkey, new


def _recorded_at(events: SqlSource, new: str) -> int | None:
    """The position of the event that names a key as the new one."""
    for event in events.read(types={KeyRotated.type_name}):
        if msgspec.json.decode(event.raw)["data"]["new"] == new:
            return event.position
    return None


def _record(settings: Settings, rotated: Rotated) -> None:
    action = {
        "action": "rotate_log_key",
        "action_id": f"log-key/{rotated.new.split('+')[1]}/{rotated.from_size}",
        "at": utc_now().isoformat(timespec="seconds"),
        "by": {"staff": "system"},
        **msgspec.structs.asdict(rotated),
    }
    with open_ledger(settings) as ledger:
        (answer,) = ledger.record([Submission(action)], system=True)
    if answer.error is not None:
        raise answer.error
