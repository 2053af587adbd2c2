"""A ledger in memory that obeys the contract of an import: strict lines, idempotent ids, one commit per batch.

It knows just enough of the language to refuse what depends on order: an unknown case, a case received twice,
a handoff that is not open. Crashes can be set before and after a commit.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.answers import Answer, ImportItem
from domain.errors import Conflict, InvalidAction, LedgerError, NotFound, Refused
from domain.strict_json import read_object
from infra.importing.port import Conclude, Progress


class Crash(Exception):
    """The process died here."""


@dataclass
class _State:
    actions: dict[str, str] = field(default_factory=dict)
    recorded: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    cases: set[str] = field(default_factory=set)
    handoffs: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    progress: dict[str, str] = field(default_factory=dict)
    opened: list[dict[str, Any]] = field(default_factory=list)

    def copied(self) -> _State:
        """A state that can be changed and thrown away; what was recorded is never changed itself."""
        return _State(
            dict(self.actions), list(self.recorded), set(self.cases), dict(self.handoffs),
            set(self.closed), dict(self.progress), list(self.opened),
        )  # fmt: skip


class MemoryLedger:
    """Implements the port of `infra/importing/port.py`."""

    def __init__(self) -> None:
        self.state = _State()
        self.trial: _State | None = None
        self.batches = 0
        self.crash_before_commit_of: int | None = None
        self.crash_after_commit_of: int | None = None
        self.concludes_twice = False

    @property
    def actions(self) -> list[dict[str, Any]]:
        """Every recorded action in ledger order."""
        return [action for _, action in self.state.recorded]

    def open_import(
        self,
        importid: str,
        file_digest: str,
        bytes: int,
        kind: str,
        operator: str,
        recorder_staff: str | None,
        approved_by: str | None,
        reason: str | None,
    ) -> None:
        if all(known["importid"] != importid for known in self.state.opened):
            self.state.opened.append(
                {
                    "importid": importid,
                    "file": file_digest,
                    "bytes": bytes,
                    "kind": kind,
                    "operator": operator,
                    "recorder_staff": recorder_staff,
                    "approved_by": approved_by,
                    "reason": reason,
                }
            )

    def import_progress(self, importid: str) -> Progress | None:
        stored = self.state.progress.get(importid)
        return json.loads(stored) if stored is not None else None

    def record_import(
        self, batch: Sequence[ImportItem], importid: str, history: bool, conclude: Conclude
    ) -> Sequence[Answer]:
        self.batches += 1
        draft = self.state.copied()
        answers = [self._answer(draft, item) for item in batch]
        if self.concludes_twice:
            conclude(answers)
        draft.progress[importid] = json.dumps(conclude(answers))
        if self.batches == self.crash_before_commit_of:
            raise Crash
        self.state = draft
        if self.batches == self.crash_after_commit_of:
            raise Crash
        return answers

    def settle(self) -> None:
        """Every batch is durable when it has been recorded."""

    def try_import(self, batch: Sequence[ImportItem], importid: str, history: bool) -> Sequence[Answer]:
        if self.trial is None:
            self.trial = self.state.copied()
        return [self._answer(self.trial, item) for item in batch]

    def end_trial(self, importid: str) -> None:
        self.trial = None

    def _answer(self, state: _State, item: ImportItem) -> Answer:
        try:
            action = read_object(item.payload) if isinstance(item.payload, bytes) else item.payload
            content = json.dumps(action, sort_keys=True)
            if "action_id" not in action or "at" not in action:
                raise InvalidAction("missing_field", "state it", field="at" if "action_id" in action else "action_id")
            known = state.actions.get(action["action_id"])
            if known == content:
                return Answer(already_there=True)
            if known is not None:
                raise Conflict("action_id_conflict", field="action_id")
            _decide(state, action)
        except LedgerError as error:
            return Answer(error=error)
        state.actions[action["action_id"]] = content
        state.recorded.append((item.line, action))
        return Answer(subject=action.get("case"))


def _decide(state: _State, action: dict[str, Any]) -> None:
    case, verb = action.get("case", ""), action.get("action")
    if verb == "receive_petition":
        if case in state.cases:
            raise Refused("ref_in_use", case, field="case", subject=case)
        state.cases.add(case)
    elif case not in state.cases:
        raise NotFound("unknown_subject", case, field="case", subject=case)
    elif verb == "hand_over":
        if case in state.closed:
            raise Refused("case_closed", case, subject=case)
        if action["handoff"] in state.handoffs:
            raise Refused("ref_in_use", action["handoff"], field="handoff", subject=case)
        state.handoffs[action["handoff"]] = action["to"][0]
    elif verb == "receive_handoff" and state.handoffs.get(action["handoff"]) != action["by"].get("unit"):
        raise Refused("refused_by_state", "not offered to that unit", field="handoff", subject=case)
    elif verb == "close_case":
        state.closed.add(case)
