"""The whole file of a family on one page, in a fixed number of queries, for an agent who may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import Row, bindparam, exists, select
from sqlalchemy.orm import joinedload, selectinload

from app import clock, db
from app.models.accounts import Agent, Permission
from app.models.billing import LedgerEntry
from app.models.changes import change
from app.models.changes.three_way import FieldKey
from app.models.documents import DocumentSubject, checklist
from app.models.documents.checklist import Expected
from app.models.enrolments import Enrolment, scope
from app.models.families import Adult, Authority, Child, Custody, Family, Finances
from app.models.families.same_name import may_be_one_child
from app.models.families.sections.account import BANQUE, CAF, CONJOINT, FISCALES, RESPONSABLE
from app.models.families.sections.section import Section, Where
from app.models.overviews.own_child import ShownSection
from app.models.requests import Request, RequestLine
from app.models.requests import scope as request_scope
from app.models.requests.line_state import PENDING_STATES
from app.models.town import Activity

_MOST_REQUESTS = 10
Living = Sequence[Row[int, Adult, int | None]]
# Built once: building a statement costs SQLAlchemy as much as sending it.
_LIVING = (
    select(Custody.child_id, Adult, Authority.adult_id)
    .join(Adult, Adult.family_id == Custody.family_id)
    .outerjoin(Authority, (Authority.adult_id == Adult.id) & (Authority.child_id == Custody.child_id))
    .where(Custody.child_id.in_(bindparam("children")))
    .order_by(Adult.family_id, Adult.rank)
)
_WAITS = exists().where(RequestLine.request_id == Request.id, RequestLine.state.in_(PENDING_STATES))
_REQUESTS = (
    select(Request)
    .where(Request.family_id == bindparam("family"))
    .order_by(_WAITS.desc(), Request.submitted_at.desc(), Request.id.desc())
    .limit(_MOST_REQUESTS)
    .options(selectinload(Request.lines), joinedload(Request.taker))
)
_ENROLMENTS = (
    select(Enrolment)
    .join(Custody, (Custody.child_id == Enrolment.child_id) & (Custody.family_id == bindparam("family")))
    .where(Enrolment.lasting(bindparam("today")))
    .options(joinedload(Enrolment.activity).joinedload(Activity.structure))
    .order_by(Enrolment.child_id, Enrolment.activity_id)
)


@dataclass(frozen=True)
class OtherHousehold:
    name: str
    family_id: int | None
    """None for a file that this agent may not open."""


@dataclass(frozen=True)
class ChildLine:
    child: Child
    authority: list[str]
    """Who has it: names, in each household."""
    elsewhere: list[OtherHousehold]
    opens: bool
    """Whether this agent may open its file."""


@dataclass(frozen=True)
class Overview:
    agent: Agent
    """Who looks at it."""
    family: Family
    children: list[ChildLine]
    enrolments: list[Enrolment]
    """Those of its children that last, whoever pays."""
    payers: dict[int, str]
    """By household of one of its children: « DUPONT JEAN »."""
    requests: Sequence[Request]
    """What waits first, then the newest."""
    balance: int | None
    """Cents, negative is owed; None for an agent who sees only what concerns their structures."""
    adults: list[tuple[Adult, ShownSection]]
    finances: list[ShownSection]
    """Empty for an agent who does not read them."""
    iban: str
    """In full, for who asks for it."""
    pending: dict[FieldKey, RequestLine]
    """What the family asks to be changed; empty for an agent who does not answer it."""
    documents: list[Expected]
    """The household's documents; those of a child are on its page."""

    @property
    def waiting(self) -> int:
        """How many of these requests want an answer of the town hall."""
        return len([request for request in self.requests if request.pending])

    @property
    def doubles(self) -> list[tuple[Child, Child]]:
        """Children of this file who may be one: born on one day, of nearly the same name."""
        pairs = combinations([line.child for line in self.children], 2)
        return [
            (one, other)
            for one, other in pairs
            if one.birth_date == other.birth_date
            and may_be_one_child(one.first_name, one.last_name, other.first_name, other.last_name)
        ]

    def verdicts(self, asked: Request) -> list[str]:
        """Where its lines stand: for an agent of some structures, those of theirs."""
        lines = asked.lines if self.agent.scope is None else request_scope.lines(self.agent, asked)
        return list(dict.fromkeys(line.verdict for line in lines))

    @classmethod
    def of(cls, family: Family, agent: Agent) -> "Overview":
        today, reads = clock.today(), agent.may(Permission.FINANCES)
        finances = db.session.get(Finances, family.id) if reads else None
        answers = agent.scope is None and agent.may(Permission.REQUESTS)
        children = Child.of_family(family.id)
        living = _living(children)
        return cls(
            agent=agent,
            family=family,
            children=_children(family, children, living, agent),
            enrolments=_enrolments(family, agent),
            payers=_payers(living),
            requests=_requests(family, agent),
            balance=LedgerEntry.balance(family.id, today) if agent.scope is None else None,
            adults=[(adult, _of_adult(adult, family)) for adult in family.adults],
            finances=[_shown(one, {Where.FINANCES: finances}) for one in (FISCALES, CAF, BANQUE) if reads],
            iban=BANQUE.field("iban").shown(finances.iban or "", whole=True)[0] if finances and finances.iban else "",
            pending=change.pending(family.id) if answers else {},
            documents=_documents(children, family) if agent.scope is None else [],
        )


