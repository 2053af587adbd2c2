"""The composition root: the only place where settings become objects."""

from __future__ import annotations

import getpass
import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from domain.errors import Conflict, InvalidAction, NotFound
from domain.ledger import Ledger, Surroundings
from infra.disk_errors import disk_failure
from infra.identity import new_event_id
from infra.keys import DISCIPLINE_KEY, TAG_KEY, DisciplineKey, make_key, read_key
from infra.settings import Settings
from infra.sql_section import SqlWriteSection
from infra.sql_source import SqlSource
from infra.sqlite_errors import translated
from infra.stores import environment_of, shown, source_at

if TYPE_CHECKING:
    from infra.read_store import ReadStore

DEFAULT_SOURCE = "/500229/petition-office"
_SOURCE = re.compile(r"/[0-9]{6}(/[A-Za-z0-9._-]+)*")


def operator_name(settings: Settings) -> str:
    """Who types: the operating-system user, or the name that the settings give."""
    if settings.as_operator:
        return settings.as_operator
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid-{os.getuid()}"


def utc_now() -> datetime:
    """The recording clock."""
    return datetime.now(UTC)


def create_ledger(settings: Settings, source: str = DEFAULT_SOURCE) -> bool:
    """Make the data folder, the store and the keys; True when the ledger is new.

    Raises `ledger_exists` where a ledger with another source lies there already.
    """
    if not _SOURCE.fullmatch(source):
        raise InvalidAction("bad_source", "a source begins with six digits of GB/T 2260: /500229/petition-office")
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_failure(settings.data, error) from error
    for key in (DISCIPLINE_KEY, TAG_KEY):
        _make_key(settings.key_folder / key)
    recorder = _recorder(_ledger(settings, source, create=True))
    try:
        with recorder.write_section() as section:
            present = section.name_value("source")
            if present is not None and present != source:
                raise Conflict("ledger_exists", f"{shown(settings.store or str(settings.data))} holds {present}")
            section.set_name_value("source", source)
    finally:
        recorder.close_writer()
    _make_log_key(settings, source)
    return present is None


def _make_key(path: Path) -> None:
    try:
        make_key(path)
    except OSError as error:
        raise disk_failure(path, error) from error


def _make_log_key(settings: Settings, source: str) -> None:
    """Make the log's key, unless there is one or a log that another key has signed: that key must be restored."""
    from infra.keys_log import KEY_FILE, create_log_key, log_origin
    from infra.sealing import is_sealed

    if is_sealed(settings.data) or (settings.key_folder / KEY_FILE).exists():
        return
    try:
        with suppress(Conflict):  # another `init` at this moment made it
            create_log_key(settings.key_folder, log_origin(source))
    except OSError as error:
        raise disk_failure(settings.key_folder / KEY_FILE, error) from error


class Recorder(Protocol):
    """A recorder that keeps a connection for its write sections."""

    def write_section(self) -> AbstractContextManager[SqlWriteSection]: ...
    def close_writer(self) -> None: ...


def _recorder(ledger: Ledger) -> Recorder:
    return cast(Recorder, ledger.recorder)


def _ledger(settings: Settings, source: str, create: bool = False) -> Ledger:
    key = DisciplineKey(settings.key_folder)
    surroundings = Surroundings(source, operator_name(settings), utc_now, new_event_id, key.tag)
    environment = environment_of(settings.store_place, settings.lock_timeout_s, create)
    with translated():
        return Ledger(surroundings, environment)


def source_of(settings: Settings) -> str:
    """The ledger's source; raises `no_ledger` where `init` has not run."""
    with closing(_source_at(settings)) as source:
        return _name_of(source, settings)


def _source_at(settings: Settings) -> SqlSource:
    return source_at(settings.store_place, float(settings.lock_timeout_s))


def _name_of(source: SqlSource, settings: Settings) -> str:
    found = source.name_value("source")
    if found is None:
        raise NotFound("no_ledger", shown(settings.store) if settings.store else str(settings.data))
    return found


@contextmanager
def open_ledger(settings: Settings) -> Iterator[Ledger]:
    """The ledger of the data folder, closed afterwards."""
    ledger = _ledger(settings, source_of(settings))
    try:
        yield ledger
    finally:
        _recorder(ledger).close_writer()
        ledger.close()


@contextmanager
def open_source(settings: Settings) -> Iterator[SqlSource]:
    """The recorded events of the data folder, to be read only; raises `no_ledger` where there are none."""
    with closing(_source_at(settings)) as source:
        _name_of(source, settings)
        yield source


@contextmanager
def open_views(settings: Settings) -> Iterator[ReadStore]:
    """The views of the data folder, their tables made where they are missing."""
    from infra.read_store import ReadStore
    from projections import ALL_PROJECTIONS

    store = ReadStore(settings.views_place, lock_wait_s=float(settings.lock_timeout_s))
    try:
        store.prepare(ALL_PROJECTIONS)
        yield store
    finally:
        store.close()


@contextmanager
def kept_views(settings: Settings) -> Iterator[ReadStore | None]:
    """The views as they are, nothing made; None where there are none yet."""
    from infra.read_store import ReadStore

    if settings.views is None and not settings.views_file.exists():
        yield None
        return
    store = ReadStore(settings.views_place, lock_wait_s=float(settings.lock_timeout_s))
    try:
        yield store if store.is_begun() else None
    finally:
        store.close()


def tagger_of(settings: Settings) -> Callable[[str, str], str | None] | None:
    """The discipline tags where the key lies here; None where it does not, so that checks say `cannot_tell`.

    Raises `key_unsafe` where others may read the key, and `unavailable` for a broken one, before anything is judged.
    """
    if read_key(settings.key_folder / DISCIPLINE_KEY) is None:
        return None
    return DisciplineKey(settings.key_folder).tag
