"""Acting for a family: an agent opens the parents' pages in its name, under the same rules.

The choice stands in the agent's own cookie and is checked at each request; what is done bears the agent's name.
"""

from flask import g, session
from sqlalchemy.orm import joinedload

from app import db
from app.models.accounts import Agent, Permission
from app.models.families import Adult, Family


def begin(family: Family) -> None:
    session["acting_for"] = family.id


def end() -> int | None:
    """The family for whom one acted; None when for nobody."""
    family_id: int | None = session.pop("acting_for", None)
    return family_id


def adult_of(agent: Agent) -> Adult | None:
    """The first adult of the family for whom this agent acts; None when for nobody. One query a request."""
    if "acting_for" not in session or not agent.may(Permission.ON_BEHALF):
        return None
    if "acting_adult" not in g:
        wanted = db.session.query(Adult).filter_by(family_id=session["acting_for"], rank=1)
        g.acting_adult = wanted.options(joinedload(Adult.family), joinedload(Adult.account)).first()
    return g.acting_adult if g.acting_adult and g.acting_adult.family.merged_into is None else None
