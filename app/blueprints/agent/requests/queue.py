"""Demandes: the queue, filtered, searched and paged."""

from urllib.parse import urlencode

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, htmx
from app.blueprints.agent import bp
from app.converters import row_id
from app.models.accounts import Permission
from app.models.request_kind import RequestKind
from app.models.reviews.queue import PAGE, STATES, Queue, is_overdue
from app.models.town import Structure

FILTERS = ("q", "etat", "type", "structure", "age", "a-moi")


@bp.get("/demandes")
@access.needs(Permission.REQUESTS, Permission.EXCUSE)
def requests() -> Answer:
    queue = asked_queue()
    count = queue.count()
    pages = -(-count // PAGE)
    number = max(1, min(request.args.get("page", 1, type=row_id), pages))
    query = asked_query()
    template = "agent/requests/_list.html" if htmx.is_fragment() else "agent/requests/index.html"
    return render_template(
        template,
        queue=queue,
        found=queue.page(number),
        count=count,
        page=number,
        pages=pages,
        kinds=RequestKind,
        structures=_structures(),
        is_overdue=is_overdue,
        query=query,
        link_to=lambda page: f"{url_for('.requests')}?{urlencode({**query, 'page': page})}",
    )


def asked_query() -> dict[str, str]:
    """The filters as they were asked, to come back to the same list."""
    return {name: request.values[name] for name in FILTERS if request.values.get(name)}


def asked_queue() -> Queue:
    """The filters of the address, or of the form that carries them; what makes no sense is left out."""
    asked = request.values
    kind, state = asked.get("type", ""), asked.get("etat", "")
    return Queue(
        access.current_agent(),
        state=state if state in STATES else "a-traiter",
        kind=RequestKind(kind) if kind in set(RequestKind) else None,
        structure_id=asked.get("structure", type=row_id),
        days=min(asked.get("age", 0, type=row_id), 3650),
        mine=bool(asked.get("a-moi")),
        typed=asked.get("q", "")[:100],
    )


def _structures() -> list[Structure]:
    agent = access.current_agent()
    return agent.structures if agent.scope is not None else Structure.all()
