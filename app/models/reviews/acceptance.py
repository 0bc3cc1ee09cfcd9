"""Accepting a line: the file or the planning gets what was asked. Inside a transaction."""

from app.models.accounts.clerk import Clerk
from app.models.changes import apply_change
from app.models.places import door
from app.models.places.grant import grant
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind
from app.models.requests import LineState, RequestLine
from app.models.requests.decision import decide
from app.models.town.calendar import Calendar


def accept(
    line: RequestLine,
    calendar: Calendar,
    *,
    by: Clerk | None = None,
    override: door.Override = door.NO_OVERRIDE,
    opens_account: bool = False,
) -> None:
    """Accept what was asked. A late absence is excused only by an agent who accepts it.

    `opens_account`: the agent read that the address asked for opens an account, and whose. Raises RefusedError when
    it cannot be, when the day is full, or when the file changed meanwhile.
    """
    if line.enrolment is None or line.day is None:
        assert by is not None  # no rule decides of a file
        owner = apply_change.opened_owner(line)
        if owner is not None and not opens_account:
            raise RefusedError(
                f"Cette adresse ouvre le compte de {owner.full_name}\u00a0: lisez ce que l’accord permet, et "
                "acceptez cette ligne seule."
            )
        apply_change.apply(line, by=by)
    elif line.kind is RequestKind.BOOKING:
        grant(line, calendar, override=override)
    else:
        door.excuse(line.enrolment, line.day)
    decide(line, LineState.ACCEPTED, by=by)
