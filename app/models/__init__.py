"""The domain. No module here knows Flask, the pages or the outside world.

Importing the package loads every model, so that the metadata is whole.
"""

from app.models import search  # noqa: F401 - it keeps the words of families up to date
from app.models.account import Account
from app.models.activity import Activity, Approval, CapacityPool, HalfDay
from app.models.agent import Agent
from app.models.amendment import Amendment
from app.models.attendance import Attendance
from app.models.author import Author
from app.models.batch import Batch, BatchLine
from app.models.booking import Booking, BookingState
from app.models.calendar import Calendar, Closure, HolidayKind, PublicHoliday, SchoolHoliday
from app.models.calendar_feed import CalendarFeed
from app.models.child import Authority, Child, Contact, Custody
from app.models.consent import Consent
from app.models.data_export import DataExport
from app.models.document import Document
from app.models.dui import DuiDraft
from app.models.enrolment import Enrolment, Leave
from app.models.event import Event
from app.models.family import Adult, Civility, Family
from app.models.finances import Finances
from app.models.health import HealthAlert, HealthSheet, Pai, Vaccination
from app.models.invoice import Invoice, InvoiceSeries
from app.models.job import Job, JobState
from app.models.ledger import LedgerEntry, LedgerKind
from app.models.line_state import LineState
from app.models.message import Message, Thread
from app.models.password_reset import PasswordReset
from app.models.payment import Payment, PaymentMeans
from app.models.periodic_run import PeriodicRun
from app.models.permission import Permission, Role
from app.models.piece import Piece, PieceState
from app.models.piece_kind import PieceKind, PieceSubject
from app.models.pool_day import PoolDay
from app.models.proof import Proof
from app.models.reason import StandardReason
from app.models.recovery_code import RecoveryCode
from app.models.request import Request, RequestLine
from app.models.request_kind import RequestKind
from app.models.structure import Structure
from app.models.throttle import Throttle
from app.models.town import Town
from app.models.user_session import UserSession
from app.models.worker_beat import WorkerBeat

__all__ = [
    "Account",
    "Activity",
    "Adult",
    "Agent",
    "Amendment",
    "Approval",
    "Attendance",
    "Author",
    "Authority",
    "Batch",
    "BatchLine",
    "Booking",
    "BookingState",
    "Calendar",
    "CalendarFeed",
    "CapacityPool",
    "Child",
    "Civility",
    "Closure",
    "Consent",
    "Contact",
    "Custody",
    "DataExport",
    "Document",
    "DuiDraft",
    "Enrolment",
    "Event",
    "Family",
    "Finances",
    "HalfDay",
    "HealthAlert",
    "HealthSheet",
    "HolidayKind",
    "Invoice",
    "InvoiceSeries",
    "Job",
    "JobState",
    "Leave",
    "LedgerEntry",
    "LedgerKind",
    "LineState",
    "Message",
    "Pai",
    "PasswordReset",
    "Payment",
    "PaymentMeans",
    "PeriodicRun",
    "Permission",
    "Piece",
    "PieceKind",
    "PieceState",
    "PieceSubject",
    "PoolDay",
    "Proof",
    "PublicHoliday",
    "RecoveryCode",
    "Request",
    "RequestKind",
    "RequestLine",
    "Role",
    "SchoolHoliday",
    "StandardReason",
    "Structure",
    "Thread",
    "Throttle",
    "Town",
    "UserSession",
    "Vaccination",
    "WorkerBeat",
]
