"""`list` and `deadlines`: the rows of a view, and every clock that is due or late."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from domain.errors import Unavailable
from infra.cli.invocation import Invocation, invocation
from infra.cli.logged import asked_source
from infra.cli.options import SIZE_MAX, AsOfText, AtSize, Clock, Json, Limit, LogFolder
from infra.cli.question import as_of_given, current_views, instant_of, is_present, parked_in, tell_stale, today
from infra.cli.subjects import Names
from infra.cli.tables import Shown, print_table
from infra.cli.texts import both

if TYPE_CHECKING:
    from domain.asof import AsOf
    from infra.sql_source import SqlSource
    from projections.fold import Projection, Row

ListName = Literal["cases", "handoffs", "grants", "funds", "integrity"]
NAMED_BY_NUMBER = frozenset({"case", "grant", "fund", "subject"})
"""Columns that hold numbers; `--where` takes the sender's refs for them as well."""
SUBJECT_OF = {"cases": "case", "handoffs": "case", "grants": "grant", "funds": "fund", "integrity": "subject"}
"""The column of each list that holds the number of its subject; the sender's ref stands beside it."""
TRUTH_WORDS = {"true": "true", "1": "true", "yes": "true", "是": "true"}
TRUTH_WORDS |= {"false": "false", "0": "false", "no": "false", "否": "false", "": ""}
ROWS_SHOWN = 50
"""Rows of a table for people where no limit was given; JSON Lines give all of them."""

SHOWN: dict[str, tuple[Shown, ...]] = {
    "cases": (
        Shown("case"), Shown("ref", spare=True), Shown("state", "state"), Shown("channel", "channel"),
        Shown("received_at", "day"), Shown("purpose", "purpose", spare=True), Shown("holders", spare=True),
        Shown("accepted_at", "day", spare=True), Shown("opinion_result", "opinion", spare=True),
        Shown("closed_ground", "closing", spare=True), Shown("closed_at", "day"),
    ),
    "handoffs": (
        Shown("case"), Shown("handoff", spare=True), Shown("unit"), Shown("state", "state"),
        Shown("mode", "mode", spare=True), Shown("offered_at", "day", spare=True),
        Shown("received_at", "day", spare=True), Shown("due_on"), Shown("fed_back_at", "day"),
        Shown("feedback_result", "feedback", spare=True), Shown("feedback_days_late", "late"),
    ),
    "grants": (
        Shown("grant"), Shown("ref", spare=True), Shown("state", "state"), Shown("fund", spare=True),
        Shown("case", spare=True), Shown("applied_fen", "yuan", True, spare=True), Shown("approved_fen", "yuan", True),
        Shown("paid_fen", "yuan", True), Shown("receipted_fen", "yuan", True, spare=True),
        Shown("net_fen", "yuan", True),
    ),
    "funds": (
        Shown("fund"), Shown("balance_fen", "yuan", True), Shown("year", spare=True), Shown("opening_fen", "yuan", True, spare=True),
        Shown("budgeted_fen", "yuan", True), Shown("committed_fen", "yuan", True, spare=True),
        Shown("paid_fen", "yuan", True), Shown("returned_fen", "yuan", True, spare=True),
        Shown("available_fen", "yuan", True, spare=True), Shown("entries", "text", True, spare=True),
    ),
    "integrity": (Shown("time", "day"), Shown("subject"), Shown("fact", spare=True), Shown("sentence")),
}  # fmt: skip
DUE_SHOWN = (
    Shown("due"), Shown("days", "left"), Shown("rule"), Shown("case"), Shown("ref", spare=True), Shown("who"),
    Shown("item", spare=True), Shown("certainty", spare=True),
)  # fmt: skip


def projection_of(name: str) -> Projection:
    """The view behind a list."""
    from projections import projection_named

    views = {
        "cases": "case_view", "handoffs": "handoff_log", "grants": "grant_log", "funds": "fund_view",
        "integrity": "integrity_log",
    }  # fmt: skip
    return projection_named(views[name])


def list_rows(
    ctx: typer.Context,
    name: Annotated[
        ListName,
        typer.Argument(help=both("要列出的内容", "what to list"), metavar="cases|handoffs|grants|funds|integrity"),
    ],
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="KEY=VALUE",
            help=both(
                "只列该列等于该值的行；可多次；值为空表示未知",
                "only rows with this value; repeatable; an empty value means unknown",
            ),
        ),
    ] = None,
    limit: Limit = None,
    as_of: AsOfText = None,
    clock: Clock = "happened",
    at_size: AtSize = None,
    log: LogFolder = None,
    as_json: Json = False,
) -> None:
    """The rows of one view, now or as of any date."""
    run = invocation(ctx)
    wanted = _conditions(run, projection_of(name), where or [])
    asked = as_of_given(run, as_of, clock, at_size)
    plain = as_json or run.as_json
    with asked_source(run, log) as source:
        names = Names(source)
        wanted = {key: names.number(value) if key in NAMED_BY_NUMBER else value for key, value in wanted.items()}
        if "ref" in wanted and "ref" not in _kinds(projection_of(name)):
            number = names.number(wanted.pop("ref"))
            if wanted.setdefault(SUBJECT_OF[name], number) != number:
                raise typer.BadParameter(run.say("where_twice", text=f"ref, {SUBJECT_OF[name]}"))
        rows = (_named(name, row, names) for row in _rows(run, source, projection_of(name), wanted, asked))
        if plain:
            run.write_json(islice(rows, limit))
            return
        shown = ROWS_SHOWN if limit is None else limit
        printed = [{**row, "sentence": row.get(run.lang)} for row in islice(rows, shown)]
        count = print_table(run, SHOWN[name], printed)
        left = next(rows, None) is not None
    for row in printed:
        tell_stale(run, projection_of(name), row, row[SUBJECT_OF[name]])
    run.tell("more_rows" if left else "row_count", count=count)


