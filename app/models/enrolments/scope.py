"""What an agent may see: all of the town, or only what concerns their structures. Conditions for queries."""

from sqlalchemy import ColumnElement, bindparam, or_, select, true
from sqlalchemy.orm import joinedload

from app import clock, db
from app.models.accounts import Agent
from app.models.enrolments.enrolment import Enrolment
from app.models.families import Adult, Child, Custody, Family
from app.models.town import Activity


def enrolments(agent: Agent) -> ColumnElement[bool]:
    if agent.scope is None:
        return true()
    return Enrolment.activity_id.in_(select(Activity.id).where(Activity.structure_id.in_(agent.scope)))


def families(agent: Agent) -> ColumnElement[bool]:
    """The families that pay an enrolment in one of the agent's structures, of about now."""
    if agent.scope is None:
        return true()
    return Family.id.in_(select(Enrolment.family_id).where(enrolments(agent), Enrolment.around(clock.today())))


def children(agent: Agent) -> ColumnElement[bool]:
    """The children whom the agent's structures look after, about now; not their brothers and sisters."""
    if agent.scope is None:
        return true()
    return Child.id.in_(select(Enrolment.child_id).where(enrolments(agent), Enrolment.around(clock.today())))


def family_for(agent: Agent, family_id: int) -> Family | None:
    """A file that this agent may open, its adults and their accounts loaded. It may have been merged into another."""
    wanted = _FAMILY
    if agent.scope is not None:
        wanted = wanted.where(or_(families(agent), Family.merged_into.is_not(None)))
    return db.session.scalars(wanted, {"family": family_id}).unique().first()


_ADULTS = joinedload(Family.adults).joinedload(Adult.account)
_FAMILY = select(Family).where(Family.id == bindparam("family")).options(_ADULTS)


def child_for(agent: Agent, child_id: int) -> Child | None:
    """A child whose file this agent may open: their structures look after it, in a family that they may open."""
    seen = select(Custody.child_id).join(Family).where(families(agent))
    wanted = select(Child).where(Child.id == child_id, Child.id.in_(seen), children(agent))
    return db.session.scalars(wanted).first()


def homes_for(agent: Agent, child_id: int) -> list[int]:
    """Ids of the families in which this child lives, and that this agent may open."""
    living = select(Custody.family_id).join(Family).where(Custody.child_id == child_id, families(agent))
    return list(db.session.scalars(living.order_by(Custody.family_id)))
