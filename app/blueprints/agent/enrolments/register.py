"""Inscriptions: the register, and one of them."""

from typing import Any
from urllib.parse import urlencode

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, clock, htmx
from app.blueprints.agent import bp
from app.converters import row_id
from app.models.accounts import Permission
from app.models.enrolments import Enrolment, Leave
from app.models.enrolments.register import PAGE, PERIODS, Register, activities
from app.models.planning.agenda import coming_days
from app.models.planning.enrolment_plan import EnrolmentPlan
from app.models.planning.planned_day import Fate


@bp.get("/inscriptions")
@access.needs(Permission.ENROLMENTS)
def enrolments() -> Answer:
    register = _asked()
    count = register.count
    pages = max(1, -(-count // PAGE))
    number = min(max(1, request.args.get("page", 1, type=row_id)), pages)
    query = {name: value for name, value in request.args.items() if name != "page" and value}
    whole = not htmx.is_fragment()
    return render_template(
        "agent/enrolments/index.html" if whole else "agent/enrolments/_list.html",
        register=register,
        found=register.page(number),
        count=count,
        page=number,
        pages=pages,
        link_to=lambda page: f"{url_for('.enrolments')}?{urlencode({**query, 'page': page})}",
        **(_choices(register) if whole else {}),
    )


@bp.get("/inscriptions/<int:enrolment_id>")
@access.needs(Permission.ENROLMENTS)
def enrolment_page(enrolment_id: int) -> Answer:
    enrolment = enrolment_or_404(enrolment_id)
    return render_template(
        "agent/enrolments/show.html",
        enrolment=enrolment,
        days=coming_days(enrolment),
        leaves=[leave for leave in Leave.of_enrolment(enrolment.id) if leave.last_day >= clock.today()],
        Fate=Fate,
        plan=EnrolmentPlan.as_it_stands(enrolment),
    )


def enrolment_or_404(enrolment_id: int) -> Enrolment:
    """Beyond the agent's structures there is none."""
    return Register.find(access.current_agent(), enrolment_id) or abort(404)


def _choices(register: Register) -> dict[str, Any]:
    """What the filters offer."""
    return {"periods": PERIODS, "offered": activities(register.agent), "schools": register.schools()}


def _asked() -> Register:
    """The filters of the address; what makes no sense is left out."""
    asked = request.args
    period = asked.get("periode", "")
    return Register(
        access.current_agent(),
        period=period if period in PERIODS else "en-cours",
        structure=asked.get("structure", "")[:100],
        activity=asked.get("prestation", "")[:100],
        school=asked.get("ecole", "")[:100],
        typed=asked.get("q", "")[:100],
    )
