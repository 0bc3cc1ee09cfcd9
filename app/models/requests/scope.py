"""What an agent may see of what is asked: requests of their structures, and the lines that their role reads."""

from sqlalchemy import ColumnElement, false, select, true

from app.models.accounts import Agent, Permission
from app.models.enrolments import Enrolment
from app.models.enrolments.scope import enrolments
from app.models.families.sections.catalogue import of_kind
from app.models.families.sections.section import Section, Where
from app.models.request_kind import RequestKind
from app.models.requests.request import Request, RequestLine


def requests(agent: Agent) -> ColumnElement[bool]:
    """The requests about one of the agent's structures; not those to change a file. Who answers none reads none: that
    a family asked, and what for, is told by no other page either; who says if an absence is excused reads the late
    ones.
    """
    if not agent.may(Permission.REQUESTS):
        late = select(RequestLine.request_id).where(RequestLine.kind == RequestKind.ABSENCE, RequestLine.late)
        return Request.id.in_(late) if agent.may(Permission.EXCUSE) else false()
    if agent.scope is None:
        return true()
    lines = select(RequestLine.request_id).join(Enrolment, Enrolment.id == RequestLine.enrolment_id)
    return Request.id.in_(lines.where(enrolments(agent)))


def lines(agent: Agent, request: Request) -> list[RequestLine]:
    """The lines of a request (loaded with them) that this agent may read and decide: of their structures, and of
    what their role reads.
    """
    mine = agent.scope
    if not agent.may(Permission.REQUESTS):
        return [line for line in request.lines if line.is_late_absence and agent.may(Permission.EXCUSE)]
    if mine is None:
        return [line for line in request.lines if line.field is None or may_read(agent, of_kind(line.kind))]
    return [line for line in request.lines if line.enrolment and line.enrolment.activity.structure_id in mine]


def may_read(agent: Agent, section: Section) -> bool:
    """Whether the agent's role reads this section of a file; each reading of health is noted besides."""
    if section.is_health:
        return agent.may(Permission.HEALTH)
    return agent.may(Permission.FINANCES) or all(field.where is not Where.FINANCES for field in section.fields)
