"""The demo's tables: a handful of questions to three ledgers, each with a sentence and the next command."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

from consumers.together import answer_together
from domain.asof import AsOf, end_of_day
from domain.checks.base import Finding
from domain.numerals import number, yuan
from infra.cli.demo import command_of
from infra.cli.demo_compare import LATE_CASE, print_difference
from infra.cli.demo_words import words
from infra.cli.invocation import Invocation
from infra.cli.judging import rate
from infra.cli.listing import projection_of
from infra.cli.question import current_views, today
from infra.cli.tables import print_cells
from infra.wiring import open_source, tagger_of
from infra.wording import days_late, state_word
from projections import ALL_PROJECTIONS
from projections.figure import Figure, Question
from projections.findings import CheckRun, run_checks
from projections.fold import Row
from projections.statistics import ALL_FIGURES, figures

Runs = Mapping[str, Invocation]
YEAR = Question.year(2025)
ALL_TIME = Question(date(2000, 1, 1), date(2025, 12, 31))
AGENCIES_SHOWN = 8
CHAINS_SHOWN = 5
HALF_YEAR = date(2025, 6, 30)
FUND_LINES = ("opening", "budgeted", "paid", "returned", "recovered", "balance")
"""What adds up to a fund's balance, in the order in which a reader adds."""


def print_all(runs: Runs) -> None:
    """Every table of the demo in reading order."""
    office, nyc, permits = runs["office"], runs["nyc311"], runs["permits"]
    _channels(office)
    _rates(office)
    case = _three_ways(office)
    _fund(office)
    _checks(office)
    _real_checks(nyc, permits)
    _late_feedback(nyc)
    _chains(permits)
    _one_case(office, case)
    _two_clocks(office)
    _difference(office)


def _rows(run: Invocation, name: str, where: Mapping[str, str] | None = None, order: Sequence[str] = ()) -> list[Row]:
    with open_source(run.settings) as source, current_views(run, source) as store:
        return list(store.rows(projection_of(name).name, where, order=order))


def _figures(run: Invocation, question: Question, *names: str) -> list[Figure]:
    with open_source(run.settings) as source:
        return list(figures(source, Question(question.from_on, question.until_on, question.as_of, names)))


def _table(run: Invocation, headings: Iterable[str], rows: Iterable[Sequence[str]], numbers: int = 0) -> None:
    """A small table; the last `numbers` columns are numbers, the column in front of them may be a sentence."""
    names = list(headings)
    first = len(names) - numbers
    print_cells(run, names, rows, numbers=range(first, len(names)), sentences={first - 1})


@contextmanager
def _section(run: Invocation, name: str) -> Iterator[Callable[..., None]]:
    """A heading, whatever is printed inside, and the sentence that the caller fills in."""
    from rich.text import Text

    run.out.print()
    run.out.print(Text(words(run.lang, f"h_{name}"), style="bold"))
    values: dict[str, Any] = {"cmd": command_of(run)}
    yield values.update
    run.out.print(words(run.lang, f"s_{name}", **values), soft_wrap=True)


def _w(run: Invocation, *names: str) -> list[str]:
    return [words(run.lang, name) if name.startswith("c_") else run.say(name) for name in names]


def _channels(run: Invocation) -> None:
    from projections.wording import value_word

    found = _figures(run, YEAR, "cases_received_by_channel")
    with _section(run, "channels") as tell:
        counts = [(value_word("channel", one.dimensions["channel"], run.lang), len(one.members)) for one in found]
        total = sum(count for _, count in counts)
        rows = [(name, number(count)) for name, count in counts]
        _table(run, _w(run, "col_channel", "c_count"), [*rows, (words(run.lang, "c_total"), number(total))], 1)
        tell(total=number(total))


