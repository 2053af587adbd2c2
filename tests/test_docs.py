"""Documents that cannot rot: README examples are run, generated documents equal the code, links lead somewhere."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.documents import documents
from infra.settings import Settings

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")
EXAMPLE = re.compile(r"```console\n(.*?)```", re.S)


def _steps(block: str) -> list[tuple[str, list[str]]]:
    """(command with its here-document, expected lines) of one console block."""
    steps: list[tuple[list[str], list[str]]] = []
    in_document = False
    for line in block.splitlines():
        if line.startswith("$ "):
            steps.append(([line[2:]], []))
            in_document = line.endswith("<<'END'")
        elif in_document:
            steps[-1][0].append(line)
            in_document = line != "END"
        else:
            steps[-1][1].append(line)
    return [("\n".join(command), expected) for command, expected in steps]


def _pattern(expected: list[str]) -> re.Pattern[str]:
    """The expected lines as a pattern: `…` stands for anything, blanks at line ends do not count."""
    parts = []
    for line in expected:
        parts.append(r"(?:.*\n)*" if line == "…" else ".*".join(map(re.escape, line.rstrip().split("…"))) + r"[ ]*\n")
    return re.compile("".join(parts))


@pytest.mark.parametrize("readme", READMES)
def test_every_example_of_the_readme_runs_and_prints_what_it_says(readme: str, tmp_path: Path) -> None:
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    program = Path(sys.executable).with_name("caseledger")
    assert program.exists(), "install the project first: make test does"
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}", "COLUMNS": "160"}
    blocks = EXAMPLE.findall((ROOT / readme).read_text(encoding="utf-8"))
    assert blocks
    for block in blocks:
        for command, expected in _steps(block):
            done = subprocess.run(
                ["bash", "-c", command], capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
            )
            shown = done.stderr + done.stdout
            assert "Traceback" not in shown
            assert any(
                _pattern(expected).fullmatch(text) for text in (done.stdout, shown, done.stdout + done.stderr)
            ), f"{command}\n--- expected\n" + "\n".join(expected) + f"\n--- printed\n{shown}"
    shutil.rmtree(tmp_path / "ledger-data")


@pytest.mark.parametrize("path", [path for path, _ in documents()])
def test_generated_documents_equal_the_code(path: str) -> None:
    write = dict(documents())[path]
    assert (ROOT / path).read_text(encoding="utf-8") == write(), "run `make docs`"


@pytest.mark.parametrize("readme", READMES)
def test_links_and_pictures_of_the_readme_lead_somewhere(readme: str) -> None:
    targets = re.findall(r"\]\(([^)#:]+)\)", (ROOT / readme).read_text(encoding="utf-8"))
    assert targets
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    for name, field in Settings.model_fields.items():
        default = "" if field.default is None else f"`{field.default}`"
        assert f"| `CASELEDGER_{name.upper()}` | {field.description} | {default}".rstrip() in text, name


def test_every_make_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.M)
    for target in phony.split():
        assert re.search(rf"^{target}:.*## ", makefile, re.M), target
