"""Mes données: what the portal knows, a copy of it all, and what will be erased when."""

from itertools import chain

from flask import Response, abort, render_template, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, clock, db, htmx
from app.blueprints.parent import bp
from app.csrf import Form, checks_token_itself
from app.integrations import export_zip, storage
from app.models.exports import DataExport
from app.models.privacy import erasure
from app.models.refusal import RefusedError
from app.models.requests.reader import Whose

MENU = "parent.account"


@bp.get("/mes-donnees")
@access.personal
def my_data() -> Answer:
    """The whole page; for the page that waits for its file, the part that changes."""
    return _export() if htmx.is_fragment() else _page(Form())


@bp.post("/mes-donnees/copie")
@access.personal
@checks_token_itself
def ask_my_data() -> Answer:
    form = Form()
    if not form.validate_on_submit():
        return _page(form), 422
    try:
        with db.transaction():
            DataExport.ask(storage.new_key(), by=access.current_author())
    except RefusedError as closed:
        form.refuse(str(closed))
        return _page(form), 422
    return htmx.go_to(url_for(".my_data"))


@bp.get("/mes-donnees/<int:export_id>.zip")
@access.personal
def my_data_file(export_id: int) -> Answer:
    """Piece by piece, as it is kept: it may be large."""
    export = DataExport.of_adult(access.current_adult(), export_id)
    if export is None:
        abort(404)
    pieces = export_zip.read(export)
    try:
        first = next(pieces)
    except FileNotFoundError:
        abort(404)
    answer = Response(chain([first], pieces), mimetype="application/zip")
    answer.headers["Content-Length"] = str(export.size)
    name = f"mes-donnees-{clock.local_day(export.asked_at):%Y-%m-%d}.zip"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _export() -> str:
    export = DataExport.latest(access.current_adult())
    return render_template("parent/my_data/_export.html", export=export)


def _page(form: Form) -> str:
    adult = access.current_adult()
    whose = Whose(adult)
    return render_template(
        "parent/my_data/index.html",
        form=form,
        export=DataExport.latest(adult),
        entrusted=[child for child in whose.children if child.id in whose.entrusted],
        others=[child for child in whose.children if child.id not in whose.entrusted],
        erasures=erasure.of_adult(adult, clock.today()),
    )
