"""The catalogue of checks as one document that a reviewer can read, generated from the checks themselves."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from domain.checks import ALL_CHECKS
from domain.checks.base import Check, Text

HEAD = """# 监督检查目录 · The supervision checks

Generated from `domain/checks/`; a test holds the two equal. 由代码生成，与代码保持一致。

检查只判断公务行为和资金，从不评判信访人；结果是供人复核的线索，不是结论。
A check judges official acts and money, never a petitioner; a finding is an indicator for a human reviewer,
never a verdict. 「cannot_tell」says which fact is missing; silence for lack of a fact is never a clean bill.
"""


def render() -> str:
    """The whole document, ending with a newline."""
    lines = [HEAD, "| id | 名称 | title | severity | audience | stage |", "|---|---|---|---|---|---|"]
    for check in ALL_CHECKS:
        row = (check.id, check.title.zh, check.title.en, check.severity, check.audience, check.stage)
        lines.append("| " + " | ".join(row) + " |")
    for check in ALL_CHECKS:
        lines += ["", *_page(check)]
    return "\n".join(lines) + "\n"


def _page(check: Check) -> Iterator[str]:
    yield f"## {check.id} {check.title.zh}"
    yield ""
    yield f"{check.title.en}. Version {check.version}, stage `{check.stage}`, audience `{check.audience}`, "
    yield f"judges: {', '.join(check.kinds)}."
    yield ""
    for basis in check.basis:
        since = f"{basis.from_on}" if basis.from_on else "依资金自身规则 (the fund's own rules)"
        yield f"* 依据 basis: {basis.article.zh} · {basis.article.en}; 自 from {since}"
    yield ""
    yield "| reason | severity | certainty | 情形 | hit when |"
    yield "|---|---|---|---|---|"
    for clause in check.clauses:
        yield f"| `{clause.reason}` | {clause.severity} | {clause.certainty} | {clause.says.zh} | {clause.says.en} |"
    yield ""
    for parameter in check.parameters:
        source = f"{parameter.source.zh} · {parameter.source.en}"
        yield f"* 参数 parameter `{check.id}.{parameter.name}` = {parameter.default} ({source})"
    if reading := _reading(check):
        yield f"* 判读 how it is read: {reading}"
    yield from _told("风险 risk", check.risk)
    yield from _told("核查 verify", check.verify)
    yield from _told("整改 remedy", check.remedy)
    yield from _told("误报 false positives", check.false_positives)
    yield from _told("盲区 blind spots", check.blind_spots)


def _reading(check: Check) -> str:
    """What the check's own docstring says behind its first paragraph: what silences it, and what counts as what."""
    _, _, rest = (inspect.getdoc(type(check)) or "").partition("\n\n")
    return " ".join(rest.split())


def _told(label: str, text: Text) -> Iterator[str]:
    yield f"* {label}: {text.zh}。 {text.en[0].upper()}{text.en[1:]}."
