"""`docs/events.md`: the catalogue of every action and event, generated from the models and their docstrings.

`python -m infra.catalogue` writes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from domain.base import Action, Fact, live_fields
from domain.language import ACTIONS, FACTS, SYSTEM
from domain.upcasts import UPCASTS
from infra.schemas import event_schema, without_null

FILE = Path(__file__).parent.parent / "docs" / "events.md"
HEADER = """# Actions and events 动作与事件

Generated from the code by `python -m infra.catalogue`; a test holds both equal. 本文由代码生成，测试保证二者一致。

`?` = optional. `*` = required live; imported history may not know it (`?` 可省略；`*` 实时必填，历史导入可未知).
The schemas lie in [`schemas/`](schemas/): `actions/<verb>`, `actions/history/<verb>`, `events/<type>` (the payload, `data`)
and `event` (the envelope). Every action also takes `action`, `action_id`, `at`, `at_precision?`, `entered_at?` (imports),
`by*` and `override?`; every payload may carry `override`. What the contract leaves open is decided in
[`actions-choices.md`](actions-choices.md).

An action, one line of an action file 一行一个动作:

```json
{"action":"hand_over","action_id":"2025-03-04/0017","at":"2025-03-04T10:20:00+08:00",
 "by":{"staff":"S-012","unit":"XF","role":"registrar"},"case":"ref:A17","mode":"assign","to":["MZJ"],
 "due_on":"2025-04-18","feedback_required":true,"handoff":"ref:A17-h1","legal_ground":"art.22(3)",
 "materials":["sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"]}
```

The event that it recorded 由此记录的事件:

```json
{"actiondigest":"6bf86a4e01f04ad725370c04dbe3f6fe567362d4965d527a8f9cf0ffd6e256f3","actionid":"2025-03-04/0017",
 "actorid":"S-012","actorrole":"registrar","actorunit":"XF","data":{"due_on":"2025-04-18","feedback_required":true,
 "handoff":"ref:A17-h1","legal_ground":"art.22(3)",
 "materials":["sha256:2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"],"mode":"assign","to":["MZJ"],
 "unit":"MZJ"},"datacontenttype":"application/json",
 "dataschema":"urn:caseledger:schema:petition.case.handoff_offered.v1","id":"01955f1c-8a40-7c2e-9b1d-3f5a7c9e1b24",
 "recordedtime":"2025-03-04T02:20:41.105320Z","recorderid":"typist","sequence":"3","source":"/500229/petition-office",
 "specversion":"1.0","subject":"XF500229-2025-000017","time":"2025-03-04T10:20:00+08:00",
 "type":"petition.case.handoff_offered.v1"}
```
"""
_EVERYWHERE = ("action", "action_id", "at", "at_precision", "entered_at", "by", "override")


def sentence(model: type[Action] | type[Fact]) -> tuple[str, str]:
    """The Chinese and the English line of a model's docstring, `中文: English.`"""
    first = " ".join((model.__doc__ or "").split())
    chinese, _, english = first.partition(": ")
    return chinese, english.removesuffix(".")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _fields(model: type[Action] | type[Fact], required: set[str]) -> str:
    live = set(live_fields(model))
    marks = []
    for name in model.model_fields:
        if name not in _EVERYWHERE:
            marks.append(f"`{name}`" + ("" if name in required else "*" if name in live else "?"))
    return " ".join(marks) or "–"


def _rows(models: Mapping[str, Any], of: Any) -> list[str]:
    return [of(name, model) for name, model in models.items()]


def _action_row(verb: str, model: type[Action]) -> str:
    chinese, english = sentence(model)
    events = "<br>".join(f"`{fact.type_name.removeprefix('petition.')}`" for fact in model.facts)
    fields = _fields(model, set(without_null(model.model_json_schema())["required"]))
    return f"| `{verb}` | {_cell(chinese)} | {_cell(english)} | {events} | {fields} |"


def _event_row(name: str, model: type[Fact]) -> str:
    chinese, english = sentence(model)
    fields = _fields(model, set(event_schema(name).get("required", ())))
    return f"| `{name}` | {_cell(chinese)} | {_cell(english)} | {fields} |"


def _upcast_row(name: str, step: Any) -> str:
    return f"| `{name}` | {_cell(' '.join((step.__doc__ or '').split()))} |"


def text() -> str:
    """The document."""
    lines = [HEADER, "## Actions 动作", "", "| action | 中文 | English | events | fields |", "|---|---|---|---|---|"]
    lines += _rows(ACTIONS, _action_row)
    lines += ["", "Recorded by the ledger itself, refused as `reserved` from anybody else 仅由账本自身记录:", ""]
    lines += ["| action | 中文 | English | events | fields |", "|---|---|---|---|---|", *_rows(SYSTEM, _action_row)]
    lines += ["", "## Events 事件", "", "| event | 中文 | English | payload |", "|---|---|---|---|"]
    lines += _rows(FACTS, _event_row)
    lines += ["", "## Earlier shapes 旧版事件", ""]
    lines += ["Stored bytes stay as they are; they are read in today's shape 存储的字节不变，读取时升级:", ""]
    lines += ["| stored type | how it is read |", "|---|---|", *_rows(UPCASTS, _upcast_row), ""]
    return "\n".join(lines)


def write(file: Path = FILE) -> None:
    """Write the document."""
    file.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write()
