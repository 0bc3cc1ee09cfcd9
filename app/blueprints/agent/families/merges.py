"""Réunion: two files of one family. Finding the other one, what would change, then one POST."""

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import BooleanField
from wtforms.validators import InputRequired

from app import access, clock, db, htmx
from app.blueprints.agent import bp
from app.converters import row_id
from app.csrf import Form, checks_token_itself
from app.models.accounts import Permission
from app.models.billing import LedgerEntry
from app.models.enrolments.scope import family_for
from app.models.families import Family
from app.models.households.merge import Merge
from app.models.overviews.directory import Directory
from app.models.refusal import RefusedError


class MergeForm(Form):
    confirmation = BooleanField(
        "J’ai vérifié que ces deux dossiers sont ceux d’une même famille",
        [InputRequired("Cochez la case pour confirmer que c’est la même famille.")],
    )


@bp.get("/familles/<int:family_id>/reunion")
@access.needs(Permission.FAMILY_FILES)
def new_merge(family_id: int) -> Answer:
    family = _family_or_404(family_id)
    if "avec" in request.args:
        return _preview(family, _other_or_404(), MergeForm())
    if family.merged_into is not None:
        return htmx.go_to(url_for(".new_merge", family_id=family.merged_into))
    typed = request.args.get("q", family.adults[0].last_name if family.adults else "")[:100]
    found = [one for one in Directory(access.current_agent(), typed).page(1) if one.family.id != family_id]
    return render_template("agent/families/merges/new.html", family=family, typed=typed, found=found)


@bp.post("/familles/<int:family_id>/reunion")
@access.needs(Permission.FAMILY_FILES)
@checks_token_itself
def create_merge(family_id: int) -> Answer:
    kept, absorbed, form = _family_or_404(family_id), _other_or_404(), MergeForm()
    if not form.validate_on_submit():
        return _preview(kept, absorbed, form), 422
    try:
        with db.transaction():
            kept, absorbed = Family.lock(family_id, absorbed.id)
            Merge(kept, absorbed).carry_out(by=access.current_clerk())
    except RefusedError as closed:
        form.refuse(str(closed))
        return _preview(kept, absorbed, form), 422
    flash(f"Le dossier n° {absorbed.number} est réuni à celui-ci.", "success")
    return htmx.go_to(url_for(".family", family_id=family_id))


def _family_or_404(family_id: int) -> Family:
    """A file that the agent may open, merged or not: a page says which."""
    return family_for(access.current_agent(), family_id) or abort(404)


def _other_or_404() -> Family:
    """The file that the address names after `avec`."""
    return _family_or_404(request.args.get("avec", 0, type=row_id))


def _preview(kept: Family, absorbed: Family, form: MergeForm) -> str:
    why_not = Merge.why_not(kept, absorbed)
    merge = None if why_not else Merge(kept, absorbed)
    today = clock.today()
    return render_template(
        "agent/families/merges/preview.html",
        kept=kept,
        absorbed=absorbed,
        form=form,
        why_not=why_not,
        merge=merge,
        obstacles=merge.obstacles if merge else (),
        notices=merge.notices if merge else (),
        moving={name: len(ids) for name, ids in merge.moving.items()} if merge else {},
        balances={family.id: LedgerEntry.balance(family.id, today) for family in (kept, absorbed)},
    )
