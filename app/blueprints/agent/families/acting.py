"""Agir pour une famille: the agent opens the parents' pages in its name."""

from flask import abort, flash, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, acting, db, htmx
from app.blueprints.agent import bp
from app.models.accounts import Permission
from app.models.families import Family


@bp.post("/familles/<int:family_id>/agir")
@access.needs(Permission.ON_BEHALF)
def act_for_family(family_id: int) -> Answer:
    with db.transaction():
        family = db.session.get(Family, family_id)
        if family is None or family.merged_into is not None:
            abort(404)
        access.current_clerk().note("acting_begun", family, family_id=family.id)
    acting.begin(family)
    return htmx.go_to(url_for("parent.planning_today"))


@bp.post("/familles/fin")
@access.needs(None)
def stop_acting() -> Answer:
    """Back to the file of the family for whom one acted."""
    family_id = acting.end()
    if family_id:
        with db.transaction():
            access.current_clerk().note("acting_ended", family_id=family_id)
    flash("Vous n’agissez plus pour une famille.", "info")
    return htmx.go_to(url_for(".family", family_id=family_id) if family_id else url_for(".dashboard"))
