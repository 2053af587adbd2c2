"""What a question is asked with: a point of view in time, and views that have taken every event."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import typer

from domain.asof import SHANGHAI, AsOf, end_of_day, parse_instant
from domain.errors import Conflict, NotFound, Unavailable
from infra.cli.keeping import keep_current
from infra.cli.options import ClockName

if TYPE_CHECKING:
    from consumers.project import Progress
    from infra.cli.invocation import Invocation
    from infra.read_store import ReadStore
    from infra.sql_source import SqlSource
    from projections.fold import Projection

CATCH_UP_TRIES_MAX = 5
MOVED_ON = frozenset({"view_moved", "unknown_view"})
"""What a pass is refused with when another program brought the view up, or swapped it, at the same time."""
BAR_FROM_EVENTS = 5_000
"""A catch-up of fewer events is over before a bar could be read."""


def instant_of(run: Invocation, text: str) -> datetime:
    """A day's 24:00 or an instant; anything else is a usage error."""
    try:
        if len(text) == 10:
            return end_of_day(_day_of(text))
        moment = parse_instant(text)
        for zone in (UTC, SHANGHAI):
            moment.astimezone(zone)  # an instant that either calendar cannot name is none
        return moment
    except (ValueError, OverflowError):
        raise typer.BadParameter(run.say("bad_date", text=text)) from None


def day_given(run: Invocation, text: str) -> date:
    """A day `YYYY-MM-DD`; anything else is a usage error."""
    try:
        return _day_of(text)
    except ValueError:
        raise typer.BadParameter(run.say("bad_day", text=text)) from None


def _day_of(text: str) -> date:
    """`YYYY-MM-DD` and no other way of writing a day; ValueError."""
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(text)
    return day


def as_of_given(run: Invocation, as_of: str | None, clock: ClockName, at_size: int | None = None) -> AsOf:
    """The point of view that the options describe."""
    return AsOf(clock, instant_of(run, as_of) if as_of is not None else None, at_size)


def is_present(as_of: AsOf) -> bool:
    """Whether the question asks for the ledger as it is now, so that stored views can answer."""
    return as_of.instant is None and as_of.size is None and as_of.clock == "happened"


def today() -> date:
    """The day in Asia/Shanghai."""
    from infra.wiring import utc_now

    return utc_now().astimezone(SHANGHAI).date()


def fresh_views(run: Invocation) -> None:
    """Bring every stored view up to the ledger's head."""
    from infra.wiring import open_source

    with open_source(run.settings) as source, current_views(run, source):
        return


@contextmanager
def current_views(
    run: Invocation, source: SqlSource, wanted: Sequence[Projection] | None = None
) -> Iterator[ReadStore]:
    """The stored views, caught up; two programs that catch up at once do not disturb each other.

    Of a sealed log the views that are `wanted` (or all) are folded anew, in a folder that is gone afterwards.
    """
    from infra.log_copy import LogCopy
    from infra.wiring import open_views
    from projections import ALL_PROJECTIONS

    if isinstance(source, LogCopy):
        with source.views(wanted or ALL_PROJECTIONS) as store:
            yield store
        return
    with open_views(run.settings) as store:
        _catch_up(run, source, store, wanted)
        keep_current(run, source)
        yield store


def _catch_up(run: Invocation, source: SqlSource, store: ReadStore, wanted: Sequence[Projection] | None) -> None:
    """All views up to the head; a view that is not `wanted` and meets an event which it cannot take is only told of."""
    from consumers.follow import StoppedAtEvent
    from consumers.project import catch_up
    from projections import ALL_PROJECTIONS

    for tries_left in reversed(range(CATCH_UP_TRIES_MAX)):
        try:
            _rebuild_outdated(run, source, store, ALL_PROJECTIONS)
            behind = min((status.position for status in store.status(ALL_PROJECTIONS)), default=0)
            if source.head() - behind < BAR_FROM_EVENTS:
                catch_up(source, store, ALL_PROJECTIONS)
            else:
                with positions_bar(run, "bar_catch_up") as moved:
                    catch_up(source, store, ALL_PROJECTIONS, moved)
            return
        except StoppedAtEvent as stop:
            if wanted is None or stop.projection in {view.name for view in wanted}:
                raise
            run.explain(stop)
            _rebuild_outdated(run, source, store, wanted)
            catch_up(source, store, wanted)
            return
        except (Conflict, NotFound) as moved_on:
            if moved_on.code not in MOVED_ON or tries_left == 0:
                raise


def _rebuild_outdated(run: Invocation, source: SqlSource, store: ReadStore, views: Sequence[Projection]) -> None:
    """Views that another release of the code made are made anew before anybody reads them.

    Those that projectors feed from a topic are the operator's to rebuild, not a question's.
    """
    from consumers.project import rebuild

    found = [status for status in store.status(views) if not status.is_current]
    fed = [status.name for status in found if status.is_fed]
    if fed:
        run.tell("views_outdated_fed", names=", ".join(fed))
    outdated = {status.name for status in found if not status.is_fed}
    if outdated:
        run.tell("views_outdated", names=", ".join(sorted(outdated)))
        with positions_bar(run, "bar_replay") as moved:
            rebuild(source, store, [view for view in views if view.name in outdated], moved)


def parked_in(run: Invocation, source: SqlSource, projection: Projection) -> frozenset[str]:
    """The subjects that the stored view reads only up to an event which it could not take.

    None of a sealed log, and none where no views can be read: a question then names the event that stops it.
    """
    from infra.log_copy import LogCopy
    from infra.wiring import kept_views

    if isinstance(source, LogCopy):
        return frozenset()
    try:
        with kept_views(run.settings) as store:
            if store is None or not any(status.parked for status in store.status([projection])):
                return frozenset()
            return frozenset(one.subject for one in store.parked(projection.name))
    except Unavailable:
        return frozenset()


def tell_stale(run: Invocation, projection: Projection, row: Mapping[str, Any], subject: str) -> None:
    """A message for a row that does not show a parked subject's later events."""
    if "stale_from" in row:
        run.tell("row_stale", subject=subject, position=row["stale_from"], view=projection.name)


@contextmanager
def positions_bar(run: Invocation, name: str) -> Iterator[Callable[[Progress], None]]:
    """A bar over ledger positions, as a function that a pass over the events calls."""
    with run.progress(name, "events") as bar:
        task = bar.add_task("", total=None)

        def moved(progress: Progress) -> None:
            bar.update(task, completed=progress.position, total=progress.head)

        yield moved
