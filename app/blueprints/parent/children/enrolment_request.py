"""« Demander une inscription »: a child in an activity, from a day on, with its usual week."""

import uuid

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import HiddenField, SelectChoice, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError

from app import access, clock, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.children.file import child_or_404
from app.csrf import Form, checks_token_itself
from app.forms.checks import tidy_lines
from app.forms.fields import DayField
from app.forms.week import ALTERNATE, EVERY, NONE, ActivityFields, WeekFields, real_weeks
from app.models.changes import enrolment_wish
from app.models.enrolments.terms import Terms
from app.models.families import Child
from app.models.refusal import RefusedError
from app.models.town import Activity


class EnrolmentRequestForm(ActivityFields, WeekFields, Form):
    submission = HiddenField(validators=[InputRequired(), Length(max=40)])
    precision = TextAreaField(
        "Précision pour le service", [Length(max=1000, message="1 000 caractères au plus.")], filters=[tidy_lines]
    )

    def validate_premier(self, field: DayField) -> None:
        if field.data and field.data < clock.today():
            raise ValidationError("Le premier jour est passé\u00a0: choisissez aujourd’hui, ou plus tard.")

    def offer_activities(self, places: dict[str, list[Activity]]) -> None:
        """To choose among, by structure."""
        self.prestation.offer(places)
        self.offer(self.prestation.all_weekdays)
        self.rythme.choices = [
            SelectChoice(EVERY, "Les mêmes jours toutes les semaines"),
            SelectChoice(ALTERNATE, "Semaines paires et impaires différentes"),
            SelectChoice(NONE, "Aucun jour fixe\u00a0: je demanderai chaque jour"),
        ]

    @property
    def terms(self) -> Terms:
        even, odd = self.weeks
        return Terms(self.premier.data, self.dernier.data, even, odd)


@bp.get("/enfants/<int:child_id>/inscription")
def new_enrolment_request(child_id: int) -> Answer:
    child = child_or_404(child_id)
    if htmx.is_fragment():  # another activity is chosen: its own weekdays
        return _page(child, EnrolmentRequestForm(request.args), "parent/children/_usual_week.html")
    return _page(child, EnrolmentRequestForm(submission=str(uuid.uuid4())))


@bp.post("/enfants/<int:child_id>/inscription")
@checks_token_itself
def create_enrolment_request(child_id: int) -> Answer:
    form, child = EnrolmentRequestForm(), child_or_404(child_id)
    _offer(form, child)
    if not form.validate_on_submit():
        return _page(child, form), 422
    try:
        with db.transaction() as writing:
            author, activity = access.current_author(), writing.get_one(Activity, int(form.prestation.data))
            wanted = enrolment_wish.draft(child_or_404(child_id), activity, author, form.terms)
            made = enrolment_wish.ask(wanted, form.precision.data, by=author, submission=form.submission.data)
            number = made.id
    except RefusedError as closed:
        form.refuse(str(closed))
        return _page(child_or_404(child_id), form), 422
    return htmx.go_to(url_for(".receipt", request_id=number))


def _offer(form: EnrolmentRequestForm, child: Child) -> dict[str, list[Activity]]:
    offered = enrolment_wish.offered(child, access.current_adult().family_id)
    form.offer_activities(offered)
    return offered


def _page(child: Child, form: EnrolmentRequestForm, template: str = "parent/children/enrolment.html") -> str:
    offered = _offer(form, child)
    form.offer(form.prestation.weekdays)
    return render_template(template, child=child, form=form, offered=offered, **real_weeks(clock.today()))
