"""`stats`: the figures of a period with their members, and how far a rate may be doubted."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.numerals import number, yuan
from infra.cli.comparing import (
    Compare,
    CompareClocks,
    CompareDefinitions,
    Monthly,
    print_comparison,
    print_months,
    refuse_together,
    two_definitions,
    two_questions,
)
from infra.cli.doubting import DoubtGiven, doubts_of, print_doubt, with_doubt
from infra.cli.invocation import Invocation, invocation
from infra.cli.logged import asked_source
from infra.cli.options import AsOfText, AtSize, Clock, Json, LogFolder
from infra.cli.question import as_of_given, day_given, today
from infra.cli.subjects import Names
from infra.cli.tables import Shown, print_table
from infra.cli.texts import both
from infra.wording import state_word

if TYPE_CHECKING:
    from projections.figure import Figure

WHOLE_SHOWN = (Shown("figure"), Shown("title"), Shown("value", "text", True), Shown("by_status"))
PARTS_SHOWN = (Shown("dimensions"), Shown("value", "text", True), Shown("by_status"))
MEMBERS_SHOWN = (
    Shown("subject"),
    Shown("item", spare=True),
    Shown("status"),
    Shown("amount_fen", "yuan", True),
    Shown("told"),
)


def stats(
    ctx: typer.Context,
    year: Annotated[
        int | None, typer.Option("--year", metavar="Y", min=1900, max=9998, help=both("年度", "a calendar year"))
    ] = None,
    from_on: Annotated[str | None, typer.Option("--from", metavar="D", help=both("起始日", "first day"))] = None,
    until_on: Annotated[
        str | None, typer.Option("--to", metavar="D", help=both("截止日（含）", "last day, included"))
    ] = None,
    as_of: AsOfText = None,
    clock: Clock = "happened",
    at_size: AtSize = None,
    members: Annotated[
        str | None,
        typer.Option("--members", metavar="FIGURE", help=both("打开一个指标的名单", "open the list behind a figure")),
    ] = None,
    compare: Compare = None,
    compare_clocks: CompareClocks = False,
    compare_definitions: CompareDefinitions = None,
    monthly: Monthly = False,
    doubt: DoubtGiven = False,
    log: LogFolder = None,
    as_json: Json = False,
) -> None:
    """The figures of a period, each with the members it counts; this year unless told otherwise."""
    from projections.figure import Question
    from projections.statistics import figures

    run = invocation(ctx)
    refuse_together(
        run,
        {"--as-of": as_of, "--compare": compare, "--compare-clocks": compare_clocks, "--monthly": monthly,
         "--compare-definitions": compare_definitions, "--doubt": doubt},
    )  # fmt: skip
    first, last = _period(run, year, from_on, until_on)
    names = (_figure(run, members),) if members is not None else None
    question = Question(first, last, as_of_given(run, as_of, clock, at_size), names)
    rules = two_definitions(run, compare_definitions, question)
    pair = two_questions(run, question, compare, compare_clocks) or ((question, question) if rules else None)
    if pair is not None or monthly:
        with asked_source(run, log) as source:
            if pair is not None:
                print_comparison(run, source, pair, rules, as_json or run.as_json)
            else:
                print_months(run, source, question, as_json or run.as_json)
        return
    with asked_source(run, log) as source:
        found = list(figures(source, question))
        ways = doubts_of(run, source, question) if doubt else []
        if as_json or run.as_json:
            plain = (one.to_json(members=members is not None) for one in found)
            told = with_doubt(found, ways, members=members is not None) if doubt else plain
            beside = Names(source)
            run.write_json(_named(one, beside) for one in told)
            return
    run.out.print(run.say("stats_head", first=first, last=last))
    print_figures(run, found)
    if doubt:
        print_doubt(run, found, ways)
    if members is not None:
        _print_members(run, found)


def _named(figure: dict[str, Any], names: Names) -> dict[str, Any]:
    """The lists of a figure with number and ref beside every subject; the digest is over them without these."""
    for part in ("members", "excluded"):
        if part in figure:
            figure[part] = [names.beside(one, one["subject"]) for one in figure[part]]
    return figure


def _period(run: Invocation, year: int | None, from_on: str | None, until_on: str | None) -> tuple[date, date]:
    if year is not None and (from_on is not None or until_on is not None):
        raise typer.BadParameter(run.say("year_or_days"))
    if (from_on is None) != (until_on is None):
        raise typer.BadParameter(run.say("both_days"))
    if from_on is not None and until_on is not None:
        first, last = day_given(run, from_on), day_given(run, until_on)
        if last < first:
            raise typer.BadParameter(run.say("days_turned", first=first, last=last))
        return first, last
    asked = year if year is not None else today().year
    return date(asked, 1, 1), date(asked, 12, 31)


def _figure(run: Invocation, name: str) -> str:
    from projections.statistics import ALL_FIGURES

    known = [rule.definition.id for rule in ALL_FIGURES]
    if name not in known:
        raise typer.BadParameter(run.say("unknown_figure", name=name, known=", ".join(known)))
    return name


def print_figures(run: Invocation, found: Sequence[Figure]) -> None:
    """Figures without dimensions in one table, every other figure in a table of its own."""
    whole = [one for one in found if not one.definition.dimensions]
    if whole:
        print_table(run, WHOLE_SHOWN, (figure_row(run, one) for one in whole))
    for name in dict.fromkeys(one.definition.id for one in found if one.definition.dimensions):
        parts = [one for one in found if one.definition.id == name]
        title = figure_row(run, parts[0])["title"]
        print_table(run, PARTS_SHOWN, (figure_row(run, one) for one in parts), f"{title} ({name})")


def figure_row(run: Invocation, figure: Figure) -> dict[str, Any]:
    """A figure as a row of a table; a rate with numerator and denominator.

    English leaves the counting word out: the title says what is counted.
    """
    title, value = figure.definition.title, figure.value
    if isinstance(value, dict):
        shown = rate(value["numerator"], value["denominator"])
    elif figure.definition.kind == "sum":
        shown = f"{yuan(value)} {run.say('yuan')}"
    else:
        shown = f"{number(value)} {figure.definition.unit}" if run.lang == "zh" else number(value)
    return {
        "figure": figure.definition.id,
        "title": title.zh if run.lang == "zh" else title.en,
        "dimensions": " · ".join(_dimension(run, name, value) for name, value in figure.dimensions.items()),
        "value": shown,
        "by_status": "  ".join(
            f"{state_word(name, run.lang)} {number(count)}" for name, count in figure.by_status.items()
        ),
    }


def _dimension(run: Invocation, name: str, value: str) -> str:
    if name != "channel":
        return value
    from projections.wording import value_word

    return value_word("channel", value, run.lang)


def rate(numerator: int, denominator: int) -> str:
    """A rate with what stands behind it, in tenths of a percent cut, never rounded up."""
    if denominator == 0:
        return "0 / 0"
    tenths = numerator * 1000 // denominator
    return f"{number(numerator)} / {number(denominator)} = {tenths // 10}.{tenths % 10} %"


def _print_members(run: Invocation, found: list[Figure]) -> None:
    for figure in found:
        label = " · ".join(figure.dimensions.values())
        rows: list[dict[str, Any]] = [one.to_json() for one in figure.members]
        print_table(run, MEMBERS_SHOWN, rows, run.say("members_title", label=label, count=len(rows)))
        if figure.excluded:
            left_out = [{**one.to_json(), "told": one.to_json()["reason"][run.lang]} for one in figure.excluded]
            print_table(run, MEMBERS_SHOWN, left_out, run.say("excluded_title", label=label, count=len(left_out)))
