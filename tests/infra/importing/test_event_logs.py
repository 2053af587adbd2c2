"""XES and JSON Lines: nested attributes, damaged logs, thousands of events, memory that does not grow."""

from __future__ import annotations

import gzip
import json
import tracemalloc
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.importing.event_logs import read_traces
from infra.importing.json_objects import read_objects
from infra.importing.problems import ImportFault, RowProblem
from infra.importing.records import Outcome, Proposed, Record
from infra.importing.sources import ImportSource
from tests.support.import_files import actions_of, log_mapping, outcomes_of, rows_mapping, xes

TIME = "2011-03-27T01:59:59.123+01:00"


def traces(path: Path, raw: bytes) -> list[Record | RowProblem]:
    path.write_bytes(raw)
    with path.open("rb") as file:
        return list(read_traces(file))


@pytest.mark.parametrize("packed", [False, True])
def test_traces_events_and_nested_attributes_are_read_plain_and_packed(tmp_path: Path, packed: bool) -> None:
    raw = b"""<log><global scope="event"><string key="org:group" value="UNKNOWN"/></global>
      <string key="meta" value="1"><string key="inner" value="2"/></string>
      <trace><string key="concept:name" value="c1"><int key="weight" value="3"/></string>
        <event><date key="time:timestamp" value="2011-03-27T01:59:59+01:00"/>
          <list key="costs"><values><float key="first" value="1.5"/></values></list></event>
        <string key="late" value="x"/></trace></log>"""
    (trace,) = traces(tmp_path / "a.xes", gzip.compress(raw) if packed else raw)
    assert isinstance(trace, Record)
    assert trace.values == {"concept:name": "c1", "concept:name/weight": "3", "late": "x"}
    assert trace.events == [{"time:timestamp": "2011-03-27T01:59:59+01:00", "costs/first": "1.5"}]


def whole_traces(packed: bytes) -> int:
    """How many traces end in what can still be unpacked."""
    return zlib.decompressobj(wbits=31).decompress(packed).count(b"</trace>")


def collect(source: ImportSource, seen: list[Outcome]) -> None:
    """Everything up to the fault goes into `seen`."""
    for outcome in source.outcomes():
        assert isinstance(outcome, Proposed)
        seen.append(outcome)


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9])
def test_a_cut_off_gzip_delivers_the_whole_traces_and_then_says_so(tmp_path: Path, cut: float) -> None:
    events = [{"concept:name": f"{n * 7919 % 1000}", "time:timestamp": TIME} for n in range(30)]
    raw = gzip.compress(xes(*((f"c{number}", events) for number in range(200))))
    (tmp_path / "a.xes.gz").write_bytes(raw[: int(len(raw) * cut)])
    seen: list[Outcome] = []
    with pytest.raises(ImportFault) as fault:
        collect(ImportSource(tmp_path / "a.xes.gz", log_mapping()), seen)
    assert fault.value.code == "file_cut"
    assert f"after {len(seen)} traces" in fault.value.message
    assert [one.line for one in seen] == list(range(1, len(seen) + 1))
    assert 0 < len(seen) <= whole_traces(raw[: int(len(raw) * cut)])


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"<log><trace><event>", "file_cut"),
        (b"<html></html>", "unreadable_file"),
        (b"not xml at all", "unreadable_file"),
        (b'<!DOCTYPE log [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><log>&b;</log>', "unreadable_file"),
        (b'<!DOCTYPE log [<!ENTITY x SYSTEM "file:///etc/passwd">]><log>&x;</log>', "unreadable_file"),
        (b'<?xml version="1.0" encoding="nonsense"?><log/>', "unreadable_file"),
    ],
)
def test_what_is_no_event_log_is_a_fault_and_entities_are_never_expanded(tmp_path: Path, raw: bytes, code: str) -> None:
    with pytest.raises(ImportFault) as fault:
        traces(tmp_path / "a.xes", raw)
    assert fault.value.code == code


def test_a_case_with_a_thousand_events_gives_every_change_of_holder(tmp_path: Path) -> None:
    events = [{"org:group": f"G{number // 10}", "time:timestamp": TIME} for number in range(1000)]
    actions = actions_of(outcomes_of(tmp_path / "a.xes", xes(("c1", events)), log_mapping()))
    handoffs = actions[1:]
    assert len(handoffs) == 99
    assert handoffs[0]["by"] == {"unit": "G0"}
    assert handoffs[0]["to"] == ["G1"]
    assert handoffs[98]["handoff"] == "ref:log/c1/991"


