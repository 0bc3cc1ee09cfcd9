"""Requests and their papers: kept some years after the last answer. One that nobody ever answered goes too."""

from datetime import date
from typing import Any

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import joinedload

from app.models.durations import AT_ONCE, REQUESTS
from app.models.enrolments import Enrolment
from app.models.families import Adult
from app.models.families.privacy import names_of
from app.models.jobs import erase
from app.models.personal_data import INTERNAL, Chapter, Number, Part, PersonalData, number
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Proof, Request, RequestLine
from app.models.requests.line_state import PENDING_STATES, VERDICTS
from app.models.requests.reader import Whose
from app.models.retention_rule import Rows, Rule, Turn, before_end_of
from app.models.upload import EXTENSIONS


def _proofs(cutoff: date) -> Rows:
    waits = exists().where(RequestLine.request_id == Request.id, RequestLine.state.in_(PENDING_STATES))
    left = select(Request.id, "demande " + Request.code, Proof.given_at).join(Proof, Proof.request_id == Request.id)
    return left.where(~waits, Proof.given_at < before_end_of(cutoff))


def _requests(cutoff: date) -> Rows:
    """The day that a line asks for counts as well: its planning shows it; and the last time that it was amended."""
    late = before_end_of(cutoff)
    used = or_(RequestLine.decided_at >= late, RequestLine.asked_at >= late, RequestLine.day > cutoff)
    alive = exists().where(RequestLine.request_id == Request.id, used)
    said = (RequestLine.decided_at, RequestLine.asked_at, RequestLine.day)
    last = (select(func.max(one)).where(RequestLine.request_id == Request.id).scalar_subquery() for one in said)
    return select(Request.id, "demande " + Request.code, Request.submitted_at, *last).where(
        Request.submitted_at < late, ~alive
    )


def _line(line: RequestLine, whose: Whose) -> dict[str, Any]:
    reads = whose.reads(line)
    told: dict[str, Any] = {
        "Demande": line.request.code,
        "Type": line.kind.label,
        "Demandée par": line.author.adult.full_name,
        "Demandée le": line.asked_at or line.request.submitted_at,
        "Sur": line.what,
        "État": line.verdict,
        "Hors délai": line.late,
        "Excusée": line.excused,
        "Note du service": line.passed_on if reads else None,
        "Motif": line.motif if reads else None,
        "Motif.refus": line.decision_reason if reads else None,
        "Répondu le": line.decided_at,
    }
    return told | ({"Ancienne valeur": line.was, "Valeur demandée": line.wanted} if line.field else {})


DATA = PersonalData(
    parts=(
        Part(
            Chapter.REQUESTS,
            "Demandes",
            Request,
            lambda whose: Request.id.in_(whose.requests),
            frozenset(("id", "submission", "entered_by", "taken_by")),
        ),
        Part(
            Chapter.REQUESTS,
            "Lignes de demandes",
            RequestLine,
            lambda whose: RequestLine.request_id.in_(whose.requests),
            instead=_line,
            loads=(
                joinedload(RequestLine.request).joinedload(Request.child),
                joinedload(RequestLine.enrolment).joinedload(Enrolment.child),
                joinedload(RequestLine.enrolment).joinedload(Enrolment.activity),
            ),
        ),
        Part(
            Chapter.REQUESTS,
            "Justificatifs gardés",
            Proof,
            lambda whose: Proof.request_id.in_(whose.papers),
            frozenset(("storage_key",)),
            filename=lambda proof: f"justificatif-{proof.request_id}.{EXTENSIONS[proof.content_type]}",
        ),
    ),
    not_told={"amendment": INTERNAL},
    columns={
        "code": "Code",
        "content_type": "Type de fichier",
        "given_at": "Donné le",
        "kind": "Type",
        "left_out": "Jours qui n’ont pas été demandés",
        "size": "Taille en octets",
        "submitted_at": "Envoyée le",
        "taken_at": "Prise en charge le",
    },
    numbers={
        "request_id": number("Demande", Request.id, Request.code, family_id=Request.family_id),
        "submitted_by": Number(
            "Envoyée par",
            lambda whose: names_of(
                Adult.id.in_(select(Request.submitted_by).where(Request.family_id.in_(whose.families)))
            ),
        ),
    },
    codes={RequestKind: {kind: kind.label for kind in RequestKind}, LineState: VERDICTS},
    rules=(
        Rule(
            "Justificatifs restés après la réponse",
            AT_ONCE,
            Turn.FILES,
            _proofs,
            erase.by(Proof.request_id),
            locks=Request.id,
        ),
        Rule("Demandes", REQUESTS, Turn.REQUESTS, _requests, erase.by(Request.id), locks=Request.id),
    ),
)
