"""The acknowledgement of a request (CRPA L112-8): a sentence, and a mail with code, date, kind and a link only."""

from app.models.author import Author
from app.models.job import Job
from app.models.request import VERDICTS, LineState, Request

_NEXT = {
    LineState.SUBMITTED: "elle est enregistrée, le service la traitera",
    LineState.WAITING_LIST: "ce jour est complet, elle est en liste d’attente",
    LineState.ACCEPTED: "elle est acceptée",
}


def acknowledge(request: Request, by: Author, *, about: str = "") -> None:
    """Post it to the adult who asked, or for whom an agent did; `about` says the day, where there is one.

    The request must have its number.
    """
    if by.adult.email:
        code, kind, number = request.code, request.kind.label, request.id
        Job.post_mail(by.adult.email, "request_received", code=code, kind=kind, about=about, number=number)


def sentence(request: Request) -> str:
    """What is said at once to who asked: what it is, its code, and what happens next."""
    state = request.lines[-1].state
    return f"{request.kind.label} {request.code}\u00a0: {_NEXT.get(state) or 'elle est ' + VERDICTS[state]}."
