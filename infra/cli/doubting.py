"""`stats --doubt`: beside each rate the sixteen ways to manufacture it, with count and members."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from infra.cli.invocation import Invocation
from infra.cli.tables import Shown, print_table
from infra.cli.texts import both

if TYPE_CHECKING:
    from infra.sql_source import SqlSource
    from projections.doubt import Doubt
    from projections.figure import Figure, Question

DoubtGiven = Annotated[
    bool,
    typer.Option(
        "--doubt",
        help=both("在每个比率旁列出制造 100 % 的十六种方式", "beside each rate the sixteen ways to manufacture it"),
    ),
]
WAYS_SHOWN = (
    Shown("number", "text", True), Shown("title"), Shown("of_members", "text", True), Shown("count", "text", True),
    Shown("checks", spare=True),
)  # fmt: skip
DOUBTED_SHOWN = (Shown("number", "text", True), Shown("check"), Shown("subject"), Shown("certainty"))


def doubts_of(run: Invocation, source: SqlSource, question: Question) -> list[Doubt]:
    """The sixteen ways in the period, from all checks as the question sees the ledger."""
    from domain.checks import ALL_CHECKS
    from infra.wiring import tagger_of
    from projections.doubt import doubts
    from projections.findings import run_checks

    done = run_checks(source, question.as_of, ALL_CHECKS, None, tagger_of(run.settings))
    for failure in done.failures:
        run.tell("check_failed", check=failure.check, subject=failure.group.id, error=failure.error)
    lines = [one.to_json() for one in done.findings]
    return doubts(lines, {check.id for check in ALL_CHECKS}, question.from_on, question.until_on)


def with_doubt(figures: Sequence[Figure], ways: Sequence[Doubt], *, members: bool) -> Iterator[dict[str, Any]]:
    """The figures as JSON objects, each rate with its doubt."""
    for figure in figures:
        told = figure.to_json(members=members)
        if figure.definition.kind == "rate":
            theirs = _subjects(figure)
            told["doubt"] = [{**one.to_json(), "of_members": _of(one, theirs)} for one in ways]
        yield told


def print_doubt(run: Invocation, figures: Sequence[Figure], ways: Sequence[Doubt]) -> None:
    """A table of the ways beside each rate, and the members of every way that has some."""
    for figure in figures:
        if figure.definition.kind != "rate":
            continue
        title = figure.definition.title.zh if run.lang == "zh" else figure.definition.title.en
        label = " · ".join((title, *figure.dimensions.values()))
        theirs = _subjects(figure)
        rows = ({**_row(run, one), "of_members": _of(one, theirs)} for one in ways)
        print_table(run, WAYS_SHOWN, rows, run.say("doubt_title", title=label))
    doubted = [
        {"number": one.way.number, **line, "certainty": run.say(f"word_{line['certainty']}")}
        for one in ways
        for line in one.members
    ]
    if doubted:
        print_table(run, DOUBTED_SHOWN, doubted)


def _row(run: Invocation, doubt: Doubt) -> dict[str, Any]:
    count = doubt.count
    return {
        "number": doubt.way.number,
        "title": doubt.way.title.zh if run.lang == "zh" else doubt.way.title.en,
        "count": run.say("not_available") if count is None else count,
        "checks": [check for check, _ in doubt.way.shown_by],
    }


def _subjects(figure: Figure) -> set[str]:
    """Whom the rate counts or leaves out."""
    return {one.subject for one in figure.members} | {one.subject for one in figure.excluded}


def _of(doubt: Doubt, subjects: set[str]) -> int:
    """How many of these subjects show the way, themselves or as evidence of a finding about a unit or a person."""
    concerned = {line["subject"] for line in doubt.members} | {one for line in doubt.members for one in line["related"]}
    return len(concerned & subjects)
