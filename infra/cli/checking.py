"""`check`: what the supervision checks find, why, what another parameter would change, and the papers for a reviewer."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from infra.cli.check_options import (
    Audience,
    AudienceName,
    Compare,
    Csv,
    Explain,
    Ids,
    Kept,
    Set,
    Since,
    Subjects,
    Unit,
    Xlsx,
)
from infra.cli.exits import CHECK_FAILED, REFUSED
from infra.cli.invocation import Invocation, invocation
from infra.cli.keeping import kept_findings, refreshed
from infra.cli.logged import asked_source, sealed_leaves
from infra.cli.options import AsOfText, AtSize, Clock, Json, LogFolder
from infra.cli.outputs import output_file
from infra.cli.question import as_of_given, day_given, is_present
from infra.cli.subjects import Names
from infra.cli.tables import Shown, print_table

if TYPE_CHECKING:
    from domain.asof import AsOf
    from domain.checks.base import Check
    from domain.checks.record_reader import LeafSource
    from infra.sql_source import SqlSource
    from projections.comparing import Change

Line = Mapping[str, Any]
FINDINGS_SHOWN = (
    Shown("check"), Shown("case"), Shown("result", spare=True), Shown("severity", spare=True),
    Shown("certainty", spare=True), Shown("told"),
)  # fmt: skip
COUNTS_SHOWN = (Shown("check"), Shown("title"), Shown("hits", "text", True), Shown("cannot_tell", "text", True))
UNITS_SHOWN = (
    Shown("unit"), Shown("critical", "text", True), Shown("high", "text", True), Shown("medium", "text", True),
    Shown("low", "text", True),
)  # fmt: skip
FINDINGS_PRINTED_MAX = 60


def check(
    ctx: typer.Context,
    ids: Ids = None,
    as_of: AsOfText = None,
    clock: Clock = "happened",
    at_size: AtSize = None,
    subject: Subjects = None,
    unit: Unit = None,
    since: Since = None,
    audience: Audience = None,
    explain: Explain = None,
    set_: Set = None,
    compare: Compare = False,
    kept: Kept = False,
    as_csv: Csv = False,
    xlsx: Xlsx = None,
    log: LogFolder = None,
    as_json: Json = False,
) -> None:
    """Run the supervision checks; exit 1 when something was found, 3 when a check failed."""
    run = invocation(ctx)
    run.as_json = run.as_json or as_json
    wanted = _checks(run, [explain[0]] if explain else ids or [])
    asked = Asked(wanted, as_of_given(run, as_of, clock, at_size), _parameters(run, set_ or [], wanted), log)
    _refuse_what_does_not_go_together(run, asked, compare, kept)
    if explain and audience is not None and not _is_for(wanted[0], audience):
        raise typer.BadParameter(run.say("not_for_audience", id=wanted[0].id, audience=wanted[0].audience))
    shown = Selection(unit, day_given(run, since) if since is not None else None, audience)
    file = output_file(run, xlsx)
    with asked_source(run, log) as source:
        names = Names(source)
        if explain is not None:
            _explain(run, source, asked, names.subject(explain[1]))
            return
        subjects = [names.subject(one) for one in subject] if subject else None
        if compare:
            _compare(run, source, asked, subjects, shown)
        else:
            _judge(run, source, asked, subjects, shown, kept=kept, as_csv=as_csv, file=file)


@dataclass(frozen=True)
class Asked:
    """What is asked: which checks, from which point of view, with which parameters, of which ledger."""

    checks: tuple[Check, ...]
    as_of: AsOf
    parameters: Mapping[str, Mapping[str, int]]
    log: Path | None


@dataclass(frozen=True)
class Selection:
    """Which of the findings are told."""

    unit: str | None
    first: date | None
    audience: AudienceName | None

    def shows(self, line: Line) -> bool:
        """Whether a finding concerns the unit, since the day, and is for the audience."""
        from projections.finding_list import concerns, is_for, is_since

        if self.unit is not None and not concerns(line, self.unit.removeprefix("unit:")):
            return False
        if self.first is not None and not is_since(line, self.first):
            return False
        return self.audience is None or is_for(line, self.audience)


def _judge(
    run: Invocation,
    source: SqlSource,
    asked: Asked,
    subjects: Sequence[str] | None,
    shown: Selection,
    *,
    kept: bool,
    as_csv: bool,
    file: Path | None,
) -> None:
    sealed = sealed_leaves(run, asked.log)
    answer = (_kept if kept else _anew)(run, source, asked, subjects, sealed.leaves)
    lines = [line for line in answer.lines if shown.shows(line)]
    if file is not None:
        from infra.working_paper import write_workbook

        write_workbook(file, answer.head, lines, asked.checks)
        run.tell("paper_written", file=file)
    if as_csv:
        from infra.working_paper import write_csv

        write_csv(sys.stdout, lines)
        for failure in answer.failures:
            _tell_failure(run, failure)
    elif run.as_json:
        run.write_json(_json(answer, lines, Names(source)))
    else:
        _print_findings(run, answer, lines, asked.checks)
    if answer.failures:
        raise typer.Exit(CHECK_FAILED)
    if sealed.is_damaged or any(line["result"] == "hit" for line in lines):
        raise typer.Exit(REFUSED)


@dataclass(frozen=True)
class Answer:
    """What the checks said: the head of the question, findings as JSON objects, and what failed."""

    head: Line
    lines: Iterable[Line]
    failures: Sequence[Line]


def _anew(
    run: Invocation,
    source: SqlSource,
    asked: Asked,
    subjects: Sequence[str] | None,
    leaves: LeafSource | None,
) -> Answer:
    """Everything read and judged now."""
    from infra.wiring import tagger_of
    from projections.findings import run_checks

    tagger = tagger_of(run.settings)
    done = run_checks(source, asked.as_of, asked.checks, subjects, tagger, asked.parameters, leaves)
    return Answer(done.head, (one.to_json() for one in done.findings), [one.to_json() for one in done.failures])


def _kept(
    run: Invocation,
    source: SqlSource,
    asked: Asked,
    subjects: Sequence[str] | None,
    leaves: LeafSource | None,
) -> Answer:
    """The findings beside the views, first brought to the ledger's head; the whole catalogue is always kept."""
    with kept_findings(run) as store:
        done = refreshed(run, source, store, leaves)
        whole = run.say("kept_whole" if done.whole else "kept_part")
        run.tell("kept_done", matters=done.matters, groups=done.groups, whole=whole)
        ids = {one.id for one in asked.checks}
        head = {
            **done.head,
            "parameters": {name: value for name, value in done.head["parameters"].items() if name in ids},
        }
        lines = [line for line in store.findings(subjects) if line["check"] in ids]
        return Answer(head, lines, [line for line in store.failures() if line["failed"]["check"] in ids])


