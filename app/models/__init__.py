"""The domain. No module here knows Flask, the pages or the outside world.

Importing the package loads every model, so that the metadata is whole.
"""

from app.models.account import Account, Agent, Role
from app.models.document import Document
from app.models.event import Event
from app.models.family import Adult, Civility, Family
from app.models.invoice import Invoice, InvoiceSeries
from app.models.job import Job, JobState, PeriodicRun, WorkerBeat
from app.models.ledger import LedgerEntry, LedgerKind
from app.models.message import Message, Thread
from app.models.password_reset import PasswordReset
from app.models.payment import Payment, PaymentMeans
from app.models.recovery_code import RecoveryCode
from app.models.structure import Structure
from app.models.throttle import Throttle
from app.models.town import Town
from app.models.user_session import UserSession

__all__ = [
    "Account",
    "Adult",
    "Agent",
    "Civility",
    "Document",
    "Event",
    "Family",
    "Invoice",
    "InvoiceSeries",
    "Job",
    "JobState",
    "LedgerEntry",
    "LedgerKind",
    "Message",
    "PasswordReset",
    "Payment",
    "PaymentMeans",
    "PeriodicRun",
    "RecoveryCode",
    "Role",
    "Structure",
    "Thread",
    "Throttle",
    "Town",
    "UserSession",
    "WorkerBeat",
]
