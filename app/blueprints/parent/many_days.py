"""« Plusieurs jours »: several days, activities and children in one request. Composed, previewed, then sent."""

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from app import access, clock, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.many_days_forms import FORMS, ComposeForm
from app.converters import YEARS, row_id
from app.csrf import STALE, Form, checks_token_itself
from app.forms.week import real_weeks
from app.models import RequestKind, usual_week
from app.models.calendar import school_year_end
from app.models.days_plan import DaysPlan, Outcome
from app.models.enrolment import Enrolment
from app.models.many_days import MOST_DAYS, Asking, too_many
from app.models.places import Wanted
from app.models.recurrence import monday_of
from app.models.refusal import RefusedError

_NOT_COMPOSED = ("csrf_token", "submission", "type", "mode", "ligne", "motif", "modifier")
KINDS = {"reservation": RequestKind.BOOKING, "absence": RequestKind.ABSENCE}


class SendForm(Form):
    """What the preview sends: the days that are still ticked."""

    submission = HiddenField(validators=[InputRequired(), Length(max=40)])
    motif = TextAreaField("Raison de l’absence", [Length(max=500, message="500 caractères au plus.")])


@bp.get("/demandes/nouvelle")
def new_many_days() -> Answer:
    """The form; or at once the preview, for days chosen in the planning or for a usual week."""
    enrolments = _enrolments()
    if "semaine" in request.args:
        wanted = usual_week.wanted_in(enrolments, monday_of(_day_or_404(request.args["semaine"])))
        return _preview(RequestKind.BOOKING, wanted, SendForm(submission=str(uuid.uuid4())))
    if "ligne" in request.args:
        return _preview_chosen(enrolments, SendForm(None, submission=str(uuid.uuid4())))
    mode = request.args.get("mode", "")
    form = FORMS[mode if mode in FORMS else "regulier"].choosing(enrolments)
    form.begin(request.args.get("inscription", type=row_id))
    return _page(form)


@bp.post("/demandes/nouvelle/choix")
@checks_token_itself
def preview_chosen_days() -> Answer:
    """What would become of days chosen in the planning: a month of them makes an address that no server reads."""
    form = SendForm(None, submission=str(uuid.uuid4()))
    if not Form().validate_on_submit():
        form.refuse(STALE)
    return _preview_chosen(_enrolments(), form)


@bp.post("/demandes/nouvelle/<any(regulier, copie, absence):mode>")
@checks_token_itself
def preview_many_days(mode: str) -> Answer:
    """What would become of the days that this form means."""
    enrolments = _enrolments()
    form = FORMS[mode].choosing(enrolments)
    if "modifier" in request.form:
        return _page(form)
    if not form.validate_on_submit():
        return _page(form), 422
    wanted = form.wanted()
    if not 0 < len(wanted) <= MOST_DAYS:
        none = "Aucun jour ne correspond : vérifiez les dates et les jours cochés."
        form.refuse(too_many(len(wanted)) if wanted else none)
        return _page(form), 422
    sending = SendForm(None, submission=str(uuid.uuid4()), motif=form.reason)
    return _preview(form.kind, wanted, sending)


@bp.post("/demandes/nouvelle")
@checks_token_itself
def create_many_days() -> Answer:
    form, kind = SendForm(), _kind()
    if not form.validate_on_submit():
        return _preview(kind, _chosen(_enrolments()), form), 422
    try:
        with db.transaction():
            wanted = _chosen(_enrolments())
            asking = Asking(kind, wanted, access.current_author(), form.submission.data, reason=form.motif.data or "")
            number = asking.send().id
    except RefusedError as closed:
        form.refuse(str(closed))
        return _preview(kind, _chosen(_enrolments()), form), 422
    return htmx.go_to(url_for(".receipt", request_id=number))


def _kind() -> RequestKind:
    return KINDS.get(request.values.get("type", ""), RequestKind.BOOKING)


def _enrolments() -> Sequence[Enrolment]:
    return usual_week.paid_by(access.current_adult().family_id, clock.today())


def _chosen(enrolments: Sequence[Enrolment]) -> list[Wanted]:
    """The days that the address or the form names, each « enrolment:day »; one of another family does not exist."""
    mine = {one.id: one for one in enrolments}
    found: list[Wanted] = []
    for said in request.values.getlist("ligne"):
        number, _, day = said.partition(":")
        try:
            found.append((mine[row_id(number)], _day_or_404(day)))
        except (ValueError, KeyError):
            abort(404)
    return list(dict.fromkeys(found))


def _day_or_404(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if day.year not in YEARS:
        abort(404)
    return day


def _preview_chosen(enrolments: Sequence[Enrolment], form: SendForm) -> Answer:
    wanted = _chosen(enrolments)
    if len(wanted) > MOST_DAYS:
        form.refuse(too_many(len(wanted)))
    return _preview(_kind(), wanted, form), 422 if form.form_errors else 200


def _preview(kind: RequestKind, wanted: list[Wanted], form: SendForm) -> str:
    """What becomes of these days; of more than may be asked, none is shown."""
    plan = DaysPlan.of(kind, wanted if len(wanted) <= MOST_DAYS else ())
    return render_template(
        "parent/many_days/preview.html",
        plan=plan,
        kind=kind,
        kind_slug=next(slug for slug, one in KINDS.items() if one is kind),
        form=form,
        Outcome=Outcome,
        groups=_groups(plan),
        composed=_composed(),
        month=min((day for _, day in wanted), default=clock.today()),
    )


def _composed() -> tuple[str, list[tuple[str, str]]] | None:
    """How the days were said, to come back to it: mode and fields; None when they were chosen elsewhere."""
    mode = (request.view_args or {}).get("mode") or request.form.get("mode")
    if mode not in FORMS:
        return None
    return mode, [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_COMPOSED]


def _groups(plan: DaysPlan) -> list[tuple[str, str, list[object]]]:
    """By child and activity, in the planning's order."""
    found: dict[tuple[int, int], tuple[str, str, list[object]]] = {}
    for line in plan.lines:
        enrolment = line.enrolment
        key = (enrolment.child_id, enrolment.id)
        found.setdefault(key, (enrolment.child.first_name, enrolment.activity.name, []))[2].append(line)
    return [found[key] for key in sorted(found)]


def _page(form: ComposeForm) -> str:
    today = clock.today()
    return render_template(
        "parent/many_days/new.html",
        form=form,
        empty_week=usual_week.next_empty(access.current_adult().family_id),
        next_monday=monday_of(today) + timedelta(weeks=1),
        year_end=school_year_end(today),
        **real_weeks(today),
    )
