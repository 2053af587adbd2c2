"""The supervision checks: pure functions from recorded facts to findings; they judge official acts and money, never a petitioner."""

from __future__ import annotations

from domain.checks.acceptance import OfficeActsWithin15Days
from domain.checks.approval import ApprovedByTheRules
from domain.checks.balance import MoneyAddsUp
from domain.checks.base import Check
from domain.checks.carousel import NoCarouselOfUnits
from domain.checks.classification import ClassifiedInTime
from domain.checks.deadline import AnsweredWithin60Days
from domain.checks.extension import ExtendedByTheBook, ExtensionIsNotified
from domain.checks.fund import SeparateHands
from domain.checks.handoff import FeedbackByTheSetDay, ObjectionsByTheBook
from domain.checks.notices import UnitNotifiesWithin15Days
from domain.checks.paying import PaidAfterNotice, PaidToTheBeneficiary, PapersComplete
from domain.checks.record import RecordIsWhole
from domain.checks.recovery import RecoveredInTime
from domain.checks.registration import RegisteredAtAll, RegisteredSoon
from domain.checks.waiting import ObjectionsAreDecided, OffersAreReceived

ALL_CHECKS: tuple[Check, ...] = (
    OfficeActsWithin15Days(),
    UnitNotifiesWithin15Days(),
    RegisteredSoon(),
    RegisteredAtAll(),
    ClassifiedInTime(),
    AnsweredWithin60Days(),
    ExtendedByTheBook(),
    ExtensionIsNotified(),
    OffersAreReceived(),
    ObjectionsByTheBook(),
    NoCarouselOfUnits(),
    FeedbackByTheSetDay(),
    ObjectionsAreDecided(),
    SeparateHands(),
    ApprovedByTheRules(),
    PaidToTheBeneficiary(),
    MoneyAddsUp(),
    RecoveredInTime(),
    PaidAfterNotice(),
    PapersComplete(),
    RecordIsWhole(),
)
