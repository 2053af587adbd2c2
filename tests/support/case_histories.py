"""Seeded histories of one petition case: a plausible course with everything that may go wrong, or any acts at all."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from tests.support.clock_facts import CLOCK_ACTS, CLOCK_VALUES
from tests.support.history import CASE, DOCUMENT, UNITS, History, at

FILE = "f11e" * 16
HANDLERS = ("MZJ", "JSW", "XZ", "XZ1", "JW", "NEW")
NOTICES = ("receipt", "acceptance", "non_acceptance", "transferred_to", "refer_elsewhere", "extension", "procedure")


class CourseOfACase:
    """One plausible case, told into a history: each step comes or not, in time or late, said fully or not."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance
        self.history = History(units=self.one_in(8, False), calendars=self.one_in(8, False))
        if self.one_in(12):
            self.history.unit("XZ1", "responsible", [], from_on="2025-04-15")
        self.imported = FILE if self.one_in(6) else None
        self.day = date(2022, 4, 20) if self.one_in(20) else date(2025, 1, 2)
        self.day += timedelta(days=chance.randrange(150 if self.day.year == 2025 else 30))
        self.holders: list[str] = []
        self.recorded: list[tuple[str, str, str]] = []
        self.receiver = chance.choice(("XF", "XF", "XF", "XF", "MZJ", "XZ", "SJ", "NEW", None))

    def one_in(self, n: int, truth: bool = True) -> bool:
        """True once in `n` times; with False, all other times."""
        return (self.chance.randrange(n) == 0) is truth

    def later(self, *typical: int) -> date:
        """A day some days on: around one of the typical numbers of days."""
        return self.day + timedelta(days=max(0, self.chance.choice(typical) + self.chance.randrange(-2, 4)))

    def act(self, name: str, day: date, unit: str | None, /, **data: Any) -> str:
        """Record one act of the case, sometimes with the day alone, or with nobody's unit."""
        precision = "day" if self.one_in(10) else None
        moment = f"{day}T00:00" if precision else f"{day}T{self.chance.randrange(8, 20):02}:30"
        by = (None, None if self.one_in(25) else unit, None)
        event_id = self.history.add(f"case.{name}", moment, by=by, precision=precision, imported=self.imported, **data)
        self.recorded.append((event_id, name, at(moment)))
        return event_id

    def told(self) -> History:
        """The whole course."""
        self.receive()
        for _ in range(self.chance.choice((0, 1, 1, 1, 2, 2, 3))):
            self.hand_over()
        self.classify()
        for unit in dict.fromkeys((self.receiver, *self.holders)):
            self.notify(unit)
        self.handle()
        self.end()
        for _ in range(self.chance.choice((0, 0, 0, 1, 2))):
            self.correct()
        return self.history

    def receive(self) -> None:
        """The petition arrives, with or without evidence of when."""
        evidence = None
        if self.one_in(3):
            kind = self.chance.choice(("arrival_stamp", "postmark", "web_log"))
            evidence = {"kind": kind, "at": at(str(self.later(0, 3)))}
        anonymous = None if self.one_in(12) else self.one_in(15)
        ref = "person:1" if self.one_in(3) else None
        received_at = None if self.one_in(10) else at(str(self.day))
        self.act(
            "received", self.later(0, 1), self.receiver, channel="letter", received_at=received_at,
            anonymous=anonymous, petitioner_ref=ref, receipt_evidence=evidence,
        )  # fmt: skip

    def hand_over(self) -> None:
        """One handoff to one or two units, and what each of them made of it."""
        number = len(self.holders) + 1
        sender = self.receiver if not self.holders or self.one_in(2) else self.holders[-1]
        units = self.chance.sample(HANDLERS, 2 if self.one_in(4) else 1)
        if self.one_in(5) and "XZ" not in units:
            units = ["XZ", "XZ1"]
        offered = self.later(2, 7, 14, 16)
        said = None if self.one_in(8) else self.one_in(2)
        due_on = None if self.one_in(3) else str(offered + timedelta(days=self.chance.choice((20, 30, 45))))
        mode = self.chance.choice(("transfer", "assign", "report", "tri_party"))
        for unit in units:
            self.holders.append(unit)
            named = {"handoff": f"ref:h{number}", "unit": unit}
            joint = True if len(units) > 1 and self.one_in(2) else None
            self.act("handoff_offered", offered, sender, **named, mode=mode, feedback_required=said, due_on=due_on,
                     joint=joint, to=units, materials=[])  # fmt: skip
            self.day = offered
            if self.one_in(6, False):
                self.after_receipt(named, unit, sender)
            elif self.one_in(2):
                self.act("handoff_withdrawn", self.later(3, 10, 40), sender, **named)

    def after_receipt(self, named: dict[str, str], unit: str, sender: str | None) -> None:
        """The unit received: it may object, get another day, have the handoff withdrawn, report back."""
        received = self.later(1, 3)
        arrived = at(str(received - timedelta(days=1))) if self.one_in(10) else None
        self.act("handoff_received", received, unit, **named, materials_complete=True, arrived_at=arrived)
        if self.one_in(4):
            for _ in range(self.chance.choice((1, 1, 2))):
                objected = self.later(4, 8, 18)
                self.act("handoff_objected", objected, unit, **named, reasons=DOCUMENT)
                if self.one_in(4, False):
                    upheld = None if self.one_in(8) else self.one_in(2)
                    decided = objected + timedelta(days=self.chance.choice((1, 6, 20, 40)))
                    self.act("objection_decided", decided, sender, **named, upheld=upheld)
                    if upheld and self.one_in(2):
                        self.act("materials_returned", decided + timedelta(days=3), unit, **named)
        if self.one_in(8):
            self.act("handoff_withdrawn", self.later(5, 14, 40), sender, **named)
        for _ in range(self.chance.choice((0, 0, 0, 1, 2))):
            due_on = None if self.one_in(6) else str(self.later(30, 50, 60))
            by = unit if self.one_in(6) else sender
            self.act("handoff_due_changed", self.later(10, 25, 50), by, **named, due_on=due_on)
        if self.one_in(2):
            self.act("handoff_fed_back", self.later(18, 30, 45, 60), unit, **named)

    def classify(self) -> None:
        """Routed once or twice, or not at all."""
        for _ in range(self.chance.choice((0, 1, 1, 1, 1, 2))):
            purpose = None if self.one_in(15) else "suggestion" if self.one_in(12) else "claim"
            route = None if self.one_in(6) else self.chance.choice((6, 6, 6, 6, 1, 5))
            procedure = "litigation" if self.one_in(2) else None
            number = "(2025)1" if self.one_in(2) else None
            self.act("routed", self.later(0, 3, 20, 65), self.receiver, purpose=purpose, route=route,
                     procedure=procedure, procedure_ref=number)  # fmt: skip

    def notify(self, unit: str | None) -> None:
        """Notices of one unit."""
        for _ in range(self.chance.choice((0, 1, 1, 2))):
            sent = self.later(5, 14, 16, 20)
            told = {"sent_at": at(str(sent))} if self.one_in(4, False) else {}
            if self.one_in(4):
                told["delivered_at"] = at(str(sent + timedelta(days=3)))
            self.act("petitioner_notified", sent, unit, notice=self.chance.choice(NOTICES), **told)

    def handle(self) -> None:
        """Accepted or refused, heard, extended, answered; reviewed, and done again."""
        unit = self.chance.choice(self.holders or [self.receiver or "MZJ"])
        if self.one_in(8):
            ground = self.chance.choice(("unclear", "other", "not_competent", "litigation", None))
            self.act("acceptance_refused", self.later(5, 14), unit, ground=ground)
        for _ in range(self.chance.choice((0, 1, 1, 1, 2))):
            self.act("accepted", self.later(3, 10), self.receiver if self.one_in(6) else unit)
        if self.one_in(10):
            self.act("competence_decided", self.later(5, 20), "GOV", unit=self.chance.choice(HANDLERS))
        self.day = self.later(8)
        self.extend_and_hear(unit)
        if self.one_in(4, False):
            self.answer(unit, self.later(20, 50, 59, 62, 88, 95))
            self.review(unit)

    def extend_and_hear(self, unit: str) -> None:
        """Extensions and hearings on the way."""
        for _ in range(self.chance.choice((0, 0, 1, 1, 2))):
            days = None if self.one_in(8) else self.chance.choice((10, 15, 30, 30, 40))
            self.act("extension_approved", self.later(40, 57, 63), unit, days=days, approved_by="S-009")
        if self.one_in(5):
            opened = self.later(30, 55, 100)
            self.act("hearing_opened", opened, unit, hearing="ref:t1")
            if self.one_in(3, False):
                closed = opened + timedelta(days=self.chance.choice((0, 1, 4)))
                self.act("hearing_closed", closed, unit, hearing="ref:t1")

    def answer(self, unit: str, day: date) -> None:
        """An opinion or a mediation, and its delivery."""
        if self.one_in(6):
            self.act("mediation_agreed", day, unit)
            return
        self.act("opinion_issued", day, unit, document=DOCUMENT, result="supported", legal_basis=["law"])
        if self.one_in(3, False):
            self.act("opinion_delivered", day, unit, delivered_at=at(str(day + timedelta(days=2))))
        self.day = day

    def review(self, unit: str) -> None:
        """Reviews of the opinion; one may order it to be done again."""
        for stage in ("review", "re_review")[: self.chance.choice((0, 0, 0, 1, 1, 2))]:
            asked = self.later(5, 20)
            received_at = None if self.one_in(4) else at(str(asked + timedelta(days=1)))
            body = self.chance.choice(("GOV", "GOV", "OUT", "SJ"))
            self.act("review_requested", asked, "XF", stage=stage, body=body, requested_at=at(str(asked)),
                     received_at=received_at)  # fmt: skip
            self.day = asked
            if stage == "re_review" and self.one_in(2):
                self.act("hearing_opened", self.later(10), body, hearing="ref:t2")
                if self.one_in(4, False):
                    self.act("hearing_closed", self.later(14), body, hearing="ref:t2")
            if self.one_in(8):
                self.act("review_refused", self.later(10), body, stage=stage, ground="late")
            elif self.one_in(5, False):
                outcome = "redo" if self.one_in(3) else "upheld"
                self.day = self.later(20, 30, 33)
                self.act("review_issued", self.day, body, stage=stage, outcome=outcome)
                if outcome == "redo":
                    self.extend_and_hear(unit)
                    if self.one_in(3, False):
                        self.answer(unit, self.later(50, 60, 64))

    def end(self) -> None:
        """What may end a case early, or besides."""
        day = self.later(0, 10, 40)
        if self.one_in(8):
            self.act("withdrawn", day, "XF", document=DOCUMENT if self.one_in(2) else None)
        if self.one_in(12):
            kinds = ("no_longer_accepted", "direct_answer", "filed", "guided")
            self.act("disposed", day, self.receiver, kind=self.chance.choice(kinds))
        if self.one_in(20):
            self.act("notice_exempted", day, "MZJ", notice=self.chance.choice(("receipt", "extension", None)))
        if self.one_in(20):
            self.act("reported_urgent", day, "XF")
        if self.one_in(20):
            self.act("merged", day, "XF", into=CASE)
        if self.one_in(4):
            grounds = ("opinion_delivered", "petitioner_died", "no_longer_accepted", "answered_directly")
            self.act("closed", self.later(30, 100), "XF", ground=self.chance.choice(grounds))

    def correct(self) -> None:
        """One act gets another day."""
        event_id, name, was = self.chance.choice(self.recorded)
        now = at(str(date.fromisoformat(was[:10]) + timedelta(days=self.chance.choice((-20, -5, 5, 20)))))
        field = "/received_at" if name == "received" and self.one_in(2) else "/time"
        self.history.corrected(event_id, field, was, now, "2025-12-01")


def any_history(chance: Random) -> History:
    """Any acts in any order, each with a random part of the fields that the clocks read."""
    history = History(units=chance.random() < 0.8, calendars=chance.random() < 0.8)
    history.received(str(date(2025, 1, 1) + timedelta(days=chance.randrange(200))), unit=chance.choice(["XF", "MZJ"]))
    for _ in range(chance.randrange(16)):
        data = {name: chance.choice(values) for name, values in CLOCK_VALUES.items() if chance.random() < 0.7}
        moment = str(date(2025, 1, 1) + timedelta(days=chance.randrange(330)))
        unit = chance.choice([*UNITS, "NEW", None])
        history.add(f"case.{chance.choice(CLOCK_ACTS)}", moment, by=(None, unit, None), **data)
    return history
