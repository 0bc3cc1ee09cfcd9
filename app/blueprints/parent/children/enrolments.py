"""One of a child's « Inscriptions en cours », paid by this household: what is booked, and what could not be."""

from flask import abort, render_template
from flask.typing import ResponseReturnValue as Answer

from app import access, clock
from app.blueprints.parent import bp
from app.blueprints.parent.children.file import child_or_404
from app.models.enrolments import Enrolment
from app.models.planning.agenda import coming_days
from app.models.planning.enrolment_plan import EnrolmentPlan
from app.models.planning.planned_day import Fate


@bp.get("/enfants/<int:child_id>/inscriptions/<int:enrolment_id>")
def child_enrolment(child_id: int, enrolment_id: int) -> Answer:
    child, enrolment = child_or_404(child_id), _own_or_404(child_id, enrolment_id)
    plan = EnrolmentPlan.as_it_stands(enrolment)
    return render_template(
        "parent/children/enrolled.html",
        child=child,
        enrolment=enrolment,
        days=coming_days(enrolment),
        lost=[(month.title, month.reasons(Fate.IMPOSSIBLE)) for month in plan.months if month.of(Fate.IMPOSSIBLE)],
    )


def _own_or_404(child_id: int, enrolment_id: int) -> Enrolment:
    """Paid by this household: of the other's, the list says the payer and no more."""
    family_id = access.current_adult().family_id
    current = Enrolment.current_of_family(family_id, clock.today())
    mine = (one for one in current if (one.id, one.child_id, one.family_id) == (enrolment_id, child_id, family_id))
    return next(mine, None) or abort(404)
