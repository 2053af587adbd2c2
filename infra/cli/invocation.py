"""One run of the program: what was given, the settings that follow, the language, and the two ways out."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import msgspec
import typer
from pydantic import ValidationError

from infra.wording import Lang, language, say

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

    from domain.errors import LedgerError
    from infra.settings import Settings

NEXT_STEPS = {
    "no_ledger": "next_no_ledger",
    "kafka_unreachable": "next_kafka_unreachable",
    "poison_event": "next_poison_event",
}
"""The text that says what to do next, by the code of the error."""


@dataclass
class Invocation:
    """Data goes to stdout, messages to stderr; nothing else writes to either."""

    given: dict[str, object] = field(default_factory=dict)
    as_json: bool = False

    @cached_property
    def settings(self) -> Settings:
        """The settings in force; a value that cannot be one ends the run with exit 2."""
        from infra.settings import read_settings

        try:
            return read_settings(self.given)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = str(first["loc"][0])
            raise typer.BadParameter(f"CASELEDGER_{name.upper()}: {first['msg']}") from None

    @cached_property
    def lang(self) -> Lang:
        """The language of messages and tables."""
        return language(self.given.get("lang"), os.environ)

    @cached_property
    def out(self) -> Console:
        """Where tables go; plain where stdout is no terminal."""
        return console(sys.stdout)

    @cached_property
    def err(self) -> Console:
        """Where messages and progress go."""
        return console(sys.stderr)

    def say(self, name: str, /, **values: object) -> str:
        """A text of the command line in the run's language."""
        return say(self.lang, name, **values)

    def tell(self, name: str, /, **values: object) -> None:
        """A message to stderr."""
        print(self.say(name, **values), file=sys.stderr, flush=True)

    def explain(self, error: LedgerError) -> None:
        """A refusal or failure as one line to stderr, with the field, the subject and the next step."""
        parts = [error.sentence(self.lang)]
        if error.field:
            parts.append(self.say("field", field=error.field))
        if error.subject:
            parts.append(self.say("subject", subject=error.subject))
        if error.code in NEXT_STEPS:
            parts.append(self.say(NEXT_STEPS[error.code], data=self.settings.data))
        line = ("；" if self.lang == "zh" else "; ").join(parts)
        print(" ".join(line.splitlines()), file=sys.stderr, flush=True)

    def write_json(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows as JSON Lines to stdout."""
        stream = sys.stdout.buffer
        for row in rows:
            stream.write(json_line(row))
        stream.flush()

    @contextmanager
    def progress(self, name: str, unit: str) -> Iterator[Progress]:
        """A progress bar on stderr with rate and time left; nothing where stderr is no terminal."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            ProgressColumn,
            Task,
            TextColumn,
            TimeRemainingColumn,
        )
        from rich.text import Text

        unit_word = self.say(unit)

        class Rate(ProgressColumn):
            """So many a second."""

            def render(self, task: Task) -> Text:
                return Text(f"{task.speed or 0:,.0f} {unit_word}/s")

        bar = Progress(
            TextColumn(self.say(name)),
            BarColumn(),
            MofNCompleteColumn(),
            Rate(),
            TimeRemainingColumn(),
            console=self.err,
            transient=True,
            disable=not self.err.is_terminal,
        )
        with bar:
            yield bar


def console(stream: Any) -> Console:
    """A console that neither wraps nor colours where nobody watches; `NO_COLOR` is kept by the library."""
    from rich.console import Console

    watched = stream.isatty()
    width = None if watched else int(os.environ.get("COLUMNS", "0") or 0) or 160
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False, soft_wrap=False)


def json_line(row: Mapping[str, Any]) -> bytes:
    """One JSON object and a line end, UTF-8."""
    return msgspec.json.encode(row) + b"\n"


def invocation(ctx: typer.Context) -> Invocation:
    """The run that a command belongs to."""
    found = ctx.find_object(Invocation)
    assert found is not None, "the program begins with an invocation"
    return found
