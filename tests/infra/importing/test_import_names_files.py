"""How an import names its file: by SHA-256, or by a keyed digest when it holds a restricted petition."""

from __future__ import annotations

import hashlib
from pathlib import Path

from domain.event import decode
from infra.import_ledger import open_imports
from infra.importing.driver import ImportOptions, run_import
from infra.importing.sources import ImportSource
from infra.keys import DisciplineKey
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from tests.support.office import line, receive


def _opened(settings: Settings, folder: Path, **more: object) -> tuple[dict[str, object], bytes, Path]:
    """Import one petition; the `import_opened` payload, all event bytes, the file."""
    file = folder / "actions.jsonl"
    file.write_bytes(line(receive("ref:A", **more)) + b"\n")
    key = DisciplineKey(settings.key_folder)
    options = ImportOptions("history", "tester", folder / "rejects.jsonl", keyed_digest=key.file_digest)
    with open_imports(settings) as ledger:
        assert run_import(ImportSource(file), ledger, options).accepted_new == 1
        assert run_import(ImportSource(file), ledger, options).already_there == 1
    source = SqliteSource(settings.ledger_file)
    events = [event.raw for event in source.read()]
    source.close()
    assert len(events) == 2
    return decode(events[0])["data"], b"\n".join(events), file


def test_a_file_is_named_by_its_digest(settings: Settings, tmp_path: Path) -> None:
    data, _, file = _opened(settings, tmp_path)
    assert data["file"] == "sha256:" + hashlib.sha256(file.read_bytes()).hexdigest()
    assert data["bytes"] == file.stat().st_size


def test_a_file_with_a_restricted_petition_is_named_by_a_keyed_digest_only(settings: Settings, tmp_path: Path) -> None:
    """Nobody without the key may test a guess about the file, or about what the petition says."""
    data, events, file = _opened(settings, tmp_path, restricted=True, about_units=["LY-01"], petitioner_ref="P-77")
    assert data["file"] == DisciplineKey(settings.key_folder).file_digest(file)
    assert hashlib.sha256(file.read_bytes()).hexdigest().encode() not in events
    assert b"LY-01" not in events
    assert b"P-77" not in events
