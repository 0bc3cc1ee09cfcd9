"""The acknowledgement of a request (CRPA L112-8): a sentence, and a mail with code, date, kind and a link only, and
what comes next."""

from collections.abc import Sequence

from app.formats import long_date
from app.models.families.author import Author
from app.models.jobs import Job
from app.models.requests.line_state import VERDICTS, LineState
from app.models.requests.request import Request, RequestLine
from app.models.requests.status import following

_NEXT = {
    LineState.SUBMITTED: "elle est enregistrée, le service la traitera",
    LineState.WAITING_LIST: "ce jour est complet, elle est en liste d’attente",
    LineState.ACCEPTED: "elle est acceptée",
}
_ANSWERED = {LineState.ACCEPTED: "la place est prise", LineState.DECLINED: "la place est laissée"}


def acknowledge(request: Request, by: Author, *, about: str = "") -> None:
    """Post it to the adult who asked, or for whom an agent did; `about` says the day, where there is one: « le
    06/05/2015 », « 5 jours ». It says what comes next, so its lines must stand as they will, and have their numbers.
    """
    if by.adult.email:
        code, kind, number = request.code, request.kind.label, request.id
        told = {"about": about, "next": following(request)}
        Job.post_mail(by.adult.email, "request_received", code=code, kind=kind, number=number, **told)


def tell(request: Request, lines: Sequence[RequestLine], template: str, **context: str) -> None:
    """A mail to who sent it and who asked these lines, or to who is left of the family: code, kind and link."""
    asked_by = dict.fromkeys([request.sender, *(line.author.adult for line in lines)])
    stayed = [adult for adult in asked_by if adult.family_id == request.family_id]  # who left learns nothing more
    for adult in stayed or request.family.adults[:1]:
        if adult.news_email:
            code, kind, number = request.code, request.kind.label, request.id
            Job.post_mail(adult.news_email, template, code=code, kind=kind, number=number, **context)


def tell_of_offer(line: RequestLine, template: str, **context: str) -> None:
    """A mail about the day that is offered, or proposed instead of another: the days, not whose they are."""
    _, day = line.asked_slot
    instead_of = line.day if line.proposed_day else None
    told = {"day": long_date(day), "instead_of": long_date(instead_of) if instead_of else ""}
    tell(line.request, [line], template, **told, **context)


def sentence(request: Request) -> str:
    """What is said at once to who asked: what it is, its code, and what happens next."""
    state = request.lines[-1].state
    return f"{request.kind.label} {request.code}\u00a0: {_NEXT.get(state) or 'elle est ' + VERDICTS[state]}."


def ended(line: RequestLine) -> str:
    """What is said at once to who answered an offer, by its day, or withdrew a line: its request may have others."""
    if line.state not in _ANSWERED:
        return "Votre demande est retirée."
    _, day = line.asked_slot
    return f"{long_date(day).capitalize()}\u00a0: {_ANSWERED[line.state]}."
