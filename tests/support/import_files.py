"""Small source files and mappings for the tests of the import, and what comes out of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.importing.mapping import Mapping, parse_mapping
from infra.importing.problems import RowProblem
from infra.importing.records import Outcome, Proposed
from infra.importing.sources import ImportSource

ROWS = """
[source]
format = "csv"
zone = "Asia/Shanghai"
{source}

[identity]
name = "old"
key = "{{编号}}"

{define}

[[action]]
action = "receive_petition"
{when}
[action.fields]
at = {{ column = "登记时间", as = "instant", formats = ["%Y/%m/%d %H:%M:%S", "%Y/%m/%d", "iso"], trim = true }}
case = "ref:old/{{编号}}"
{fields}
"""

LOG = """
[source]
format = "xes"
absent = ["EMPTY"]
{source}

[log]
{log}

[identity]
name = "log"

[[action]]
action = "receive_petition"
per = "event"
when = {{ first = true }}
[action.fields]
at = {{ column = "time:timestamp", as = "instant" }}
case = "ref:log/{{trace@concept:name}}"

[[action]]
action = "hand_over"
per = "event"
when = {{ changed = "org:group"{since} }}
[action.fields]
at = {{ column = "time:timestamp", as = "instant" }}
by.unit = "{{held@org:group}}"
case = "ref:log/{{trace@concept:name}}"
handoff = "ref:log/{{trace@concept:name}}/{{#event}}"
mode = {{ constant = "transfer" }}
to = {{ list = ["{{org:group}}"] }}
"""


def rows_mapping(*, fields: str = "", source: str = "", define: str = "", when: str = "") -> Mapping:
    """A mapping of one table whose rows have 编号 and 登记时间."""
    text = ROWS.format(fields=fields, source=source, define=define, when=when)
    return parse_mapping(text.encode())


def log_mapping(*, source: str = "", log: str = "", since: str = "") -> Mapping:
    """A mapping of an event log: the first event is the receipt, every change of group a handoff."""
    return parse_mapping(LOG.format(source=source, log=log, since=since).encode())


def xes(*traces: tuple[str, list[dict[str, str]]]) -> bytes:
    """An event log of (case, events)."""
    parts = ['<?xml version="1.0" encoding="UTF-8"?><log xmlns="http://www.xes-standard.org/">']
    for case, events in traces:
        parts.append(f'<trace><string key="concept:name" value="{case}"/>')
        for event in events:
            parts.append("<event>")
            parts += [f'<string key="{key}" value="{value}"/>' for key, value in event.items()]
            parts.append("</event>")
        parts.append("</trace>")
    return "".join([*parts, "</log>"]).encode()


def outcomes_of(path: Path, content: bytes, mapping: Mapping | None, **options: Any) -> list[Outcome]:
    """Write the content and read it through the mapping."""
    path.write_bytes(content)
    return list(ImportSource(path, mapping, **options).outcomes())


def actions_of(outcomes: list[Outcome]) -> list[dict[str, Any]]:
    """All proposed actions; fails when a record was not proposed."""
    problems = [outcome for outcome in outcomes if isinstance(outcome, RowProblem)]
    assert not problems, problems
    return [action for one in outcomes if isinstance(one, Proposed) for action in one.actions]  # type: ignore[misc]


def problem_of(outcomes: list[Outcome]) -> RowProblem:
    """The only outcome, which is a problem."""
    (problem,) = outcomes
    assert isinstance(problem, RowProblem), problem
    return problem
