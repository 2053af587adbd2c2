"""A made-up year of a disorderly office, from a seed: in time and late, complete and not, in every combination."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from typing import Any

from tests.support.messy_office import BOOKKEEPER, CASHIER, CLERK, HANDLER, HEAD, HOLDERS, ROLES, RULES, UNITS


class MessyYear:
    """Actions of the public language, as history; `actions` are in order of time."""

    def __init__(self, seed: int, cases: int) -> None:
        self.rng = random.Random(seed)
        self._told: list[tuple[datetime, int, dict[str, Any]]] = []
        self._registers()
        for number in range(cases):
            self._case(number)

    @property
    def actions(self) -> list[dict[str, Any]]:
        return [action for _, _, action in sorted(self._told, key=lambda one: one[:2])]

    def chance(self, percent: int) -> bool:
        return self.rng.randrange(100) < percent

    def perhaps(self, percent: int, value: Any) -> Any:
        return value if self.chance(percent) else None

    def document(self) -> str:
        return f"sha256:{self.rng.getrandbits(256):064x}"

    def later(self, moment: datetime, least: int, most: int) -> datetime:
        """So many days later, and never at the same instant as anything else of a case."""
        return moment + timedelta(days=self.rng.randint(least, most), seconds=self.rng.randint(60, 20_000))

    def tell(self, moment: datetime, action: str, unit: str, place: int, /, **fields: Any) -> None:
        number = len(self._told) + 1
        at = _iso(moment)
        self._told.append(
            (
                moment,
                number,
                {
                    "action": action,
                    "action_id": f"M/{number:06d}",
                    "at": at,
                    "entered_at": at,
                    "by": {"staff": f"S-{unit}-{place}", "unit": unit, "role": ROLES[place - 1][0]},
                }
                | {name: value for name, value in fields.items() if value is not None},
            )
        )

    def _registers(self) -> None:
        start = datetime(2024, 12, 20, 9)
        for code, (kind, superiors) in UNITS.items():
            fields = {"name": code, "kind": kind, "superiors": superiors, "from_on": "2024-01-01"}
            self.tell(start, "declare_unit", "XF", HEAD, **fields | {"unit": code})
            for place, roles in enumerate(ROLES, 1):
                person = {"staff": f"S-{code}-{place}", "name": f"{code}{place}", "roles": roles}
                self.tell(start, "declare_staff", "XF", HEAD, **person, unit=code, active_from_on="2024-01-01")
        for fund, rules in RULES.items():
            opening = self.rng.choice([300_000, 3_000_000])
            fields = {"year": 2025, "kind": "petition_relief", "opening_balance_fen": opening, "rules": rules}
            self.tell(datetime(2025, 1, 2, 9), "open_fund", "XF", HEAD, fund=fund, **fields)
        cut = {"fund": "ref:F1", "amount_fen": self.rng.choice([2_000_000, -100_000]), "document": self.document()}
        self.tell(datetime(2025, 3, 2, 9), "budget_fund", "XF", HEAD, **cut)

    def _case(self, number: int) -> None:
        rng, case = self.rng, {"case": f"ref:C{number}"}
        unit = rng.choice(["XF", "XF", "XF", "MZJ", "RSJ"])
        moment = datetime(2025, 1, 6, 8) + timedelta(days=rng.randint(0, 330), minutes=rng.randint(0, 959))
        self._receive(moment, case, unit)
        if self.chance(5):
            return
        if self.chance(5):
            self._inquire(self.later(moment, 0, 2), case, unit)
        moment = self.later(moment, 0, rng.choice([0, 2, 4, 20]))
        if self.chance(7):
            if self.chance(40):
                document = self.perhaps(60, self.document())
                self.tell(
                    self.later(moment, 1, 30), "withdraw_petition", unit, CLERK, **case, document=document, via="letter"
                )
            return
        self.tell(moment, "register_petition", unit, CLERK, **case, content_class=rng.choice(["labour", "land"]))
        moment = self.later(moment, 0, rng.choice([1, 3, 20]))
        if self.chance(92):
            route = rng.choice([6, 6, 6, 6, 5, 1, 2])
            procedure = self.perhaps(60, "arbitration") if route < 6 else None
            fields = {"purpose": "claim", "route": self.perhaps(95, route), "procedure": procedure}
            self.tell(moment, "route", unit, CLERK, **case, **fields)
        asked = {unit}
        for hop in range(rng.choice([0, 1, 1, 1, 2, 3]) if unit == "XF" else 0):
            moment, unit = self._hand_over(moment, case, unit, hop, asked)
        self._handle(moment, case, unit, number)

    def _receive(self, moment: datetime, case: dict[str, str], unit: str) -> None:
        rng = self.rng
        received = moment - timedelta(days=rng.choice([0, 0, 0, 1, 3, 6]))
        kind = rng.choice(["postmark", "arrival_stamp", "visit_log", "web_log"])
        evidence = {"kind": kind, "at": _iso(received + timedelta(days=rng.choice([0, 0, -1, 2])))}
        urgent = self.chance(8)
        fields = {
            "channel": rng.choice(["letter", "visit", "online", "call"]),
            "source": "direct",
            "received_at": _iso(received),
            "receipt_evidence": self.perhaps(70, evidence),
            "people_count": rng.randint(1, 6),
            "anonymous": self.chance(10),
            "content": self.document(),
            "region": "500229",
            "urgent": urgent,
        }
        self.tell(moment, "receive_petition", unit, CLERK, **case, **fields)
        if urgent and self.chance(70):
            learnt = _iso(moment - timedelta(hours=rng.randint(0, 30)))
            to = rng.sample(["XW", "ZF", "SXF", "GA"], rng.randint(1, 3))
            self.tell(self.later(moment, 0, 2), "report_urgent", unit, CLERK, **case, learnt_at=learnt, to=to)

    def _inquire(self, moment: datetime, case: dict[str, str], unit: str) -> None:
        people = {"attendees": [f"S-{unit}-{HANDLER}"], "record": self.document()}
        if self.chance(50):
            self.tell(moment, "hear_facts", unit, HANDLER, **case, **people)
        else:
            self.tell(moment, "investigate", unit, HANDLER, **case, **people, method="visit")

    def _hand_over(
        self, moment: datetime, case: dict[str, str], unit: str, hop: int, asked: set[str]
    ) -> tuple[datetime, str]:
        """One handoff to units not asked before; gives when, and who holds the case now."""
        rng = self.rng
        mode = rng.choice(["transfer", "assign", "assign", "tri_party" if hop == 0 else "assign"])
        three = rng.choice([["ZFW", "GA", "XF"], ["ZFW", "MZJ", "GA"]])
        to = three if mode == "tri_party" else [rng.choice([one for one in HOLDERS if one not in asked])]
        asked.update(to)
        moment = self.later(moment, 0, rng.choice([2, 6, 14]))
        due = (moment + timedelta(days=rng.choice([5, 20, 40]))).date().isoformat()
        handoff = {"handoff": f"{case['case']}-h{hop}"}
        fields = {"mode": mode, "to": to, "due_on": self.perhaps(85, due), "feedback_required": self.chance(75)}
        papers = {"materials": [self.document()], "legal_ground": "art.22(3)"}
        self.tell(moment, "hand_over", unit, CLERK, **case, **handoff, **fields, **papers)
        ends = [self._offered(moment, case | handoff, unit, one, "due_on" in self._told[-1][2]) for one in to]
        holding = [end for end in ends if end is not None]
        return holding[0] if holding else (moment, unit)

    def _offered(
        self, moment: datetime, handoff: dict[str, str], sender: str, unit: str, has_due: bool
    ) -> tuple[datetime, str] | None:
        """What one addressee does with the offer; nothing where it does not hold the case afterwards."""
        of_unit = handoff | {"unit": unit}
        if self.chance(10):
            if self.chance(50):
                self.tell(self.later(moment, 3, 9), "withdraw_handoff", sender, CLERK, **of_unit, reason="by mistake")
            return None
        received = self.later(moment, 0, self.rng.choice([2, 5, 12]))
        self.tell(received, "receive_handoff", unit, HANDLER, **handoff, materials_complete=True)
        if unit != sender and self.chance(25) and self._objects(received, handoff, sender, unit):
            return None
        if has_due and self.chance(12):
            day = (received + timedelta(days=40)).date().isoformat()
            changed = self.later(received, 0, 25)
            self.tell(changed, "change_handoff_due", sender, CLERK, **of_unit, due_on=day, reason="more time")
        if self.chance(75):
            moment = self.later(received, 1, 45)
            self.tell(moment, "feed_back", unit, HANDLER, **handoff, report=self.document(), result="done")
            for _ in range(2 if self.chance(15) else 0):
                moment = self.later(moment, 0, 5)
                self.tell(moment, "return_for_rework", sender, CLERK, **of_unit, reason="incomplete")
                moment = self.later(moment, 1, 30)
                self.tell(moment, "feed_back", unit, HANDLER, **handoff, report=self.document(), result="done")
        return received, unit

    def _objects(self, moment: datetime, handoff: dict[str, str], sender: str, unit: str) -> bool:
        """Whether the unit is rid of it; an objection may stay open."""
        moment = self.later(moment, 0, 9)
        self.tell(moment, "object_to_handoff", unit, HANDLER, **handoff, reasons=self.perhaps(80, self.document()))
        if self.chance(20):
            return True
        moment, upheld, returned = self.later(moment, 0, 18), self.chance(60), self.chance(40)
        decision = {"upheld": upheld, "materials_returned": upheld and returned}
        self.tell(moment, "decide_objection", sender, HEAD, **handoff, unit=unit, **decision)
        if upheld and not returned and self.chance(60):
            self.tell(self.later(moment, 0, 20), "return_materials", unit, HANDLER, **handoff)
        return upheld

    def _handle(self, moment: datetime, case: dict[str, str], unit: str, number: int) -> None:
        if self.chance(7):
            ground = self.rng.choice(["not_competent", "unclear"])
            refusal = {"ground": ground, "document": self.document()}
            self.tell(self.later(moment, 0, 10), "refuse_acceptance", unit, HANDLER, **case, **refusal)
            return
        if self.chance(10):
            return
        accepted = self.later(moment, 0, self.rng.choice([3, 10, 20]))
        self.tell(accepted, "accept_case", unit, HANDLER, **case, handler=f"S-{unit}-{HANDLER}")
        if self.chance(75):
            self._inquire(self.later(accepted, 1, 30), case, unit)
        if self.chance(8):
            self._recuse(accepted, case, unit)
        extended = accepted
        for _ in range(self.rng.choice([0, 0, 0, 0, 1, 1, 2])):
            extended = self.later(extended, 20, 50)
            approver = self.rng.choice([f"S-{unit}-{HEAD}", f"S-{unit}-{HEAD}", f"S-{unit}-{CLERK}", f"S-SXF-{HEAD}"])
            fields = {"days": self.rng.choice([10, 15, 30, 31]), "approved_by": approver, "approver_role": "head"}
            self.tell(extended, "extend", unit, HEAD, **case, **fields, reason="difficult")
        if self.chance(15):
            self._measure(self.later(accepted, 1, 40), case, unit)
        self._end(self.later(accepted, 5, self.rng.choice([40, 58, 75, 110])), case, unit)
        if self.chance(15):
            self._supervise(self.later(accepted, 10, 60), case, unit)
        if self.chance(35):
            self._grant(self.later(accepted, 0, 30), case, unit, number)

    def _recuse(self, moment: datetime, case: dict[str, str], unit: str) -> None:
        moment, staff = self.later(moment, 1, 10), f"S-{unit}-{HANDLER}"
        self.tell(moment, "declare_interest", unit, HANDLER, **case, staff=staff, relation="kin")
        if self.chance(70):
            recused = {"staff": staff, "recused": self.chance(60)}
            self.tell(self.later(moment, 5, 25), "decide_recusal", unit, HEAD, **case, **recused)

    def _measure(self, moment: datetime, case: dict[str, str], unit: str) -> None:
        measure = {"measure": f"{case['case']}-m"}
        fields = {
            "kind": self.rng.choice(["criticism", "admonition", "care_plan", "education"]),
            "unit": unit,
            "legal_basis": self.perhaps(60, "a law"),
            "conduct": self.perhaps(70, self.document()),
            "approved_by": self.perhaps(60, f"S-{unit}-{HEAD}"),
            "until_on": self.perhaps(50, (moment + timedelta(days=20)).date().isoformat()),
            "statement": self.perhaps(40, self.document()),
            "statement_refused": self.perhaps(30, True),
        }
        self.tell(moment, "take_measure", unit, HANDLER, **case, **measure, **fields)
        if self.chance(50):
            self.tell(self.later(moment, 1, 30), "release_measure", unit, HANDLER, **case, **measure, reason="over")

    def _end(self, moment: datetime, case: dict[str, str], unit: str) -> None:
        how = self.rng.choice(["opinion"] * 6 + ["mediation", "withdrawal", "nothing"])
        if how == "opinion":
            self._opinion(moment, case, unit)
        elif how == "mediation":
            paper = {"agreement": self.document(), "both_consent": self.chance(70)}
            self.tell(moment, "mediate", unit, HANDLER, **case, **paper)
            self.tell(self.later(moment, 0, 9), "close_case", unit, HANDLER, **case, ground="mediated")
        elif how == "withdrawal":
            document = self.perhaps(60, self.document())
            self.tell(moment, "withdraw_petition", unit, HANDLER, **case, document=document, via="letter")
            self.tell(self.later(moment, 0, 9), "close_case", unit, HANDLER, **case, ground="withdrawn")
        if self.chance(15):
            rating = {"side": "unit", "grade": "satisfied", "entered_via": "phone"}
            self.tell(self.later(moment, 0, 20), "rate", unit, HANDLER, **case, **rating)

    def _opinion(self, moment: datetime, case: dict[str, str], unit: str) -> None:
        fields = {
            "document": self.document(),
            "result": self.rng.choice(["explained", "not_supported"]),
            "legal_basis": ["a law"] if self.chance(85) else [],
            "signed_by": f"S-{unit}-{HEAD}",
        }
        self.tell(moment, "issue_opinion", unit, HANDLER, **case, **fields)
        if self.chance(85):
            sent = self.later(moment, 0, self.rng.choice([3, 14, 20]))
            public = self.chance(10)
            days = {"sent_at": _iso(sent), "delivered_at": _iso(self.later(sent, 0, 6))}
            how = {
                "delivery": "public_notice" if public else "post",
                "attempts": self.rng.choice([0, 1, 2]) if public else None,
            }
            self.tell(self.later(sent, 7, 8), "deliver_opinion", unit, HANDLER, **case, **days, **how, signed=True)
        if self.chance(25):
            self._review(self.later(moment, 30, 40), case, self.rng.choice(["ZF", "RSJ"]))
        if self.chance(70):
            ground = self.rng.choice(["opinion_delivered"] * 4 + ["mediated", "review_final", "withdrawn"])
            self.tell(self.later(moment, 10, 40), "close_case", unit, HANDLER, **case, ground=ground)

    def _review(self, moment: datetime, case: dict[str, str], body: str) -> None:
        received = self.perhaps(70, _iso(self.later(moment, 0, 4)))
        request = {"stage": "review", "body": body, "requested_at": _iso(moment), "received_at": received}
        self.tell(moment, "request_review", "XF", CLERK, **case, **request)
        if self.chance(80):
            review = {"stage": "review", "body": body, "outcome": "upheld", "members": [f"S-{body}-{HEAD}"]}
            issued = self.later(moment, 5, 50)
            self.tell(issued, "issue_review", body, HEAD, **case, **review, document=self.document())

    def _supervise(self, moment: datetime, case: dict[str, str], unit: str) -> None:
        name = {"supervision": f"{case['case']}-s"}
        self.tell(moment, "supervise", "XF", HEAD, **case, **name, ground="DELAY", method="letter", to=unit)
        if self.chance(60):
            self.tell(
                self.later(moment, 1, 15), "answer_supervision", unit, HANDLER, **case, **name, report=self.document()
            )
        if self.chance(70):
            self.tell(self.later(moment, 10, 30), "close_supervision", "XF", HEAD, **case, **name, outcome="not_done")
        advice = {"advice": f"{case['case']}-a"}
        fields = {"kind": "improve_work", "to": unit, "document": self.document()}
        self.tell(self.later(moment, 1, 9), "advise", "XF", HEAD, **case, **advice, **fields)
        if self.chance(60):
            answer = {"adopted": True, "document": self.document()}
            self.tell(self.later(moment, 12, 90), "answer_advice", unit, HANDLER, **case, **advice, **answer)

    def _grant(self, moment: datetime, case: dict[str, str], unit: str, number: int) -> None:
        rng, grant = self.rng, {"grant": f"ref:G{number}"}
        amount = rng.choice([90_000, 100_000, 100_001, 300_000, 300_001, 550_000, 700_000])
        papers = {name: self.document() for name in ("id", "proof") if self.chance(90)}
        fields = {"fund": rng.choice([*RULES]), "applicant_unit": unit, "beneficiary_ref": f"p{number}"}
        rest = {"amount_fen": amount, "scope": "hardship", "attachments": papers}
        self.tell(
            moment,
            "apply_for_grant",
            "XF",
            rng.choice([CLERK, CLERK, CLERK, HANDLER]),
            **grant,
            **case,
            **fields,
            **rest,
        )
        if self.chance(92):
            moment = self.later(moment, 1, 5)
            passed = {"passed": self.chance(93), "opinion": self.document()}
            self.tell(moment, "examine_grant", "XF", rng.choice([HANDLER] * 5 + [HEAD]), **grant, **passed)
        if self.chance(92):
            moment = self.later(moment, 1, 6)
            people = [f"S-XF-{place}" for place in rng.sample(range(1, 6), rng.choice([2, 3, 3, 4]))]
            meeting = {"held_on": moment.date().isoformat(), "attendees": people, "dissent": []}
            amount -= rng.choice([0, 0, 0, 5_000])
            self.tell(
                moment, "approve_grant", "XF", HEAD, **grant, amount_fen=amount, meeting=self.perhaps(55, meeting)
            )
        if self.chance(70):
            first = self.later(moment, 0, 3)
            days = {
                "from_on": first.date().isoformat(),
                "until_on": (first + timedelta(days=rng.choice([2, 4, 7]))).date().isoformat(),
            }
            self.tell(first, "publish_grant_notice", "XF", CLERK, **grant, **days, place="notice board")
        for payment in range(rng.choice([0, 1, 1, 1, 1, 2])):
            moment = self.later(moment, 2, 9)
            self._pay(moment, grant, number, payment, amount if payment == 0 else 1_000)
        if self.chance(12):
            moment = self.later(moment, 5, 20)
            due = self.perhaps(50, (moment + timedelta(days=20)).date().isoformat())
            self.tell(moment, "order_recovery", "XF", HEAD, **grant, amount_fen=5_000, reason="too much", due_on=due)
            if self.chance(50):
                came = {"amount_fen": rng.choice([5_000, 2_000]), "bank_ref": "b"}
                self.tell(self.later(moment, 5, 100), "receive_recovery", "XF", CASHIER, **grant, **came)

    def _pay(self, moment: datetime, grant: dict[str, str], number: int, payment: int, amount: int) -> None:
        rng, name = self.rng, {"payment": f"{grant['grant']}-p{payment}"}
        cash = self.chance(15)
        fields = {
            "amount_fen": amount,
            "method": "cash" if cash else "bank_transfer",
            "payee_ref": f"p{number}" if self.chance(90) else "q",
            "payee_authority": self.perhaps(30, self.document()),
            "account": None if cash else f"hmac:{number * 7 + payment:064x}",
            "bank_ref": "b",
        }
        self.tell(moment, "pay_grant", "XF", rng.choice([CASHIER] * 6 + [HEAD]), **grant, **name, **fields)
        paper = {"receipt": self.document(), "signed_by_payee": True}
        if self.chance(75):
            shown = amount + rng.choice([0] * 9 + [1])
            self.tell(
                self.later(moment, 1, 45), "confirm_receipt", "XF", CLERK, **grant, **name, **paper, amount_fen=shown
            )
        elif self.chance(40):
            excuse = {"ground": "in hospital", "approved_by": f"S-XF-{HEAD}"}
            self.tell(self.later(moment, 1, 45), "excuse_receipt", "XF", CLERK, **grant, **name, **excuse)
        if self.chance(60):
            clerk = rng.choice([BOOKKEEPER] * 5 + [HANDLER])
            self.tell(self.later(moment, 1, 9), "book_payment", "XF", clerk, **grant, **name, voucher="v")
        if self.chance(60):
            bank = {"amount_fen": amount + rng.choice([0] * 9 + [7]), "bank_ref": "b"}
            self.tell(self.later(moment, 1, 9), "reconcile_bank", "XF", BOOKKEEPER, **grant, **name, **bank)
        if self.chance(8):
            back = {"amount_fen": amount, "bank_ref": "b"}
            self.tell(self.later(moment, 5, 30), "return_payment", "XF", CASHIER, **grant, **name, **back)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+08:00")
