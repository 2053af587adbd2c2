"""Replay and proofs out of a sealed folder: the same bytes, and nothing that was not sealed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from consumers.follow import Source
from domain.errors import NotFound, Tampered
from domain.event import canonical, decode
from domain.seal.proof import continues
from domain.seal.tree import leaf_hashes, root_of
from infra.log_proof import LogReader, proof_text, prove
from infra.log_source import LogSource, head_of
from infra.verify import verify_proof
from infra.verify.event_proof import event_in
from tests.support.sealed_log import Bench, MemorySource, event_bytes, events, sealed


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return sealed(tmp_path, 700)


def test_the_log_gives_the_events_of_the_ledger_in_order(bench: Bench) -> None:
    source: Source = LogSource(bench.log)
    assert source.head() == 700
    found = list(source.read())
    assert [event.raw for event in found] == bench.source.raws
    for number, event in enumerate(found):
        content = decode(event.raw)
        assert event.position == number + 1
        assert (event.subject, str(event.sequence), event.type) == (
            content["subject"],
            content["sequence"],
            content["type"],
        )


@pytest.mark.parametrize(
    ("after", "until"), [(0, 1), (255, 257), (256, 512), (1, None), (699, None), (700, None), (10, 10), (300, 9_999)]
)
def test_a_range_is_cut_exactly(bench: Bench, after: int, until: int | None) -> None:
    found = [event.position for event in LogSource(bench.log).read(after=after, until=until)]
    assert found == list(range(after + 1, min(until or 700, 700) + 1))


def test_types_are_chosen_before_decoding(tmp_path: Path) -> None:
    other = [event_bytes(at, type="petition.case.closed.v1") if at % 3 else event_bytes(at) for at in range(30)]
    bench = Bench(tmp_path, MemorySource(other))
    bench.seal()
    found = LogSource(bench.log).read(types=["petition.case.closed.v1"])
    assert [event.position - 1 for event in found] == [at for at in range(30) if at % 3]


def test_one_subjects_events_are_found(bench: Bench) -> None:
    source = LogSource(bench.log)
    found = list(source.read_subject("XF500229-2025-000003"))
    assert [event.position for event in found] == list(range(3, 701, 5))
    assert [event.sequence for event in found] == list(range(1, 141))
    assert [event.position for event in source.read_subject("XF500229-2025-000003", until=20)] == [3, 8, 13, 18]
    assert list(source.read_subject("nobody")) == []


def test_the_head_of_an_event_is_read_whatever_its_payload_says() -> None:
    """A payload that imitates the end of an event is not mistaken for it."""
    tail = '"sequence":"9","source":"x","specversion":"1.0","subject":"no","time":"t","type":"no"}'
    for changes in (
        {"data": {"note": tail}},
        {"data": {"sequence": "9", "subject": "no", "type": "no"}},
        {"timeprecision": "day"},
        {"subject": 'fund:ref:F"2025\\'},
        {"zz": {"sequence": "9", "source": "x", "specversion": "1.0", "subject": "no", "time": "t", "type": "no"}},
    ):
        raw = event_bytes(7, **changes)
        content = decode(raw)
        assert head_of(raw) == (int(content["sequence"]), content["subject"], content["type"])
    for wrong in (b"", b"{}", b"[]", canonical({"sequence": "x", "subject": "a", "type": "b"})):
        with pytest.raises(Tampered):
            head_of(wrong)


def test_an_edited_bundle_is_noticed_before_its_first_event_is_given_out(bench: Bench) -> None:
    path = bench.log / "tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b"000000000140", b"000000000141", 1))
    given = LogSource(bench.log).read()
    seen = []
    with pytest.raises(Tampered) as refused:
        seen.extend(event.position for event in given)
    assert refused.value.code == "leaf_differs"
    assert list(LogSource(bench.log).read(until=256))[-1].position == 256


@pytest.mark.parametrize("path", ["tile/1/000.p/2", "tile/0/002.p/188"])
def test_an_edited_tile_is_noticed_when_the_log_is_opened(bench: Bench, path: str) -> None:
    content = bytearray((bench.log / path).read_bytes())
    content[3] ^= 1
    (bench.log / path).write_bytes(content)
    with pytest.raises(Tampered):
        LogSource(bench.log)


def test_a_folder_without_a_checkpoint_is_no_log(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as refused:
        LogSource(tmp_path)
    assert refused.value.code == "no_log"


def test_a_proof_for_every_event_verifies_and_proves_only_that_event(bench: Bench) -> None:
    for index in range(700):
        proof = prove(bench.log, index)
        assert verify_proof(proof, bench.source.raws[index], bench.policy).ok
        if index % 50 == 0:
            assert not verify_proof(proof, bench.source.raws[index - 1], bench.policy).ok
    for wrong in (-1, 700):
        with pytest.raises(NotFound):
            prove(bench.log, wrong)
        with pytest.raises(NotFound):
            LogReader(bench.log).entry(wrong)


def test_a_reader_proves_that_the_log_grew(tmp_path: Path) -> None:
    bench = sealed(tmp_path, 66_000)
    log, hashes = LogReader(bench.log), leaf_hashes(bench.source.raws)
    for old in (1, 255, 256, 257, 65_535, 65_536, 65_537, 65_999, 66_000):
        assert continues(old, root_of(hashes[:old]), 66_000, log.root, log.consistency(old))
    with pytest.raises(NotFound):
        log.consistency(66_001)
    assert events(1, 65_999)[0] == log.entry(65_999)


def test_a_damaged_tile_gives_no_proof(bench: Bench) -> None:
    path = bench.log / "tile/0/001"
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(content)
    with pytest.raises(Tampered) as refused:
        prove(bench.log, 300)
    assert refused.value.code == "log_damaged"


def test_an_edited_entry_goes_out_in_no_proof(bench: Bench) -> None:
    path = bench.log / "tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b"actorunit", b"actorunjt", 1))
    with pytest.raises(Tampered) as refused:
        proof_text(LogReader(bench.log), 256, with_event=True)
    assert refused.value.code == "leaf_differs"
    whole = proof_text(LogReader(bench.log), 257, with_event=True)
    assert event_in(whole) == bench.source.raws[257]


@pytest.mark.parametrize("path", ["checkpoint", "tile/1/000.p/2", "tile/entries/001"])
def test_a_pipe_in_a_log_that_somebody_hands_over_is_refused_and_never_waited_for(bench: Bench, path: str) -> None:
    (bench.log / path).unlink()
    os.mkfifo(bench.log / path)
    with pytest.raises(Tampered, match="not a plain file"):
        list(LogSource(bench.log).read())


def test_a_file_that_is_no_folder_holds_no_log(bench: Bench) -> None:
    with pytest.raises(NotFound):
        LogSource(bench.log / "checkpoint")
