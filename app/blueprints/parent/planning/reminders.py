"""Rappels: whether this adult is told, the day before a deadline, that a usual week is still empty."""

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import BooleanField

from app import access, db, htmx
from app.blueprints.parent import bp
from app.csrf import Form, checks_token_itself
from app.models.planning import week_reminder


class RemindersForm(Form):
    rappels = BooleanField("M’écrire la veille d’un délai quand une semaine habituelle est encore vide")


@bp.get("/demandes/rappels")
@access.personal
def reminders() -> Answer:
    return _page(RemindersForm(rappels=access.current_adult().wants_reminders))


@bp.post("/demandes/rappels")
@access.personal
@checks_token_itself
def save_reminders() -> Answer:
    form = RemindersForm()
    if not form.validate_on_submit():
        return _page(form), 422
    with db.transaction():
        week_reminder.choose(wanted=form.rappels.data, by=access.current_author())
    flash("C’est enregistré.", "success")
    return htmx.go_to(url_for(".reminders"))


def _page(form: RemindersForm) -> str:
    adult = access.current_adult()
    told = {"email": adult.email, "refused": adult.allows_email is False}
    return render_template("parent/planning/reminders.html", form=form, **told)
