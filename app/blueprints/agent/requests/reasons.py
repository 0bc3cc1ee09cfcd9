"""Motifs de refus: the sentences that agents choose from."""

from flask import abort, flash, render_template, url_for
from flask.typing import ResponseReturnValue as Answer
from sqlalchemy.exc import IntegrityError
from wtforms import RadioField, SelectChoice, StringField
from wtforms.validators import InputRequired, Length

from app import access, db, htmx
from app.blueprints.agent import bp
from app.csrf import Form, checks_token_itself
from app.models.accounts import Permission
from app.models.reviews import ReasonTopic, StandardReason


class ReasonForm(Form):
    text = StringField(
        "Nouveau motif",
        [
            InputRequired("Écrivez le motif, tel que la famille le lira."),
            Length(max=300, message="300 caractères au plus."),
        ],
    )
    topic = RadioField(
        "Proposé à qui refuse",
        [InputRequired("Choisissez ce que ce motif refuse.")],
        choices=[SelectChoice(topic.value, topic.label) for topic in ReasonTopic],
    )


@bp.get("/demandes/motifs")
@access.needs(Permission.REASONS)
def reasons() -> Answer:
    return _page(ReasonForm(None))


@bp.post("/demandes/motifs")
@access.needs(Permission.REASONS)
@checks_token_itself
def reasons_add() -> Answer:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        with db.transaction():
            topic = ReasonTopic(form.topic.data)
            StandardReason.add(form.text.data, topic)
            access.current_clerk().note("reason_added", after=_told(form.text.data, topic))
    except IntegrityError:
        form.text.errors = ["Ce motif est déjà dans cette liste."]
        return _page(form), 422
    flash("Le motif est ajouté.", "success")
    return htmx.go_to(url_for(".reasons"))


@bp.post("/demandes/motifs/<int:reason_id>/suppression")
@access.needs(Permission.REASONS)
def reasons_remove(reason_id: int) -> Answer:
    with db.transaction() as writing:
        found = writing.get(StandardReason, reason_id)
        if found is None:
            abort(404)
        writing.delete(found)
        access.current_clerk().note("reason_removed", after=_told(found.text, found.topic))
    flash("Le motif est retiré de la liste\u202f; les refus déjà envoyés le gardent.", "success")
    return htmx.go_to(url_for(".reasons"))


def _told(text: str, topic: ReasonTopic) -> dict[str, str]:
    """What the journal keeps of it."""
    return {"text": text, "topic": topic.label}


def _page(form: ReasonForm) -> str:
    reasons = {topic: StandardReason.about(topic) for topic in ReasonTopic}
    return render_template("agent/requests/reasons/index.html", form=form, reasons=reasons)
