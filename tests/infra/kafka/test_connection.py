"""A cluster that does not answer: a typed error each time, and nothing left behind by the tries."""

from __future__ import annotations

import gc
import os
import threading

import pytest

from domain.errors import Unavailable
from infra.kafka.connection import Connection

NOBODY = Connection("127.0.0.1:9", {"bootstrap_timeout_ms": 200})


@pytest.mark.parametrize("way", ["admin", "reader"])
def test_tries_in_vain_leave_neither_threads_nor_open_files(way: str) -> None:
    """A relay tries again every few seconds while the cluster is away, for days if need be."""
    gc.collect()
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        with pytest.raises(Unavailable) as refused, getattr(NOBODY, way)():
            raise AssertionError("nobody answers there")
        assert (refused.value.code, refused.value.detail) == ("kafka_unreachable", "127.0.0.1:9")
        del refused
    gc.collect()
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) <= files
