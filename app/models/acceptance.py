"""Accepting a line: the file or the planning gets what was asked. Inside a transaction."""

from app.models import applying, door
from app.models.agent import Agent
from app.models.calendar import Calendar
from app.models.decision import decide
from app.models.grant import grant
from app.models.line_state import LineState
from app.models.request import RequestLine
from app.models.request_kind import RequestKind


def accept(
    line: RequestLine,
    calendar: Calendar,
    *,
    by: Agent | None = None,
    override: door.Override = door.NO_OVERRIDE,
    address: str = "",
) -> None:
    """Accept what was asked. A late absence is excused only by an agent who accepts it.

    Raises RefusedError when it cannot be, when the day is full, or when the file changed meanwhile.
    """
    if line.enrolment is None or line.day is None:
        assert by is not None  # no rule decides of a file
        applying.apply(line, by=by, address=address)
    elif line.kind is RequestKind.BOOKING:
        grant(line, calendar, override=override)
    else:
        door.excuse(line.enrolment, line.day)
    decide(line, LineState.ACCEPTED, by=by, address=address)
