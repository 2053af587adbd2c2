"""The published JSON Schemas of the event types, applied to the payload of every entry."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from infra.verify.report import VerificationFailed
from infra.verify.schema_rules import Rule, UnknownKeyword, compile_schema

SUFFIX = ".schema.json"
SCHEMA_BYTES_MAX = 1 << 20


class Schemas:
    """A folder of `<event type>.schema.json`, each read when its type first occurs.

    A schema describes the payload (`data`), as the attribute `dataschema` says; one that names
    `specversion` among its properties describes the whole event. A type without a schema, and a schema
    with a keyword that is not understood, are failures.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, tuple[Rule, bool]] = {}
        if not any(folder.glob(f"*{SUFFIX}")):
            raise VerificationFailed("schema_missing", "no schemas in the folder 没有模式文件", place=str(folder))

    def check(self, name: str, data: dict[str, Any], entry: bytes, index: int) -> None:
        """Validate one event; fails with `schema_violated` and the path of the value."""
        rule, whole = self._known.get(name) or self._load(name, index)
        wrong = rule(json.loads(entry) if whole else data)
        if wrong is not None:
            raise VerificationFailed(
                "schema_violated",
                f"{name}: {wrong} 不符合模式",
                place=f"entry {index}: {wrong.partition(' ')[0]}",
                index=index,
            )

    def _load(self, name: str, index: int) -> tuple[Rule, bool]:
        place = f"{name}{SUFFIX}"
        if "/" in name or not (self._folder / place).is_file():
            raise VerificationFailed(
                "schema_missing", "no schema for this type 该类型没有模式", place=place[:120], index=index
            )
        content = (self._folder / place).read_bytes()
        try:
            if len(content) > SCHEMA_BYTES_MAX:
                raise ValueError("too long")
            schema = json.loads(content)
            known = compile_schema(schema), "specversion" in schema.get("properties", {})
        except (ValueError, AttributeError, UnknownKeyword, RecursionError) as error:
            raise VerificationFailed("bad_schema", f"{error} 模式无效", place=place) from None
        self._known[name] = known
        return known
