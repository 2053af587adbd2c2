"""Rows, documents and positions in one transaction; what is asked of them; what a broken disk says."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import infra.view_changes
import infra.view_code
from consumers.folding import Change, ViewChange
from consumers.project import catch_up, rebuild
from domain.errors import Conflict, LedgerError, NotFound, PoisonEvent, Unavailable
from infra.read_store import ReadStore
from infra.read_tables import PARKED, SHARES
from infra.view_code import code_digest
from projections import ALL_PROJECTIONS
from projections.case_view import CASE_VIEW
from projections.fold import Document, Projection, Row, columns
from tests.support.memory_ledger import MemoryLedger, random_ledger


def rows_of_pairs(subject: str, document: Document) -> list[Row]:
    return [{"subject": subject, "item": name, "amount": value, "done": value > 1, "units": ["MZJ", "JSW"][:value]}
            for name, value in document.items()]  # fmt: skip


PAIRS = Projection(
    name="pairs",
    version=1,
    columns=columns(
        "subject item amount done units",
        key="subject item",
        index="amount",
        integer="amount",
        boolean="done",
        json="units",
    ),
    handlers={},
    rows=rows_of_pairs,
    subject_column="subject",
)


def change(subject: str, is_new: bool = True, **document: int) -> dict[str, Change]:
    return {subject: Change(document, rows_of_pairs(subject, document), is_new)}


@pytest.fixture
def store(views_place: str) -> Iterator[ReadStore]:
    opened = ReadStore(views_place, lock_wait_s=0.1)
    opened.prepare([PAIRS])
    yield opened
    opened.close()


def test_rows_documents_and_position_are_written_together(store: ReadStore) -> None:
    store.apply(PAIRS, change("s1", a=1, b=2), 0, 7)
    assert list(store.rows("pairs")) == [
        {"subject": "s1", "item": "a", "amount": 1, "done": False, "units": ["MZJ"]},
        {"subject": "s1", "item": "b", "amount": 2, "done": True, "units": ["MZJ", "JSW"]},
    ]
    assert store.documents("pairs", ["s1", "s2"]) == {"s1": {"a": 1, "b": 2}}
    assert store.position("pairs") == 7


def test_a_subjects_rows_are_replaced_and_others_stay(store: ReadStore) -> None:
    store.apply(PAIRS, change("s1", a=1, b=2) | change("s2", a=5), 0, 1)
    store.apply(PAIRS, change("s1", is_new=False, b=3), 1, 2)
    assert [(row["subject"], row["item"], row["amount"]) for row in store.rows("pairs")] == [
        ("s1", "b", 3),
        ("s2", "a", 5),
    ]


def test_an_appending_view_keeps_its_earlier_rows(views_place: str) -> None:
    log = replace(PAIRS, appends=True)
    store = ReadStore(views_place)
    store.prepare([log])
    store.apply(log, change("s1", a=1), 0, 1)
    store.apply(log, change("s1", is_new=False, b=3), 1, 2)
    assert [row["item"] for row in store.rows("pairs")] == ["a", "b"]
    store.close()


def test_a_second_follower_from_the_same_position_is_refused_and_writes_nothing(
    store: ReadStore, views_place: str
) -> None:
    store.apply(PAIRS, change("s1", a=1), 0, 5)
    before = list(store.rows("pairs"))
    other = ReadStore(views_place)
    with pytest.raises(Conflict) as refused:
        other.apply(PAIRS, change("s2", a=9), 0, 6)
    assert refused.value.code == "view_moved"
    assert (list(store.rows("pairs")), store.position("pairs")) == (before, 5)
    assert store.documents("pairs", ["s2"]) == {}
    other.close()


BY_AMOUNT = replace(PAIRS, name="by_amount", columns=tuple(replace(c, key=c.name == "amount") for c in PAIRS.columns))


@pytest.mark.parametrize("view", [PAIRS, BY_AMOUNT], ids=["key begins with the subject", "key is something else"])
@pytest.mark.parametrize("lets_go", [False, True])
def test_rows_written_some_at_a_time_are_those_written_at_once(
    store: ReadStore, monkeypatch: pytest.MonkeyPatch, view: Projection, lets_go: bool
) -> None:
    """Also where a subject has no rows, or more than are inserted at a time; what is let go of is used up."""
    store.prepare([view])
    documents = {f"s{7 * n % 23:02}": {name: 100 * n + m for m, name in enumerate("abcde"[: n % 6])} for n in range(23)}
    expected = sorted((row for subject, one in documents.items() for row in rows_of_pairs(subject, one)), key=str)
    assert len(expected) == sum(n % 6 for n in range(23))
    monkeypatch.setattr(infra.view_changes, "SUBJECTS_PER_FILL", 4)
    monkeypatch.setattr(infra.view_changes, "ROWS_PER_FILL", 3)
    changes = {subject: Change(one, rows_of_pairs(subject, one), True) for subject, one in documents.items()}
    store.write([ViewChange(view, changes, 0, 9)], lets_go=lets_go)
    assert sorted(store.rows(view.name), key=str) == expected
    assert len(changes) == (0 if lets_go else 23)


def test_a_row_without_its_key_is_refused_and_nothing_of_the_batch_stays(store: ReadStore) -> None:
    broken = {"s2": Change({}, [{"subject": "s2", "item": None, "amount": 1, "done": None, "units": None}], True)}
    with pytest.raises(PoisonEvent) as refused:
        store.apply(PAIRS, change("s1", a=1) | broken, 0, 5)
    assert (refused.value.field, refused.value.subject) == ("item", "s2")
    assert (list(store.rows("pairs")), store.position("pairs")) == ([], 0)


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"subject": "s1"}, ["a", "b"]),
        ({"amount": "2"}, ["b"]),
        ({"amount": "two"}, []),
        ({"done": "true"}, ["b", "c"]),
        ({"done": "false"}, ["a"]),
        ({"units": "JSW"}, ["b", "c"]),
        ({"units": "JS"}, []),
        ({"units": "%"}, []),
        ({"subject": "s1", "done": "true"}, ["b"]),
        ({"item": ""}, []),
    ],
)
def test_questions_compare_columns_with_words(where: dict[str, str], found: list[str], store: ReadStore) -> None:
    store.apply(PAIRS, change("s1", a=1, b=2) | change("s2", c=3), 0, 1)
    assert [row["item"] for row in store.rows("pairs", where)] == found


def test_rows_can_be_ordered_and_limited(store: ReadStore) -> None:
    store.apply(PAIRS, change("s1", a=1, b=2) | change("s2", c=3), 0, 1)
    assert [row["item"] for row in store.rows("pairs", order=["-amount"], limit=2)] == ["c", "b"]
    assert list(store.rows("pairs", limit=0)) == []


def test_an_unknown_view_or_column_is_refused_by_name(store: ReadStore) -> None:
    with pytest.raises(NotFound) as refused:
        list(store.rows("pairs", {"name": "x"}))
    assert (refused.value.code, refused.value.field) == ("unknown_field", "name")
    with pytest.raises(NotFound) as refused:
        store.position("nothing")
    assert refused.value.code == "unknown_view"


def test_preparing_again_keeps_what_is_there(store: ReadStore) -> None:
    store.apply(PAIRS, change("s1", a=1), 0, 5)
    store.prepare([PAIRS, CASE_VIEW])
    assert (store.position("pairs"), store.position("case_view")) == (5, 0)


def test_eight_threads_may_prepare_at_once(views_place: str) -> None:
    failures: list[Exception] = []

    def prepare() -> None:
        store = ReadStore(views_place)
        try:
            store.prepare(ALL_PROJECTIONS)
        except LedgerError as error:
            failures.append(error)
        finally:
            store.close()

    threads = [threading.Thread(target=prepare) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_reader_sees_one_moment_while_others_write_and_swap(views_place: str) -> None:
    ledger = random_ledger(4, 150)
    store = ReadStore(views_place)
    store.prepare(ALL_PROJECTIONS)
    catch_up(ledger, store, ALL_PROJECTIONS, until=100)
    whole = list(store.rows("timeline"))
    reader = store.rows("timeline")
    seen = [next(reader)]
    rebuild(ledger, store, ALL_PROJECTIONS)
    rebuild(ledger, store, ALL_PROJECTIONS)
    seen += list(reader)
    assert seen == whole
    assert len(list(store.rows("timeline"))) > len(whole)
    store.close()


# -- versions --


def test_status_tells_a_changed_definition_from_a_current_one(store: ReadStore) -> None:
    (status,) = store.status([PAIRS])
    assert (status.is_servable, status.is_current, status.building_position) == (True, True, None)
    (status,) = store.status([replace(PAIRS, version=2)])
    assert (status.version, status.code_version, status.is_servable, status.is_current) == (1, 2, False, False)
    wider = replace(PAIRS, columns=PAIRS.columns + columns("more"))
    assert not store.status([wider])[0].is_servable
    assert code_digest(PAIRS) != code_digest(wider)


def test_the_digest_covers_every_module_that_a_fold_is_made_of(monkeypatch: pytest.MonkeyPatch) -> None:
    was = {view.name: code_digest(view) for view in ALL_PROJECTIONS}
    real = infra.view_code._source
    for changed, concerned in (
        ("projections.coded_values", {"timeline", "integrity_log", "fund_log", "registers"}),
        ("projections.timeline", {"timeline", "integrity_log", "fund_log", "fund_view", "registers"}),
        ("projections.fold", set(was)),
        ("domain.upcasts", set(was)),
        ("projections.statistics", set()),
    ):
        monkeypatch.setattr(
            infra.view_code, "_source", lambda name, changed=changed: real(name) + "\n# other" * (name == changed)
        )
        differing = {view.name for view in ALL_PROJECTIONS if code_digest(view) != was[view.name]}
        assert differing >= concerned, changed
        assert changed != "projections.statistics" or not differing


def test_rows_of_an_older_version_stay_readable_with_their_own_columns(store: ReadStore) -> None:
    store.apply(PAIRS, change("s1", a=1), 0, 5)
    wider = replace(PAIRS, version=2, columns=PAIRS.columns + columns("more"))
    store.prepare([wider])
    assert "more" not in next(store.rows("pairs"))
    with pytest.raises(Conflict):
        store.require_current(wider)


def filled(place: str | Path) -> tuple[ReadStore, MemoryLedger]:
    ledger = random_ledger(9, 120)
    store = ReadStore(place)
    store.prepare([CASE_VIEW])
    catch_up(ledger, store, [CASE_VIEW])
    return store, ledger


def test_a_swap_can_be_rolled_back_until_the_next_rebuild(views_place: str) -> None:
    store, ledger = filled(views_place)
    before = list(store.rows("case_view"))
    changed = replace(
        CASE_VIEW, version=2, rows=lambda subject, document: CASE_VIEW.rows(subject, document)[:0], cells=None
    )
    rebuild(ledger, store, [changed])
    assert list(store.rows("case_view")) == []
    store.rollback("case_view")
    assert list(store.rows("case_view")) == before
    store.rollback("case_view")
    assert list(store.rows("case_view")) == []
    store.close()


def test_there_is_nothing_to_roll_back_before_a_rebuild(store: ReadStore) -> None:
    with pytest.raises(NotFound):
        store.rollback("pairs")


def test_an_interrupted_rebuild_goes_on_where_it_was_written_and_one_of_other_code_begins_anew(
    views_place: str,
) -> None:
    store, _ = filled(views_place)
    assert store.begin_building(CASE_VIEW) == 0
    table = list(store.rows("case_view"))
    document = {"case": {"events": 1}}
    found = Change(document, CASE_VIEW.rows("XF500229-2025-000009", document), True)
    store.write([ViewChange(CASE_VIEW, {"XF500229-2025-000009": found}, 0, 50)], "building")
    assert store.begin_building(CASE_VIEW) == 50
    assert store.status([CASE_VIEW])[0].building_position == 50
    assert store.begin_building(replace(CASE_VIEW, version=2)) == 0
    assert store.documents("case_view", ["XF500229-2025-000009"], "building") == {}
    assert list(store.rows("case_view")) == table
    store.close()


def test_a_swap_is_refused_when_either_side_has_moved(views_place: str) -> None:
    store, ledger = filled(views_place)
    store.begin_building(CASE_VIEW)
    with pytest.raises(Conflict):
        store.swap(CASE_VIEW, ledger.head())
    with pytest.raises(Conflict):
        store.compare(CASE_VIEW)
    assert store.position("case_view") == ledger.head()
    store.close()


# -- a broken place: what a file may suffer; the database's own troubles stand in test_read_store_postgres.py --


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "views.db"


def test_a_database_held_by_another_program_is_refused_as_locked_and_nothing_is_half_done(
    path: Path,
) -> None:
    store = ReadStore(path, lock_wait_s=0.1)
    store.prepare([PAIRS])
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as refused:
        store.apply(PAIRS, change("s1", a=1), 0, 5)
    assert refused.value.code == "locked"
    assert list(store.rows("pairs")) == []
    holder.execute("ROLLBACK")
    holder.close()
    store.apply(PAIRS, change("s1", a=1), 0, 5)
    assert store.position("pairs") == 5
    store.close()


def test_a_full_disk_is_named_and_the_view_stays_at_its_position(path: Path) -> None:
    store = ReadStore(path)
    store.prepare([PAIRS])
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 2}")
    many = {f"item-{number:06}" * 20: 1 for number in range(500)}
    with pytest.raises(Unavailable) as refused:
        store.apply(PAIRS, change("s1", **many), 0, 5)
    assert refused.value.code == "disk_full"
    assert (list(store.rows("pairs")), store.position("pairs")) == ([], 0)
    store.close()


def test_a_file_that_is_no_database_is_named_as_damaged(path: Path) -> None:
    path.write_bytes(b"this is not a database" * 100)
    store = ReadStore(path)
    with pytest.raises(Unavailable) as refused:
        store.prepare([PAIRS])
    assert refused.value.code == "store_damaged"
    assert "caseledger replay" in refused.value.message
    store.close()


def test_a_damaged_page_is_named_and_not_served(path: Path) -> None:
    store, _ = filled(path)
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (path.stat().st_size - 4096))
    store = ReadStore(path)
    with pytest.raises(Unavailable) as refused:
        list(store.rows("case_view"))
    assert refused.value.code == "store_damaged"
    store.close()


def test_a_missing_folder_is_refused_as_not_writable(tmp_path: Path) -> None:
    store = ReadStore(tmp_path / "nowhere" / "views.db")
    with pytest.raises(Unavailable) as refused:
        store.prepare([PAIRS])
    assert refused.value.code == "read_only"
    store.close()


def test_a_read_only_database_is_refused_as_read_only(path: Path) -> None:
    store = ReadStore(path)
    store.prepare([PAIRS])
    with store._engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA query_only=1")
    with pytest.raises(Unavailable) as refused:
        store.apply(PAIRS, change("s1", a=1), 0, 5)
    assert refused.value.code == "read_only"
    store.close()


LINES = Projection(
    name="lines",
    version=1,
    columns=columns("number subject", key="number", integer="number"),
    handlers={},
    rows=lambda subject, document: [{"number": number, "subject": subject} for number in document["lines"]],
    cells=lambda subject, document: [(number, subject) for number in document["lines"]],
    subject_column="subject",
    appends=True,
)


@pytest.mark.parametrize("count", [1, 299, 300, 301, 900, 1_001])
@pytest.mark.parametrize("given", [LINES.rows, LINES.cells])
def test_narrow_rows_are_stored_whole_however_many_a_statement_takes(
    given: Callable[[str, Document], list[Row]], count: int, store: ReadStore
) -> None:
    store.prepare([LINES])
    numbers = list(range(1, count + 1))
    store.apply(LINES, {"s": Change(None, given("s", {"lines": numbers}), True)}, 0, 1)
    assert [(row["number"], row["subject"]) for row in store.rows("lines")] == [(number, "s") for number in numbers]


def test_cells_of_the_wrong_kind_are_stored_like_rows_of_the_wrong_kind(store: ReadStore) -> None:
    store.prepare([LINES])
    store.apply(LINES, {"s": Change(None, [(1, "s"), (2, 7)], True)}, 0, 1)
    assert list(store.rows("lines")) == [{"number": 1, "subject": "s"}, {"number": 2, "subject": "7"}]
    with pytest.raises(PoisonEvent) as poison:
        store.apply(LINES, {"s": Change(None, [(None, "s")], True)}, 1, 2)
    assert (poison.value.field, poison.value.subject) == ("number", "s")


def test_the_status_reads_views_whose_release_kept_fewer_lists_of_a_rebuild(views_place: str) -> None:
    store = ReadStore(views_place)
    store.prepare([PAIRS])
    with store._database.restructuring() as connection:
        SHARES.drop(connection)
    assert store.is_begun()
    assert [one.name for one in store.status([PAIRS])] == ["pairs"]
    store.prepare([PAIRS])
    store.close()


def test_lists_that_an_earlier_release_did_not_make_are_made(views_place: str) -> None:
    store = ReadStore(views_place)
    store.prepare([PAIRS])
    store.apply(PAIRS, change("s1", a=1), 0, 5)
    with store._database.restructuring() as connection:
        PARKED.drop(connection)
    assert not store.is_begun()
    store.prepare([PAIRS])
    assert (store.position("pairs"), store.parked("pairs")) == (5, [])
    store.close()
