"""A running stage tells on a loopback port where it is, whether it lives and whether it can work."""

from __future__ import annotations

import pytest
from prometheus_client.parser import text_string_to_metric_families

import infra.metrics
from domain.errors import InvalidAction, Unavailable
from infra.health import Address, address_from, ask, health_server
from infra.metrics import StageMetrics


def told(metrics: StageMetrics) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_a_stage_tells_position_lag_age_and_heartbeat_over_http() -> None:
    metrics = StageMetrics("projector")
    metrics.stands(41, 7)
    metrics.waits(100.0)
    metrics.parked({"case_view": 2})
    metrics.trouble("locked")
    with health_server(metrics, Address("127.0.0.1", 0)) as port:
        assert port is not None
        here = Address("127.0.0.1", port)
        assert ask(here, "/healthz") == (True, "ok")
        assert ask(here) == (False, "locked")
        metrics.progressed()
        assert ask(here) == (True, "ok")
        assert ask(here, "/elsewhere")[0] is False
        assert "caseledger_position" in ask(here, "/metrics")[1]
    found = told(metrics)
    assert found["caseledger_position"] == 41
    assert found["caseledger_lag_records"] == 7
    assert found["caseledger_oldest_unprocessed_seconds"] > 1_000_000
    assert found["caseledger_parked_subjects"] == 2
    assert found["caseledger_troubles_total"] == 1
    assert found["caseledger_heartbeat_timestamp_seconds"] > 0
    assert ask(here)[0] is False, "a stage that is gone is not well"


def test_a_stage_that_no_longer_looks_for_work_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    metrics = StageMetrics("relay")
    metrics.progressed()
    monkeypatch.setattr(infra.metrics, "SILENT_S_MAX", 0.0)
    with health_server(metrics, Address("127.0.0.1", 0)) as port:
        here = Address("127.0.0.1", port or 0)
        assert ask(here, "/healthz")[0] is False
        assert ask(here) == (False, "silent")


def test_an_idle_stage_has_no_age_to_tell() -> None:
    metrics = StageMetrics("sealer")
    metrics.waits(None)
    assert told(metrics)["caseledger_oldest_unprocessed_seconds"] == 0


@pytest.mark.parametrize("text", ["0.0.0.0:8081", "example.org:80", "127.0.0.1:", "127.0.0.1:70000", "::", "x"])
def test_only_a_loopback_address_is_opened(text: str) -> None:
    with pytest.raises(InvalidAction):
        address_from(text)


@pytest.mark.parametrize(
    ("text", "port"), [("127.0.0.1:8081", 8081), ("8081", 8081), ("[::1]:9", 9), ("localhost:7", 7)]
)
def test_a_loopback_address_may_be_written_in_several_ways(text: str, port: int) -> None:
    assert address_from(text).port == port


def test_a_port_that_is_taken_is_said() -> None:
    with (
        health_server(StageMetrics("relay"), Address("127.0.0.1", 0)) as port,
        pytest.raises(Unavailable, match=str(port)),
        health_server(StageMetrics("relay"), Address("127.0.0.1", port or 0)),
    ):
        pytest.fail("two servers on one port")
