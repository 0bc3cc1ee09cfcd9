"""What a family may ask to change in its file, field by field: where it stands, and its name on screen.

Nothing changes before an agent accepts; then only if the file still says what the parent saw.
"""

from sqlalchemy import select

from app import db
from app.formats import NBSP
from app.models.agent import Agent
from app.models.family import FIELDS, Adult
from app.models.refusal import RefusedError
from app.models.request import OPEN_STATES, Request, RequestKind, RequestLine

_RANK = {RequestKind.RESPONSABLE: 1, RequestKind.CONJOINT: 2}


def apply(line: RequestLine, *, by: Agent | None) -> None:
    """Write the new value. Raises RefusedError when the file changed since the parent asked."""
    adult = db.session.scalars(
        select(Adult)
        .where(Adult.family_id == line.request.family_id, Adult.rank == _RANK[line.kind])
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if adult is None or line.field is None:
        raise RefusedError("Cette personne n’est plus dans le dossier.")
    now = str(getattr(adult, line.field))
    if now != (line.before or ""):
        raise RefusedError(
            f"Le dossier a changé entre-temps : {FIELDS[line.field]} est maintenant «{NBSP}{now or 'vide'}{NBSP}»."
        )
    if line.field == "email" and adult.account:  # the former address is warned: a link could take the account
        adult.account.change_email(line.after or "", address="", by=by.account if by else None)
    else:
        setattr(adult, line.field, line.after or "")


def waiting(family_id: int) -> list[str]:
    """The codes of the family's requests to change its file that have no answer yet."""
    lines = select(RequestLine.request_id).where(RequestLine.field.is_not(None), RequestLine.state.in_(OPEN_STATES))
    wanted = select(Request.code).where(Request.family_id == family_id, Request.id.in_(lines))
    return list(db.session.scalars(wanted.order_by(Request.id)))
