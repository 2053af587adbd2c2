"""The threat model names a test in every row, and every test that it names is there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROWS = [
    line
    for line in (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| attack ")
]


def test_every_row_names_a_test_that_exists() -> None:
    assert len(ROWS) > 25
    for row in ROWS:
        named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row)
        assert named, row
        for path, name in named:
            functions = [
                node.name for node in ast.parse((ROOT / path).read_text()).body if isinstance(node, ast.FunctionDef)
            ]
            assert name in functions, f"{path}::{name}"


def test_every_row_says_how_soon_and_what_remains() -> None:
    assert all(len(row.strip("|").split("|")) == 5 for row in ROWS)


def test_every_reason_code_of_the_verifier_is_documented() -> None:
    documented = set(re.findall(r"`(\w+)`", (ROOT / "docs" / "sealed-log.md").read_text(encoding="utf-8")))
    raised = set()
    for path in (ROOT / "infra" / "verify").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:
                code = node.args[0]
                if node.func.id in {"VerificationFailed", "Failure", "_failed"} and isinstance(code, ast.Constant):
                    raised.add(code.value)
    assert len(raised) > 30
    assert sorted(raised - documented) == []