def _of_adult(adult: Adult, family: Family) -> ShownSection:
    section = RESPONSABLE if adult.rank == 1 else CONJOINT
    return _shown(section, {Where.ADULT: adult, Where.FAMILY: family})


def _shown(section: Section, rows: dict[Where, Any]) -> ShownSection:
    """What these rows say, read already; None for one that is not there."""
    return ShownSection(
        section, {one.name: one.text(getattr(rows[one.where], one.name, None)) for one in section.fields}
    )


def _documents(children: list[Child], family: Family) -> list[Expected]:
    """They are asked for with a child's."""
    return checklist.about(DocumentSubject.FAMILY, checklist.expected(children[0], family.id)) if children else []


def _living(children: list[Child]) -> Living:
    """In each household of each of these children, the adults, and whether they have authority over the child."""
    return db.session.execute(_LIVING, {"children": [child.id for child in children]}).all() if children else []


def _children(family: Family, children: list[Child], living: Living, agent: Agent) -> list[ChildLine]:
    opened = _opened({child.id for child in children}, agent)
    reachable = _reachable({adult.family_id for _, adult, _ in living if adult.family_id != family.id}, agent)
    return [
        ChildLine(
            child=child,
            authority=[adult.full_name for child_id, adult, holder in living if child_id == child.id and holder],
            elsewhere=_elsewhere([a for child_id, a, _ in living if child_id == child.id], family, reachable),
            opens=child.id in opened,
        )
        for child in children
    ]


def _payers(living: Living) -> dict[int, str]:
    """Of each household, its first adult."""
    found: dict[int, str] = {}
    for _, adult, _ in living:
        found.setdefault(adult.family_id, adult.listed_name)
    return found


def _enrolments(family: Family, agent: Agent) -> list[Enrolment]:
    """The children and their households are read already."""
    found = db.session.scalars(_ENROLMENTS, {"family": family.id, "today": clock.today()}).all()
    return [one for one in found if agent.scope is None or one.activity.structure_id in agent.scope]


def _opened(child_ids: set[int], agent: Agent) -> set[int]:
    """The children whose file this agent may open."""
    if not child_ids or agent.scope is None:
        return child_ids
    return set(db.session.scalars(select(Child.id).where(Child.id.in_(child_ids), scope.children(agent))))


def _elsewhere(adults: list[Adult], family: Family, reachable: set[int]) -> list[OtherHousehold]:
    names: dict[int, list[str]] = {}
    for adult in adults:
        if adult.family_id != family.id:
            names.setdefault(adult.family_id, []).append(adult.full_name)
    return [
        OtherHousehold(" et ".join(named), family_id if family_id in reachable else None)
        for family_id, named in names.items()
    ]


def _reachable(family_ids: set[int], agent: Agent) -> set[int]:
    if not family_ids or agent.scope is None:
        return family_ids
    return set(db.session.scalars(select(Family.id).where(Family.id.in_(family_ids), scope.families(agent))))


def _requests(family: Family, agent: Agent) -> Sequence[Request]:
    wanted = _REQUESTS
    if not agent.may(Permission.REQUESTS):
        return []
    if agent.scope is not None:
        structure = selectinload(Request.lines).joinedload(RequestLine.enrolment).joinedload(Enrolment.activity)
        wanted = _REQUESTS.where(request_scope.requests(agent)).options(structure)
    return db.session.scalars(wanted, {"family": family.id}).all()