def _refuse_what_does_not_go_together(run: Invocation, asked: Asked, compare: bool, kept: bool) -> None:
    if compare and not asked.parameters:
        raise typer.BadParameter(run.say("compare_needs_set"))
    if kept and (asked.parameters or asked.log is not None or not is_present(asked.as_of)):
        raise typer.BadParameter(run.say("kept_is_present"))


def _is_for(check: Check, audience: AudienceName) -> bool:
    from projections.finding_list import is_for

    return is_for({"audience": check.audience}, audience)


def _checks(run: Invocation, ids: Iterable[str]) -> tuple[Check, ...]:
    from domain.checks import ALL_CHECKS

    known = {one.id: one for one in ALL_CHECKS}
    unknown = [one for one in ids if one not in known]
    if unknown:
        raise typer.BadParameter(run.say("unknown_check", id=unknown[0], known=", ".join(known)))
    return tuple(known[one] for one in dict.fromkeys(ids)) or ALL_CHECKS


def _parameters(run: Invocation, words: Iterable[str], checks: Iterable[Check]) -> dict[str, dict[str, int]]:
    """The parameters of `--set`; a word that is none, or names none, is a usage error."""
    known = {one.id: [parameter.name for parameter in one.parameters] for one in checks}
    found: dict[str, dict[str, int]] = {}
    for word in words:
        name, equals, number = word.partition("=")
        check, dot, parameter = name.partition(".")
        if not (equals and dot and number.isascii() and number.isdigit() and len(number) < 10):
            raise typer.BadParameter(run.say("bad_parameter", word=word))
        if check not in known:
            raise typer.BadParameter(run.say("unknown_check", id=check, known=", ".join(known)))
        if parameter not in known[check]:
            raise typer.BadParameter(
                run.say(
                    "unknown_parameter",
                    check=check,
                    name=parameter,
                    known=", ".join(known[check]) or run.say("no_parameters"),
                )
            )
        found.setdefault(check, {})[parameter] = int(number)
    return found


