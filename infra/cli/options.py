"""Options that several commands share, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from infra.cli.texts import both

SIZE_MAX = 2**63 - 1
ROWS_MAX = 10_000_000

ClockName = Literal["happened", "known"]

Json = Annotated[
    bool,
    typer.Option("--json", help=both("以 JSON Lines 输出，每行一个对象", "answer as JSON Lines, one object a row")),
]
AsOfText = Annotated[
    str | None,
    typer.Option(
        "--as-of",
        metavar="D",
        help=both(
            "截至某日（当日 24:00）或某一时刻（RFC 3339）",
            "as of a day (its 24:00) or an instant (RFC 3339)",
        ),
    ),
]
Clock = Annotated[
    ClockName,
    typer.Option(
        "--clock",
        help=both(
            "happened：事情发生的时间；known：账本得知的时间",
            "happened: when it happened; known: when the ledger learnt it",
        ),
    ),
]
AtSize = Annotated[
    int | None,
    typer.Option(
        "--at-size",
        metavar="N",
        min=0,
        max=SIZE_MAX,
        help=both("账本只有前 N 条事件时", "the ledger at its first N events"),
    ),
]
Limit = Annotated[
    int | None,
    typer.Option("--limit", metavar="N", min=1, max=ROWS_MAX, help=both("最多显示几行", "show at most so many rows")),
]
LogFolder = Annotated[
    Path | None,
    typer.Option(
        "--log",
        metavar="DIR",
        help=both(
            "从此封存日志（或副本）回答，不打开数据目录",
            "answer from this sealed log or copy; the data folder is not opened",
        ),
    ),
]
HealthAddress = Annotated[
    str | None,
    typer.Option(
        "--health",
        metavar="HOST:PORT",
        help=both(
            "在此本机地址提供 /healthz、/readyz、/metrics（127.0.0.1:8081）",
            "answer /healthz, /readyz and /metrics on this loopback address (127.0.0.1:8081)",
        ),
    ),
]
