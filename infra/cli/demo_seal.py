"""The demo's last table: the three ledgers sealed, verified as an auditor would, and one event proven by itself."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from domain.numerals import number
from infra.cli.demo import command_of
from infra.cli.demo_words import words
from infra.cli.exits import REFUSED
from infra.cli.invocation import Invocation
from infra.cli.tables import print_cells
from infra.cli.verifying import PUBLISHED_SCHEMAS
from infra.log_proof import LogReader, proof_text
from infra.sealing import LOG_FOLDER, log_policy, seal_now
from infra.verify import Report, event_in, verify_log, verify_proof
from infra.wiring import open_source, source_of

PROVEN_INDEX = 1_000


def print_sealed(runs: Mapping[str, Invocation], auditor: Path) -> bool:
    """Seal, verify each log from its folder and policy alone, prove one event; False where something does not hold."""
    run = runs["office"]
    rows, held = [], True
    for name, one in runs.items():
        began = time.monotonic()
        _seal(one)
        sealed_at = time.monotonic()
        policy = _pinned(one, auditor / name)
        report = verify_log(
            one.settings.data / LOG_FOLDER, policy.read_text(encoding="utf-8"), schemas=PUBLISHED_SCHEMAS
        )
        checked, taken = report.checked, (sealed_at - began, time.monotonic() - sealed_at)
        counts = [number(checked.get(kind, 0)) for kind in ("entries", "tiles", "signatures")]
        rows.append([name, *counts, report.root[:16], _verdict(run, report), *(f"{seconds:.1f}" for seconds in taken)])
        held = held and report.ok
    headings = ("ledger", "entries", "tiles", "signatures", "root", "verdict", "sealing", "verifying")
    print_cells(run, [words(run.lang, f"c_{name}") for name in headings], rows, numbers={1, 2, 3, 6, 7})
    log = LogReader(run.settings.data / LOG_FOLDER)
    proof = proof_text(log, PROVEN_INDEX, with_event=True)
    told = verify_proof(proof, event_in(proof) or b"", (auditor / "office" / "policy").read_text(encoding="utf-8"))
    hashes = len(log.inclusion(PROVEN_INDEX))
    values = {"index": number(PROVEN_INDEX), "hashes": hashes, "size": number(log.size), "verdict": _verdict(run, told)}
    run.out.print(words(run.lang, "proven", **values), soft_wrap=True)
    return held and told.ok


def _seal(run: Invocation) -> None:
    settings = run.settings
    with open_source(settings) as events:
        seal_now(settings.data, settings.key_folder, source_of(settings), events)


def _pinned(run: Invocation, folder: Path) -> Path:
    """The policy as the auditor keeps it, in a folder of the auditor's own."""
    folder.mkdir(parents=True, exist_ok=True)
    policy = folder / "policy"
    policy.write_text(log_policy(run.settings.key_folder, source_of(run.settings)), encoding="utf-8")
    return policy


def _verdict(run: Invocation, report: Report) -> str:
    if report.failure is not None:
        return report.failure.code
    return words(run.lang, "holds")


def print_seals(runs: Mapping[str, Invocation], auditor: Path) -> int:
    """The whole section, with its heading and its sentence; the exit code."""
    from rich.text import Text

    run = runs["office"]
    run.out.print()
    run.out.print(Text(words(run.lang, "h_sealed"), style="bold"))
    held = print_sealed(runs, auditor)
    log, policy = run.settings.data / LOG_FOLDER, auditor / "office" / "policy"
    told = words(run.lang, "s_sealed", cmd=command_of(run), log=log, policy=policy, index=str(PROVEN_INDEX))
    run.out.print(told, soft_wrap=True)
    return 0 if held else REFUSED
