"""« Plusieurs jours »: several days, activities and children in one request. Composed, previewed, then sent."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import HiddenField
from wtforms.validators import InputRequired, Length

from app import access, clock, db, htmx
from app.blueprints.parent import bp
from app.blueprints.parent.planning import preview_lines
from app.blueprints.parent.planning.many_days_forms import FORMS, ComposeForm
from app.converters import row_id
from app.csrf import STALE, Form, checks_token_itself
from app.forms.fields import reason_field
from app.forms.week import real_weeks
from app.models.durations import school_year_end
from app.models.enrolments import Enrolment
from app.models.places.places import EnrolmentDay
from app.models.planning import usual_week
from app.models.planning.days_plan import DayOutcome, DaysPlan
from app.models.planning.many_days import MOST_DAYS, Asking, too_many
from app.models.planning.preview_check import not_as_announced
from app.models.planning.recurrence import monday_of
from app.models.refusal import RefusedError
from app.models.request_kind import RequestKind

_NOT_COMPOSED = ("csrf_token", "submission", "type", "mode", "ligne", "vu", "sans", "motif", "modifier")
KINDS = {"reservation": RequestKind.BOOKING, "absence": RequestKind.ABSENCE}


class SendForm(Form):
    """What the preview sends: the days that are still ticked."""

    submission = HiddenField(validators=[InputRequired(), Length(max=40)])

    @property
    def reason(self) -> str:
        return ""


class SendAbsenceForm(SendForm):
    motif = reason_field()

    @property
    def reason(self) -> str:
        return self.motif.data or ""


SEND_FORMS = {RequestKind.BOOKING: SendForm, RequestKind.ABSENCE: SendAbsenceForm}


@bp.get("/demandes/nouvelle")
def new_many_days() -> Answer:
    """The form; or at once the preview, for days chosen in the planning or for a usual week."""
    if "semaine" in request.args:
        monday = monday_of(preview_lines.day_or_404(request.args["semaine"]))
        wanted = usual_week.wanted_in(access.current_adult().family_id, monday)
        return _preview(RequestKind.BOOKING, wanted, _new_form(RequestKind.BOOKING))
    if "ligne" in request.args:
        return _preview_chosen(_new_form(_kind()))
    mode = request.args.get("mode", "")
    form = FORMS[mode if mode in FORMS else "regulier"].choosing(_enrolments())
    form.begin(request.args.get("inscription", type=row_id))
    return _page(form)


@bp.post("/demandes/nouvelle/choix")
@checks_token_itself
def preview_chosen_days() -> Answer:
    """What would become of days chosen in the planning: a month of them makes an address that no server reads."""
    form = _new_form(_kind())
    if not Form().validate_on_submit():
        form.refuse(STALE)
    return _preview_chosen(form)


@bp.get("/demandes/nouvelle/<any(regulier, copie, absence, choix):mode>")
def reopen_many_days(mode: str) -> Answer:
    """Where a preview is opened again (reloaded, after a login): back to where its days are said."""
    return htmx.go_to(url_for(".new_many_days", mode=mode) if mode in FORMS else url_for(".planning_today"))


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
        none = "Aucun jour ne correspond\u00a0: vérifiez les dates et les jours cochés."
        form.refuse(too_many(len(wanted)) if wanted else none)
        return _page(form), 422
    return _preview(form.kind, wanted, _new_form(form.kind, motif=form.reason))


@bp.post("/demandes/nouvelle")
@checks_token_itself
def create_many_days() -> Answer:
    form, kind = SEND_FORMS[_kind()](), _kind()
    if not form.validate_on_submit() or not preview_lines.some_ticked(form):
        return _preview_again(kind, form)
    try:
        with db.transaction():
            wanted = preview_lines.named(_all_enrolments(), "ligne")
            asking = Asking(kind, wanted, access.current_author(), form.submission.data, reason=form.reason)
            made = asking.send()
            number, changed = made.id, not_as_announced(made, wanted, preview_lines.told())
    except RefusedError as closed:
        form.refuse(str(closed))
        return _preview_again(kind, form)
    if changed:
        flash(changed, "warning")
    return htmx.go_to(url_for(".receipt", request_id=number))


def _kind() -> RequestKind:
    return KINDS.get(request.values.get("type", ""), RequestKind.BOOKING)


def _new_form(kind: RequestKind, **said: str) -> SendForm:
    return SEND_FORMS[kind](None, submission=str(uuid.uuid4()), **said)


def _enrolments() -> Sequence[Enrolment]:
    return usual_week.paid_by(access.current_adult().family_id, clock.today())


def _all_enrolments() -> Sequence[Enrolment]:
    """Those that ended too: one may have ended since its days were shown, and the plan says so."""
    return usual_week.paid_by(access.current_adult().family_id)


def _preview_chosen(form: SendForm) -> Answer:
    wanted = preview_lines.named(_all_enrolments(), "ligne")
    if len(wanted) > MOST_DAYS:
        form.refuse(too_many(len(wanted)))
    return _preview(_kind(), wanted, form), 422 if form.form_errors else 200


def _preview_again(kind: RequestKind, form: SendForm) -> Answer:
    """With all the days that were shown, those left aside too."""
    return _preview(kind, preview_lines.named(_all_enrolments(), "vu", "ligne"), form), 422


def _preview(kind: RequestKind, wanted: list[EnrolmentDay], form: SendForm) -> str:
    """What becomes of these days; of more than may be asked, none is shown."""
    plan = DaysPlan.of(kind, wanted if len(wanted) <= MOST_DAYS else ())
    return render_template(
        "parent/planning/many_days/preview.html",
        plan=plan,
        kind=kind,
        kind_slug=next(slug for slug, one in KINDS.items() if one is kind),
        form=form,
        DayOutcome=DayOutcome,
        groups=_groups(plan),
        composed=_composed(),
        unticked=preview_lines.unticked(),
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
    found: dict[Enrolment, list[object]] = {}
    for line in sorted(plan.lines, key=lambda line: usual_week.planning_order(line.enrolment)):
        found.setdefault(line.enrolment, []).append(line)
    return [(one.child.first_name, one.activity.name, lines) for one, lines in found.items()]


def _page(form: ComposeForm) -> str:
    today = clock.today()
    return render_template(
        "parent/planning/many_days/new.html",
        form=form,
        empty_week=usual_week.next_empty(access.current_adult().family_id),
        next_monday=monday_of(today) + timedelta(weeks=1),
        year_end=school_year_end(today),
        unticked=preview_lines.unticked(),
        **real_weeks(today),
    )
