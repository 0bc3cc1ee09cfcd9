"""Inscrire, changer, terminer, noter un congé: what will happen is shown first, then done."""

from collections.abc import Callable

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app import access, clock, db, htmx
from app.blueprints.agent import bp
from app.blueprints.agent.enrolments.forms import (
    EndForm,
    LeaveForm,
    NewEnrolmentForm,
    PlanForm,
    RemovalForm,
    WeekForm,
)
from app.blueprints.agent.enrolments.register import enrolment_or_404
from app.converters import row_id
from app.csrf import checks_token_itself
from app.forms.week import real_weeks
from app.models.accounts import Permission
from app.models.durations import school_year_end
from app.models.enrolments import Enrolment
from app.models.enrolments.register import activities, children
from app.models.families import Child, Custody, Family
from app.models.planning.enrolling import preview, settle
from app.models.planning.enrolment_plan import EnrolmentPlan
from app.models.planning.planned_day import Fate
from app.models.planning.terms_change import TermsChange
from app.models.refusal import RefusedError
from app.models.town import Activity

OWN = {"csrf_token", "etape", "vu"}


@bp.get("/inscriptions/nouvelle")
@access.needs(Permission.ENROL)
def new_enrolment() -> Answer:
    if "enfant" in request.args:
        return _new_page(_new_form())
    typed = request.args.get("q", "")[:100]
    found = children(typed) if typed.strip() else []
    return render_template("agent/enrolments/choose.html", typed=typed, found=found, today=clock.today())


@bp.post("/inscriptions/nouvelle")
@access.needs(Permission.ENROL)
@checks_token_itself
def create_enrolment() -> Answer:
    form = _new_form()
    return _proceed(form, lambda: _draft(form), _new_page)


@bp.get("/inscriptions/<int:enrolment_id>/modification")
@access.needs(Permission.ENROL)
def enrolment_edit(enrolment_id: int) -> Answer:
    enrolment = enrolment_or_404(enrolment_id)
    return _page("edit", enrolment, WeekForm.of(enrolment))


@bp.post("/inscriptions/<int:enrolment_id>/modification")
@access.needs(Permission.ENROL)
@checks_token_itself
def enrolment_change(enrolment_id: int) -> Answer:
    return _proceed_with("edit", enrolment_id, WeekForm.of(enrolment_or_404(enrolment_id)))


@bp.get("/inscriptions/<int:enrolment_id>/fin")
@access.needs(Permission.ENROL)
def enrolment_ending(enrolment_id: int) -> Answer:
    enrolment = enrolment_or_404(enrolment_id)
    return _page("end", enrolment, EndForm(dernier=enrolment.last_day))


@bp.post("/inscriptions/<int:enrolment_id>/fin")
@access.needs(Permission.ENROL)
@checks_token_itself
def enrolment_end(enrolment_id: int) -> Answer:
    return _proceed_with("end", enrolment_id, EndForm())


@bp.get("/inscriptions/<int:enrolment_id>/conge")
@access.needs(Permission.ENROL)
def leave_new(enrolment_id: int) -> Answer:
    return _page("leave", enrolment_or_404(enrolment_id), LeaveForm())


@bp.post("/inscriptions/<int:enrolment_id>/conge")
@access.needs(Permission.ENROL)
@checks_token_itself
def leave_create(enrolment_id: int) -> Answer:
    return _proceed_with("leave", enrolment_id, LeaveForm())


@bp.get("/inscriptions/<int:enrolment_id>/conge/<int:leave_id>/suppression")
@access.needs(Permission.ENROL)
def leave_removal(enrolment_id: int, leave_id: int) -> Answer:
    enrolment, form = enrolment_or_404(enrolment_id), RemovalForm.of(enrolment_id, leave_id)
    return _preview_page(form, preview(enrolment, form.change)) if form else _leave_is_gone(enrolment_id)


@bp.post("/inscriptions/<int:enrolment_id>/conge/<int:leave_id>/suppression")
@access.needs(Permission.ENROL)
@checks_token_itself
def leave_remove(enrolment_id: int, leave_id: int) -> Answer:
    enrolment, form = enrolment_or_404(enrolment_id), RemovalForm.of(enrolment_id, leave_id)
    if form is None:
        return _leave_is_gone(enrolment_id)
    return _proceed(
        form,
        lambda: enrolment_or_404(enrolment_id),
        lambda form: _preview_page(form, preview(enrolment, form.change)),
    )


