"""Runs the program in this process, with streams and environment of its own."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from infra.cli.__main__ import run
from tests.support.office import AT, act, by, line, receive


@dataclass(frozen=True)
class Outcome:
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Stdout as JSON Lines."""
        return [json.loads(text) for text in self.out.splitlines()]

    @property
    def answer(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        (only,) = self.rows
        return only


@dataclass(frozen=True)
class Office:
    """The program, always called on the ledger of one folder."""

    data: Path

    def __call__(self, *words: str, stdin: bytes = b"", **environ: str) -> Outcome:
        return command("--data", str(self.data), *words, stdin=stdin, **environ)

    def act(self, action: dict[str, Any], *words: str) -> Outcome:
        """Record one action."""
        return self("act", *words, stdin=line(action))

    def take(self, actions: Sequence[dict[str, Any]]) -> None:
        """Record actions that must all be accepted."""
        for action in actions:
            outcome = self.act(action)
            assert outcome.code == 0, outcome.out


def command(*words: str, stdin: bytes = b"", **environ: str) -> Outcome:
    """One command line; the environment holds no settings but those given. English unless told otherwise."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASELEDGER_", "LC_", "LANG"))}
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    reads = io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8")
    with (
        patch.dict(os.environ, {**kept, **environ}, clear=True),
        patch.object(sys, "stdin", reads),
        patch.object(sys, "stdout", out),
        patch.object(sys, "stderr", err),
    ):
        code = run(list(words))
        told = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return Outcome(code, *told)


def story() -> list[dict[str, Any]]:
    """A claim that is registered, routed, handed to a bureau, received, and never fed back."""
    bureau = by("S-101", "MZJ", "handler")
    return [
        act("declare_unit", "u/XF", unit="XF", name="县信访办", kind="petition_office"),
        act("declare_unit", "u/MZJ", unit="MZJ", name="县民政局", kind="responsible"),
        receive("ref:A17"),
        act("register_petition", "r/A17", case="ref:A17", content_class="relief"),
        act("route", "t/A17", case="ref:A17", purpose="claim", route=6),
        {
            **act("hand_over", "h/A17", case="ref:A17", handoff="ref:A17-h1", mode="assign", to=["MZJ"]),
            "due_on": "2025-04-18",
            "feedback_required": True,
            "materials": [],
            "legal_ground": "art.22(3)",
        },
        {
            **act("receive_handoff", "g/A17", case="ref:A17", handoff="ref:A17-h1", materials_complete=True),
            "at": "2025-03-06T09:00:00+08:00",
            "by": bureau,
        },
        {**act("accept_case", "a/A17", case="ref:A17"), "at": "2025-03-10T09:00:00+08:00", "by": bureau},
    ]


CASE = "XF500229-2025-000001"
__all__ = ["AT", "CASE", "Office", "Outcome", "command", "story"]
