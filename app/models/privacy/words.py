"""« Mes données » in French: the name of each column, and of each value that the database keeps as a code. Pure."""

import enum
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from app.clock import PARIS
from app.models.billing import LedgerKind, PaymentMeans
from app.models.documents import DocumentState
from app.models.enrolments import BookingState
from app.models.families import AlertKind, ContactRole
from app.models.families.sections.catalogue import ACCOUNT, LABELS, OF_CHILD
from app.models.families.sections.child import ALERTS, CONSENTS, CONTACTS
from app.models.families.sections.section import FieldKind
from app.models.messages import Sender
from app.models.request_kind import RequestKind
from app.models.requests import LineState
from app.models.requests.line_state import VERDICTS

COLUMNS = LABELS | {
    "activity_id": "Prestation",
    "adult_id": "Adulte",
    "amount_cents": "Montant en euros",
    "answer_until": "Réponse attendue avant",
    "answers": "Réponses",
    "asked_at": "Demandée le",
    "attached_to": "Organisme rattachement",
    "body": "Texte",
    "checked_at": "Contrôlé le",
    "child_id": "Enfant",
    "code": "Code",
    "content_type": "Type de fichier",
    "created_at": "Créé le",
    "left_on": "Un enfant en est parti le",
    "created_on": "Connu depuis le",
    "day": "Jour",
    "due_on": "Date Echéance",
    "ends_on": "Jusqu’au",
    "enrolment_id": "Inscription",
    "expires_at": "Prend fin le",
    "family_id": "N° Famille",
    "first_day": "Premier jour",
    "given_at": "Donné le",
    "given_by": "Donné par",
    "given_on": "Date",
    "gives_up": "Jour rendu en échange",
    "granted": "Accordée",
    "identifiant": "Identifiant",
    "idle_warned_at": "Prévenu de son absence le",
    "instruction": "Que faire",
    "invoice_id": "Facture",
    "issued_on": "Date Facture",
    "kind": "Type",
    "kind_id": "Document",
    "last_day": "Dernier jour",
    "last_login_at": "Dernière connexion",
    "left_out": "Jours qui n’ont pas été demandés",
    "link": "Lien avec l’enfant",
    "locked_at": "Verrouillé depuis le",
    "means": "Moyen de paiement",
    "must_change_password": "Mot de passe à changer",
    "name": "Nom",
    "number": "Numéro",
    "one_time_until": "Mot de passe provisoire valable jusqu’au",
    "phone": "Téléphone",
    "present": "Présent",
    "proposed_day": "Jour proposé à la place",
    "proposed_enrolment_id": "Inscription proposée à la place",
    "rank": "Rang",
    "read_at": "Lu le",
    "ready_at": "Prête le",
    "reason": "Motif du refus",
    "received_on": "Reçu le",
    "request_id": "Demande",
    "role": "Rôle",
    "sender": "De",
    "sent_at": "Envoyé le",
    "series": "Série",
    "signatory": "Signataire",
    "signed_on": "Date",
    "size": "Taille en octets",
    "state": "État",
    "structure_id": "Structure",
    "subject": "Objet",
    "submitted_at": "Envoyée le",
    "submitted_by": "Envoyée par",
    "taken_at": "Prise en charge le",
    "text": "Texte",
    "thread_id": "Échange",
    "total_cents": "Montant en euros",
    "updated_at": "Modifié le",
    "valid_until": "Valable jusqu’au",
    "waiting_from": "Dans la liste d’attente depuis le",
    "wants_reminders": "Rappels par courriel",
    "written_at": "Écrite le",
}
_CODES: dict[type[enum.Enum], dict[Any, str]] = {
    AlertKind: {kind: ALERTS[kind.value] for kind in AlertKind},
    BookingState: {
        BookingState.BOOKED: "Réservé",
        BookingState.ABSENT_EXCUSED: "Absent excusé",
        BookingState.ABSENT_BILLED: "Absent facturé",
        BookingState.CANCELLED_BY_TOWN: "Annulé par la commune",
    },
    ContactRole: {role: CONTACTS[role.value] for role in ContactRole if role.value in CONTACTS},
    LedgerKind: {LedgerKind.INVOICE: "Facture", LedgerKind.PAYMENT: "Règlement", LedgerKind.CREDIT: "Avoir"},
    LineState: VERDICTS,
    PaymentMeans: {
        PaymentMeans.ONLINE: "En ligne",
        PaymentMeans.CHEQUE: "Chèque",
        PaymentMeans.CASH: "Espèces",
        PaymentMeans.CESU: "CESU",
        PaymentMeans.TRANSFER: "Virement",
        PaymentMeans.DIRECT_DEBIT: "Prélèvement",
    },
    DocumentState: {
        DocumentState.RECEIVED: "Reçue",
        DocumentState.VALID: "Validée",
        DocumentState.REFUSED: "Refusée",
        DocumentState.REPLACED: "Remplacée",
    },
    RequestKind: {kind: kind.label for kind in RequestKind},
    Sender: {Sender.FAMILY: "La famille", Sender.STRUCTURE: "La structure"},
}
_CHOICES: dict[str, Mapping[str, str]] = {
    one.name: one.choices
    for section in (*ACCOUNT, *OF_CHILD)
    for one in section.fields
    if one.kind is FieldKind.CHOICE
}


def said(column: str, value: Any) -> Any:
    """What the file says: French words, days and local instants in ISO, amounts in euros."""
    if column.endswith("_cents"):
        return value / 100
    choices = CONSENTS if column == "kind" else _CHOICES.get(column, {})
    match value:
        case datetime():
            return value.astimezone(PARIS).isoformat(timespec="seconds")
        case date() | time():
            return value.isoformat()
        case enum.Enum():
            return _CODES.get(type(value), {}).get(value, value.value)
        case str():
            return choices.get(value, value)
        case _:
            return value
