"""A sealed folder under the verifier: verified, its failure, and what an operator with the key can forge."""

from __future__ import annotations

from pathlib import Path

from infra.verify import Failure, Report, verify_log
from tests.support.sealed_log import Bench


def failure(report: Report) -> Failure:
    """The failure of a report that must have one."""
    assert not report.ok
    assert report.failure is not None
    return report.failure


def checked(bench: Bench, **options: object) -> Report:
    """The report on a bench's log under its own policy."""
    return verify_log(bench.log, bench.policy, **options)  # type: ignore[arg-type]


def forged(folder: Path, raws: list[bytes]) -> Bench:
    """What an operator with the key can make: another, wholly consistent log over other bytes."""
    folder.mkdir()
    bench = Bench(folder)
    bench.source.raws.extend(raws)
    bench.seal()
    return bench
