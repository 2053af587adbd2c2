"""The options of `check`, each written once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from infra.cli.texts import both

AudienceName = Literal["office", "superior", "discipline"]

Ids = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ID",
        help=both("检查编号，如 XF-ACC-001；缺省为全部", "check ids as XF-ACC-001; all of them unless given"),
    ),
]
Subjects = Annotated[
    list[str] | None,
    typer.Option(
        "--subject",
        metavar="SUBJECT",
        help=both("只查这些对象及提到它们的；可多次", "only what is about these subjects or names them; repeatable"),
    ),
]
Unit = Annotated[
    str | None,
    typer.Option("--unit", metavar="UNIT", help=both("只列涉及该单位的", "only what concerns this unit")),
]
Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="D",
        help=both("只列该日及以后的，仍未办的总是列出", "only from this day on; what is still open is always told"),
    ),
]
Audience = Annotated[
    AudienceName | None,
    typer.Option(
        "--audience",
        help=both("只列该类人员可见的；缺省为全部", "only what this audience may see; all of it unless given"),
    ),
]
Explain = Annotated[
    tuple[str, str] | None,
    typer.Option(
        "--explain",
        metavar="ID SUBJECT",
        help=both("逐步说明一项检查为何命中或不命中", "why one check hits or not, step by step"),
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="ID.NAME=N",
        help=both("换一个参数值再查；可多次", "check with another parameter; repeatable"),
    ),
]
Compare = Annotated[
    bool, typer.Option("--compare", help=both("与 --set 同用：与现行参数比较", "with --set: against those in force"))
]
Kept = Annotated[
    bool,
    typer.Option(
        "--kept",
        help=both("由保存的线索回答，只重判有变化者", "from the findings kept beside the views, brought up to date"),
    ),
]
Csv = Annotated[bool, typer.Option("--csv", help=both("以 CSV 输出", "answer as CSV"))]
Xlsx = Annotated[
    Path | None,
    typer.Option("--xlsx", metavar="FILE", help=both("写出 XLSX 工作底稿", "write the working paper, XLSX")),
]
