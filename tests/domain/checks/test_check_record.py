"""XF-INT-001: gaps, repeats, time running backwards, and bytes that differ from their leaves."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from domain.asof import AsOf
from domain.checks import ALL_CHECKS
from domain.checks.base import Finding
from domain.event import canonical
from projections.findings import run_checks
from tests.support.history import CASE, GRANT, History, MemorySource, Stored, asked

CHECK = "XF-INT-001"
ONLY = tuple(check for check in ALL_CHECKS if check.id == CHECK)


def case(number: int, year: int = 2025) -> str:
    return f"XF500229-{year}-{number:06d}"


def history(*numbers: int) -> History:
    told = History(units=False)
    for number in numbers:
        told.received("2025-03-03", subject=case(number))
        told.add("case.registered", "2025-03-03", subject=case(number))
    return told


def of(events: list[Stored], **changes: object) -> list[Finding]:
    run = run_checks(MemorySource(events), checks=ONLY, **changes)  # type: ignore[arg-type]
    assert run.failures == []
    return run.findings


def test_a_whole_record_is_silent_on_both_clocks_and_at_any_day() -> None:
    told = history(1, 2, 3)
    told.add("grant.applied", "2025-03-03", subject=GRANT)
    for clock in ("happened", "known"):
        for day in (None, "2024-12-31", "2025-01-01"):
            assert run_checks(told.source(), asked(day, clock), ONLY).findings == []  # type: ignore[arg-type]


def test_a_dropped_event_leaves_a_gap_in_its_subject() -> None:
    told = history(1, 2)
    told.claim("2025-03-04")
    cut = [one for one in told.stored() if not (one.subject == case(1) and one.sequence == 2)]
    (finding,) = of(cut)
    assert (finding.reason, finding.subject, finding.certainty, finding.severity) == (
        "sequence", case(1), "certain", "critical",
    )  # fmt: skip
    assert (finding.facts["expected"], finding.facts["found"]) == (2, 3)


def test_a_dropped_first_event_leaves_a_gap_in_its_subject_and_in_the_numbers() -> None:
    events = history(1, 2).stored()
    cut = [one for one in events if not (one.subject == case(1) and one.sequence == 1)]
    assert [(one.reason, one.subject) for one in of(cut)] == [("sequence", case(1)), ("numbers", "ledger")]


def test_a_repeated_event_is_found_and_what_follows_it_is_not() -> None:
    events = history(1).stored()
    repeated = events[-1]
    events.append(repeated._replace(position=repeated.position + 1))
    assert [(one.reason, one.facts["found"]) for one in of(events)] == [("sequence", 2)]


def test_a_missing_number_is_found_where_the_series_goes_on() -> None:
    (finding,) = of(history(1, 4, 5).stored())
    assert (finding.reason, finding.subject, finding.item) == ("numbers", "ledger", case(2))
    assert (finding.facts["missing_to"], finding.facts["missing_count"]) == (case(3), 2)
    assert finding.related == (case(4),)


def test_a_series_that_does_not_begin_with_one_has_a_gap_and_each_year_is_its_own_series() -> None:
    assert [one.item for one in of(history(2).stored())] == [case(1)]
    told = history(1)
    told.received("2026-03-03", subject=case(1, 2026))
    told.add("grant.applied", "2025-03-03", subject=GRANT)
    assert of(told.stored()) == []


def test_numbers_out_of_order_are_found_and_close_their_gap() -> None:
    found = of(history(1, 4, 3, 2).stored())
    assert [(one.reason, one.subject) for one in found] == [("numbers", case(2)), ("numbers", case(3))]


def test_a_number_given_twice_is_found_with_its_sequence() -> None:
    told = history(1, 2)
    later = "2025-12-01T00:00:00.000000Z"
    extra = {**told.events[-2], "id": "another", "recordedtime": later}
    events = told.stored()
    events.append(Stored(len(events) + 1, case(2), 1, extra["type"], canonical(extra)))
    assert sorted(one.reason for one in of(events)) == ["numbers", "sequence"]


def test_a_huge_jump_in_numbers_costs_one_finding_and_no_memory() -> None:
    (finding,) = of(history(1, 999_999_999).stored())
    assert finding.facts["missing_count"] == 999_999_997


def test_recorded_time_that_runs_back_is_found_once_for_each_event_that_lies_back() -> None:
    told = History(units=False, calendars=False)
    for number, stamp in enumerate(("10:00:00", "10:00:01", "10:00:00.5", "10:00:00.9", "10:00:01"), start=1):
        text = stamp if "." in stamp else stamp + ".000000"
        told.received("2025-03-03", subject=case(number), recorded=f"2025-03-03T{text}Z")
    found = of(told.stored())
    assert [(one.reason, one.item) for one in found] == [("recordedtime", "3"), ("recordedtime", "4")]


@dataclass
class Leaves:
    """A sealed log by hand."""

    hashes: list[bytes]
    published_size: int

    def leaf_hash(self, index: int) -> bytes | None:
        return self.hashes[index] if index < len(self.hashes) else None

    def last_event_id(self) -> str:
        return "sealed"


def test_bytes_that_do_not_hash_to_their_leaf_and_a_ledger_shorter_than_published_are_found() -> None:
    events = history(1, 2).stored()
    hashes = [sha256(b"\x00" + one.raw).digest() for one in events]
    assert of(events, leaves=Leaves(hashes, len(events))) == []
    changed = [*events[:-1], events[-1]._replace(raw=events[-1].raw.replace(b"clerk", b"clark"))]
    assert [(one.reason, one.subject) for one in of(changed, leaves=Leaves(hashes, len(events)))] == [("leaf", case(2))]
    assert [(one.reason, one.subject) for one in of(events[:-1], leaves=Leaves(hashes, len(events)))] == [
        ("short", "ledger")
    ]


def test_an_emptied_ledger_is_short_of_everything_and_the_log_is_the_evidence() -> None:
    events = history(1, 2).stored()
    leaves = Leaves([sha256(b"\x00" + one.raw).digest() for one in events], len(events))
    (finding,) = of([], leaves=leaves)
    assert (finding.reason, finding.subject, finding.event_ids) == ("short", "ledger", ("sealed",))
    assert finding.facts["size"] == 0


def test_asked_about_one_subject_only_its_own_sequence_is_judged() -> None:
    told = history(1, 5)
    assert of(told.stored(), subjects=[case(5)]) == []
    assert [one.reason for one in of(told.stored(), subjects=["ledger"])] == ["numbers"]
    cut = [one for one in told.stored() if not (one.subject == case(5) and one.sequence == 1)]
    assert [(one.reason, one.subject) for one in of(cut, subjects=[case(5)])] == [("sequence", case(5))]
    assert case(1) == CASE


def test_a_question_about_an_earlier_ledger_does_not_call_the_present_one_short() -> None:
    events = history(1, 2).stored()
    leaves = Leaves([sha256(b"\x00" + one.raw).digest() for one in events], len(events))
    run = run_checks(MemorySource(events), AsOf(size=2), ONLY, leaves=leaves)
    assert (run.head["size"], run.findings) == (2, [])


def test_a_sealed_event_that_is_gone_without_a_gap_in_its_subject_is_found_by_its_place() -> None:
    events = history(1, 2).stored()
    leaves = Leaves([sha256(b"\x00" + one.raw).digest() for one in events], len(events))
    (gone,) = [one for one in events if one.subject == case(1) and one.sequence == 2]
    (finding,) = of([one for one in events if one is not gone], leaves=leaves)
    assert (finding.reason, finding.subject, finding.item) == ("leaf", "ledger", str(gone.position))
