"""Views: folds of one subject's events into rows. No clock, no I/O, no count apart from its members."""

from __future__ import annotations

from domain.errors import NotFound
from projections.case_view import CASE_VIEW
from projections.fold import Projection
from projections.fund_log import FUND_LOG, FUND_VIEW
from projections.grant_log import GRANT_LOG
from projections.handoff_log import HANDOFF_LOG
from projections.integrity_log import INTEGRITY_LOG
from projections.registers import REGISTERS
from projections.timeline import TIMELINE

ALL_PROJECTIONS: tuple[Projection, ...] = (
    CASE_VIEW,
    TIMELINE,
    HANDOFF_LOG,
    GRANT_LOG,
    FUND_LOG,
    FUND_VIEW,
    INTEGRITY_LOG,
    REGISTERS,
)


def projection_named(name: str) -> Projection:
    """The projection of that name; refused `unknown_view` where there is none."""
    for projection in ALL_PROJECTIONS:
        if projection.name == name:
            return projection
    raise NotFound("unknown_view", ", ".join(p.name for p in ALL_PROJECTIONS), field="name")
