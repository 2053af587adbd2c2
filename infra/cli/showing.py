"""`show`: one subject's state, its timeline in words, and every deadline explained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.entries import is_entries, print_entries
from infra.cli.invocation import Invocation, invocation
from infra.cli.logged import asked_source
from infra.cli.options import AsOfText, AtSize, Clock, Json, LogFolder
from infra.cli.question import as_of_given, is_present, parked_in, tell_stale, today
from infra.cli.subjects import Names, kind_of
from infra.cli.tables import Shown, print_facts, print_table
from infra.cli.texts import both

if TYPE_CHECKING:
    from domain.asof import AsOf
    from infra.sql_source import SqlSource
    from projections.fold import Row

VIEW_OF = {"case": "case_view", "grant": "grant_log", "fund": "fund_view"}
READS = {
    "state": "state", "channel": "channel", "purpose": "purpose", "closed_ground": "closing",
    "opinion_result": "opinion",
}  # fmt: skip
TIMELINE_SHOWN = (
    Shown("time", "minute"),
    Shown("sentence"),
    Shown("actor", spare=True),
    Shown("entered", "day", spare=True),
)


def show(
    ctx: typer.Context,
    subject: Annotated[
        str,
        typer.Argument(
            metavar="SUBJECT",
            help=both(
                "案件、救助、资金的编号或引用名，单位代码或人员编号",
                "number or ref of a case, grant or fund; a unit code or staff id",
            ),
        ),
    ],
    as_of: AsOfText = None,
    clock: Clock = "happened",
    at_size: AtSize = None,
    log: LogFolder = None,
    as_json: Json = False,
) -> None:
    """State, timeline and deadlines of one subject, now or as of any date."""
    run = invocation(ctx)
    asked = as_of_given(run, as_of, clock, at_size)
    with asked_source(run, log) as source:
        names = Names(source)
        found = names.subject(subject)
        state = list(_state(run, source, found, asked))
        timeline = list(_timeline(source, found, asked))
        clocks = list(_clocks(source, found, asked))
        if as_json or run.as_json:
            for kind, rows in (("state", state), ("event", timeline), ("deadline", clocks)):
                run.write_json({"row": kind, **names.beside(row, found)} for row in rows)
            return
        _print(run, names, found, state, timeline, clocks)


def _state(run: Invocation, source: SqlSource, subject: str, asked: AsOf) -> Iterator[Row]:
    """The subject's rows, folded from its own events; of the present in ledger order, as the stored views."""
    from consumers.project import fold_as_of
    from domain.asof import AsOf
    from projections import projection_named

    projection = projection_named(VIEW_OF.get(kind_of(subject), "registers"))
    as_of = AsOf("known") if is_present(asked) else asked
    for row in fold_as_of(source, projection, as_of, [subject], parked_in(run, source, projection)):
        tell_stale(run, projection, row, subject)
        yield row


def _timeline(source: SqlSource, subject: str, asked: AsOf) -> Iterator[dict[str, Any]]:
    from infra.cli.clocks import events_of
    from projections.wording import sentence

    for position, event in events_of(source, subject, asked):
        yield {
            "position": position,
            "sequence": event["sequence"],
            "type": event["type"],
            "id": event["id"],
            "time": event["time"],
            "timeprecision": event.get("timeprecision"),
            "recordedtime": event["recordedtime"],
            "enteredtime": event.get("enteredtime"),
            "actorid": event.get("actorid"),
            "actorunit": event.get("actorunit"),
            "actorrole": event.get("actorrole"),
            "recorderid": event.get("recorderid"),
            "sentence": {"zh": sentence(event, "zh"), "en": sentence(event, "en")},
            "data": event["data"],
        }


def _clocks(source: SqlSource, subject: str, asked: AsOf) -> Iterator[dict[str, Any]]:
    if kind_of(subject) != "case":
        return
    from domain.calendar import day_of
    from infra.cli.clocks import Surroundings, clocks_both_ways

    day = today() if asked.instant is None else day_of(asked.instant)
    around = Surroundings.read(source, asked)
    for clock, first in clocks_both_ways(source, subject, asked, day, around):
        yield clock.to_json() if first is None else {**clock.to_json(), "first_recorded": first.to_json()}


def _print(
    run: Invocation,
    names: Names,
    subject: str,
    state: list[Row],
    timeline: list[dict[str, Any]],
    clocks: list[dict[str, Any]],
) -> None:
    ref = names.ref(subject)
    run.out.print(f"{subject}  {ref or ''}".rstrip())
    if not timeline:
        run.tell("nothing_yet")
        return
    for row in state:
        print_facts(run, _facts(run, row))
        print_entries(run, row)
    _print_story(run, timeline, clocks)


def print_story(run: Invocation, source: SqlSource, subject: str) -> str:
    """Print timeline and deadlines of one subject as they are now; the day of its first act."""
    from domain.asof import AsOf

    timeline = list(_timeline(source, subject, AsOf()))
    _print_story(run, timeline, list(_clocks(source, subject, AsOf())))
    return str(timeline[0]["time"])[:10]


def _print_story(run: Invocation, timeline: list[dict[str, Any]], clocks: list[dict[str, Any]]) -> None:
    print_table(run, TIMELINE_SHOWN, (_line(run, event) for event in timeline), run.say("timeline_title"))
    if clocks:
        run.out.print(run.say("deadlines_title"))
        for clock in clocks:
            run.out.print(f"  [{run.say('status_' + clock['status'])}] {clock['sentence'][run.lang]}", soft_wrap=True)
            first = clock.get("first_recorded")
            if first is not None:
                told = f"[{run.say('status_' + first['status'])}] {first['sentence'][run.lang]}"
                run.out.print(f"      {run.say('first_recorded')} {told}", soft_wrap=True)


def _facts(run: Invocation, row: Row) -> Iterator[tuple[str, str]]:
    """What a view knows of the subject, in the words of its columns."""
    from infra.cli.tables import cell, heading

    for name, value in row.items():
        if value is None or value == [] or value == {} or is_entries(value):
            continue
        reads = "yuan" if name.endswith("_fen") else READS.get(name, "text")
        if isinstance(value, dict):
            yield heading(run, name), run.say("entries", count=len(value))
        else:
            yield heading(run, name), cell(row, Shown(name, reads), run.lang)


def _line(run: Invocation, event: dict[str, Any]) -> dict[str, Any]:
    who = [part for part in (event["actorid"], event["actorunit"], event["actorrole"]) if part]
    return {
        "time": event["time"][:10] if event["timeprecision"] == "day" else event["time"],
        "sentence": event["sentence"][run.lang],
        "actor": " ".join(who),
        "entered": event["enteredtime"] or event["recordedtime"],
    }
