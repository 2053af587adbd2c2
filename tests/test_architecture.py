"""The shape of the house: imports point down, the domain does nothing but think, every room is listed."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FLOORS = ("domain", "projections", "consumers", "infra")
DOMAIN_MAY_IMPORT = frozenset({"pydantic", "msgspec", "eventsourcing"})
NO_OUTSIDE = frozenset(
    {"os", "sys", "io", "pathlib", "socket", "subprocess", "time", "random", "secrets", "logging", "sqlite3",
     "tempfile", "shutil", "urllib", "http", "threading", "multiprocessing", "asyncio", "structlog", "sqlalchemy"}
)  # fmt: skip
LINES_MAX = 450
FUNCTION_LINES_MAX = 70


def _files(floor: str) -> list[Path]:
    return sorted((ROOT / floor).rglob("*.py"))


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
    return found


@pytest.mark.parametrize("floor", FLOORS)
def test_imports_point_down_only(floor: str) -> None:
    above = set(FLOORS[FLOORS.index(floor) + 1 :])
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in _files(floor)
        for name in _imports(path)
        if name.split(".")[0] in above | {"tests", "bench"}
    ]
    assert wrong == []


def test_the_domain_takes_only_the_named_libraries_and_does_no_io() -> None:
    stdlib = sys.stdlib_module_names
    wrong = []
    for path in _files("domain"):
        for name in _imports(path):
            top = name.split(".")[0]
            if top in ("domain", *DOMAIN_MAY_IMPORT) or (top in stdlib and top not in NO_OUTSIDE):
                continue
            wrong.append(f"{path.relative_to(ROOT)} imports {name}")
    assert wrong == []


def test_only_the_ledger_knows_the_librarys_application() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in _files("domain")
        if any(name.startswith("eventsourcing") for name in _imports(path))
    }
    assert users == {"domain/ledger.py"}


@pytest.mark.parametrize("floor", ["domain", "projections"])
def test_nothing_pure_asks_for_the_time(floor: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in _files(floor)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "utcnow", "today")
        and isinstance(node.value, ast.Name) and node.value.id in ("datetime", "date")
    ]  # fmt: skip
    assert wrong == []


@pytest.mark.parametrize("floor", FLOORS)
def test_every_module_says_what_it_owns_and_stays_small(floor: str) -> None:
    wrong = []
    for path in _files(floor):
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
        name = path.relative_to(ROOT).as_posix()
        if text and ast.get_docstring(tree) is None:
            wrong.append(f"{name}: no docstring")
        if len(text.splitlines()) > LINES_MAX:
            wrong.append(f"{name}: {len(text.splitlines())} lines")
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno
                if lines > FUNCTION_LINES_MAX:
                    wrong.append(f"{name}: {node.name} has {lines} lines")
    assert wrong == []


def test_every_check_projection_and_consumer_is_listed_by_hand() -> None:
    from domain.checks import ALL_CHECKS
    from domain.checks.base import Check
    from projections import ALL_PROJECTIONS
    from projections.fold import Projection

    def concrete(base: type) -> set[type]:
        found: set[type] = set()
        for one in base.__subclasses__():
            found |= concrete(one)
            if not getattr(one, "__abstractmethods__", None) and one.__module__.split(".")[0] in FLOORS:
                found.add(one)
        return found

    for floor in ("domain.checks", "projections"):
        package = importlib.import_module(floor)
        for module in pkgutil.iter_modules(package.__path__, f"{floor}."):
            importlib.import_module(module.name)
    assert {type(check) for check in ALL_CHECKS} == concrete(Check)
    listed = {one if isinstance(one, type) else type(one) for one in ALL_PROJECTIONS}
    assert concrete(Projection) <= listed | {Projection}


def test_the_top_level_names_are_ours_alone() -> None:
    owners = packages_distributions()
    for floor in FLOORS:
        assert set(owners.get(floor, ["caseledger"])) == {"caseledger"}, f"another distribution owns {floor}"


def test_no_file_names_a_package_registry() -> None:
    hosts = ("py" + "pi.org", "pythonhosted" + ".org", "registry." + "npmjs", "proxy." + "golang", "repo1." + "maven")
    wrong = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in ROOT.rglob("*")
        if path.is_file()
        and not {".git", ".venv", ".cache", "node_modules"} & set(path.parts)
        and path.stat().st_size < 3_000_000
        for host in hosts
        if host in path.read_bytes().decode("utf-8", "ignore")
    ]
    assert wrong == []