def test_two_hundred_thousand_neighbouring_events_with_equal_times_keep_their_order(tmp_path: Path) -> None:
    def parts() -> Iterator[str]:
        yield '<log><trace><string key="concept:name" value="c1"/>'
        for number in range(200_000):
            yield f'<event><string key="org:group" value="G{number // 20_000}"/>'
            yield f'<date key="time:timestamp" value="{TIME}"/></event>'
        yield "</trace></log>"

    raw = gzip.compress("".join(parts()).encode(), 1)
    mapping = log_mapping(log='order_by = "time:timestamp"')
    receipt, *handoffs = actions_of(outcomes_of(tmp_path / "a.xes.gz", raw, mapping))
    assert receipt["at"] == "2011-03-27T01:59:59.123000+01:00"
    assert [handoff["to"] for handoff in handoffs] == [[f"G{number}"] for number in range(1, 10)]
    assert {handoff["at"] for handoff in handoffs} == {receipt["at"]}


def test_memory_is_bounded_by_one_trace_and_not_by_the_log(tmp_path: Path) -> None:
    events = [{"concept:name": f"step {number}", "time:timestamp": TIME} for number in range(20)]

    def peak_bytes(count: int) -> int:
        (tmp_path / "a.xes").write_bytes(xes(*((f"c{number}", events) for number in range(count))))
        tracemalloc.start()
        with (tmp_path / "a.xes").open("rb") as file:
            assert sum(1 for _ in read_traces(file)) == count
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    assert peak_bytes(1_500) < 2 * peak_bytes(100) + 200_000


def test_objects_are_read_by_path_and_numbers_as_they_are_written(tmp_path: Path) -> None:
    line = '{"编号":"A1","blsj":{"when":"2025-03-04"},"sum":12.340,"tags":["a",true,null]}'
    (tmp_path / "a.jsonl").write_bytes(b"\xef\xbb\xbf" + line.encode() + b"\n\n")
    with (tmp_path / "a.jsonl").open("rb") as file:
        (record,) = read_objects(file)
    assert isinstance(record, Record)
    assert record.values == {
        "编号": "A1",
        "blsj/when": "2025-03-04",
        "sum": "12.340",
        "tags/0": "a",
        "tags/1": "true",
    }


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"a":1,"a":2}', "duplicate_key"),
        (b"[1]", "not_a_json_object"),
        (b'{"a":', "not_a_json_object"),
        (b'{"a":"\xff"}', "wrong_encoding"),
        (b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}", "not_a_json_object"),
        (b'{"a":"' + b"x" * (1 << 20) + b'"}', "line_too_long"),
    ],
)
def test_a_line_that_is_no_object_is_rejected_and_the_next_goes_on(tmp_path: Path, line: bytes, code: str) -> None:
    (tmp_path / "a.jsonl").write_bytes(line + b'\n{"b":"1"}\n')
    with (tmp_path / "a.jsonl").open("rb") as file:
        bad, good = read_objects(file)
    assert isinstance(bad, RowProblem)
    assert (bad.line, bad.code) == (1, code)
    assert isinstance(good, Record)
    assert good.number == 2


def test_objects_go_through_a_mapping_like_rows(tmp_path: Path) -> None:
    mapping = rows_mapping()
    mapping = mapping.model_copy(update={"source": mapping.source.model_copy(update={"format": "jsonl"})})
    raw = json.dumps({"编号": "A1", "登记时间": "2025-03-04T10:20:00Z"}).encode()
    (proposed,) = outcomes_of(tmp_path / "a.jsonl", raw, mapping)
    assert isinstance(proposed, Proposed)
    assert proposed.actions[0]["at"] == "2025-03-04T10:20:00+00:00"  # type: ignore[index]


def test_a_log_in_a_table_is_grouped_by_case_and_a_case_that_comes_back_is_rejected(tmp_path: Path) -> None:
    text = (
        "case,time:timestamp,org:group,channel\n"
        "c1,2011-03-27T01:00:00+01:00,A,Post\nc1,2011-03-27T03:30:00+02:00,B,Post\n"
        "c2,2011-03-28T01:00:00+02:00,A,Desk\nc1,2011-03-29T01:00:00+02:00,C,Post\n,2011-01-01T00:00:00Z,A,Post\n"
    )
    mapping = log_mapping(log='case = "case"')
    rules = [
        rule.model_copy(
            update={
                "fields": {
                    name: value.model_copy(update={"template": value.template.replace("concept:name", "case")})
                    if value.template
                    else value
                    for name, value in rule.fields.items()
                }
            }
        )
        for rule in mapping.action
    ]
    source = mapping.source.model_copy(update={"format": "csv"})
    mapping = mapping.model_copy(update={"source": source, "action": rules})
    (tmp_path / "a.csv").write_text(text)
    outcomes = list(ImportSource(tmp_path / "a.csv", mapping).outcomes())
    by_code = {outcome.code: outcome.line for outcome in outcomes if isinstance(outcome, RowProblem)}
    assert by_code == {"trace_repeated": 5, "missing_value": 6}
    first = next(outcome for outcome in outcomes if isinstance(outcome, Proposed))
    assert [action["action"] for action in first.actions] == ["receive_petition", "hand_over"]  # type: ignore[index]
    assert first.actions[1]["at"] == "2011-03-27T03:30:00+02:00"  # type: ignore[index]
