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
    excused: bool | None = None,
) -> None:
    """Accept what was asked; of a late absence, `excused` says whether its day is not billed.

    `opens_account`: the agent read that the address asked for opens an account, and whose. Raises RefusedError when
    it cannot be, when the day is full, when the file changed meanwhile, or when nobody said what becomes of a late
    absence.
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
    elif line.is_late_absence:
        if excused is None:
            raise RefusedError("Absence tardive\u00a0: dites si elle est excusée ou facturée.")
        line.excused = excused
        door.note_absence(line.enrolment, line.day, excused=excused)
    else:
        door.note_absence(line.enrolment, line.day, excused=True)
    decide(line, LineState.ACCEPTED, by=by)
