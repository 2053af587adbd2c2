"""The auditor's own policy file (C2SP tlog-policy): which log keys, which witnesses, which quorum."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from infra.verify.note import (
    COSIGNATURE,
    COSIGNATURE_ML_DSA,
    LOG_SIGNATURE,
    Key,
    SignedCheckpoint,
    cosigned_at,
    read_key,
    signature_holds,
)
from infra.verify.report import VerificationFailed

NAMES_MAX = 256
POLICY_BYTES_MAX = 1 << 20

_THRESHOLD = re.compile(r"[1-9][0-9]{0,2}")


@dataclass(frozen=True, slots=True)
class Verified:
    """The signatures of a note that count: log keys, and witnesses by policy name with their times."""

    log_keys: tuple[Key, ...]
    witnessed_at: dict[str, int]


@dataclass(slots=True)
class Policy:
    """Keys, groups and the quorum. A group is (how many, of which names); names are defined above their use."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[str, Key] = field(default_factory=dict)
    groups: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    quorum: str | None = None

    def is_met(self, witnesses: Iterable[str]) -> bool:
        """Whether cosignatures of these witnesses satisfy the quorum."""
        present = set(witnesses)
        for name, (needed, members) in self.groups.items():
            if sum(member in present for member in members) >= needed:
                present.add(name)
        return self.quorum == "none" or self.quorum in present

    def witness_time(self, witnessed_at: dict[str, int]) -> int | None:
        """The latest time to which the quorum vouches; without a quorum the latest cosignature."""
        for moment in sorted(set(witnessed_at.values()), reverse=True):
            if self.is_met(name for name, at in witnessed_at.items() if at >= moment):
                return moment
        return None

    def verify(self, checkpoint: SignedCheckpoint, place: str) -> Verified:
        """Check every line of a known key; fails unless a log key and the quorum stand behind the note."""
        verified: list[Key] = []
        witnessed: dict[str, int] = {}
        names = {(key.name, key.key_id): name for name, key in self.witnesses.items()}
        known = {(key.name, key.key_id): key for key in [*self.logs, *self.witnesses.values()]}
        for line in checkpoint.lines:
            key = known.get((line.name, line.key_id))
            if key is None:
                continue
            if not signature_holds(key, line, checkpoint):
                raise VerificationFailed("bad_signature", f"signature of {line.name} 签名无效", place=place)
            if key.kind == LOG_SIGNATURE:
                verified.append(key)
            else:
                name = names[line.name, line.key_id]
                witnessed[name] = max(witnessed.get(name, 0), cosigned_at(line))
        of_log = tuple(dict.fromkeys(key for key in verified if key.name == checkpoint.origin))
        self._demand(checkpoint, of_log, witnessed, place)
        return Verified(of_log, witnessed)

    def _demand(
        self, checkpoint: SignedCheckpoint, log_keys: tuple[Key, ...], witnessed: dict[str, int], place: str
    ) -> None:
        if not any(key.name == checkpoint.origin for key in self.logs):
            raise VerificationFailed(
                "unknown_origin", f"the policy knows no log {checkpoint.origin!r} 未知的日志来源", place=place
            )
        if not log_keys:
            raise VerificationFailed(
                "no_known_signature", "no key of the policy signed this 没有受信任密钥的签名", place=place
            )
        if not self.is_met(witnessed):
            raise VerificationFailed(
                "quorum_not_met",
                f"quorum {self.quorum}: cosigned by {sorted(witnessed)} only 见证人数不足",
                place=place,
            )


def read_policy(text: str) -> Policy:
    """Read a policy file; fails with `bad_policy` or `bad_key`, naming the line.

    Octets that are no UTF-8 stand in `text` as lone surrogates: comments, names and URLs may hold any (C2SP tlog-policy).
    """
    policy = Policy()
    if len(text) > POLICY_BYTES_MAX or any((mark < " " and mark not in "\t\n") or mark == "\x7f" for mark in text):
        raise VerificationFailed("bad_policy", "too long, or a control character 策略文件无效", place="policy")
    for number, line in enumerate(text.split("\n"), 1):
        words = line.replace("\t", " ").strip(" ").split(" ")
        words = [word for word in words if word]
        if words and not words[0].startswith("#"):
            _read_line(policy, words, f"policy line {number}")
    if policy.quorum is None:
        raise VerificationFailed("bad_policy", "no quorum line 缺少 quorum 行", place="policy")
    if not policy.logs:
        raise VerificationFailed("bad_policy", "no log line 缺少 log 行", place="policy")
    return policy


def _read_line(policy: Policy, words: list[str], place: str) -> None:
    match words:
        case ["log", vkey] | ["log", vkey, _]:
            key = _key_of(policy, vkey, (LOG_SIGNATURE,), place)
            policy.logs.append(key)
        case ["witness", name, vkey] | ["witness", name, vkey, _]:
            _define(policy, name, place)
            policy.witnesses[name] = _key_of(policy, vkey, (COSIGNATURE, COSIGNATURE_ML_DSA), place)
        case ["group", name, threshold, *members] if members:
            _define(policy, name, place)
            policy.groups[name] = (_threshold(threshold, members, place), _members(policy, members, place))
        case ["quorum", name] if policy.quorum is None:
            if name != "none" and name not in policy.witnesses and name not in policy.groups:
                raise VerificationFailed("bad_policy", f"{name} is not defined above 未定义", place=place)
            policy.quorum = name
        case _:
            raise VerificationFailed("bad_policy", "cannot be read 无法识别", place=place)
    if len(policy.logs) + len(policy.witnesses) + len(policy.groups) > NAMES_MAX:
        raise VerificationFailed("bad_policy", f"more than {NAMES_MAX} names 名称过多", place=place)


def _key_of(policy: Policy, vkey: str, kinds: tuple[int, ...], place: str) -> Key:
    key = read_key(vkey)
    if key.kind not in kinds:
        raise VerificationFailed("bad_policy", "a key of the wrong type for this line 密钥类型不符", place=place)
    same_kind = policy.logs if kinds == (LOG_SIGNATURE,) else policy.witnesses.values()
    if any(other.public == key.public for other in same_kind):
        raise VerificationFailed("bad_policy", "the same key twice 密钥重复", place=place)
    return key


def _define(policy: Policy, name: str, place: str) -> None:
    if name == "none" or name in policy.witnesses or name in policy.groups:
        raise VerificationFailed("bad_policy", f"the name {name} is taken 名称重复", place=place)


def _threshold(word: str, members: list[str], place: str) -> int:
    if word in ("all", "any"):
        return len(members) if word == "all" else 1
    if not _THRESHOLD.fullmatch(word) or int(word) > len(members):
        raise VerificationFailed("bad_policy", f"{word[:40]} of {len(members)} members 门限无效", place=place)
    return int(word)


def _members(policy: Policy, members: list[str], place: str) -> tuple[str, ...]:
    taken = {member for _, others in policy.groups.values() for member in others}
    for member in members:
        defined = member in policy.witnesses or member in policy.groups
        if not defined or member in taken or members.count(member) > 1:
            raise VerificationFailed("bad_policy", f"member {member} 成员未定义或重复", place=place)
    return tuple(members)