def _named(name: str, row: Row, names: Names) -> dict[str, Any]:
    return names.beside(row, row[SUBJECT_OF[name]])


def _kinds(projection: Projection) -> dict[str, str]:
    return {column.name: column.kind for column in projection.columns}


def _conditions(run: Invocation, projection: Projection, words: list[str]) -> dict[str, str]:
    """The conditions by column; a usage error where one cannot be read, or a column is asked for twice."""
    wanted: dict[str, str] = {}
    kinds = _kinds(projection)
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise typer.BadParameter(run.say("bad_where", text=word))
        if kinds.get(key) == "boolean":
            if value.lower() not in TRUTH_WORDS:
                raise typer.BadParameter(run.say("bad_truth", text=word))
            value = TRUTH_WORDS[value.lower()]
        if wanted.setdefault(key, value) != value:
            raise typer.BadParameter(run.say("where_twice", text=key))
    return wanted


def _rows(
    run: Invocation, source: SqlSource, projection: Projection, wanted: Mapping[str, str], asked: AsOf
) -> Iterator[Row]:
    """Stored rows for the present, rows folded from the events for any other point of view.

    Where the views cannot be written, as on an auditor's read-only medium, the present is folded too.
    """
    unknown = sorted(set(wanted) - set(_kinds(projection)))
    if unknown:
        known = ", ".join(("ref", *(column.name for column in projection.columns if column.name != "ref")))
        raise typer.BadParameter(run.say("bad_column", text=unknown[0], known=known))
    if any(_is_beyond_integers(projection, name, word) for name, word in wanted.items()):
        return
    if is_present(asked):
        try:
            with current_views(run, source, [projection]) as store:
                yield from store.rows(projection.name, wanted)
            return
        except Unavailable as error:
            if error.code != "read_only":
                raise
            run.tell("views_unwritable", told=error.detail)
    from consumers.project import fold_as_of

    for row in fold_as_of(source, projection, asked, parked=parked_in(run, source, projection)):
        if all(_matches(projection, row, name, word) for name, word in wanted.items()):
            yield row


def _is_beyond_integers(projection: Projection, name: str, word: str) -> bool:
    """Whether a number is asked for that no integer column can hold."""
    kind = next(column.kind for column in projection.columns if column.name == name)
    return kind == "integer" and word.lstrip("-").isdecimal() and (len(word) > 20 or abs(int(word)) > SIZE_MAX)


def _matches(projection: Projection, row: Row, name: str, word: str) -> bool:
    """The same comparison as the stored views make (`ReadStore.rows`)."""
    kind = next(column.kind for column in projection.columns if column.name == name)
    value = row[name]
    if word == "":
        return value is None
    if value is None:
        return False
    if kind == "boolean":
        return bool(value) is (word.lower() in ("true", "1", "yes"))
    if kind == "json":
        from domain.event import canonical

        return f'"{word}"'.encode() in canonical(value)
    return str(value) == word


def deadlines(
    ctx: typer.Context,
    as_of: AsOfText = None,
    within: Annotated[
        int | None,
        typer.Option(
            "--within",
            metavar="DAYS",
            min=0,
            help=both(
                "只列几日内到期的（逾期的总是列出）", "only what falls due within so many days; late ones always"
            ),
        ),
    ] = None,
    clock: Clock = "happened",
    limit: Limit = None,
    log: LogFolder = None,
    as_json: Json = False,
) -> None:
    """Every clock of the law that is running or was missed, the latest first; today unless a day is given."""
    from infra.cli.clocks import open_clocks

    run = invocation(ctx)
    asked = as_of_given(run, as_of or today().isoformat(), clock)
    day = _day_of_question(run, as_of)
    with asked_source(run, log) as source:
        names = Names(source)
        found = [one for one in open_clocks(source, asked, day) if _is_near(one, within)]
        found.sort(key=lambda one: (one.due or date.max, one.key))
        rows: Iterator[dict[str, Any]] = (names.beside(one.to_json(), one.case) for one in found[:limit])
        if as_json or run.as_json:
            run.write_json(rows)
            return
        shown = list(islice(rows, ROWS_SHOWN if limit is None else limit))
    for row in shown:
        row["days"] = -row["days_late"] if "days_late" in row else row.get("days_left")
    print_table(run, DUE_SHOWN, shown, run.say("due_title", day=day))
    late = sum(1 for one in found if one.is_late)
    run.tell("due_count", late=late, running=len(found) - late, shown=len(shown))


def _day_of_question(run: Invocation, as_of: str | None) -> date:
    from domain.calendar import day_of

    return today() if as_of is None else day_of(instant_of(run, as_of))


def _is_near(clock: Any, within: int | None) -> bool:
    return within is None or clock.is_late or (clock.days_left is not None and clock.days_left <= within)
