"""JSON Schemas of what the feeds carry: announcements of findings and of parked subjects, envelope and payload in one."""

from __future__ import annotations

from typing import Any, get_args

from consumers.announce import FINDING_TYPE, GONE, NEW, PARKED_TYPE, RETURNED
from domain.checks.base import Audience, Certainty, Severity, Stage
from domain.event import CONTENT_TYPE, SCHEMA_BASE

TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 1}


def feed_schema(kind: str, dialect: str) -> dict[str, Any]:
    """The schema of one feed's messages."""
    about = {FINDING_TYPE: _finding, PARKED_TYPE: _parked}[kind]()
    content = {
        "name": {**TEXT, "description": "所指事项的固定名称: what the message speaks of, the same in all its messages"},
        "change": {"enum": [NEW, GONE, RETURNED]},
        "number": {**COUNT, "description": "第几次通告: which of the messages about this name it is"},
        "size": {"type": "integer", "minimum": 0, "description": "当时账本大小: the ledger's size when it was noticed"},
        "about": about,
    }
    envelope = {
        "specversion": {"const": "1.0"},
        "id": {
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "重复投递时相同: the same when it comes twice",
        },
        "source": {"type": "string", "pattern": "^/[0-9]{6}(/[A-Za-z0-9._-]+)*$"},
        "type": {"const": kind},
        "subject": TEXT,
        "datacontenttype": {"const": CONTENT_TYPE},
        "dataschema": {"const": SCHEMA_BASE + kind},
        "data": _closed(content),
    }
    return {"$schema": dialect, "$id": SCHEMA_BASE + kind, "title": kind, **_closed(envelope)}


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "required": list(properties), "properties": properties}


def _finding() -> dict[str, Any]:
    return _closed(
        {
            "check": TEXT,
            "version": COUNT,
            "subject": TEXT,
            "result": {"const": "hit"},
            "severity": {"enum": list(get_args(Severity))},
            "certainty": {"enum": list(get_args(Certainty))},
            "reason": {"type": "string"},
            "item": {"type": "string"},
            "fingerprint": TEXT,
            "open": {"type": "boolean"},
            "stage": {"enum": list(get_args(Stage))},
            "audience": {"enum": list(get_args(Audience))},
            "event_ids": {"type": "array", "items": TEXT},
        }
    )


def _parked() -> dict[str, Any]:
    known = _closed(
        {
            "view": TEXT,
            "subject": TEXT,
            "position": {
                **COUNT,
                "description": "停放处的账本位置: the ledger position of the event that was not taken",
            },
            "type": TEXT,
        }
    )
    known["properties"]["field"] = {**TEXT, "description": "出问题的字段: the field that the failure speaks of"}
    return known