def _rates(run: Invocation) -> None:
    names = ("timely_acceptance_rate_office", "timely_acceptance_rate_units", "on_time_closure_rate")
    found = _figures(run, YEAR, *names)
    with _section(run, "rates"):
        rows = []
        for name in names:
            parts = [one for one in found if one.definition.id == name]
            title = parts[0].definition.title
            timely, all_of = sum(len(one.numerator) for one in parts), sum(len(one.members) for one in parts)
            left_out = number(sum(len(one.excluded) for one in parts))
            rows.append((title.zh if run.lang == "zh" else title.en, rate(timely, all_of), left_out))
        _table(run, _w(run, "col_title", "c_rate", "c_excluded"), rows, 2)


def _three_ways(run: Invocation) -> str:
    """The table of three-way assignments; the first of their cases."""
    offers: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in _rows(run, "handoffs", {"mode": "tri_party"}):
        offers[row["case"], row["handoff"]].append(row)
    with _section(run, "tri"):
        rows = [
            (
                case,
                " · ".join(sorted(str(one["unit"]) for one in parts)),
                f"{sum(one['received_at'] is not None for one in parts)} / {len(parts)}",
                f"{sum(one['fed_back_at'] is not None for one in parts)} / {len(parts)}",
            )
            for (case, _), parts in sorted(offers.items())
        ]
        _table(run, _w(run, "col_case", "col_unit", "c_received", "c_fed_back"), rows, 2)
    return min(case for case, _ in offers)


def _fund(run: Invocation) -> None:
    funds, grants = _rows(run, "funds"), _rows(run, "grants")
    with _section(run, "fund") as tell:
        for fund in funds:
            lines = [(words(run.lang, f"l_{name}"), yuan(fund[f"{name}_fen"])) for name in FUND_LINES]
            _table(run, [fund["fund"], words(run.lang, "c_yuan")], lines, 1)
        by_state: dict[str, list[int]] = defaultdict(list)
        for grant in grants:
            by_state[grant["state"]].append(grant["net_fen"])
        rows = [
            (state_word(state, run.lang), str(len(sums)), yuan(sum(sums))) for state, sums in sorted(by_state.items())
        ]
        _table(run, _w(run, "col_state", "c_count", "c_sum"), rows, 2)
        tell(fund=funds[0]["fund"])


def _run_checks(run: Invocation) -> CheckRun:
    with open_source(run.settings) as source:
        return run_checks(source, tagger=tagger_of(run.settings))


def _families(run: Invocation, done: CheckRun) -> list[tuple[str, ...]]:
    """One row a kind of checks: how many there are, what they found by certainty, what they cannot tell."""
    from domain.checks import ALL_CHECKS

    rows = []
    for family in dict.fromkeys(check.id.split("-")[1] for check in ALL_CHECKS):
        found = [one for one in done.findings if one.check.split("-")[1] == family]
        hits = [one for one in found if one.result == "hit"]
        soft = sum(1 for one in hits if one.certainty == "suspect")
        unsure = sum(1 for one in found if one.result == "cannot_tell")
        checks = sum(1 for check in ALL_CHECKS if check.id.split("-")[1] == family)
        name = f"XF-{family} {words(run.lang, f'f_{family}')}"
        rows.append((name, *(number(count) for count in (checks, len(hits) - soft, soft, unsure))))
    return rows


_FAMILIES = ("c_family", "c_checks", "c_hard", "c_soft", "col_cannot_tell")


def _checks(run: Invocation) -> None:
    from domain.checks import ALL_CHECKS

    with open_source(run.settings) as source:
        year_end = AsOf("happened", end_of_day(date(2025, 12, 31)))
        given = answer_together(
            source, year_end, questions=[YEAR], projections=ALL_PROJECTIONS, tagger=tagger_of(run.settings)
        )
    done = given.checks
    soft = sum(1 for one in done.hits if one.certainty == "suspect")
    with _section(run, "checks") as tell:
        _table(run, _w(run, *_FAMILIES), _families(run, done), 4)
        tell(checks=len(ALL_CHECKS), hard=len(done.hits) - soft, soft=soft, decoded=number(given.decoded))
        tell(figures=len(ALL_FIGURES), views=len(given.rows))


