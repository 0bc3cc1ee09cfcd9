"""What a preview told of each day, against what came of it: somebody else may have been faster in between. Pure."""

from collections.abc import Mapping
from datetime import date

from app.formats import NBSP, NNBSP, long_date
from app.models.places.places import EnrolmentDay
from app.models.planning.days_plan import DayOutcome
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request

Told = Mapping[tuple[int, date], DayOutcome]
"""By enrolment and day."""
_FEW = 3
_CAME = {
    LineState.ACCEPTED: DayOutcome.DONE,
    LineState.SUBMITTED: DayOutcome.ASKED,
    LineState.WAITING_LIST: DayOutcome.WAITING_LIST,
}


def not_as_announced(request: Request, wanted: list[EnrolmentDay], told: Told) -> str:
    """Which of these days became something else than was told; empty when none did."""
    states = {(line.enrolment_id, line.day): line.state for line in request.lines}
    changed = []
    for enrolment, day in wanted:
        key = (enrolment.id, day)
        came = _CAME.get(states[key]) if key in states else DayOutcome.IMPOSSIBLE
        if key in told and came is not None and came is not told[key]:
            what = f"{enrolment.child.first_name}, {enrolment.activity.name}, {long_date(day)}"
            changed.append(f"{what}{NBSP}: {_word(came, request.kind)}, et non {_word(told[key], request.kind)}")
    if not changed:
        return ""
    more = [f"et {len(changed) - _FEW} autres jours"] if len(changed) > _FEW else []
    said = f"{NNBSP}; ".join(changed[:_FEW] + more)
    return f"Ce n’est pas tout à fait ce qui était annoncé{NBSP}: {said}."


def _word(outcome: DayOutcome, kind: RequestKind) -> str:
    return {
        DayOutcome.DONE: "absence notée" if kind is RequestKind.ABSENCE else "réservé tout de suite",
        DayOutcome.ASKED: "à décider par le service",
        DayOutcome.WAITING_LIST: "en liste d’attente",
        DayOutcome.IMPOSSIBLE: "impossible à demander",
    }[outcome]
