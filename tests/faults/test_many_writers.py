"""Eight processes record at once: no gap, no repeat, no lost update, time never runs back."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from infra.settings import Settings
from infra.wiring import open_ledger
from tests.support.office import DOCUMENT, act, by, granted, line, open_fund, pay, receive
from tests.support.postgres_fixture import BOTH
from tests.support.stores import environment_of, events_of, founded

PROCESSES = 8
WRITER = [sys.executable, "-m", "tests.support.writer"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(params=BOTH)
def settings(tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Either store."""
    return founded(tmp_path, request)


def _run(settings: Settings, shares: list[list[dict[str, Any]]], folder: Path) -> list[list[dict[str, Any]]]:
    """Record every share in a process of its own, all at once; the answers by process."""
    running = []
    for place, share in enumerate(shares):
        file = folder / f"share-{place}.jsonl"
        file.write_bytes(b"\n".join(line(action) for action in share))
        running.append(
            subprocess.Popen(
                [*WRITER, str(file)], stdout=subprocess.PIPE, cwd=ROOT, text=True, env=environment_of(settings)
            )
        )
    answers = []
    for process in running:
        out, _ = process.communicate(timeout=300)
        assert process.returncode == 0
        answers.append([json.loads(row) for row in out.splitlines()])
    return answers


def test_eight_processes_give_numbers_without_gap_or_repeat_and_lose_nothing(
    settings: Settings, tmp_path: Path
) -> None:
    """Each receives 40 cases of its own and all of them add facts to one common case."""
    with open_ledger(settings) as ledger:
        assert ledger.act(line(receive("ref:common"))).accepted
    shares: list[list[dict[str, Any]]] = []
    for process in range(PROCESSES):
        share: list[dict[str, Any]] = []
        for number in range(40):
            share.append(receive(f"ref:p{process}/{number}"))
            share.append(act("hear_facts", f"p{process}/{number}", case="ref:common", attendees=[], record=DOCUMENT))
        shares.append(share)
    answers = _run(settings, shares, tmp_path)
    assert all("error" not in answer for share in answers for answer in share)

    events = events_of(settings)
    assert len(events) == 1 + PROCESSES * 80
    numbers = sorted(event["subject"] for event in events if event["type"] == "petition.case.received.v1")
    assert numbers == [f"XF500229-2025-{n:06d}" for n in range(1, PROCESSES * 40 + 2)]
    sequences: dict[str, list[int]] = defaultdict(list)
    for event in events:
        sequences[event["subject"]].append(int(event["sequence"]))
    assert all(found == list(range(1, len(found) + 1)) for found in sequences.values())
    recorded = [event["recordedtime"] for event in events]
    assert recorded == sorted(recorded)
    assert len({event["id"] for event in events}) == len(events)


def test_of_two_payments_that_together_break_the_budget_exactly_one_stands(settings: Settings, tmp_path: Path) -> None:
    """Eight grants are approved, the budget is cut to one payment, eight processes pay at once."""
    with open_ledger(settings) as ledger:
        assert ledger.act(line(open_fund("ref:F", 80_000))).accepted
        for number in range(PROCESSES):
            case = f"ref:c{number}"
            for action in (receive(case), *granted(f"ref:g{number}", case, "ref:F", 10_000, f"P-{number}")):
                answer = ledger.act(line(action))
                assert answer.accepted, answer.to_json()
        assert ledger.act(line(act("budget_fund", "cut", fund="ref:F", amount_fen=-65_000, document=DOCUMENT))).accepted
    shares = [[pay(f"ref:g{n}", f"ref:pay{n}", 10_000)] for n in range(PROCESSES)]
    answers = [share[0] for share in _run(settings, shares, tmp_path)]
    refused = [answer["error"]["code"] for answer in answers if "error" in answer]
    assert refused == ["guard_funds"] * (PROCESSES - 1)
    assert sum(event["type"] == "petition.fund.paid.v1" for event in events_of(settings)) == 1


def test_of_eight_equal_actions_sent_at_once_one_is_recorded_and_all_get_its_answer(
    settings: Settings, tmp_path: Path
) -> None:
    shares = [[receive("ref:same")] for _ in range(PROCESSES)]
    answers = [share[0] for share in _run(settings, shares, tmp_path)]
    assert len({json.dumps(answer) for answer in answers}) == 1
    assert len(events_of(settings)) == 1


def test_group_commit_answers_every_thread_and_records_each_action_once(settings: Settings) -> None:
    """32 clients send cases of their own and all claim one name: one of them gets it."""
    import threading

    from infra.group_commit import GroupCommit

    answers: dict[str, Any] = {}
    with open_ledger(settings) as ledger, GroupCommit(ledger) as group:

        def client(name: int) -> None:
            for number in range(20):
                answers[f"{name}/{number}"] = group.act(line(receive(f"ref:t{name}/{number}")))
            answers[f"{name}/shared"] = group.act(
                line({**receive("ref:shared", f"shared/{name}"), "by": by(f"S-{name}")})
            )

        threads = [threading.Thread(target=client, args=(name,)) for name in range(32)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    own = [answer for key, answer in answers.items() if not key.endswith("shared")]
    shared = [answer for key, answer in answers.items() if key.endswith("shared")]
    assert all(answer.accepted for answer in own)
    assert sum(answer.accepted for answer in shared) == 1
    assert {answer.error.code for answer in shared if answer.error} == {"ref_in_use"}
    events = events_of(settings)
    assert len(events) == 32 * 20 + 1
    assert len({event["subject"] for event in events}) == len(events)
