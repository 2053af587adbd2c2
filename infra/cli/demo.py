"""`demo`: a year recorded, two real logs imported, everything replayed, checked and sealed, in a folder of its own."""

from __future__ import annotations

import shlex
import shutil
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from domain.numerals import number
from infra.cli.demo_compare import APPROVER, tell_something_new
from infra.cli.demo_words import words
from infra.cli.exits import REFUSED
from infra.cli.invocation import Invocation, invocation
from infra.cli.texts import both

if TYPE_CHECKING:
    from infra.importing.driver import Report

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
MARKER = "MADE-BY-CASELEDGER-DEMO"


@dataclass(frozen=True, slots=True)
class Chapter:
    """One ledger of the demo: its folder, its source, and what is imported into it."""

    name: str
    source: str
    file: Path | None = None
    mapping: Path | None = None


CHAPTERS = (
    Chapter("office", "/500229/petition-office"),
    Chapter("nyc311", "/360000/nyc311", SAMPLES / "data/nyc311_2000.csv", SAMPLES / "mappings/nyc311.toml"),
    Chapter("permits", "/990000/permits", SAMPLES / "data/receipt.xes.gz", SAMPLES / "mappings/receipt_permits.toml"),
)


def demo(
    ctx: typer.Context,
    into: Annotated[
        Path,
        typer.Option("--into", metavar="FOLDER", help=both("演示目录，先清空", "the demo's folder, emptied first")),
    ] = Path("demo-data"),
    keep: Annotated[
        bool, typer.Option("--keep", help=both("保留已有的演示账本", "keep the demo's ledgers that are there"))
    ] = False,
) -> None:
    """Build three ledgers and look at them: tables with a sentence each, and the command to type next."""
    from infra.cli.demo_seal import print_seals
    from infra.cli.demo_tables import print_all

    run = invocation(ctx)
    began = time.monotonic()
    _make_room(run, into, keep)
    year = into / "reference-year.jsonl"
    from infra.reference_year.generator import write

    lines = write(year)
    run.out.print(words(run.lang, "intro", folder=into, lines=number(lines)), soft_wrap=True)
    _tell_the_path(run)
    chapters = [replace(one, file=one.file or year) for one in CHAPTERS]
    runs = {one.name: _chapter_run(run, into / one.name) for one in chapters}
    for one in chapters:
        _import(runs[one.name], one)
    _enter_more(runs["office"], "office")
    for one in chapters:
        _replay(runs[one.name], one.name)
    print_all(runs)
    code = print_seals(runs, into / "auditor")
    seconds = f"{time.monotonic() - began:.0f}"
    run.out.print(words(run.lang, "end", seconds=seconds, cmd=command_of(runs["office"])), soft_wrap=True)
    if code:
        raise typer.Exit(code)


def command_of(run: Invocation) -> str:
    """How the reader calls the program on this ledger."""
    return f"caseledger --data {run.settings.data}"


def _tell_the_path(run: Invocation) -> None:
    """How to type the commands that follow, where the shell would not find the program."""
    folder = Path(sys.executable).parent
    if shutil.which("caseledger") is None and (folder / "caseledger").exists():
        run.out.print(words(run.lang, "path", folder=shlex.quote(str(folder))), soft_wrap=True)


def _make_room(run: Invocation, folder: Path, keep: bool) -> None:
    from domain.errors import Unavailable

    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).exists():
            run.err.print(words(run.lang, "not_ours", folder=folder))
            raise typer.Exit(REFUSED)
        if folder.exists() and not keep:
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARKER).touch()
    except OSError as error:
        raise Unavailable("read_only", f"{folder}: {error.strerror}") from error


def _chapter_run(run: Invocation, data: Path) -> Invocation:
    """The same run on another ledger."""
    given = {name: value for name, value in run.given.items() if name != "keys"}
    return Invocation({**given, "data": data})


def _import(run: Invocation, chapter: Chapter) -> None:
    from infra.cli.importing import imported, steps_bar
    from infra.founding import found
    from infra.importing.driver import ImportOptions
    from infra.importing.mapping import load_mapping
    from infra.importing.sources import ImportSource
    from infra.wiring import open_source, operator_name

    assert chapter.file is not None, "the generated file stands in for a chapter without one"
    began = time.monotonic()
    found(run.settings, chapter.source)
    source = ImportSource(chapter.file, load_mapping(chapter.mapping) if chapter.mapping is not None else None)
    options = ImportOptions(
        kind="history",
        operator=operator_name(run.settings),
        rejects=run.settings.data / "rejects.jsonl",
        approved_by=APPROVER if chapter.name == "office" else None,
        reason="demo",
    )
    with steps_bar(run, source) as moved:
        report = imported(run, source, options, moved)
    with open_source(run.settings) as recorded:
        events = recorded.head()
    seconds = f"{time.monotonic() - began:.1f}"
    accepted = number(report.accepted_new + report.already_there)
    counts = {"read": number(report.read), "accepted": accepted, "rejected": report.rejected, "events": number(events)}
    run.out.print(words(run.lang, "taken", name=chapter.name, seconds=seconds, **counts), soft_wrap=True)
    _show_reject(run, report)


def _show_reject(run: Invocation, report: Report) -> None:
    import msgspec

    if not report.rejected or report.rejects is None:
        return
    with open(report.rejects, "rb") as file:
        first: dict[str, Any] = msgspec.json.decode(file.readline())
    reason = first["reason"][run.lang] if run.lang == "zh" else first["message"]
    told = words(run.lang, "rejected_one", line=first["line"], field=first["field"], reason=reason)
    run.out.print(told, soft_wrap=True)


def _enter_more(run: Invocation, name: str) -> None:
    """What is entered after the import, so that the ledger's size in later sections is no riddle."""
    from infra.wiring import open_source

    with open_source(run.settings) as source:
        before = source.head()
    tell_something_new(run)
    with open_source(run.settings) as source:
        added = source.head() - before
    if added:
        run.out.print(words(run.lang, "added", name=name, events=added), soft_wrap=True)


def _replay(run: Invocation, name: str) -> None:
    """Bring the views up live, then rebuild them from zero: the two must be equal."""
    from consumers.project import rebuild
    from infra.cli.question import current_views, positions_bar
    from infra.wiring import open_source
    from projections import ALL_PROJECTIONS

    with open_source(run.settings) as source, current_views(run, source) as store:
        began = time.monotonic()
        with positions_bar(run, "bar_replay") as moved:
            comparisons = rebuild(source, store, ALL_PROJECTIONS, moved)
        events = source.head()
    counts = {kind: sum(getattr(one, kind) for one in comparisons) for kind in ("added", "gone", "changed")}
    seconds = f"{time.monotonic() - began:.1f}"
    told = words(
        run.lang, "replayed", name=name, events=number(events), views=len(comparisons), seconds=seconds, **counts
    )
    run.out.print(told, soft_wrap=True)
