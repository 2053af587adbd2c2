"""The supervision checks: pure functions from recorded facts to findings; they judge official acts and money, never a petitioner."""

from __future__ import annotations

from domain.checks.acceptance import OfficeActsWithin15Days
from domain.checks.accusation import AccusationsGoToTheirBodies
from domain.checks.actor import ActorsAreDeclared
from domain.checks.approval import ApprovedByTheRules
from domain.checks.backdating import EnteredWhileTheClockRan
from domain.checks.balance import MoneyAddsUp
from domain.checks.base import Check
from domain.checks.carousel import NoCarouselOfUnits
from domain.checks.classification import ClassifiedInTime
from domain.checks.closing import ClosedOnRecord, WithdrawnFreely
from domain.checks.complaint import ComplaintsGoElsewhere
from domain.checks.confirmation import ApprovalsAreConfirmed
from domain.checks.copying import OpinionIsOfTheCase
from domain.checks.correction import CorrectionsAreHonest
from domain.checks.deadline import AnsweredWithin60Days
from domain.checks.departure import StaysInTheClock
from domain.checks.duties import SuggestionIsAnswered, UrgentIsReported
from domain.checks.execution import OpinionIsSent, SupportIsExecuted
from domain.checks.exemption import ExemptionHolds
from domain.checks.extension import ExtendedByTheBook, ExtensionIsNotified
from domain.checks.folding import LikeIsMergedWithLike, VisitsAreNotSplit
from domain.checks.fund import SeparateHands
from domain.checks.handoff import FeedbackByTheSetDay, ObjectionsByTheBook
from domain.checks.history_import import HistoryIsOld
from domain.checks.holding import SomebodyHoldsIt
from domain.checks.ignorance import FactsAreThere
from domain.checks.inquiry import InquiredBeforeExtension
from domain.checks.late_entry import EnteredSoon
from domain.checks.measure import MeasureIsFounded, NoReprisal
from domain.checks.notices import UnitNotifiesWithin15Days
from domain.checks.one_time import ReliefComesOnce, ReliefStaysUnderTheCap
from domain.checks.opinion import OpinionIsFounded
from domain.checks.outside_list import NothingIsMissingOutside
from domain.checks.outsider import HandledByThoseWhoReceivedIt
from domain.checks.override import GuardsAreNotPassedOver
from domain.checks.pattern import AnswersAreSpread, ReceiptsHaveEvidence
from domain.checks.paying import PaidAfterNotice, PaidToTheBeneficiary, PapersComplete
from domain.checks.procedure import DutyIsDone, ProcedureIsNamedAndTold
from domain.checks.rating import RatedAfterTheAct, RatedByThePetitioner
from domain.checks.record import RecordIsWhole
from domain.checks.recovery import RecoveredInTime
from domain.checks.recusal import RecusedStaysAway, ReviewedByOthers
from domain.checks.refusal import RefusedAndAccepted, RefusedOnTrueGrounds
from domain.checks.registration import RegisteredAtAll, RegisteredSoon
from domain.checks.relief_pattern import AmountsLookNatural, ReliefHasItsCase
from domain.checks.reopening import ClosingsHold
from domain.checks.review import ReviewedWithin30Days
from domain.checks.rework import ReworkResetsNothing
from domain.checks.secrecy import AccusationIsRestricted, AccusedNeverGetsIt
from domain.checks.supervising import AdviceIsAnswered, BreachIsSupervised, SupervisionHasEffect
from domain.checks.tri_party import ThreeWaysByTheBook
from domain.checks.waiting import ObjectionsAreDecided, OffersAreReceived
from domain.checks.worked_first import RegisteredBeforeWork

ALL_CHECKS: tuple[Check, ...] = (
    OfficeActsWithin15Days(),
    UnitNotifiesWithin15Days(),
    RegisteredSoon(),
    EnteredSoon(),
    RefusedAndAccepted(),
    RegisteredAtAll(),
    RegisteredBeforeWork(),
    ReceiptsHaveEvidence(),
    EnteredWhileTheClockRan(),
    RefusedOnTrueGrounds(),
    ExemptionHolds(),
    AccusationsGoToTheirBodies(),
    StaysInTheClock(),
    ProcedureIsNamedAndTold(),
    DutyIsDone(),
    ComplaintsGoElsewhere(),
    ClassifiedInTime(),
    AnsweredWithin60Days(),
    ExtendedByTheBook(),
    InquiredBeforeExtension(),
    ExtensionIsNotified(),
    CorrectionsAreHonest(lambda: ALL_CHECKS),
    AnswersAreSpread(),
    ClosingsHold(),
    ReviewedWithin30Days(),
    OffersAreReceived(),
    ObjectionsByTheBook(),
    NoCarouselOfUnits(),
    SomebodyHoldsIt(),
    ThreeWaysByTheBook(),
    FeedbackByTheSetDay(),
    HandledByThoseWhoReceivedIt(),
    ReworkResetsNothing(),
    ObjectionsAreDecided(),
    OpinionIsFounded(),
    SupportIsExecuted(),
    OpinionIsOfTheCase(),
    OpinionIsSent(),
    ClosedOnRecord(),
    WithdrawnFreely(),
    LikeIsMergedWithLike(),
    VisitsAreNotSplit(),
    SuggestionIsAnswered(),
    BreachIsSupervised(),
    SupervisionHasEffect(),
    AdviceIsAnswered(),
    UrgentIsReported(),
    RatedByThePetitioner(),
    RatedAfterTheAct(),
    RecusedStaysAway(),
    ReviewedByOthers(),
    AccusedNeverGetsIt(),
    AccusationIsRestricted(),
    NoReprisal(),
    MeasureIsFounded(),
    SeparateHands(),
    ReliefComesOnce(),
    ReliefStaysUnderTheCap(),
    ApprovedByTheRules(),
    PaidToTheBeneficiary(),
    MoneyAddsUp(),
    AmountsLookNatural(),
    ReliefHasItsCase(),
    RecoveredInTime(),
    PaidAfterNotice(),
    PapersComplete(),
    NothingIsMissingOutside(),
    RecordIsWhole(),
    ActorsAreDeclared(),
    GuardsAreNotPassedOver(),
    FactsAreThere(),
    HistoryIsOld(),
    ApprovalsAreConfirmed(),
)
