"""`verify` and `verify-proof`: what an auditor runs on a copy; no ledger, no settings, none of the builder's code."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from domain.numerals import number
from infra.cli.exits import REFUSED
from infra.cli.invocation import Invocation, invocation
from infra.cli.options import Json
from infra.cli.texts import both
from infra.verify import Report, verify_log, verify_proof_files

PUBLISHED_SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schemas" / "events"
_SPAN = re.compile(r"([0-9]{1,6})(s|m|h|d)", re.ASCII)
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

PolicyFile = Annotated[
    Path,
    typer.Option(
        "--policy",
        metavar="FILE",
        exists=True,
        dir_okay=False,
        help=both("审计方自己固定的策略文件（来源与密钥）", "the auditor's own policy file: origin and keys"),
    ),
]


def verify(
    ctx: typer.Context,
    directory: Annotated[
        Path, typer.Argument(metavar="DIR", help=both("封存日志的目录或其副本", "the log's folder, or a copy of it"))
    ],
    policy: PolicyFile,
    remember: Annotated[
        Path | None,
        typer.Option(
            "--remember",
            metavar="FILE",
            help=both(
                "审计方的记忆文件：与以前核验的检查点比较，成功后更新",
                "the auditor's memory: compare with checkpoints verified before, and add this one when all is well",
            ),
        ),
    ] = None,
    max_age: Annotated[
        str | None,
        typer.Option(
            "--max-age",
            metavar="SPAN",
            help=both(
                "日志最多多旧，如 90m、36h、7d；缺省只显示", "how old the log may be: 90m, 36h, 7d; else only told"
            ),
        ),
    ] = None,
    schemas: Annotated[
        Path | None,
        typer.Option(
            "--schemas",
            metavar="DIR",
            exists=True,
            file_okay=False,
            help=both(
                "事件模式目录；缺省为本程序所附的已公布模式",
                "a folder of event schemas; the published ones that come with this program unless given",
            ),
        ),
    ] = None,
    without_schemas: Annotated[
        bool,
        typer.Option(
            "--without-schemas",
            help=both("不核对事件模式（如日志来自更新的版本）", "check no schemas, as for a log of a later version"),
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Verify a copied log against the auditor's own policy; exit 1 at the first thing that is wrong."""
    run = invocation(ctx)
    if schemas is None and not without_schemas and PUBLISHED_SCHEMAS.is_dir():
        schemas = PUBLISHED_SCHEMAS
    report = verify_log(directory, _policy_text(policy), remember, _span(run, max_age), schemas)
    _tell(run, report, plain=as_json or run.as_json)


def verify_proof_file(
    ctx: typer.Context,
    proof: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", exists=True, dir_okay=False, help=both("证明文件（.tlog-proof）", "a .tlog-proof file")
        ),
    ],
    policy: PolicyFile,
    event: Annotated[
        Path | None,
        typer.Option(
            "--event",
            metavar="FILE",
            exists=True,
            dir_okay=False,
            help=both("事件字节（缺省取证明所附）", "the event's bytes; those that the proof carries unless given"),
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Verify offline that the log holds exactly one event; exit 1 when it does not."""
    run = invocation(ctx)
    report = verify_proof_files(proof, event, _policy_text(policy))
    if report is None:
        raise typer.BadParameter(run.say("no_event_in_proof"))
    _tell(run, report, plain=as_json or run.as_json)


def _policy_text(file: Path) -> str:
    return file.read_bytes().decode("utf-8", "surrogateescape")


def _span(run: Invocation, text: str | None) -> timedelta | None:
    if text is None:
        return None
    found = _SPAN.fullmatch(text)
    if found is None:
        raise typer.BadParameter(run.say("bad_span", text=text))
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _tell(run: Invocation, report: Report, *, plain: bool) -> None:
    """The report on stdout; a failure as one line on stderr, and exit 1."""
    if plain:
        run.write_json([report.to_json()])
    else:
        _print(run, report)
    failure = report.failure
    if failure is not None:
        index = "" if failure.index is None else run.say("verify_index", index=failure.index)
        run.tell("verify_failed", code=failure.code, message=failure.message, place=failure.place or "–", index=index)
    if not report.ok:
        raise typer.Exit(REFUSED)
    run.tell("verified", origin=report.origin, size=report.size)


def _print(run: Invocation, report: Report) -> None:
    facts = [("origin", report.origin), ("size", number(report.size)), ("root", report.root)]
    facts += [(f"checked_{kind}", number(count)) for kind, count in sorted(report.checked.items())]
    facts += [("signed_by", key) for key in report.signed_by]
    facts += [("rotated", f"{index}: {new}") for index, _, new in report.rotations]
    if report.age_s is not None:
        facts.append(("age", run.say(f"age_by_{report.age_source}", hours=f"{report.age_s / 3600:,.1f}")))
    for name, value in facts:
        print(f"{run.say('verify_' + name)}: {value}")
