"""Every entry is one strict canonical event, and nothing is hidden in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from domain.event import canonical
from tests.support.sealed_log import Bench, event_bytes, events
from tests.support.verified_log import checked, failure


def nested(depth: int) -> object:
    return {"a": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda raw: raw.replace(b'"urgent":true', b'"urgent":true,"urgent":true'), "duplicate_key"),
        (lambda raw: raw.replace(b'"id":', b'"actorid":"S-013","id":'), "duplicate_key"),
        (lambda raw: raw + b" ", "not_canonical"),
        (lambda raw: raw + b"{}", "not_strict_json"),
        (lambda raw: raw + b"\n", "not_canonical"),
        (lambda raw: b"\xef\xbb\xbf" + raw, "not_strict_json"),
        (lambda raw: raw.replace(b":true", b": true"), "not_canonical"),
        (lambda raw: raw.replace(b"labour", b"labo\\u0075r"), "not_canonical"),
        (lambda raw: raw.replace(b"labour", b"lab\xffour"), "not_strict_json"),
        (lambda raw: raw.replace(b"labour", b"\\ud800"), "not_strict_json"),
        (lambda raw: raw.replace(b":true", b":1.5"), "not_strict_json"),
        (lambda raw: raw.replace(b":true", b":1e3"), "not_strict_json"),
        (lambda raw: raw.replace(b":true", b":-0"), "not_canonical"),
        (lambda raw: raw.replace(b":true", b":9007199254740992"), "number_range"),
        (lambda raw: raw.replace(b":true", b":NaN"), "not_strict_json"),
        (lambda raw: b"[" + raw + b"]", "not_strict_json"),
        (lambda raw: b"null", "not_strict_json"),
        (lambda raw: b"", "not_strict_json"),
        (lambda raw: b"[" * 30_000 + b"]" * 30_000, "too_deep"),
        (lambda raw: raw.replace(b":true", b":" + canonical(nested(32))), "too_deep"),
        (lambda raw: raw.replace(b'"time":', b'"tmie":'), "attribute_missing"),
        (lambda raw: raw.replace(b'"time":', b'"a":'), "not_canonical"),
        (lambda raw: raw.replace(b'"subject":"XF', b'"subject":7,"subject2":"XF'), "attribute_type"),
        (lambda raw: raw.replace(b'"type":"petition.case.registered.v1"', b'"typf":"x"'), "attribute_missing"),
        (lambda raw: raw.replace(b"/500229/", b"/500230/"), "source_differs"),
        (lambda raw: raw.replace(b'.000000Z"', b'.0000000Z"'), "attribute_type"),
        (lambda raw: raw.replace(b'"sequence":"3"', b'"sequence":"03"'), "sequence_gap"),
        (lambda raw: raw.replace(b'"sequence":"3"', b'"sequence":3'), "attribute_type"),
        (lambda raw: raw.replace(b'"sequence":"3"', b'"sequence":"2"'), "sequence_gap"),
    ],
)
def test_an_entry_that_is_not_one_strict_canonical_event_is_refused(
    tmp_path: Path, change: Callable[[bytes], bytes], code: str
) -> None:
    bench = Bench(tmp_path)
    raws = events(14)
    raws[12] = change(raws[12])
    assert raws[12] != event_bytes(12)
    bench.source.raws.extend(raws)
    bench.seal()
    found = failure(checked(bench))
    assert (found.code, found.index) == (code, 12)


def test_the_deepest_and_widest_values_that_are_allowed_pass(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.source.raws.append(event_bytes(0, data={"deep": nested(30), "wide": 2**53 - 1, "\U0001f600": 1, "\uffff": 2}))
    bench.seal()
    report = checked(bench)
    assert report.ok, report.failure


def test_an_attribute_of_later_times_is_passed_over_and_a_null_is_not(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    bench.source.raws.append(event_bytes(0, zzlater="x"))
    bench.seal()
    assert checked(bench).ok
    bench.source.raws.append(event_bytes(1, actorid=None))
    bench.seal()
    assert (failure(checked(bench)).code, failure(checked(bench)).index) == ("attribute_type", 1)
