"""The reference of all commands as one document, generated from the help texts that the program shows."""

from __future__ import annotations

from typing import Any

from infra.cli.__main__ import PROGRAM, program
from infra.settings import Settings
from infra.wording import Lang

WIDTH = 100
HEAD = """# 命令 · The commands

Generated from `infra/cli/`; a test holds the two equal. 由代码生成，与代码保持一致。

* Data goes to stdout, messages to stderr. `--json` on every question gives JSON Lines, one object a row.
* Exit codes: 0 fine, 1 refused or found, 2 usage, 3 a check failed, 130 interrupted.
* Environment: {settings}; the command line
  wins. What each means stands in `README.md`. `NO_COLOR` is kept.
* A day means its 24:00 in Asia/Shanghai. Questions are answered from views that are brought up to date first; with
  `--as-of`, `--at-size` or `--clock known` they are folded from the events.
* 数据写到标准输出，提示写到标准错误。查询命令均可加 `--json`（JSON Lines，每行一个对象）。
* 退出码：0 正常，1 被拒或有发现，2 用法有误，3 有检查出错，130 中断。
"""


def render() -> str:
    """The whole document, ending with a newline."""
    settings = ", ".join(f"`CASELEDGER_{name.upper()}`" for name in Settings.model_fields)
    lines = [HEAD.replace("{settings}", settings)]
    trees = {lang: _helps(lang) for lang in ("en", "zh")}
    for name in trees["en"]:
        lines += [f"## {name}", "", "```text", trees["en"][name], "```", "", "```text", trees["zh"][name], "```", ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _helps(lang: str) -> dict[str, str]:
    """The help of the program and of every command, by its whole name, in the order in which they are listed."""
    tongue: Lang = "zh" if lang == "zh" else "en"
    root: Any = program(tongue)
    width = {"terminal_width": WIDTH, "max_content_width": WIDTH, "resilient_parsing": True}
    top = root.make_context(PROGRAM, [], **width)
    found = {PROGRAM: root.get_help(top)}
    for name, command in root.commands.items():
        inner = command.make_context(name, [], parent=top, **width)
        found[f"{PROGRAM} {name}"] = command.get_help(inner)
    return {name: "\n".join(line.rstrip() for line in text.splitlines()) for name, text in found.items()}
