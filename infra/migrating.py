"""Moving a ledger from its file into PostgreSQL: the same bytes and positions under the same signed root, then no way back.

The file stays as evidence; a trigger keeps whoever still points at it from recording there.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import islice

from domain.errors import Conflict, InvalidAction, NotFound
from domain.seal.checkpoint import Checkpoint, read_note
from domain.seal.running import RunningRoot
from infra.new_postgres_store import new_postgres_store
from infra.postgres_address import PostgresAddress
from infra.postgres_source import PostgresSource
from infra.restoring import Restored, restore
from infra.sealing import LOG_FOLDER, open_sealer
from infra.settings import Settings
from infra.sqlite_errors import MOVED, translated
from infra.sqlite_source import SqliteSource
from infra.tile_store import TileStore

MOVED_TRIGGER = "stored_events_moved"


def migrate(settings: Settings, on_progress: Callable[[int, int], None] | None = None) -> tuple[Restored, bool]:
    """Move `<data>/ledger.db` to `CASELEDGER_STORE`; what moved, and whether it was there already.

    Everything recorded is sealed first; exactly that root must come out at the new place. Nobody records meanwhile.
    A broken-off move leaves the new place empty, or whole: then the next one only closes the file.
    Raises `store_not_set`, `no_ledger`, `not_empty`, `locked`, `sealer_running`.
    """
    if settings.store is None:
        raise InvalidAction(
            "store_not_set", "CASELEDGER_STORE=postgresql://user@host/database", field="CASELEDGER_STORE"
        )
    if not settings.ledger_file.exists():
        raise NotFound("no_ledger", str(settings.data))
    address = PostgresAddress(settings.store)
    with _held(settings) as file, closing(SqliteSource(settings.ledger_file)) as events:
        source = events.name_value("source")
        if source is None:
            raise NotFound("no_ledger", str(settings.data))
        with open_sealer(settings.data, settings.key_folder, source, events) as sealer:
            sealer.seal_waiting()
            note = TileStore(settings.data / LOG_FOLDER, settings.data).checkpoint()
            if note is None:
                raise NotFound(
                    "no_ledger", f"{settings.data}: nothing is recorded; run `caseledger init` at the new place"
                )
            signed = read_note(note).checkpoint
            moved = _already_moved(address, source, signed)
            was_there = moved is not None
            if moved is None:
                moved = _copied(address, events, signed, on_progress)
        _close_file(file, address)
    return moved, was_there


def _copied(
    address: PostgresAddress,
    events: SqliteSource,
    signed: Checkpoint,
    on_progress: Callable[[int, int], None] | None,
) -> Restored:
    with new_postgres_store(address) as store:
        names = events.rows("SELECT name, value FROM ledger WHERE name<>'source'")
        store.set_names({str(name): str(value) for name, value in names})
        store.add_progress([(str(row[0]), str(row[1])) for row in events.rows("SELECT * FROM import_progress")])
        stream = ((event.position, event.raw) for event in events.read())
        return restore(stream, signed, store, on_progress)


def _already_moved(address: PostgresAddress, source: str, signed: Checkpoint) -> Restored | None:
    """What an earlier move brought there, where it is this ledger, or one that went on from it."""
    with closing(PostgresSource(address)) as there:
        if there.name_value("source") is None:
            return None
        root, subjects, actions = RunningRoot(), set[str](), 0
        if there.name_value("source") == source:
            for event in islice(there.read(), signed.size):
                root.take(event.raw)
                subjects.add(event.subject)
            actions = int(there.rows("SELECT count(*) FROM action_index WHERE position<=?", (signed.size,))[0][0])
    if (root.size, root.root()) != (signed.size, signed.root):
        raise Conflict("not_empty", f"{address} holds another ledger; give an empty database; 请使用空数据库")
    return Restored(source, root.size, root.root(), actions, len(subjects))


@contextmanager
def _held(settings: Settings) -> Iterator[sqlite3.Connection]:
    """The file's write lock: nobody records while it moves."""
    with translated(), closing(sqlite3.connect(settings.ledger_file, isolation_level=None)) as file:
        file.execute(f"PRAGMA busy_timeout={settings.lock_timeout_s * 1000}")
        file.execute("PRAGMA synchronous=FULL")
        file.execute("BEGIN IMMEDIATE")
        yield file
        file.execute("COMMIT")


def _close_file(file: sqlite3.Connection, address: PostgresAddress) -> None:
    """From here on the file refuses every event and says where the ledger is."""
    words = f"{MOVED} {address}".replace("'", "''")
    file.execute(f"DROP TRIGGER IF EXISTS {MOVED_TRIGGER}")
    file.execute(
        f"CREATE TRIGGER {MOVED_TRIGGER} BEFORE INSERT ON stored_events BEGIN SELECT RAISE(ABORT, '{words}'); END"
    )
