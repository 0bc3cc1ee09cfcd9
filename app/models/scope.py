"""What an agent may see: all of the town, or only what concerns their structures. Conditions for queries."""

from sqlalchemy import ColumnElement, select, true

from app.models.activity import Activity
from app.models.agent import Agent
from app.models.enrolment import Enrolment
from app.models.family import Family
from app.models.request import Request, RequestLine


def enrolments(agent: Agent) -> ColumnElement[bool]:
    if agent.scope is None:
        return true()
    return Enrolment.activity_id.in_(select(Activity.id).where(Activity.structure_id.in_(agent.scope)))


def families(agent: Agent) -> ColumnElement[bool]:
    """The families that pay an enrolment in one of the agent's structures."""
    if agent.scope is None:
        return true()
    return Family.id.in_(select(Enrolment.family_id).where(enrolments(agent)))


def requests(agent: Agent) -> ColumnElement[bool]:
    """The requests about one of the agent's structures; not those to change a file."""
    if agent.scope is None:
        return true()
    lines = select(RequestLine.request_id).join(Enrolment, Enrolment.id == RequestLine.enrolment_id)
    return Request.id.in_(lines.where(enrolments(agent)))


def lines(agent: Agent, request: Request) -> list[RequestLine]:
    """The lines of a request (loaded with them) that this agent may read and decide: of their structures."""
    mine = agent.scope
    return [
        line
        for line in request.lines
        if mine is None or (line.enrolment is not None and line.enrolment.activity.structure_id in mine)
    ]
