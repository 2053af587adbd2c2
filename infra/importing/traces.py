"""Tables that are logs: neighbouring rows of one case become one trace, in a stated order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from infra.importing.event_logs import EVENTS_PER_TRACE_MAX
from infra.importing.instants import ZoneRule, localised, read_moment
from infra.importing.mapping import Mapping
from infra.importing.problems import RowProblem, Unmappable
from infra.importing.propose import common_values
from infra.importing.records import Record, Values

RAW_ROWS_MAX: Final = 20
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)


def group_rows(rows: Iterable[Record | RowProblem], case_column: str) -> Iterator[Record | RowProblem]:
    """One trace per run of rows with the same case; a case that comes back later is a problem.

    The trace's number is that of its first row, its own values are those on which all its rows agree.
    """
    seen: set[str] = set()
    group: list[Record] = []
    for row in rows:
        if isinstance(row, RowProblem):
            yield row
            continue
        case = row.values.get(case_column)
        if case is None or not case.strip():
            yield RowProblem(row.number, case_column, "missing_value", "the row names no case", row.raw)
            continue
        if group and group[0].values[case_column] != case:
            yield _trace(group)
            group = []
        if not group and case in seen:
            yield RowProblem(row.number, case_column, "trace_repeated", repr(case[:80]), row.raw)
            continue
        seen.add(case)
        group.append(row)
    if group:
        yield _trace(group)


def _trace(group: Sequence[Record]) -> Record | RowProblem:
    events = [row.values for row in group]
    raw = "\n".join(row.raw for row in group[:RAW_ROWS_MAX])
    if len(group) > RAW_ROWS_MAX:
        raw += f"\n… {len(group) - RAW_ROWS_MAX} more rows"
    if len(group) > EVENTS_PER_TRACE_MAX:
        detail = f"over {EVENTS_PER_TRACE_MAX:,} rows of one case"
        return RowProblem(group[0].number, None, "too_large", detail, raw)
    return Record(group[0].number, common_values(events), raw, events)


def in_order(record: Record, mapping: Mapping) -> Record | RowProblem:
    """The trace with its events by time, where the mapping asks so; equal times keep the order of the file.

    An event without a time stays behind the event that it follows in the file.
    """
    name = mapping.log.order_by if mapping.log else None
    if name is None:
        return record
    source = mapping.source
    rule = ZoneRule(source.zone, source.ambiguous, source.missing)
    keyed: list[tuple[datetime, Values]] = []
    moment = _BEFORE_ALL
    for values in record.events:
        text = values.get(name)
        if text and text.strip() and text not in source.absent:
            try:
                moment = localised(read_moment(text, ("iso",), name), rule, name)
            except Unmappable as problem:
                return RowProblem(record.number, name, problem.code, problem.detail, record.raw)
        keyed.append((moment, values))
    ordered = sorted(keyed, key=lambda pair: pair[0])
    return replace(record, events=[values for _, values in ordered])
