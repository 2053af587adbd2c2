"""Whole files of other systems, small and built here by hand, from their bytes to what the ledger says of them.

Their shapes are those of well-known public examples: an accented table of an old system, the textbook log of a
compensation request, a file of consumer complaints with a report known in advance, an object-centric log (OCEL 2.0).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.event import decode
from infra.import_ledger import open_imports
from infra.importing.driver import ImportOptions, Report, run_import
from infra.importing.mapping import parse_mapping
from infra.importing.sources import ImportSource
from infra.settings import Settings
from infra.sqlite_source import SqliteSource
from infra.wiring import create_ledger
from tests.support.import_files import xes


class Ledger:
    """A ledger that files are imported into, and what it holds afterwards."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = Settings(data=folder / "ledger")
        create_ledger(self.settings)

    def take(self, name: str, content: bytes, mapping: str) -> Report:
        """Import the bytes through a mapping, twice: the second time changes nothing."""
        file = self.folder / name
        file.write_bytes(content)
        source = ImportSource(file, parse_mapping(mapping.encode()))
        reports = []
        for number in (1, 2):
            options = ImportOptions("history", "tester", self.folder / f"rejects{number}.jsonl")
            with open_imports(self.settings) as ledger:
                reports.append(run_import(source, ledger, options))
        first, second = reports
        assert first.accepted_new + first.already_there + first.rejected == first.read
        assert (second.accepted_new, second.rejected, second.read) == (0, first.rejected, first.read)
        return first

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """The recorded events of a kind, without the ledger's own."""
        source = SqliteSource(self.settings.ledger_file)
        try:
            found = [decode(event.raw) for event in source.read()]
        finally:
            source.close()
        return [event for event in found if event["type"].startswith(f"petition.{kind or 'case.'}")]

    def rejects(self) -> Iterator[dict[str, Any]]:
        """What was not taken."""
        for text in (self.folder / "rejects1.jsonl").read_text(encoding="utf-8").splitlines():
            yield json.loads(text)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path)


TABLE = """
[source]
format = "csv"

[identity]
name = "mairie"
key = "{no}"

[[action]]
action = "receive_petition"
[action.fields]
at = { column = "reçu", as = "instant", formats = ["%d/%m/%Y"], zone = "Europe/Paris" }
case = "ref:mairie/{no}"
channel = { constant = "letter" }

[[action]]
action = "register_petition"
[action.fields]
at = { column = "reçu", as = "instant", formats = ["%d/%m/%Y"], zone = "Europe/Paris" }
case = "ref:mairie/{no}"
content_class = "{matière}"
"""
ACCENTED = ["éclairage près de la forêt", "Größe der Mülltonnen", "señal de tráfico dañada", "¿qué pasó? ½ £ § ÿ"]


def test_the_accents_of_a_latin_1_table_come_through(ledger: Ledger) -> None:
    rows = "".join(f"{number},{number:02}/03/2025,{text}\r\n" for number, text in enumerate(ACCENTED, 1))
    report = ledger.take("plaintes.csv", f"no,reçu,matière\r\n{rows}".encode("latin-1"), TABLE)
    assert (report.encoding, report.accepted_new, report.rejected) == ("latin-1", len(ACCENTED), 0)
    assert [event["data"]["content_class"] for event in ledger.events("case.registered")] == ACCENTED
    assert ledger.events("case.received")[0]["time"] == "2025-03-01T00:00:00+01:00"


REQUESTS = """
[source]
format = "xes"

[identity]
name = "requests"

[define]
case = "ref:requests/{trace@concept:name}"

[[action]]
action = "receive_petition"
per = "event"
when = { column = "concept:name", equals = "register request" }
[action.fields]
at = { column = "time:timestamp", as = "instant" }
by.staff = "{org:resource}"
case = "{@case}"

[[action]]
action = "register_petition"
per = "event"
when = { column = "concept:name", equals = "register request" }
[action.fields]
at = { column = "time:timestamp", as = "instant" }
by.staff = "{org:resource}"
case = "{@case}"

[[action]]
action = "investigate"
per = "event"
when = { column = "concept:name", matches = "^(examine|check)" }
[action.fields]
at = { column = "time:timestamp", as = "instant" }
by.staff = "{org:resource}"
case = "{@case}"
method = "{concept:name}"

[[action]]
action = "close_case"
per = "event"
when = { column = "concept:name", in = ["pay compensation", "reject request"] }
[action.fields]
at = { column = "time:timestamp", as = "instant" }
by.staff = "{org:resource}"
case = "{@case}"
ground = { column = "concept:name", map = { "pay compensation" = "mediated", "reject request" = "opinion_delivered" } }

[[action]]
action = "reopen_case"
per = "event"
when = { column = "concept:name", equals = "reinitiate request" }
[action.fields]
at = { column = "time:timestamp", as = "instant" }
by.staff = "{org:resource}"
case = "{@case}"
"""


