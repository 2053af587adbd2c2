"""`import`: action files and foreign tables and logs, with a bar, an account, and rejects in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from domain.numerals import number
from infra.cli.exits import REFUSED
from infra.cli.invocation import Invocation, invocation
from infra.cli.keeping import keep_current
from infra.cli.options import Json
from infra.cli.outputs import output_file
from infra.cli.sealing import seal_recorded
from infra.cli.tables import print_facts
from infra.cli.texts import both

if TYPE_CHECKING:
    from infra.importing.driver import ImportOptions, Report, Step
    from infra.importing.sources import ImportSource

COUNTS = (
    "read", "accepted_new", "already_there", "rejected", "actions_new", "actions_already", "actions_refused",
)  # fmt: skip


FileName = Annotated[
    Path, typer.Argument(metavar="FILE", help=both("动作文件、表格或日志", "an action file, a table or a log"))
]
MappingName = Annotated[
    Path | None,
    typer.Option(
        "--mapping",
        metavar="M.toml",
        help=both("映射文件；动作文件不需要", "the mapping file; none for an action file"),
    ),
]
History = Annotated[
    bool,
    typer.Option(
        "--history",
        help=both(
            "历史数据：缺少的事实视为未知，控制改为检查",
            "records of the past: absent facts are unknown, guards become findings",
        ),
    ),
]
ApprovedBy = Annotated[
    str | None, typer.Option("--approved-by", metavar="STAFF", help=both("批准人", "who approved the import"))
]
Reason = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help=both("理由", "why"))]
RejectsName = Annotated[
    Path | None,
    typer.Option(
        "--rejects",
        metavar="FILE",
        help=both(
            "拒收行写入此文件（缺省在数据目录 rejects/ 下）",
            "rejected rows go here (rejects/ in the data folder unless given)",
        ),
    ),
]
DryRun = Annotated[
    bool,
    typer.Option("--dry-run", help=both("在临时副本上试导，不作记录", "try it on a temporary copy and record nothing")),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        metavar="E",
        help=both("文本编码；缺省自动判断", "encoding of the text; told by itself unless given"),
    ),
]
RecorderStaff = Annotated[
    str | None,
    typer.Option("--recorder-staff", metavar="STAFF", help=both("操作人员编号", "staff id of who imports")),
]


def import_file(
    ctx: typer.Context,
    file: FileName,
    mapping: MappingName = None,
    history: History = False,
    approved_by: ApprovedBy = None,
    reason: Reason = None,
    rejects: RejectsName = None,
    dry_run: DryRun = False,
    encoding: Encoding = None,
    recorder_staff: RecorderStaff = None,
    as_json: Json = False,
) -> None:
    """Import a file; again changes nothing, an interrupted one goes on. Exit 1 when rows were rejected."""
    from infra.importing.driver import ImportOptions
    from infra.importing.mapping import load_mapping
    from infra.importing.sources import ImportSource
    from infra.keys import DisciplineKey
    from infra.wiring import operator_name, source_of

    run = invocation(ctx)
    source_of(run.settings)
    output_file(run, rejects, file, mapping)
    source = ImportSource(file, load_mapping(mapping) if mapping is not None else None, encoding=encoding)
    options = ImportOptions(
        kind="history" if history else "live",
        operator=operator_name(run.settings),
        rejects=rejects if rejects is not None or dry_run else _rejects_file(run, source),
        recorder_staff=recorder_staff,
        approved_by=approved_by,
        reason=reason,
        dry_run=dry_run,
        keyed_digest=DisciplineKey(run.settings.key_folder).file_digest,
    )
    try:
        with steps_bar(run, source) as moved:
            report = imported(run, source, options, moved)
    finally:
        if not dry_run:
            seal_recorded(run)
            keep_current(run)
    tell(run, report, as_json=as_json or run.as_json)
    if not report.is_complete:
        raise typer.Exit(REFUSED)


def imported(
    run: Invocation, source: ImportSource, options: ImportOptions, moved: Callable[[Step], None] | None = None
) -> Report:
    """Run the import on the ledger, or a dry run of the same code on a copy that is thrown away."""
    from infra.import_ledger import open_imports, trial_of
    from infra.importing.driver import run_import

    if options.dry_run:
        with trial_of(run.settings) as trial, open_imports(trial) as ledger:
            return run_import(source, ledger, options, moved)
    with open_imports(run.settings) as ledger:
        return run_import(source, ledger, options, moved)


def _rejects_file(run: Invocation, source: ImportSource) -> Path:
    """A file of this import's own, the same whenever it goes on."""
    from domain.errors import Unavailable

    folder = run.settings.data / "rejects"
    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        raise Unavailable("read_only", f"{folder}: {error.strerror}") from error
    return folder / f"{source.path.name}.{source.digest[:12]}.jsonl"


@contextmanager
def steps_bar(run: Invocation, source: ImportSource) -> Iterator[Callable[[Step], None]]:
    """A bar over the bytes of the file, as a function that the import calls after each batch."""
    with run.progress("bar_import", "bytes") as bar:
        task = bar.add_task("", total=source.size_bytes)

        def moved(step: Step) -> None:
            bar.update(task, completed=step.bytes_read, total=step.size_bytes)

        yield moved


def tell(run: Invocation, report: Report, *, as_json: bool) -> None:
    """The account of the import, and where the rejects are."""
    if as_json:
        run.write_json([report.to_json()])
    else:
        counts = report.to_json()
        print_facts(run, ((run.say(f"import_{name}"), number(counts[name])) for name in COUNTS))
    if report.resumed_at is not None:
        run.tell("import_resumed", line=report.resumed_at)
    if report.finished_before:
        run.tell("import_finished_before")
    if report.stopped is not None:
        run.tell("import_stopped", message=report.stopped["message"])
    if report.rejected:
        run.tell(
            "import_rejects" if report.rejects else "import_rejected_untold", count=report.rejected, file=report.rejects
        )
    if report.dry_run:
        run.tell("import_dry")
