"""Familles: looking for one, and its whole file on one page."""

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, clock, htmx
from app.blueprints.agent import bp
from app.converters import row_id
from app.models.accounts import Permission
from app.models.enrolments.scope import family_for
from app.models.journal import journal
from app.models.overviews.directory import PAGE, Directory
from app.models.overviews.family import Overview

_MOST_EVENTS = 10


@bp.get("/familles")
@access.needs(Permission.FAMILIES)
def families() -> Answer:
    typed = request.args.get("q", "")[:100]
    directory = Directory(access.current_agent(), typed)
    count = directory.count
    pages = max(1, -(-count // PAGE))
    number = min(max(1, request.args.get("page", 1, type=row_id)), pages)
    return render_template(
        "agent/families/_results.html" if htmx.is_fragment() else "agent/families/index.html",
        typed=typed,
        found=directory.page(number),
        count=count,
        page=number,
        pages=pages,
        link_to=lambda page: url_for(".families", q=typed or None, page=page),
    )


@bp.get("/familles/<int:family_id>")
@access.needs(Permission.FAMILIES)
def family(family_id: int) -> Answer:
    found = family_for(access.current_agent(), family_id)
    if found is None:
        abort(404)
    if found.merged_into is not None:
        return htmx.go_to(url_for(".family", family_id=found.merged_into))
    overview = Overview.of(found, access.current_agent())
    return render_template(
        "agent/families/show.html",
        family=found,
        overview=overview,
        entries=journal.of_family(found.id, _MOST_EVENTS)
        if access.current_agent().may(Permission.FAMILY_FILES)
        else (),
        enrolments=overview.enrolments,
        today=clock.today(),
    )