def _json(answer: Answer, lines: Iterable[Line], names: Names) -> Iterator[Line]:
    yield {"head": answer.head}
    for line in lines:
        yield names.beside(line, line["subject"])
    yield from answer.failures


def _print_findings(run: Invocation, answer: Answer, lines: Sequence[Line], checks: Sequence[Check]) -> None:
    from projections.finding_list import by_unit_and_severity

    head = answer.head
    run.out.print(
        run.say("check_head", size=head["size"], as_of=head["as_of"] or "–", clock=run.say(f"clock_{head['clock']}"))
    )
    counts = [
        {
            "check": one.id,
            "title": one.title.zh if run.lang == "zh" else one.title.en,
            "hits": sum(1 for found in lines if found["check"] == one.id and found["result"] == "hit"),
            "cannot_tell": sum(1 for found in lines if found["check"] == one.id and found["result"] == "cannot_tell"),
        }
        for one in checks
    ]
    print_table(run, COUNTS_SHOWN, counts)
    hits = [line for line in lines if line["result"] == "hit"]
    if hits:
        units = ({**row, "unit": row["unit"] or run.say("no_unit")} for row in by_unit_and_severity(hits))
        print_table(run, UNITS_SHOWN, units, run.say("units_title"))
        print_table(run, FINDINGS_SHOWN, (finding_row(run, found) for found in hits[:FINDINGS_PRINTED_MAX]))
    for failure in answer.failures:
        _tell_failure(run, failure)
    run.tell("check_done", hits=len(hits), shown=min(len(hits), FINDINGS_PRINTED_MAX))


def _tell_failure(run: Invocation, failure: Line) -> None:
    failed = failure["failed"]
    run.tell("check_failed", check=failed["check"], subject=failed["subject"], error=failed["error"])


def finding_row(run: Invocation, found: Line) -> dict[str, Any]:
    """A finding as a row of a table."""
    return {
        "check": found["check"],
        "case": found["subject"],
        "result": found["result"],
        "severity": run.say(f"word_{found['severity']}"),
        "certainty": run.say(f"word_{found['certainty']}"),
        "told": found["sentence"][run.lang],
    }


def _explain(run: Invocation, source: SqlSource, asked: Asked, subject: str) -> None:
    from infra.wiring import tagger_of
    from projections.explaining import explain

    told = explain(source, asked.checks[0], subject, asked.as_of, tagger_of(run.settings), asked.parameters)
    if run.as_json:
        run.write_json([told.to_json()])
    else:
        for number, step in enumerate(told.steps, start=1):
            run.out.print(f"{number:>2}. {step.zh if run.lang == 'zh' else step.en}", soft_wrap=True)
        run.out.print(run.say("explain_result", result=run.say(f"result_{told.result}")))
    if told.result == "hit":
        raise typer.Exit(REFUSED)


def _compare(run: Invocation, source: SqlSource, asked: Asked, wanted: Sequence[str] | None, shown: Selection) -> None:
    from infra.wiring import tagger_of
    from projections.comparing import compare_parameters

    change = compare_parameters(source, asked.parameters, asked.checks, asked.as_of, tagger_of(run.settings))
    change = change.of(lambda one: shown.shows(one.to_json()) and (wanted is None or one.is_about(wanted)))
    if run.as_json:
        run.write_json([change.to_json()])
    else:
        _print_change(run, change)
    failures = [*change.before.failures, *change.after.failures]
    for failure in failures:
        _tell_failure(run, failure.to_json())
    if failures:
        raise typer.Exit(CHECK_FAILED)


def _print_change(run: Invocation, change: Change) -> None:
    parts = (("added", change.added), ("gone", change.taken_away), ("changed", change.reworded))
    for name, findings in parts:
        if findings:
            rows = (finding_row(run, one.to_json()) for one in findings[:FINDINGS_PRINTED_MAX])
            print_table(run, FINDINGS_SHOWN, rows, run.say(f"compare_{name}"))
    run.out.print(
        run.say(
            "compare_done", before=len(change.before.hits), after=len(change.after.hits), added=len(change.added),
            gone=len(change.taken_away), changed=len(change.reworded),
        )
    )  # fmt: skip
