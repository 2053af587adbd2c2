"""How fast are one durable action, group commit and an import over PostgreSQL, against the library's own recorder there?

Floor: `eventsourcing`'s PostgreSQL recorder inserting the same stored events on the same server, one commit at a time, and
100 a commit (with 1,000 of these events its own insert never returns: it waits for an answer to what it has not sent yet). The server is started for this run, waits for its disk, and shares the machine. Prints floor, figure and
ratio from one run; the bars are those of the file's store.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from recording import IMPORT, TURNS, actions, durable_write_us, insert, load, per_second, singles, stored, tell

from infra.importing.driver import rare_collections
from infra.settings import Settings
from infra.stores import source_at
from infra.wiring import create_ledger, open_ledger
from tests.support.postgres import HOW_TO_ENABLE, PostgresServer, programs

ROUNDS = 2
FLOOR_EVENTS_PER_COMMIT = 100


def main() -> None:
    """Run at one size and print; one line where there is no server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=10_000, help="events to import")
    parser.add_argument("--single", type=int, default=600, help="single durable actions")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="rounds of ten turns each")
    given = parser.parse_args()
    found = programs()
    if found is None:
        print(HOW_TO_ENABLE)
        return
    server, folder = PostgresServer(found), Path(tempfile.mkdtemp(prefix="bench-", dir="."))
    turns: dict[str, list[tuple[float, float]]] = {}
    try:
        for number in range(given.rounds):
            for work, floor, figure in one_round(server, folder / str(number), given.events, given.single):
                turns.setdefault(work, []).append((floor, figure))
        tell(turns)
        print(f"one durable write of 4 KiB takes {durable_write_us(server.folder):,.0f} µs on the server's disk")
    finally:
        server.stop()
        shutil.rmtree(folder)


def one_round(server: PostgresServer, folder: Path, events: int, single: int) -> Iterator[tuple[str, float, float]]:
    """(work, floor a second, ours a second) of every work, turn by turn."""
    from eventsourcing.postgres import PostgresApplicationRecorder, PostgresDatastore

    with server.database() as ours, server.database() as theirs:
        name = theirs.split("/")[3].split("?")[0]
        datastore = PostgresDatastore(name, str(server.folder), 5432, "caseledger", "", originator_id_type="text")
        recorder = PostgresApplicationRecorder(datastore)
        recorder.create_table()
        settings = Settings(data=folder, store=ours)
        create_ledger(settings)
        with open_ledger(settings) as ledger, closing(source_at(ours)) as source:
            lines = list(islice(actions("i"), events))
            for start in range(0, events, turn := max(1_000, events // TURNS)):
                part, before = lines[start : start + turn], source.head()
                with rare_collections():
                    figure = per_second(len(part), lambda part=part: load(ledger, part))
                rows = stored(source, before, len(part))
                yield (
                    IMPORT,
                    per_second(len(rows), lambda rows=rows: insert(recorder, rows, FLOOR_EVENTS_PER_COMMIT)),
                    figure,
                )
            yield from singles(ledger, source, recorder, single, TURNS)
        datastore.close()


if __name__ == "__main__":
    main()