def _steps(*steps: str) -> list[dict[str, str]]:
    """`day name who` of each event, an hour apart."""
    parts = [step.split(" ", 1) for step in steps]
    return [
        {
            "concept:name": rest.rpartition(" ")[0],
            "org:resource": rest.rpartition(" ")[2],
            "time:timestamp": f"2011-01-{day}T{10 + number:02}:00:00.000+01:00",
            "Costs": "50",
        }
        for number, (day, rest) in enumerate(parts)
    ]


def test_a_log_of_requests_is_told_as_its_cases_went(ledger: Ledger) -> None:
    log = xes(
        ("1", _steps("01 register request Pete", "02 examine casually Sue", "03 decide Sara", "04 pay compensation Ellen")),
        (
            "2",
            _steps(
                "01 register request Mike", "02 check ticket Pete", "03 decide Sara", "04 reject request Ellen",
                "05 reinitiate request Sara", "06 examine thoroughly Sean", "07 decide Sara", "08 reject request Ellen",
            ),
        ),
        ("3", _steps("09 check ticket Pete", "10 decide Sara")),
    )  # fmt: skip
    report = ledger.take("requests.xes", log, REQUESTS)
    assert (report.read, report.accepted_new, report.rejected) == (3, 2, 1)
    told: dict[str, list[str]] = defaultdict(list)
    for event in ledger.events():
        told[event["subject"]].append(f"{event['type'].split('.')[2]} {event['actorid']}")
    assert list(told.values()) == [
        ["received Pete", "registered Pete", "investigated Sue", "closed Ellen"],
        [
            "received Mike",
            "registered Mike",
            "investigated Pete",
            "closed Ellen",
            "reopened Sara",
            "investigated Sean",
            "closed Ellen",
        ],
    ]
    (reject,) = ledger.rejects()
    assert (reject["line"], reject["code"], reject["field"]) == (3, "unknown_subject", "case")
    assert "ref:requests/3" in reject["message"]


COMPLAINTS = """
[source]
format = "csv"
absent = ["N/A"]

[identity]
name = "complaints"
key = "{Complaint ID}"

[define]
company = { column = "Company", replace = { " " = "-", "." = "", "," = "" } }

[[action]]
action = "receive_petition"
[action.fields]
at = { column = "Date received", as = "instant", formats = ["%Y-%m-%d"], zone = "America/New_York" }
case = "ref:complaints/{Complaint ID}"
channel = { column = "Submitted via", map = { Web = "online", Email = "online", Phone = "call" } }
about_units = { list = ["{@company}"] }

[[action]]
action = "register_petition"
[action.fields]
at = { column = "Date received", as = "instant", formats = ["%Y-%m-%d"], zone = "America/New_York" }
case = "ref:complaints/{Complaint ID}"
content_class = "{Product}"
"""
REPORTING = "Credit reporting, credit repair services, or other personal consumer reports"
COMPLAINT_ROWS = f"""Date received,Product,Narrative,Company,Submitted via,Complaint ID
2019-09-24,Debt collection,"They say ""pay"", I say: no.
A second line of the same cell",TRANSWORLD SYSTEMS INC,Web,1
2019-09-19,"{REPORTING}",,Experian Information Solutions Inc.,Web,2
2020-01-06,"{REPORTING}",,Experian Information Solutions Inc.,Email,3
2019-10-24,"{REPORTING}",,"TRANSUNION INTERMEDIATE HOLDINGS, INC.",Web,4
2019-11-20,"{REPORTING}",N/A,Experian Information Solutions Inc.,Phone,5
"""


