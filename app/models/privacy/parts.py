"""What « Mes données » tells of the database, table by table: its rows for one adult, or why it tells none."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from app.models.accounts import Account, UserSession
from app.models.billing import Invoice, LedgerEntry, Payment
from app.models.changes import DuiDraft
from app.models.documents import Document
from app.models.enrolments import Attendance, Booking, Enrolment, Leave
from app.models.families import (
    Adult,
    Authority,
    Child,
    Consent,
    Contact,
    Custody,
    Family,
    Finances,
    HealthAlert,
    HealthSheet,
    Pai,
    Vaccination,
)
from app.models.messages import Message, Thread
from app.models.planning import CalendarFeed
from app.models.privacy.data_export import DataExport
from app.models.requests import Proof, Request, RequestLine
from app.models.requests.reader import Whose


@dataclass(frozen=True)
class Part:
    title: str
    of: type[Any]
    rows: Callable[[Whose], Any]
    """The condition that makes a row this adult's."""
    hidden: frozenset[str] = field(default_factory=frozenset)
    """Columns that are not told: numbers of our own, secrets, what another household may not know."""
    tells: Callable[[Any], bool] = lambda row: True
    """Which of these rows are told, where no query can say it: what it goes by is encrypted."""


def _part(title: str, of: type[Any], rows: Callable[[Whose], Any], *hidden: str) -> Part:
    return Part(title, of, rows, frozenset(hidden))


def _entrusted(title: str, of: type[Any], *hidden: str) -> Part:
    return _part(title, of, lambda whose: of.child_id.in_(whose.entrusted), *hidden)


def _enrolled(title: str, of: type[Any], *hidden: str) -> Part:
    return _part(title, of, lambda whose: of.enrolment_id.in_(whose.enrolments), *hidden)


def _of_family(title: str, of: type[Any], *hidden: str) -> Part:
    return _part(title, of, lambda whose: of.family_id.in_(whose.families), *hidden)


_SECRETS = ("password_hash", "totp_secret", "totp_last_step")

PARTS = (
    _part("Famille", Family, lambda whose: Family.id.in_(whose.families), "id", "merged_into", "search_text"),
    _of_family("Responsable et conjoint", Adult, "id", "account_id"),
    _part(
        "Votre compte",
        Account,
        lambda whose: Account.id == whose.adult.account_id,
        *("id", "identifiant_key", *_SECRETS),
    ),
    _part(
        "Vos connexions ouvertes",
        UserSession,
        lambda whose: UserSession.account_id == whose.adult.account_id,
        *("id", "account_id", "token_digest"),
    ),
    _part(
        "Calendrier du téléphone",
        CalendarFeed,
        lambda whose: CalendarFeed.adult_id == whose.adult.id,
        *("token", "token_digest"),
    ),
    _of_family("Ressources et coordonnées bancaires", Finances),
    _part("Enfants", Child, lambda whose: Child.id.in_(whose.entrusted), "id"),
    # What an agent noted of a judgment may speak of the other household.
    _part("Enfants du foyer", Custody, lambda whose: Custody.family_id.in_(whose.families), "note"),
    _part("Votre autorité parentale", Authority, lambda whose: Authority.adult_id == whose.adult.id),
    # Who must not come is the town hall's to note, from a judgment.
    Part(
        "Personnes autorisées",
        Contact,
        lambda whose: Contact.child_id.in_(whose.entrusted),
        frozenset({"id"}),
        tells=lambda contact: not contact.is_barred,
    ),
    _entrusted("Autorisations", Consent),
    _entrusted("Données sanitaires", HealthSheet),
    _entrusted("Allergies", HealthAlert, "id"),
    _entrusted("Projets d’accueil individualisé (PAI)", Pai, "id"),
    _entrusted("Vaccinations", Vaccination, "id"),
    _part(
        "Dossiers d’inscription commencés",
        DuiDraft,
        lambda whose: DuiDraft.child_id.in_(whose.entrusted) & DuiDraft.family_id.in_(whose.families),
    ),
    _of_family("Inscriptions", Enrolment, "id", "even_weeks", "odd_weeks"),
    _enrolled("Congés", Leave, "id"),
    _enrolled("Réservations et absences", Booking, "id", "child_id", "activity_id", "exclusive_group"),
    _enrolled("Pointage", Attendance),
    _part(
        "Demandes",
        Request,
        lambda whose: Request.id.in_(whose.requests),
        *("id", "submission", "entered_by", "taken_by"),
    ),
    _part("Lignes de demandes", RequestLine, lambda whose: RequestLine.request_id.in_(whose.requests)),
    _part(
        "Justificatifs gardés",
        Proof,
        lambda whose: Proof.request_id.in_(whose.papers),
        "storage_key",
    ),
    _part(
        "Pièces",
        Document,
        lambda whose: (
            Document.family_id.in_(whose.families)
            & (Document.child_id.is_(None) | Document.child_id.in_(whose.entrusted))
        ),
        *("id", "submission", "storage_key", "checked_by"),
    ),
    _of_family("Factures", Invoice, "id"),
    _of_family("Règlements", Payment, "id"),
    _of_family("Compte de la famille", LedgerEntry, "id", "payment_id"),
    _of_family("Échanges", Thread, "id"),
    _part(
        "Messages",
        Message,
        lambda whose: Message.thread_id.in_(select(Thread.id).where(Thread.family_id.in_(whose.families))),
        "id",
    ),
    _part(
        "Copies de vos données",
        DataExport,
        lambda whose: DataExport.adult_id == whose.adult.id,
        *("id", "adult_id", "storage_key", "reach"),
    ),
)
OTHERWISE = {"event": "Journal"}
"""Told in words, under this title."""
_TOWN = "de la commune, la même pour toutes les familles"
_INNER = "travail interne des agents ou du portail, sans rien de plus sur la famille"
_KEYS = "secret de connexion\u00a0: le connaître suffit à entrer"
NOT_EXPORTED = {
    **dict.fromkeys(("activity", "capacity_pool", "closure", "document_kind", "invoice_series", "pool_day"), _TOWN),
    **dict.fromkeys(("public_holiday", "publication", "school_holiday", "standard_reason"), _TOWN),
    **dict.fromkeys(("structure", "town"), _TOWN),
    **dict.fromkeys(("agent", "agent_structure"), "données des agents"),
    **dict.fromkeys(("amendment", "batch", "batch_line", "job", "periodic_run", "worker_beat"), _INNER),
    **dict.fromkeys(("password_reset", "recovery_code"), _KEYS),
    "throttle": "essais de connexion, sous une empreinte qui ne nomme personne, oubliés en un jour",
}
"""Tables of which the file says nothing, and why. A new table is here or above: a test asks."""
