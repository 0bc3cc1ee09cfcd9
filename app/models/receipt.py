"""The acknowledgement of a request (CRPA L112-8): by mail, with its code, date, kind and a link only."""

from app.models.author import Author
from app.models.job import Job
from app.models.request import Request


def acknowledge(request: Request, by: Author, *, about: str = "") -> None:
    """Post it to the adult who asked, or for whom an agent did; `about` says the day, where there is one.

    The request must have its number.
    """
    if by.adult.email:
        code, kind, number = request.code, request.kind.label, request.id
        Job.post_mail(by.adult.email, "request_received", code=code, kind=kind, about=about, number=number)