def test_the_report_of_a_complaint_file_can_be_told_from_its_events(ledger: Ledger) -> None:
    """Per product and year: complaints, companies, and the share of the company complained of most, in percent."""
    report = ledger.take("complaints.csv", COMPLAINT_ROWS.encode(), COMPLAINTS)
    assert (report.read, report.accepted_new, report.rejected) == (5, 5, 0)
    about = {event["subject"]: event["data"]["about_units"][0] for event in ledger.events("case.received")}
    companies: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for event in ledger.events("case.registered"):
        companies[event["data"]["content_class"], event["time"][:4]][about[event["subject"]]] += 1
    told = {
        group: (counted.total(), len(counted), round(100 * max(counted.values()) / counted.total()))
        for group, counted in companies.items()
    }
    assert told == {
        (REPORTING, "2019"): (3, 2, 67),
        (REPORTING, "2020"): (1, 1, 100),
        ("Debt collection", "2019"): (1, 1, 100),
    }


ORDERS = """
[source]
format = "jsonl"

[identity]
name = "orders"
key = "{id}"

[[action]]
action = "receive_petition"
per = "row"
when = { column = "type", equals = "Create Purchase Requisition" }
[action.fields]
at = { column = "time", as = "instant" }
by.staff = "{attributes/0/value}"
case = "ref:orders/{relationships/0/objectId}"

[[action]]
action = "investigate"
per = "row"
when = { column = "type", equals = "Approve Purchase Requisition" }
[action.fields]
at = { column = "time", as = "instant" }
by.staff = "{attributes/0/value}"
case = "ref:orders/{relationships/0/objectId}"
method = "{relationships/0/qualifier}"
"""


def _object_centric() -> dict[str, Any]:
    def event(number: int, kind: str, who: str, *objects: tuple[str, str]) -> dict[str, Any]:
        return {
            "id": f"e{number}",
            "type": kind,
            "time": f"2022-01-{number:02}T14:00:00+00:00",
            "attributes": [{"name": "who", "value": who}],
            "relationships": [{"objectId": name, "qualifier": role} for name, role in objects],
        }

    return {
        "objectTypes": [{"name": "Purchase Requisition", "attributes": []}],
        "eventTypes": [{"name": "Create Purchase Requisition", "attributes": [{"name": "who", "type": "string"}]}],
        "objects": [{"id": "PR1", "type": "Purchase Requisition", "attributes": [], "relationships": []}],
        "events": [
            event(9, "Create Purchase Requisition", "Mike", ("PR1", "placed")),
            event(10, "Approve Purchase Requisition", "Tania", ("PR1", "approved"), ("R1", "beside it")),
            event(11, "Insert Payment", "Robot", ("P1", "payment")),
        ],
    }


def test_the_events_of_an_object_centric_log_are_read_one_a_line(ledger: Ledger) -> None:
    lines = "\n".join(json.dumps(event) for event in _object_centric()["events"])
    report = ledger.take("orders.jsonl", lines.encode(), ORDERS)
    assert (report.read, report.accepted_new, report.rejected) == (3, 2, 1)
    told = [(event["type"].split(".")[2], event["time"], event["actorid"]) for event in ledger.events()]
    assert told == [
        ("received", "2022-01-09T14:00:00+00:00", "Mike"),
        ("investigated", "2022-01-10T14:00:00+00:00", "Tania"),
    ]
    assert [(reject["line"], reject["code"]) for reject in ledger.rejects()] == [(3, "no_action")]


@pytest.mark.parametrize("indent", [None, 2])
def test_an_object_centric_log_as_one_document_is_rejected_line_by_line(ledger: Ledger, indent: int | None) -> None:
    """The whole document is no file of records: nothing of it is guessed, and every line says why."""
    text = json.dumps(_object_centric(), indent=indent)
    report = ledger.take("log.jsonocel", text.encode(), ORDERS)
    assert (report.read, report.rejected) == (len(text.splitlines()),) * 2
    assert ledger.events() == []
    assert {reject["code"] for reject in ledger.rejects()} <= {"not_a_json_object", "no_action", "missing_value"}
