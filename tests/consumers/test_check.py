"""Findings kept beside the views: judged again only where something changed, always equal to a full run."""

from __future__ import annotations

import hashlib
import importlib.util
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from types import ModuleType
from typing import cast

import pytest

from consumers.check import Question, refresh
from consumers.follow import Source
from domain.asof import AsOf, end_of_day
from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Verdict
from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.event import importid_of
from infra.finding_store import SqlFindingStore, code_digest
from projections.findings import run_checks
from tests.support.history import CASE, FUND, GRANT, History, MemorySource, Stored


def source_of(history: History) -> Source:
    return source_over(history.stored())


def source_over(stored: list[Stored]) -> Source:
    return cast("Source", MemorySource(stored))


SECOND = "XF500229-2025-000002"
DIGEST = "one"


@pytest.fixture
def store(views_place: str) -> Iterator[SqlFindingStore]:
    opened = SqlFindingStore(views_place)
    yield opened
    opened.close()


def question(today: date | None, checks: tuple[Check, ...] = ALL_CHECKS) -> Question:
    return Question(today, checks, None, DIGEST)


def assert_equal_to_a_full_run(store: SqlFindingStore, source: Source, today: date | None) -> None:
    full = run_checks(source, AsOf("happened", end_of_day(today) if today else None))
    assert list(store.findings()) == [one.to_json() for one in full]
    assert sorted(map(str, store.failures())) == sorted(str(one.to_json()) for one in full.failures)


def random_history() -> ModuleType:
    """The writer of random histories that the full run is tested with."""
    place = Path(__file__).parents[1] / "projections" / "test_findings_random_histories.py"
    spec = importlib.util.spec_from_file_location("random_histories", place)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def changed_on_the_way(history: History, rng: random.Random) -> None:
    """Registers, calendars and parameters, corrected entries and joined cases, somewhere between the acts."""
    history.unit("NEW", rng.choice(("responsible", "petition_office")), ["GOV"])
    history.calendar(2025, ["2025-03-04", "2025-03-05"], [])
    history.add(
        "register.check_parameters_set", "2025-03-01", subject="check:XF-ACC-003", check="XF-ACC-003",
        parameters={"a_workdays": rng.randrange(1, 9)}, author="S-1", approved_by="S-2", reason="test",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("views_place", "seed"),
    [("sqlite", seed) for seed in range(25)] + [("postgres", seed) for seed in range(6)],
    indirect=["views_place"],
)
def test_what_is_kept_equals_a_full_run_after_every_step_of_a_random_history(seed: int, store: SqlFindingStore) -> None:
    rng = random.Random(seed)
    history: History = random_history().told(seed)
    cases = (CASE, SECOND, "XF500229-2025-000003")
    for _ in range(3):
        one, other = rng.sample(cases, 2)
        history.add(
            rng.choice(("case.merged", "case.registered")), "2025-02-02", subject=one, into=other, repeat_of=other
        )
    changed_on_the_way(history, rng)
    for number, subject in enumerate(rng.choices((*cases, GRANT, FUND), k=12)):
        history.add(
            rng.choice(("case.closed", "case.routed", "grant.booked")), f"2025-06-{number + 1:02d}", subject=subject
        )
        if number == 8:
            changed_on_the_way(history, rng)
    stored = history.stored()
    dated = rng.random() < 0.5
    today, size, parts = date(2025, 1, 20), 0, 0
    while size < len(stored):
        size = min(len(stored), size + rng.choice((1, 2, 5, 20)))
        today += timedelta(days=rng.choice((0, 0, 1, 17, 60)))
        source = source_over(stored[:size])
        asked = today if dated else None
        parts += not refresh(source, store, question(asked)).whole
        assert_equal_to_a_full_run(store, source, asked)
    assert parts > 0


