"""From records to actions: conditions, neighbours, order, ids, and oddities that come through as facts."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.importing.mapping import parse_mapping
from infra.importing.problems import RowProblem
from infra.importing.records import Proposed
from tests.support.import_files import actions_of, log_mapping, outcomes_of, problem_of, rows_mapping, xes


def event(time: str, group: str | None = None, **more: str) -> dict[str, str]:
    return {"time:timestamp": time, **({"org:group": group} if group is not None else {}), **more}


def test_a_new_holder_is_a_handoff_from_the_last_known_one(tmp_path: Path) -> None:
    events = [
        event("2011-01-01T08:00:00+01:00", "A"),
        event("2011-01-01T09:00:00+01:00", "EMPTY"),
        event("2011-01-01T10:00:00+01:00", "A"),
        event("2011-01-01T11:00:00+01:00"),
        event("2011-01-01T12:00:00+01:00", "B"),
        event("2011-01-01T13:00:00+01:00", "A"),
    ]
    actions = actions_of(outcomes_of(tmp_path / "a.xes", xes(("c1", events)), log_mapping()))
    assert [(one["by"]["unit"], one["to"], one["handoff"]) for one in actions[1:]] == [
        ("A", ["B"], "ref:log/c1/5"),
        ("B", ["A"], "ref:log/c1/6"),
    ]


def test_neighbours_may_be_compared_strictly(tmp_path: Path) -> None:
    events = [event("2011-01-01T08:00:00Z", "A"), event("2011-01-01T09:00:00Z"), event("2011-01-01T10:00:00Z", "B")]
    mapping = log_mapping(since=', since = "neighbour"')
    assert len(actions_of(outcomes_of(tmp_path / "a.xes", xes(("c1", events)), mapping))) == 1


def test_the_order_of_the_file_stands_unless_the_mapping_asks_for_time(tmp_path: Path) -> None:
    events = [
        event("2011-01-01T12:00:00+01:00", "B"),
        event("2011-01-01T10:30:00Z", "A"),
        event("2011-01-01T10:30:00Z", "C"),
    ]
    raw = xes(("c1", events))
    as_written = actions_of(outcomes_of(tmp_path / "a.xes", raw, log_mapping()))
    by_time = actions_of(outcomes_of(tmp_path / "a.xes", raw, log_mapping(log='order_by = "time:timestamp"')))
    assert [one["to"][0] for one in as_written[1:]] == ["A", "C"]
    assert [one["to"][0] for one in by_time[1:]] == ["C", "B"]
    assert by_time[0]["at"] == "2011-01-01T10:30:00+00:00"


def test_zones_may_change_inside_a_case_and_stay_as_the_source_wrote_them(tmp_path: Path) -> None:
    events = [event("2011-10-30T02:30:00+02:00", "A"), event("2011-10-30T02:10:00+01:00", "B")]
    mapping = log_mapping(log='order_by = "time:timestamp"')
    actions = actions_of(outcomes_of(tmp_path / "a.xes", xes(("c1", events)), mapping))
    assert [one["at"] for one in actions] == ["2011-10-30T02:30:00+02:00", "2011-10-30T02:10:00+01:00"]


def test_an_event_without_a_time_keeps_its_place_and_rejects_the_case_only_where_its_time_is_needed(
    tmp_path: Path,
) -> None:
    events = [event("2011-01-01T08:00:00Z", "A"), {"org:group": "A"}, event("2011-01-01T07:00:00Z", "A")]
    mapping = log_mapping(log='order_by = "time:timestamp"')
    assert len(actions_of(outcomes_of(tmp_path / "a.xes", xes(("c1", events)), mapping))) == 1
    events[1]["org:group"] = "B"
    problem = problem_of(outcomes_of(tmp_path / "a.xes", xes(("c1", events)), mapping))
    assert (problem.code, problem.field) == ("missing_time", "hand_over.at")


def test_one_trace_that_cannot_be_read_leaves_the_others_alone(tmp_path: Path) -> None:
    good = [event("2011-01-01T08:00:00Z", "A")]
    raw = xes(("c1", good), ("c2", [event("yesterday", "A")]), ("c3", good))
    one, two, three = outcomes_of(tmp_path / "a.xes", raw, log_mapping())
    assert isinstance(one, Proposed)
    assert isinstance(two, RowProblem)
    assert (two.line, two.code) == (2, "bad_date")
    assert isinstance(three, Proposed)


CLOSING = """
[[action]]
action = "close_case"
when = { column = "办结时间", present = true }
[action.fields]
at = { column = "办结时间", as = "instant" }
case = "ref:old/{编号}"
ground = { constant = "transferred_out" }
"""


@pytest.mark.parametrize(
    ("closed", "expected"),
    [("2025-03-01", "2025-03-01T00:00:00+08:00"), ("1900-01-01", "1899-12-31T15:54:17+00:00")],
)
def test_a_closing_before_the_opening_comes_through_as_the_fact_it_is(
    tmp_path: Path, closed: str, expected: str
) -> None:
    raw = f"编号,登记时间,办结时间\nA1,2025/3/4,{closed}\n".encode()
    mapping = rows_mapping(fields=CLOSING)
    received, closing = actions_of(outcomes_of(tmp_path / "a.csv", raw, mapping))
    assert received["at"] == "2025-03-04T00:00:00+08:00"
    assert (closing["at"], closing["at_precision"]) == (expected, "day")


CONDITIONS = [
    ('{ column = "x", present = true }', "ab", True),
    ('{ column = "x", present = true }', "", False),
    ('{ column = "x", present = false }', "", True),
    ('{ column = "x", equals = "ab" }', "ab", True),
    ('{ column = "x", equals = "ab" }', "", False),
    ('{ column = "x", in = ["a", "ab"] }', "ab", True),
    ('{ column = "x", in = ["a"] }', "ab", False),
    ('{ column = "x", matches = "^a" }', "ab", True),
    ('{ column = "x", matches = "^b" }', "ab", False),
    ('{ column = "x", after = "编号", formats = ["iso"] }', "2025-01-02", True),
    ('{ column = "x", before = "编号", formats = ["iso"] }', "2025-01-02", False),
    ('{ column = "x", before = "编号" }', "", False),
    ('{ not = { column = "x", equals = "ab" } }', "ab", False),
    ('{ not = { column = "x", equals = "ab" } }', "", True),
    ('{ any = [{ column = "x", equals = "q" }, { column = "x", equals = "ab" }] }', "ab", True),
    ('{ all = [{ column = "x", present = true }, { column = "x", equals = "q" }] }', "ab", False),
]


@pytest.mark.parametrize(("condition", "cell", "holds"), CONDITIONS)
def test_a_rule_applies_exactly_when_its_condition_holds(
    tmp_path: Path, condition: str, cell: str, holds: bool
) -> None:
    raw = f"编号,登记时间,x\n2025-01-01,2025/3/4,{cell}\n".encode()
    (outcome,) = outcomes_of(tmp_path / "a.csv", raw, rows_mapping(when=f"when = {condition}"))
    if holds:
        assert isinstance(outcome, Proposed)
    else:
        assert isinstance(outcome, RowProblem)
        assert outcome.code == "no_action"


def test_first_and_last_events_are_known(tmp_path: Path) -> None:
    text = """
    [source]
    format = "xes"
    [identity]
    name = "log"
    [[action]]
    action = "close_case"
    per = "event"
    when = { all = [{ last = true }, { first = false }] }
    [action.fields]
    at = { column = "time:timestamp", as = "instant" }
    case = "ref:log/{trace@concept:name}"
    reason = "{first@step} {previous@step} {last@step} {#event}"
    """
    events = [event(f"2011-01-01T0{hour}:00:00Z", step=str(hour)) for hour in range(1, 4)]
    (action,) = actions_of(outcomes_of(tmp_path / "a.xes", xes(("c1", events)), parse_mapping(text.encode())))
    assert action["reason"] == "1 2 3 3"
    assert action["at"] == "2011-01-01T03:00:00+00:00"


def test_a_declared_contradiction_rejects_the_row_with_the_mappings_own_words(tmp_path: Path) -> None:
    rule = '[[reject]]\nwhen = { column = "x", equals = "坏" }\nreason = "状态与日期矛盾"\nfield = "x"\n'
    raw = "编号,登记时间,x\nA1,2025/3/4,坏\nA2,2025/3/4,好\n".encode()
    bad, good = outcomes_of(
        tmp_path / "a.csv", raw, rows_mapping(define=rule, when='when = { column = "x", present = true }')
    )
    assert isinstance(bad, RowProblem)
    assert (bad.code, bad.field) == ("declared_reject", "x")
    assert "状态与日期矛盾" in bad.message
    assert isinstance(good, Proposed)


def test_a_row_is_proposed_whole_or_not_at_all(tmp_path: Path) -> None:
    raw = "编号,登记时间,办结时间\nA1,2025/3/4,不详\n".encode()
    problem = problem_of(outcomes_of(tmp_path / "a.csv", raw, rows_mapping(fields=CLOSING)))
    assert (problem.code, problem.field) == ("bad_date", "close_case.at")


def test_action_ids_depend_on_the_sources_keys_and_not_on_the_file(tmp_path: Path) -> None:
    one = actions_of(
        outcomes_of(tmp_path / "a.csv", "编号,登记时间\nA1,2025/3/4\nA2,2025/3/4\n".encode(), rows_mapping())
    )
    two = actions_of(outcomes_of(tmp_path / "b.csv", "登记时间,编号\n2025/3/4,A2\n".encode(), rows_mapping()))
    assert two == [one[1]]


def test_a_long_key_gives_a_short_id_and_another_key_another_id(tmp_path: Path) -> None:
    raw = f"编号,登记时间\n{'长' * 200}1,2025/3/4\n{'长' * 200}2,2025/3/4\n".encode()
    ids = [one["action_id"] for one in actions_of(outcomes_of(tmp_path / "a.csv", raw, rows_mapping()))]
    assert all(len(name) <= 128 and name.startswith("old/sha256:") for name in ids)
    assert len(set(ids)) == 2


def test_a_row_without_its_key_is_rejected(tmp_path: Path) -> None:
    problem = problem_of(outcomes_of(tmp_path / "a.csv", "编号,登记时间\n ,2025/3/4\n".encode(), rows_mapping()))
    assert (problem.code, problem.field, problem.detail) == ("missing_value", "identity.key", "编号")