def _real_checks(nyc: Invocation, permits: Invocation) -> None:
    done = {run.settings.data.name: _run_checks(run) for run in (nyc, permits)}
    with _section(nyc, "real_checks") as tell:
        rows = [(ledger, *row) for ledger, one in done.items() for row in _families(nyc, one) if set(row[2:]) != {"0"}]
        _table(nyc, _w(nyc, "c_ledger", *_FAMILIES), rows, 4)
        unsure = next(one for one in done["nyc311"].findings if one.check == "XF-HND-006")
        hit = next(one for one in done["nyc311"].hits if one.certainty != "suspect")
        tell(example=_sentence(nyc, unsure), case=unsure.subject, sure=hit.check, hit=_sentence(nyc, hit))


def _sentence(run: Invocation, finding: Finding) -> str:
    return finding.sentence.zh if run.lang == "zh" else finding.sentence.en


def _late_feedback(run: Invocation) -> None:
    answered: dict[str, list[int]] = defaultdict(list)
    for row in _rows(run, "handoffs"):
        if row["feedback_days_late"] is not None:
            answered[row["unit"]].append(row["feedback_days_late"])
    late = {unit: [days for days in found if days > 0] for unit, found in answered.items()}
    units = sorted(answered, key=lambda unit: (-len(late[unit]), unit))[:AGENCIES_SHOWN]
    with _section(run, "late") as tell:
        rows = [
            (
                unit,
                number(len(answered[unit])),
                number(len(late[unit])),
                days_late(max(late[unit], default=0), run.lang),
            )
            for unit in units
        ]
        _table(run, _w(run, "col_unit", "c_answered", "c_late", "c_worst"), rows, 3)
        tell(unit=units[0], shown=len(units))


def _chains(run: Invocation) -> None:
    found = {one.definition.id: one for one in _figures(run, ALL_TIME, "returning_chains", "holders_at_least_3")}
    returning = {one.subject for one in found["returning_chains"].members}
    steps: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in _rows(run, "handoffs"):
        if row["case"] in returning and row["received_at"] is not None:
            steps[row["case"]].append((row["offered_at"], row["unit"]))
    longest = sorted(steps, key=lambda case: (-len(steps[case]), case))[:CHAINS_SHOWN]
    with _section(run, "chains") as tell:
        rows = [(case, " → ".join(unit for _, unit in sorted(steps[case]))) for case in longest]
        _table(run, _w(run, "col_case", "c_holders"), rows)
        tell(
            returning=len(returning),
            holders=len(found["holders_at_least_3"].members),
            case=longest[0],
            shown=len(longest),
        )


def _one_case(run: Invocation, case: str) -> None:
    from infra.cli.showing import print_story

    with _section(run, "case") as tell:
        with open_source(run.settings) as source:
            received = print_story(run, source, case)
        tell(case=case, day=received)


def _two_clocks(run: Invocation) -> None:
    from consumers.project import fold_as_of
    from projections import projection_named

    view, now = projection_named("case_view"), today()
    days = [HALF_YEAR, now - timedelta(days=1), now]
    with _section(run, "clocks") as tell, open_source(run.settings) as source:
        tell(late=source.subject_of("case", LATE_CASE))
        rows = [
            (
                str(day),
                *(
                    number(sum(1 for _ in fold_as_of(source, view, AsOf(clock, end_of_day(day)))))
                    for clock in ("happened", "known")
                ),
            )
            for day in days
        ]
        _table(run, _w(run, "c_question", "c_happened", "c_known"), rows, 2)


def _difference(run: Invocation) -> None:
    with _section(run, "difference") as tell, open_source(run.settings) as source:
        tell(**print_difference(run, source))
