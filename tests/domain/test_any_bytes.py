"""Any bytes at all on an action line: taken by the contract, or refused with code, field and subject; never a crash."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as for_any
from hypothesis import strategies as st

from domain.errors import SENTENCES
from domain.event import canonical
from domain.language import ACTIONS
from tests.support.given import World, ready_for

VERBS = sorted(ACTIONS)
SEED = 20_250_304
ROUNDS = 60
ODD_BYTES = [b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\u0000", b"\\ud83d", b"\\", b'"', b"{", b"[", b"}",
             b"]", b",", b":", b"null", b"NaN", b"1e999", b"-0", b"0.5", b"9" * 20, b"\xf0\x9f\x98\x80", b"\n", b"\t",
             b"13800138000", b"true", b"\\/", b"\\b", b'"a":1,', b"\xe2\x80\xa8"]  # fmt: skip
ODD_VALUES: list[Any] = [
    None, True, False, 0, -1, 2**53 - 1, 2**53, -(2**53), 10**30, 0.5, "", " ", "x" * 501, "ref:", "ref:A1", "system",
    "\x00", "\ud800", "\U0001f600", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-23:59",
    "9999-12-31", "0001-01-01", "2025-02-29", "fund:ref:F2025", "XF500229-2025-000001", "XF000000-0000-000000",
    "JZ500229-2025-0001", "01980000-0000-7000-8000-000000000001", "/", "/time", "/people_count", "/a/b/c", "hmac:" + "0" * 64,
    [], [None], ["a"] * 201, [[]], {}, {"a": None}, {"": ""}, {"\ud800": 1}, {"staff": "system"}, {"up_to_fen": 1},
]  # fmt: skip


def check(world: World, payload: Any, history: bool) -> None:
    """The answer is one of the two that the contract knows, and it can be written down as UTF-8."""
    size = world.memory.head()
    answer = world.send(payload, history=history)
    body = answer.to_json()
    json.dumps(body, ensure_ascii=False).encode("utf-8")
    if answer.error is None:
        assert set(body) == {"events", "subject", "ref"}
        assert body["events"]
        for raw in world.memory.raw[size:]:
            assert canonical(json.loads(raw)) == raw
            assert len(raw) <= 65_535
    else:
        assert set(body["error"]) == {"code", "message", "field", "subject"}
        assert body["error"]["code"] in SENTENCES
        assert body["error"]["code"] != "internal_error"
        assert world.memory.head() == size


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@for_any(st.binary(max_size=400), st.booleans())
def test_arbitrary_bytes(raw: bytes, history: bool) -> None:
    check(World(), raw, history)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@for_any(st.sampled_from(VERBS), st.dictionaries(st.text(max_size=8), JSON, max_size=4), st.booleans())
def test_arbitrary_members_in_a_valid_action(name: str, members: dict[str, Any], history: bool) -> None:
    world = World()
    line = {"action": name, "action_id": "x", "at": "2025-03-04T10:20:00+08:00", "case": "ref:A1", **members}
    check(world, json.dumps(line).encode(), history)
    check(world, json.dumps(line, ensure_ascii=False).encode("utf-8", "surrogatepass"), history)


def mutated(raw: bytes, rng: Random) -> bytes:
    """One to three bytes or tokens changed, added, removed, doubled or cut."""
    for _ in range(rng.randint(1, 3)):
        place, length = rng.randrange(len(raw) + 1), rng.randint(0, 6)
        piece = rng.choice([*ODD_BYTES, bytes([rng.randrange(256)]), raw[place : place + length]])
        raw = raw[:place] + piece + raw[place + rng.choice([0, 0, len(piece), length]) :]
        if rng.random() < 0.03:
            raw = raw[: rng.randrange(len(raw) + 1)]
    return raw


def replaced(line: dict[str, Any], rng: Random) -> dict[str, Any]:
    """The same action with one value, anywhere in it, replaced by an odd one."""
    copy: dict[str, Any] = json.loads(json.dumps(line))
    holder: Any = copy
    while True:
        key = rng.choice(list(holder) if isinstance(holder, dict) else list(range(len(holder))))
        inner = holder[key]
        if isinstance(inner, dict | list) and inner and rng.random() < 0.7:
            holder = inner
            continue
        holder[key] = rng.choice(ODD_VALUES)
        return copy


@pytest.mark.parametrize("name", VERBS)
def test_valid_lines_with_bytes_changed(name: str) -> None:
    """Seeded by the verb; the same mutations in every run."""
    rng = Random(f"{SEED}/bytes/{name}")
    world = ready_for(name)
    line = world.line(name)
    for _ in range(ROUNDS):
        check(world, mutated(json.dumps(line, ensure_ascii=rng.random() < 0.5).encode(), rng), rng.random() < 0.5)


@pytest.mark.parametrize("name", VERBS)
def test_valid_actions_with_values_replaced(name: str) -> None:
    """As lines, and as objects that a mapping made."""
    rng = Random(f"{SEED}/values/{name}")
    world = ready_for(name)
    line = world.line(name)
    for _ in range(ROUNDS):
        changed = replaced(line, rng) | {"action_id": f"m/{rng.random()}"}
        check(world, json.dumps(changed).encode(), rng.random() < 0.5)
        check(world, changed, rng.random() < 0.5)


@pytest.mark.parametrize("name", VERBS)
def test_a_valid_line_with_a_key_doubled_is_always_refused(name: str) -> None:
    """Wherever the second key stands and however the line is spaced."""
    rng = Random(f"{SEED}/keys/{name}")
    world = ready_for(name)
    line = world.line(name)
    for _ in range(12):
        members = [json.dumps(key) + ":" + json.dumps(value) for key, value in line.items()]
        members.insert(rng.randrange(len(members) + 1), rng.choice(members))
        separator = "," + " " * rng.randrange(3)
        answer = world.send(("{" + separator.join(members) + " " * rng.randrange(40) + "}").encode())
        assert answer.error is not None
        assert answer.error.code == "duplicate_key"
        assert answer.error.field in line