def _proceed_with(kind: str, enrolment_id: int, form: PlanForm) -> Answer:
    """As `_proceed`, with an inscription that exists."""
    return _proceed(
        form, lambda: enrolment_or_404(enrolment_id), lambda form: _page(kind, enrolment_or_404(enrolment_id), form)
    )


def _proceed(form: PlanForm, load: Callable[[], Enrolment], page: Callable[[PlanForm], str]) -> Answer:
    """Validate, show what will happen or do it; what cannot be comes back with the form."""
    if form.goes_back or not form.validate_on_submit():
        return page(form), 200 if form.goes_back else 422
    over = form.surcapacite.data and access.current_agent().may(Permission.OVERRIDE)
    try:
        if not form.confirms:
            return _preview_page(form, preview(load(), form.change, over_capacity=over))
        with db.transaction():
            plan = settle(
                load(),
                form.change,
                by=access.current_clerk(),
                seen=form.vu.data or "",
                over_capacity=over,
            )
    except RefusedError as closed:
        form.refuse(str(closed))
        return page(form), 422
    flash(*_said(form.change, plan))
    return htmx.go_to(url_for(".enrolment_page", enrolment_id=plan.enrolment.id))


def _said(change: TermsChange, plan: EnrolmentPlan) -> tuple[str, str]:
    """What was done, and how it went."""
    booked, released, lost = (plan.count(fate) for fate in (Fate.BOOK, Fate.RELEASE, Fate.IMPOSSIBLE))
    told = [
        _days(booked, "réservé"),
        _days(released, "libéré"),
        f"{_days(lost, 'impossible')} (la liste est plus bas)" if lost else "",
    ]
    return (
        f"{change.done} : {', '.join(filter(None, told)) or 'aucun jour ne change'}.",
        "warning" if lost else "success",
    )


def _days(count: int, what: str) -> str:
    many = "s" if count > 1 else ""
    return f"{count} jour{many} {what}{many}" if count else ""


def _preview_page(form: PlanForm, plan: EnrolmentPlan) -> str:
    kept = [(name, value) for name, value in request.form.items(multi=True) if name in form and name not in OWN]
    return render_template(
        "agent/enrolments/preview.html",
        form=form,
        plan=plan,
        enrolment=plan.enrolment,
        responsible=plan.enrolment.responsible,
        kept=kept,
        Fate=Fate,
        fates=plan.columns,
        horizon=school_year_end(max(clock.today(), plan.terms.first_day)),
        action=request.full_path.rstrip("?"),
    )


def _page(kind: str, enrolment: Enrolment, form: PlanForm) -> str:
    return render_template(
        f"agent/enrolments/{kind}.html", enrolment=enrolment, form=form, **real_weeks(clock.today())
    )


def _new_page(form: PlanForm) -> str:
    child = _child_or_404()
    return render_template("agent/enrolments/new.html", child=child, form=form, **real_weeks(clock.today()))


def _new_form() -> NewEnrolmentForm:
    homes = select(Custody.family_id).where(Custody.child_id == _child_or_404().id)
    families = select(Family).where(Family.id.in_(homes), Family.merged_into.is_(None)).order_by(Family.id)
    return NewEnrolmentForm.choosing(
        activities(access.current_agent()), db.session.scalars(families.options(selectinload(Family.adults))).all()
    )


def _draft(form: NewEnrolmentForm) -> Enrolment:
    """The inscription that the form asks for, not stored."""
    even, odd = form.weeks
    return Enrolment(
        child=_child_or_404(),
        activity=db.session.get_one(Activity, int(form.prestation.data)),
        family=db.session.get_one(Family, form.payeur.data),
        first_day=form.premier.data,
        last_day=form.dernier.data,
        even_weeks=even,
        odd_weeks=odd,
    )


def _child_or_404() -> Child:
    """The child that the address names."""
    number = request.args.get("enfant", 0, type=row_id)
    return db.session.get(Child, number) or abort(404)


def _leave_is_gone(enrolment_id: int) -> Answer:
    flash("Ce congé n’est plus noté.", "info")
    return htmx.go_to(url_for(".enrolment_page", enrolment_id=enrolment_id))
