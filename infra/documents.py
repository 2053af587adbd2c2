"""Writes every generated document anew (`make docs`); tests hold the files equal to what this writes."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
PICTURE_COLUMNS = 118
SECTIONS = {"docs/demo.svg": ("2. ", "4. ", "7. "), "docs/demo.zh-CN.svg": ("二、", "四、", "七、")}
LAST_LINES = ("Next:", "下一步")


def documents() -> Iterator[tuple[str, Callable[[], str]]]:
    """Path below the project's root, and what writes it."""
    from domain.checks.catalogue import render as checks
    from infra.catalogue import text as events
    from infra.cli.reference import render as commands
    from infra.kafka.asyncapi import render as asyncapi
    from projections.statistics import render_catalogue as figures

    yield "docs/checks.md", checks
    yield "docs/figures.md", figures
    yield "docs/commands.md", commands
    yield "docs/events.md", events
    yield "docs/asyncapi.json", asyncapi


def chosen(text: str, headings: tuple[str, ...]) -> str:
    """The parts of the demo's output under the given headings, each up to the line that says where to look next."""
    kept: list[str] = []
    keeping = False
    for line in text.splitlines():
        keeping = keeping or line.startswith(headings)
        if keeping:
            kept.append(line.rstrip())
        if keeping and line.startswith(LAST_LINES):
            kept.append("")
            keeping = False
    return "\n".join(kept).rstrip()


def picture(text: str) -> str:
    """A text as an SVG of a terminal; lines that are too wide are cut."""
    from rich.console import Console
    from rich.text import Text

    console = Console(record=True, width=PICTURE_COLUMNS, file=io.StringIO(), force_terminal=True)
    console.print(Text(text), no_wrap=True, overflow="ellipsis")
    return console.export_svg(title="make demo", unique_id="demo")


def main(demo_outputs: list[str]) -> None:
    """Write the documents; with the demo's English and Chinese output in two files, the pictures as well."""
    from infra.schemas import write as write_schemas

    write_schemas()
    for name, write in documents():
        (ROOT / name).write_text(write(), encoding="utf-8")
    for (name, headings), output in zip(SECTIONS.items(), demo_outputs, strict=False):
        shown = chosen(Path(output).read_text(encoding="utf-8"), headings)
        (ROOT / name).write_text(picture(shown), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
