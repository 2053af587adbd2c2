"""`stats --compare`, `--compare-clocks` and `--monthly`: two answers with their causes, and figures month by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.numerals import yuan
from infra.cli.invocation import Invocation
from infra.cli.question import instant_of
from infra.cli.tables import Shown, print_table
from infra.cli.texts import both

if TYPE_CHECKING:
    from domain.asof import AsOf
    from infra.sql_source import SqlSource
    from projections.differences import FigureDifference, MemberChange
    from projections.figure import FigureRule, Question

CHANGES_PRINTED_MAX = 60
SUMS_SHOWN = (
    Shown("figure"), Shown("title"), Shown("was", "text", True), Shown("now", "text", True), Shown("causes"),
)  # fmt: skip
CHANGES_SHOWN = (
    Shown("figure", spare=True), Shown("change"), Shown("subject"), Shown("dimensions"), Shown("item", spare=True),
    Shown("status", spare=True), Shown("cause"), Shown("told"),
)  # fmt: skip
MONTHS_SHOWN = (Shown("month"), Shown("figure"), Shown("dimensions"), Shown("value", "text", True))

Compare = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--compare",
        metavar="D1 D2",
        help=both("两个日期各答一次，逐项说明差异原因", "answer for two dates, and name the cause of every difference"),
    ),
]
CompareClocks = Annotated[
    bool,
    typer.Option(
        "--compare-clocks",
        help=both("按发生与按得知各答一次，逐项说明差异原因", "answer on both clocks, and name the causes"),
    ),
]
CompareDefinitions = Annotated[
    Path | None,
    typer.Option(
        "--compare-definitions",
        metavar="FILE",
        help=both(
            "与另一文件中的指标定义并列比较（如旧版本的 projections/figures_cases.py；该文件会被执行）",
            "beside the definitions of a file, as projections/figures_cases.py of an earlier release (the file is run)",
        ),
    ),
]
Monthly = Annotated[
    bool,
    typer.Option("--monthly", help=both("逐月统计，一次读取", "month by month, from one pass over the events")),
]
_WORDS = {
    "came": ("增加", "came"),
    "went": ("减少", "went"),
    "changed": ("改变", "changed"),
    "more": ("另有 {count} 项差异；--json 全部列出", "{count} more differences; --json gives all"),
    "no_pair": (
        "{file} 中没有所问的指标；其中有：{known}",
        "{file} defines none of the figures asked for; it has {known}",
    ),
    "none": ("两次回答相同", "the two answers are the same"),
}


def _word(run: Invocation, name: str, **values: object) -> str:
    return _WORDS[name][0 if run.lang == "zh" else 1].format(**values)


EXCLUDE_EACH_OTHER = (
    ("--compare", "--as-of"),
    ("--compare", "--compare-clocks"),
    *(("--monthly", other) for other in ("--compare", "--compare-clocks", "--compare-definitions", "--doubt")),
    *(("--doubt", other) for other in ("--compare", "--compare-clocks", "--compare-definitions")),
)
"""Of such a pair one would be passed over in silence."""


def refuse_together(run: Invocation, given: Mapping[str, object]) -> None:
    """A usage error where two options were given of which only one could be answered."""
    asked = {name for name, value in given.items() if value is not None and value is not False}
    for one, other in EXCLUDE_EACH_OTHER:
        if one in asked and other in asked:
            raise typer.BadParameter(run.say("not_together", one=one, other=other))


def two_questions(
    run: Invocation, question: Question, compare: tuple[str, str] | None, clocks: bool
) -> tuple[Question, Question] | None:
    """The two questions that are compared; None where nothing is."""
    from dataclasses import replace

    from domain.asof import AsOf

    def seen(as_of: AsOf) -> Question:
        return replace(question, as_of=as_of)

    asked = question.as_of
    if compare is not None:
        first, second = (instant_of(run, day) for day in compare)
        return seen(AsOf(asked.clock, first, asked.size)), seen(AsOf(asked.clock, second, asked.size))
    if clocks:
        return seen(AsOf("happened", asked.instant, asked.size)), seen(AsOf("known", asked.instant, asked.size))
    return None


Rules = Sequence["FigureRule"]


def two_definitions(run: Invocation, file: Path | None, question: Question) -> tuple[Rules, Rules] | None:
    """The definitions of a file and the present ones of the same figures; None where no file is named."""
    from infra.definitions_file import definitions_in
    from projections.statistics import rules_asked

    if file is None:
        return None
    former = {rule.definition.id: rule for rule in definitions_in(file)}
    present = [rule for rule in rules_asked(question) if rule.definition.id in former]
    if not present:
        known = ", ".join(former)
        raise typer.BadParameter(_word(run, "no_pair", file=file, known=known))
    return [former[rule.definition.id] for rule in present], present


def print_comparison(
    run: Invocation,
    source: SqlSource,
    pair: tuple[Question, Question],
    rules: tuple[Rules, Rules] | None,
    plain: bool,
    shown: Sequence[Shown] = CHANGES_SHOWN,
) -> None:
    """Both values of every figure, the sum of each cause, and the members behind it."""
    from projections.differences import differences

    found = list(differences(source, *pair, *(rules or ())))
    if plain:
        run.write_json(one.to_json() for one in found)
        return
    print_table(run, SUMS_SHOWN, (_sums(run, one) for one in found))
    rows = [_change(run, one, change) for one in found for change in one.changes]
    if not rows:
        run.err.print(_word(run, "none"))
        return
    print_table(run, shown, rows[:CHANGES_PRINTED_MAX])
    if len(rows) > CHANGES_PRINTED_MAX:
        run.err.print(_word(run, "more", count=len(rows) - CHANGES_PRINTED_MAX))


def _sums(run: Invocation, one: FigureDifference) -> dict[str, Any]:
    told = one.to_json()
    is_sum = one.new.kind == "sum"
    causes = [f"{_cause(run, cause)} {_signed(count, is_sum)}" for cause, count in told["by_cause"].items() if count]
    versions = "" if one.old is one.new else f" v{one.old.version} → v{one.new.version}"
    return {
        "figure": one.new.id + versions,
        "title": one.new.title.zh if run.lang == "zh" else one.new.title.en,
        "was": _value(told["was"], is_sum),
        "now": _value(told["now"], is_sum),
        "causes": "；".join(causes) if run.lang == "zh" else "; ".join(causes),
    }


def _signed(count: int, is_sum: bool) -> str:
    return f"{'+' if count > 0 else ''}{yuan(count) if is_sum else count}"


def _value(value: int | dict[str, int], is_sum: bool) -> str:
    if isinstance(value, dict):
        return f"{value['numerator']}/{value['denominator']}"
    return yuan(value) if is_sum else str(value)


def _cause(run: Invocation, cause: Any) -> str:
    from projections.differences import CAUSES

    said = CAUSES[cause]
    return said.zh if run.lang == "zh" else said.en


def _change(run: Invocation, one: FigureDifference, change: MemberChange) -> dict[str, Any]:
    from projections.wording import value_word

    told = change.to_json()
    member = change.now or change.was
    assert member is not None, "a change has a member on one side"
    stands = [side.status for side in (change.was, change.now) if side is not None and side.status]
    return {
        "figure": one.new.id,
        "change": _word(run, told["change"]),
        "subject": member.subject,
        "dimensions": " ".join(value_word(name, value, run.lang) for name, value in change.dimensions.items()),
        "item": member.item,
        "status": " → ".join(stands),
        "cause": _cause(run, change.cause),
        "told": " ".join(change.event_ids),
    }


def print_months(run: Invocation, source: SqlSource, question: Question, plain: bool) -> None:
    """Every figure of every month in which it counts something."""
    from projections.statistics import figures_by_month

    found = figures_by_month(source, question)
    if plain:
        run.write_json(one.to_json() for one in found)
        return
    rows: Sequence[dict[str, Any]] = [
        {
            "month": one.question.from_on.isoformat()[:7],
            "figure": one.definition.title.zh if run.lang == "zh" else one.definition.title.en,
            "dimensions": " ".join(one.dimensions.values()),
            "value": _value(one.value, one.definition.kind == "sum"),
        }
        for one in found
    ]
    print_table(run, MONTHS_SHOWN, rows)
