"""What other parameters would change: which findings they would add and take away over all history."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from domain.asof import AsOf
from domain.checks.base import Check, Finding
from domain.checks.context import Tagger
from projections.findings import CheckRun, Overrides, run_checks
from projections.ledger_source import LedgerSource


@dataclass(frozen=True, slots=True)
class Change:
    """The findings with the parameters in force, with the others, and what lies between."""

    before: CheckRun
    after: CheckRun
    added: tuple[Finding, ...]
    taken_away: tuple[Finding, ...]
    reworded: tuple[Finding, ...]
    """Findings that stay, with another severity, certainty or result."""

    def of(self, is_asked: Callable[[Finding], bool]) -> Change:
        """The same change with only some of the findings that differ."""
        added, gone, changed = (
            tuple(one for one in findings if is_asked(one)) for findings in (self.added, self.taken_away, self.reworded)
        )
        return Change(self.before, self.after, added, gone, changed)

    def to_json(self) -> dict[str, Any]:
        """The change as one JSON object."""
        return {
            "before": {"head": self.before.head, "hits": len(self.before.hits)},
            "after": {"head": self.after.head, "hits": len(self.after.hits)},
            "added": [one.to_json() for one in self.added],
            "taken_away": [one.to_json() for one in self.taken_away],
            "changed": [one.to_json() for one in self.reworded],
        }


def compare_parameters(
    source: LedgerSource,
    parameters: Overrides,
    checks: Sequence[Check],
    as_of: AsOf | None = None,
    tagger: Tagger | None = None,
) -> Change:
    """Run the checks whose parameters are set, and those that speak of what others count, twice.

    ValueError where no check has such a parameter.
    """
    concerned = tuple(check for check in checks if check.id in parameters or check.speaks_of_others)
    after = run_checks(source, as_of, concerned, None, tagger, parameters)
    before = run_checks(source, as_of, concerned, None, tagger)
    old = {one.fingerprint: one for one in before}
    new = {one.fingerprint: one for one in after}
    return Change(
        before,
        after,
        tuple(one for name, one in new.items() if name not in old),
        tuple(one for name, one in old.items() if name not in new),
        tuple(one for name, one in new.items() if name in old and _weight(one) != _weight(old[name])),
    )


def _weight(finding: Finding) -> tuple[str, str, str]:
    return (finding.result, finding.severity, finding.certainty)
