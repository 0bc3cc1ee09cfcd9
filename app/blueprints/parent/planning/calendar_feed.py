"""The planning in the calendar of a phone: a private address that the parent makes, renews or deletes."""

from collections.abc import Callable

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, db, htmx
from app.blueprints.parent import bp
from app.csrf import Form, checks_token_itself
from app.models.planning import CalendarFeed


@bp.get("/planning/calendrier")
@access.personal
def calendar_feed() -> Answer:
    return _page(Form())


@bp.post("/planning/calendrier")
@access.personal
@checks_token_itself
def open_calendar_feed() -> Answer:
    return _change(CalendarFeed.open, "Votre nouvelle adresse est prête : copiez-la dans votre téléphone.")


@bp.post("/planning/calendrier/retrait")
@access.personal
@checks_token_itself
def revoke_calendar_feed() -> Answer:
    return _change(CalendarFeed.revoke, "L’adresse est supprimée : elle ne donne plus accès à rien.")


def _change(verb: Callable[[int], None], sentence: str) -> Answer:
    form, adult_id = Form(), access.current_adult().id
    if not form.validate_on_submit():
        return _page(form), 422
    with db.transaction():
        verb(adult_id)
    flash(sentence, "success")
    return htmx.go_to(url_for(".calendar_feed"))


def _page(form: Form) -> str:
    feed = CalendarFeed.of_adult(access.current_adult().id)
    address = url_for("public.calendar_feed", token=feed.token, _external=True) if feed else None
    return render_template("parent/planning/calendar_feed.html", form=form, feed=feed, address=address)
