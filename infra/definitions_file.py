"""Definitions of figures out of a file: those of an earlier release, or ones that are proposed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from domain.checks.context import Context
from domain.checks.facts import Facts
from domain.errors import LedgerError
from projections.figure import Contribution, Definition, FigureRule, Question

MODULE = "caseledger_figures_of_a_file"


class BadDefinitions(LedgerError):
    """A file of figure definitions that cannot be used."""

    default_code = "bad_definitions"


def definitions_in(path: Path) -> tuple[FigureRule, ...]:
    """One rule of every figure class that a Python file defines, such as `projections/figures_cases.py` of any release.

    The file is run, with the rights of who asks. Refused `bad_definitions` where it cannot be read or run, holds no
    figure, or two of one name.
    """
    module = _run(path)
    found = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, FigureRule) and kind.__module__ == MODULE
    ]
    rules = tuple(_Told(path, kind()) for kind in found if isinstance(getattr(kind, "definition", None), Definition))
    names = [rule.definition.id for rule in rules]
    if not names:
        raise BadDefinitions(detail=f"{path}: no class of FigureRule with a `definition`", field="definition")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadDefinitions(detail=f"{path}: twice: {', '.join(twice)}", field="definition.id")
    return rules


def _run(path: Path) -> ModuleType:
    spec = spec_from_file_location(MODULE, path) if path.suffix == ".py" else None
    if spec is None or spec.loader is None or not path.is_file():
        raise BadDefinitions(detail=f"{path}: not a Python file; name one like projections/figures_cases.py")
    module = module_from_spec(spec)
    writes, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # the file is somebody's code: whatever it raises is its defect
        raise BadDefinitions(detail=f"{path}: {type(error).__name__}: {error}") from error
    finally:
        sys.dont_write_bytecode = writes
    return module


class _Told(FigureRule):
    """A rule out of a file, whose failures name the file and the subject."""

    def __init__(self, path: Path, rule: FigureRule) -> None:
        self.definition = rule.definition
        self._path = path
        self._rule = rule

    def contributions(self, facts: Facts, context: Context, question: Question) -> Iterator[Contribution]:
        try:
            yield from self._rule.contributions(facts, context, question)
        except Exception as error:
            detail = f"{self._path}: {self.definition.id}: {type(error).__name__}: {error}"
            raise BadDefinitions(detail=detail, field="contributions", subject=facts.subject) from error