def test_an_act_on_one_case_judges_that_case_alone(store: SqlFindingStore) -> None:
    history = History()
    for subject in (CASE, SECOND):
        history.received("2025-03-03", subject=subject)
    first = refresh(source_of(history), store, question(date(2025, 3, 10)))
    assert (first.whole, first.matters) == (True, 2)
    history.add("case.registered", "2025-03-04", subject=SECOND, channel="letter")
    again = refresh(source_of(history), store, question(date(2025, 3, 10)))
    assert (again.whole, again.matters) == (False, 1)
    assert_equal_to_a_full_run(store, source_of(history), date(2025, 3, 10))


def test_nothing_is_judged_before_a_clock_has_run_out(store: SqlFindingStore) -> None:
    history = History()
    history.received("2025-03-03")
    history.add("case.registered", "2025-03-03", channel="letter")
    history.claim("2025-03-03")
    history.notified("2025-03-03", "XF", "receipt")
    office = tuple(one for one in ALL_CHECKS if one.id == "XF-ACC-001")
    for day, judged, found in (("2025-03-05", 1, 0), ("2025-03-18", 0, 0), ("2025-03-19", 1, 1), ("2025-03-20", 1, 1)):
        done = refresh(source_of(history), store, question(date.fromisoformat(day), office))
        assert (done.matters, len(list(store.findings()))) == (judged, found), day


def test_an_act_dated_in_the_future_counts_on_its_day(store: SqlFindingStore) -> None:
    history = History()
    history.received("2025-03-03")
    history.handed("2025-03-12")
    for day in ("2025-03-10", "2025-03-11", "2025-03-12", "2025-03-20"):
        refresh(source_of(history), store, question(date.fromisoformat(day)))
        assert_equal_to_a_full_run(store, source_of(history), date.fromisoformat(day))


def test_cases_joined_later_are_one_matter_in_the_groups_that_know_them(store: SqlFindingStore) -> None:
    """One document in three cases: three matters are copied answers, two of them joined are not."""
    history, today = History(), date(2025, 6, 30)
    for number in (1, 2, 3):
        subject = f"XF500229-2025-{number:06d}"
        history.received("2025-03-03", subject=subject)
        history.opinion("2025-04-01", subject=subject)
    copied = tuple(one for one in ALL_CHECKS if one.id == "XF-OPN-003")
    refresh(source_of(history), store, question(today, copied))
    assert len(list(store.findings())) == 3
    history.add("case.merged", "2025-04-02", subject=SECOND, into=CASE)
    assert not refresh(source_of(history), store, question(today, copied)).whole
    assert list(store.findings()) == []


def opened(history: History, file: str, **changes: str) -> None:
    data = {"file": file, "kind": "history", "recorder_staff": "S-1", **changes}
    history.add("register.import_opened", "2025-03-06", subject="register", by=("system", None, None), **data)


def test_the_opening_of_a_new_import_judges_nothing_again_and_that_of_a_known_one_everything(
    store: SqlFindingStore,
) -> None:
    history, today = History(), date(2025, 3, 10)
    history.received("2025-03-03")
    refresh(source_of(history), store, question(today))
    for file, whole in (("sha256:a", False), ("sha256:b", False), ("sha256:a", True)):
        opened(history, file)
        assert refresh(source_of(history), store, question(today)).whole is whole
        assert_equal_to_a_full_run(store, source_of(history), today)
        history.received("2025-03-04", subject=SECOND, imported=importid_of(file))
        assert not refresh(source_of(history), store, question(today)).whole
        assert_equal_to_a_full_run(store, source_of(history), today)
    assert any(one["check"] == "XF-INT-005" for one in store.findings())


class Sealed:
    """The leaves of some events; those beyond them are not sealed yet."""

    def __init__(self, stored: list[Stored]) -> None:
        self._hashes = [hashlib.sha256(b"\x00" + one.raw).digest() for one in stored]
        self.published_size = len(stored)

    def leaf_hash(self, index: int) -> bytes | None:
        return self._hashes[index] if index < len(self._hashes) else None

    def last_event_id(self) -> str:
        return "sealed"


