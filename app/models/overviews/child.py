"""A child on one page, for the agents: its file, both its households, who may come for it, what it is enrolled in.

Health is apart: each reading of it is noted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app import clock, db
from app.models.accounts import Agent, Permission
from app.models.documents import DocumentSubject, checklist
from app.models.documents.checklist import Expected
from app.models.enrolments import Enrolment, scope
from app.models.families import Child, Consent, Contact, Custody, Family
from app.models.families.sections.child import AUTHORISATIONS, CHILD, GLASSES, HEALTH, INSURANCE
from app.models.families.sections.section import Field
from app.models.families.sections.values import Sheet
from app.models.households.custody import Households
from app.models.overviews.own_child import ShownSection
from app.models.requests import Request, RequestLine
from app.models.requests import scope as request_scope
from app.models.town import Activity

_MOST_REQUESTS = 10


@dataclass(frozen=True)
class ChildDossier:
    child: Child
    facts: ShownSection
    insurance: ShownSection
    households: Households
    notes: dict[int, str]
    """What a judgment says, in the agent's words, by family."""
    contacts: Sequence[Contact]
    """Who must not come first."""
    consents: list[tuple[Field, Consent | None]]
    """Each authorisation, and the answer, if there is one."""
    enrolments: Sequence[Enrolment]
    """In progress and to come, whoever pays."""
    documents: list[Expected]
    requests: Sequence[Request]
    """About its file, newest first."""

    @classmethod
    def of(cls, child: Child, family_id: int, agent: Agent) -> Self:
        given = {one.kind: one for one in db.session.scalars(select(Consent).where(Consent.child_id == child.id))}
        keeps = agent.may(Permission.FAMILY_FILES)
        return cls(
            child=child,
            facts=_facts(child, family_id, agent),
            insurance=ShownSection(INSURANCE, Sheet(INSURANCE, family_id, child.id).texts()),
            households=Households(child),
            notes=_notes(child) if keeps else {},
            contacts=sorted(Contact.of_child(child.id), key=lambda one: not one.is_barred),
            consents=[(field, given.get(field.name)) for field in AUTHORISATIONS.fields],
            enrolments=_enrolments(child, agent, clock.today()),
            documents=_documents(child, family_id, agent),
            requests=_requests(child, agent),
        )

    @property
    def insurance_is_over(self) -> bool:
        until = self.child.insured_until
        return until is not None and until < clock.today()


def health_of(child: Child, family_id: int) -> list[ShownSection]:
    """What the team must know; the caller notes the reading."""
    return [ShownSection(one, Sheet(one, family_id, child.id).texts()) for one in (HEALTH, GLASSES)]


def _facts(child: Child, family_id: int, agent: Agent) -> ShownSection:
    """The diet is for those who look after the child."""
    texts = Sheet(CHILD, family_id, child.id).texts()
    if not agent.may(Permission.HEALTH):
        del texts["diet"]
    return ShownSection(CHILD, texts)


def _notes(child: Child) -> dict[int, str]:
    written = select(Custody.family_id, Custody.note).where(Custody.child_id == child.id, Custody.note.is_not(None))
    return {family_id: note for family_id, note in db.session.execute(written) if note}


def _documents(child: Child, family_id: int, agent: Agent) -> list[Expected]:
    """That a document of health is due is a matter of health already."""
    found = checklist.about(DocumentSubject.CHILD, checklist.expected(child, family_id))
    return [one for one in found if not one.kind.is_health or agent.may(Permission.HEALTH)]


def _enrolments(child: Child, agent: Agent, today: date) -> Sequence[Enrolment]:
    its_own = (Enrolment.child_id == child.id, Enrolment.lasting(today))
    wanted = select(Enrolment).where(*its_own, scope.enrolments(agent))
    people = [
        joinedload(Enrolment.activity).joinedload(Activity.structure),
        joinedload(Enrolment.family).selectinload(Family.adults),
    ]
    return db.session.scalars(wanted.order_by(Enrolment.activity_id, Enrolment.id).options(*people)).all()


def _requests(child: Child, agent: Agent) -> Sequence[Request]:
    about = (
        select(Request).where(Request.child_id == child.id, request_scope.requests(agent)).order_by(Request.id.desc())
    )
    lines = selectinload(Request.lines).joinedload(RequestLine.decider)
    return db.session.scalars(
        about.limit(_MOST_REQUESTS).options(lines, joinedload(Request.sender), joinedload(Request.taker))
    ).all()
