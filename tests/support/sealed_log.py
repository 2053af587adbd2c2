"""A small ledger in memory, sealed into a folder: what the tests of the log and of its verifier start from."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from consumers.follow import SourceEvent
from consumers.seal import Sealed, Sealer
from domain.event import canonical
from domain.seal.checkpoint import NoteSigner
from infra.keys_log import LogKey, policy_text
from infra.seal_history import SealHistory
from infra.staged_files import Step, no_step
from infra.tile_store import TileStore

ORIGIN = "caseledger/500229/petition-office"
SEED = bytes(range(32))


def event_bytes(index: int, **changes: object) -> bytes:
    """A canonical event: every fifth one of the same case, one second after the other."""
    case, sequence = index % 5, index // 5 + 1
    moment = f"{index // 3600 % 24:02d}:{index // 60 % 60:02d}:{index % 60:02d}"
    event: dict[str, object] = {
        "actorid": "S-012",
        "actorrole": "registrar",
        "actorunit": "XF",
        "data": {"content_class": "labour", "note": "甲" * (index % 7), "urgent": index % 2 == 0},
        "datacontenttype": "application/json",
        "dataschema": "urn:caseledger:schema:petition.case.registered.v1",
        "id": f"01900000-0000-7000-8000-{index:012x}",
        "recordedtime": f"2025-03-{index // 86400 + 4:02d}T{moment}.000000Z",
        "sequence": str(sequence),
        "source": "/500229/petition-office",
        "specversion": "1.0",
        "subject": f"XF500229-2025-{case + 1:06d}",
        "time": f"2025-03-04T{moment}+08:00",
        "type": "petition.case.registered.v1",
    }
    event.update(changes)
    return canonical(event)


@dataclass
class MemorySource:
    """Events in a list; positions rise by `step`, so that gaps can be made."""

    raws: list[bytes] = field(default_factory=list)
    step: int = 1

    def head(self) -> int:
        return len(self.raws) * self.step

    def read(
        self, *, after: int = 0, until: int | None = None, types: Collection[str] | None = None
    ) -> Iterator[SourceEvent]:
        for number in range(max(after, 0) // self.step, len(self.raws)):
            yield SourceEvent((number + 1) * self.step, "", 0, "", self.raws[number])

    def read_subject(self, subject: str, until: int | None = None) -> Iterator[SourceEvent]:
        return iter(())


def events(count: int, first: int = 0) -> list[bytes]:
    return [event_bytes(index) for index in range(first, first + count)]


def log_key(seed: bytes = SEED) -> LogKey:
    return LogKey(ORIGIN, Ed25519PrivateKey.from_private_bytes(seed))


@dataclass
class Bench:
    """A data folder with a sealer over a list of events; nothing ever sleeps."""

    data: Path
    source: MemorySource = field(default_factory=MemorySource)
    signers: Sequence[NoteSigner] = field(default_factory=lambda: [log_key().signer])
    paused: list[float] = field(default_factory=list)
    clock: Callable[[], float] = time.monotonic

    @property
    def log(self) -> Path:
        return self.data / "log"

    @property
    def policy(self) -> str:
        return policy_text(log_key().vkey)

    def sealer(self, step: Step = no_step) -> Sealer:
        return Sealer(
            self.source,
            TileStore(self.log, self.data / "sealing" / "incoming", step),
            SealHistory(self.data / "sealing", step),
            ORIGIN,
            self.signers,
            clock=self.clock,
            pause=self.paused.append,
        )

    def seal(self, count: int = 0) -> Sealed:
        """Add `count` events and seal what is waiting with a fresh sealer."""
        self.source.raws.extend(events(count, len(self.source.raws)))
        return self.sealer().seal_waiting()

    def files(self) -> dict[str, bytes]:
        return {
            path.relative_to(self.log).as_posix(): path.read_bytes()
            for path in sorted(self.log.rglob("*"))
            if path.is_file()
        }


def sealed(data: Path, count: int) -> Bench:
    """A fresh data folder with `count` sealed events."""
    bench = Bench(data)
    bench.seal(count)
    return bench
