"""The program `caseledger`: its commands, its common options, and how every error ends."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from infra.cli import (
    announcing,
    attesting,
    checking,
    demo,
    importing,
    judging,
    listing,
    migrating,
    projecting,
    publishing,
    recording,
    restoring,
    sealing,
    showing,
    upkeep,
    verifying,
)
from infra.cli.exits import FINE, INTERRUPTED, REFUSED, USAGE, exit_code
from infra.cli.invocation import Invocation
from infra.cli.manual import PAGES
from infra.cli.texts import both, chosen, localise
from infra.wording import Lang, language, say

PROGRAM = "caseledger"
COMMON = ("--data", "--keys", "--lang")
UsageProblem: type[Exception] = typer.BadParameter.__mro__[2]
"""What the option parser raises; typer names only its leaves."""


def common(
    ctx: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            metavar="FOLDER",
            help=both(
                "数据目录（CASELEDGER_DATA，缺省 ./ledger-data）",
                "the data folder (CASELEDGER_DATA, ./ledger-data unless set)",
            ),
        ),
    ] = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys",
            metavar="FOLDER",
            help=both(
                "密钥目录（CASELEDGER_KEYS，缺省 <data>-keys）",
                "the key folder (CASELEDGER_KEYS, <data>-keys unless set)",
            ),
        ),
    ] = None,
    lang: Annotated[
        Literal["zh", "en"] | None,
        typer.Option("--lang", help=both("语言（缺省按系统区域）", "the language (the locale's unless given)")),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", hidden=True)] = False,
) -> None:
    """caseledger: the ledger of a letters-and-visits office, built to be supervised."""
    run = ctx.obj
    given: dict[str, object] = {"data": data, "keys": keys, "lang": lang}
    run.given.update({name: value for name, value in given.items() if value is not None})
    run.as_json = as_json


COMMANDS: tuple[tuple[str, Any], ...] = (
    ("init", recording.init),
    ("act", recording.act),
    ("import", importing.import_file),
    ("show", showing.show),
    ("list", listing.list_rows),
    ("deadlines", listing.deadlines),
    ("check", checking.check),
    ("stats", judging.stats),
    ("replay", upkeep.replay),
    ("export", upkeep.export),
    ("status", upkeep.status),
    ("doctor", upkeep.doctor),
    ("seal", sealing.seal),
    ("policy", sealing.policy),
    ("verify", verifying.verify),
    ("prove", sealing.prove),
    ("verify-proof", verifying.verify_proof_file),
    ("rotate-key", sealing.rotate_key),
    ("attest", attesting.attest),
    ("topic", publishing.topic),
    ("relay", publishing.relay),
    ("restore", restoring.restore),
    ("migrate", migrating.migrate),
    ("project", projecting.project),
    ("parked", projecting.parked),
    ("announce", announcing.announce),
    ("health", projecting.health),
    ("demo", demo.demo),
)
ROOT_HELP = both(
    "信访工作账本：动作只进不改，视图与监督检查皆可由事件重算。\n\n--data、--keys、--lang 可写在任何命令之前或之后；查询命令均有 --json。",
    "The ledger of a letters-and-visits office: actions in, events kept, views and findings recomputable.\n\n"
    "--data, --keys and --lang may stand before or after any command; every question takes --json.",
)


def program(lang: Lang) -> Any:
    """The command tree with its texts in one language."""
    app = typer.Typer(add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.callback(help=ROOT_HELP)(common)
    for name, function in COMMANDS:
        page = PAGES[name]
        app.command(
            name,
            short_help=page.line,
            help="\n\n".join(chosen(text, lang) or "" for text in (page.line, page.more)),
            epilog=both(f"例：{page.example}", f"Example: {page.example}"),
        )(function)
    command = typer.main.get_command(app)
    localise(command, lang)
    return command


def hoisted(arguments: Sequence[str]) -> list[str]:
    """The common options in front of the command, wherever they were written."""
    front: list[str] = []
    rest: list[str] = []
    waiting = list(arguments)
    while waiting:
        word = waiting.pop(0)
        if word == "--":
            return [*front, *rest, word, *waiting]
        if word in COMMON and waiting:
            front += [word, waiting.pop(0)]
        elif word.startswith(tuple(f"{name}=" for name in COMMON)):
            front.append(word)
        else:
            rest.append(word)
    return [*front, *rest]


def run(arguments: Sequence[str]) -> int:
    """Run one command line; the exit code. Never a traceback."""
    given = hoisted(arguments)
    lang = language(_spoken(given), os.environ)
    invoked = Invocation()
    _never_fail_to_print()
    try:
        _require_text(arguments, lang)
        with program(lang).make_context(PROGRAM, given, obj=invoked) as ctx:
            ctx.command.invoke(ctx)
        sys.stdout.flush()
    except typer.Exit as ended:
        return ended.exit_code
    except UsageProblem as problem:
        return _usage(problem)
    except (KeyboardInterrupt, typer.Abort):
        invoked.tell("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return _reader_left()
    except OSError as error:
        return _failed(invoked, _unwritable(error))
    except Exception as error:  # noqa: BLE001 - the last door: every error ends as a line for a person
        return _failed(invoked, error)
    return FINE


def _unwritable(error: OSError) -> Exception:
    """A full disk under the output is the caller's to mend; every other failure stays what it is."""
    from domain.errors import Unavailable

    full = error.errno in (errno.ENOSPC, errno.EDQUOT)
    return Unavailable("disk_full", str(error.strerror)) if full else error


def _never_fail_to_print() -> None:
    """A terminal that cannot show a character shows a question mark instead."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _require_text(arguments: Sequence[str], lang: Lang) -> None:
    """Bytes that are no UTF-8 can name no subject, column or file of ours."""
    for word in arguments:
        if any("\ud800" <= character <= "\udfff" for character in word):
            raise typer.BadParameter(say(lang, "not_utf8"))


def _spoken(given: Sequence[str]) -> str | None:
    for place, word in enumerate(given):
        if word.startswith("--lang="):
            return word.partition("=")[2]
        if word == "--lang" and place + 1 < len(given):
            return given[place + 1]
    return None


def _usage(problem: Any) -> int:
    problem.show(file=sys.stderr)
    return USAGE


def _reader_left() -> int:
    """Whoever read our output has had enough: end quietly, and let nothing be flushed into the void."""
    with open(os.devnull, "w", encoding="utf-8") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
    return FINE


def _failed(invoked: Invocation, error: Exception) -> int:
    from domain.errors import LedgerError

    if isinstance(error, LedgerError):
        invoked.explain(error)
        return exit_code(error)
    place = _place(error)
    name = type(error).__name__
    invoked.tell("unexpected", error=name, place=place)
    from infra.log import get_log

    get_log().error("unexpected", error_type=name, place=place)
    return REFUSED


def _place(error: Exception) -> str:
    """The last file and line of our own that the error passed."""
    place, trace = "?", error.__traceback__
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if file.parts[-2:-1] and "site-packages" not in file.parts:
            place = f"{'/'.join(file.parts[-2:])}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place


def main() -> None:
    """The console script."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
