"""From bytes to a validated action: everything that can be refused without looking at the ledger."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from pydantic import ValidationError

from domain.base import Action, require_live
from domain.errors import InvalidAction, LedgerError
from domain.event import canonical
from domain.fields import SAFE_INTEGER, form_of
from domain.language import ACTIONS, SYSTEM
from domain.personal_data import personal_data_in, refuse_personal_data
from domain.register import RegisterAction
from domain.strict_json import (
    LINE_BYTES_MAX,
    check_depth,
    check_values,
    glance,
    printable,
    read_object,
    read_plain,
)

MISSING = frozenset({"missing"})
UNKNOWN = frozenset({"extra_forbidden"})
TYPES = frozenset(
    {
        "string_type",
        "int_type",
        "bool_type",
        "list_type",
        "dict_type",
        "model_type",
        "model_attributes_type",
        "none_required",
    }
)


class Prepared(NamedTuple):
    """A well-formed action with the object it was read from and the digest of its RFC 8785 bytes."""

    action: Action
    raw: dict[str, Any]
    digest: str


def prepare(payload: bytes | dict[str, Any], *, history: bool = False, system: bool = False) -> Prepared:
    """Read, validate and scan one action; raises `InvalidAction` with the field's dotted path."""
    quick = read_plain(payload) if isinstance(payload, bytes) else None
    if quick is not None:
        try:
            return _prepare(*quick, history, system)
        except (LedgerError, ValidationError):
            quick = None  # the careful way names the exact problem
    raw = _read(payload)
    try:
        return _prepare(raw, canonical(raw), True, history, system)
    except ValidationError as error:
        raise _with_subject(first_problem(error, raw), raw) from None
    except LedgerError as error:
        raise _with_subject(error, raw) from None


def _prepare(raw: dict[str, Any], encoded: bytes, long_digits: bool, history: bool, system: bool) -> Prepared:
    action: Action = _model(raw, system).__pydantic_validator__.validate_python(raw)
    if not history:
        require_live(action)
    if not system and action.actor == "system":
        raise InvalidAction("reserved", "`system` acts only for the ledger itself", field="by.staff")
    if long_digits or not encoded.isascii():
        refuse_personal_data(raw)
    return Prepared(action, raw, digest_of(encoded))


def digest_of(encoded: bytes) -> str:
    """SHA-256 of an action's RFC 8785 form, in hexadecimal."""
    return hashlib.sha256(encoded).hexdigest()


def _read(payload: bytes | dict[str, Any]) -> dict[str, Any]:
    """The object of a line or of a mapping; a refusal names the subject wherever it can be read."""
    try:
        return read_object(payload) if isinstance(payload, bytes) else _checked(payload)
    except LedgerError as error:
        raise _with_subject(error, glance(payload) if isinstance(payload, bytes) else payload) from None


def _checked(payload: dict[str, Any]) -> dict[str, Any]:
    check_values(payload)
    check_depth(payload)
    if len(canonical(payload)) > LINE_BYTES_MAX:
        raise InvalidAction("line_too_long", "split the list or send a document instead")
    return payload


def _model(raw: dict[str, Any], system: bool) -> type[Action]:
    name = raw.get("action")
    if not isinstance(name, str):
        code = "missing_field" if name is None else "wrong_type"
        raise InvalidAction(code, "the verb of the action", field="action")
    model = ACTIONS.get(name) or (SYSTEM.get(name) if system else None)
    if model is None:
        if name in SYSTEM:
            raise InvalidAction("reserved", name, field="action")
        raise InvalidAction("unknown_action", name[:80], field="action", subject=subject_named(raw))
    return model


def subject_named(raw: dict[str, Any]) -> str | None:
    """The subject that an action names, as sent; a register entry's by its form."""
    verb = raw.get("action")
    verb = verb if isinstance(verb, str) else ""
    model = ACTIONS.get(verb)
    keys = ("case", "grant", "fund")
    if model is not None and model.subject_key in ("grant", "fund"):
        keys = ("grant", "fund", "case") if model.subject_key == "grant" else ("fund", "grant", "case")
    for key in keys:
        if isinstance(raw.get(key), str):
            return printable(raw[key])[:128]
    if model is not None and issubclass(model, RegisterAction) and verb not in _REGISTERED_BY:
        return "ledger"
    for key in (_REGISTERED_BY[verb],) if verb in _REGISTERED_BY else ("unit", "staff", "year", "check"):
        value = raw.get(key)
        if isinstance(value, str) or (isinstance(value, int) and 0 <= value <= SAFE_INTEGER):
            return f"{'calendar' if key == 'year' else key}:{printable(str(value))}"[:128]
    return None


_REGISTERED_BY = {
    "declare_unit": "unit",
    "declare_staff": "staff",
    "declare_calendar": "year",
    "set_check_parameters": "check",
}


def _with_subject(error: LedgerError, raw: dict[str, Any]) -> LedgerError:
    """Name the subject; whatever the refusal is about, it never repeats a personal number."""
    subject = subject_named(raw) if error.subject is None else error.subject
    error.subject = None if personal_data_in(subject or "") else subject
    if error.field is not None:
        error.field = ".".join("?" if personal_data_in(part) else part for part in error.field.split("."))
    error.detail = "" if personal_data_in(error.detail) else error.detail
    return error


def first_problem(error: ValidationError, raw: dict[str, Any]) -> InvalidAction:
    """The first problem pydantic found, in the contract's words."""
    problem = error.errors(include_url=False)[0]
    kind = problem["type"]
    words = problem["msg"].removeprefix("Value error, ")
    if kind == "literal_error" and not isinstance(problem["input"], str):
        kind = "literal_type"
    field = _path(problem["loc"], raw, kind in MISSING)
    if kind in UNKNOWN:
        code, detail = "unknown_field", "remove it or check its spelling"
    elif kind in MISSING:
        code, detail = "missing_field", "state it"
    elif kind in TYPES or kind.endswith("_type"):
        code, detail = "wrong_type", words
    else:
        code, detail = "bad_value", form_of(problem.get("ctx", {}).get("pattern", "")) or words
    return InvalidAction(code, detail, field=field, subject=subject_named(raw))


def _path(location: tuple[int | str, ...], raw: Any, missing: bool) -> str:
    """The dotted path of a problem; names of union members, which pydantic adds, are left out."""
    parts: list[str] = []
    here = raw
    for place, part in enumerate(location):
        is_last = place == len(location) - 1
        if _holds(here, part):
            here = here[part]
        elif not (missing and is_last):
            continue
        parts.append(str(part))
    return ".".join(parts)


def _holds(holder: Any, part: int | str) -> bool:
    """Whether a part of a pydantic location is a key or place of this value."""
    if isinstance(holder, dict):
        return part in holder
    return isinstance(holder, list) and isinstance(part, int) and part < len(holder)