def test_an_event_sealed_after_it_was_judged_is_still_held_against_its_leaf(store: SqlFindingStore) -> None:
    history, today = History(units=False, calendars=False), date(2025, 3, 10)
    for number in (1, 2, 3):
        history.received("2025-03-03", subject=f"XF500229-2025-{number:06d}")
    honest = history.stored()
    changed = [*honest[:1], honest[1]._replace(raw=honest[1].raw.replace(b"letter", b"visit!")), *honest[2:]]
    record = tuple(one for one in ALL_CHECKS if one.id == "XF-INT-001")
    found = []
    for sealed in (1, 2, 3):
        refresh(source_over(changed), store, Question(today, record, None, DIGEST, Sealed(honest[:sealed])))
        found.append([(one["reason"], one["subject"]) for one in store.findings()])
    tampered = [("leaf", SECOND)]
    assert found == [[], tampered, tampered]


def test_a_changed_register_calendar_or_parameter_judges_everything_again(store: SqlFindingStore) -> None:
    history = History()
    history.received("2025-03-03")
    refresh(source_of(history), store, question(date(2025, 3, 10)))
    changed_on_the_way(history, random.Random(1))
    assert refresh(source_of(history), store, question(date(2025, 3, 10))).whole
    assert_equal_to_a_full_run(store, source_of(history), date(2025, 3, 10))


def test_another_code_key_or_earlier_day_never_reuses_an_answer(store: SqlFindingStore) -> None:
    history = History()
    history.received("2025-03-03")
    today = date(2025, 6, 10)
    assert refresh(source_of(history), store, question(today)).whole
    assert not refresh(source_of(history), store, question(today)).whole
    assert refresh(source_of(history), store, Question(today, ALL_CHECKS, None, "two")).whole
    assert refresh(source_of(history), store, Question(today, ALL_CHECKS, lambda _, __: None, "two")).whole
    assert refresh(source_of(history), store, Question(date(2025, 3, 4), ALL_CHECKS, lambda _, __: None, "two")).whole


def test_the_history_tells_what_is_new_gone_and_returned_and_changes_no_finding(store: SqlFindingStore) -> None:
    history = History()
    history.received("2025-03-03")
    office = tuple(one for one in ALL_CHECKS if one.id == "XF-ACC-006")
    refresh(source_of(history), store, question(date(2025, 3, 10), office))
    event_id = history.add("case.registered", "2025-03-04", channel="letter")
    refresh(source_of(history), store, question(date(2025, 3, 10), office))
    history.corrected(event_id, "/time", "2025-03-04T10:00:00+08:00", "2025-05-04T10:00:00+08:00", "2025-03-11")
    refresh(source_of(history), store, question(date(2025, 3, 11), office))
    changes = [(one["change"], one["fingerprint"].split("|")[0], one["day"]) for one in store.changes()]
    assert changes == [
        ("new", "XF-ACC-006", "2025-03-10"), ("gone", "XF-ACC-006", "2025-03-10"),
        ("returned", "XF-ACC-006", "2025-03-11"),
    ]  # fmt: skip


class Raising(Check):
    """A check that cannot cope."""

    id = "XF-TST-004"
    title = ALL_CHECKS[0].title
    basis = ALL_CHECKS[0].basis
    clauses = ALL_CHECKS[0].clauses
    kinds = ("case",)

    def verdicts(self, facts: Facts, context: Context) -> Iterator[Verdict]:
        raise RuntimeError(f"nothing known of {facts.subject}")


def test_a_check_that_raises_is_kept_as_failed_and_the_run_goes_on(store: SqlFindingStore) -> None:
    history = History()
    history.received("2025-03-03")
    refresh(source_of(history), store, question(date(2025, 4, 10), (Raising(), *ALL_CHECKS)))
    assert [one["failed"]["check"] for one in store.failures()] == ["XF-TST-004"]
    assert any(one["check"] == "XF-ACC-001" for one in store.findings())


def test_the_digest_of_the_code_is_of_its_text() -> None:
    assert len(code_digest()) == 64
    assert code_digest() == code_digest()
