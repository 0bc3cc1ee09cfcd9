"""Lots: accepting many requests at once, with progress and a result for each line."""

import time
from urllib.parse import urlencode

from flask import abort, flash, render_template, request, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, db, htmx
from app.blueprints.agent import bp
from app.blueprints.agent.requests.queue import asked_query, asked_queue
from app.converters import row_id
from app.models.accounts import Permission
from app.models.refusal import RefusedError
from app.models.reviews import Batch
from app.models.reviews.batch import LARGEST

PATIENCE = 8
"""Seconds that a browser without JavaScript waits for its page, some chunks later."""


@bp.post("/demandes/lots")
@access.needs(Permission.REQUESTS)
def batch_open() -> Answer:
    ids = request.form.getlist("demande", type=row_id)
    if request.form.get("tout"):
        ids = asked_queue().ids(LARGEST)
    try:
        with db.transaction():
            batch = Batch.open(access.current_clerk(), ids)
    except RefusedError as closed:
        flash(str(closed) if ids else "Cochez au moins une demande.", "warning")
        return htmx.go_to(f"{url_for('.requests')}?{urlencode(asked_query())}")
    return htmx.go_to(url_for(".batch", batch_id=batch.id))


@bp.get("/demandes/lots/<int:batch_id>")
@access.needs(Permission.REQUESTS)
def batch(batch_id: int) -> Answer:
    return _page(_batch_or_404(batch_id))


@bp.post("/demandes/lots/<int:batch_id>/suite")
@access.needs(Permission.REQUESTS)
def batch_continue(batch_id: int) -> Answer:
    """The next chunk; the page asks for the one after. Without JavaScript, as many as patience allows."""
    until = time.monotonic() + (0 if htmx.is_fragment() else PATIENCE)
    while True:
        with db.transaction():
            _batch_or_404(batch_id).advance(by=access.current_clerk())
        if time.monotonic() >= until or not _batch_or_404(batch_id).counts[None]:
            break
    return _page(_batch_or_404(batch_id)) if htmx.is_fragment() else htmx.go_to(url_for(".batch", batch_id=batch_id))


def _batch_or_404(batch_id: int) -> Batch:
    found = Batch.of_agent(access.current_agent(), batch_id)
    if found is None:
        abort(404)
    return found


def _page(batch: Batch) -> str:
    counts = batch.counts
    done = not counts[None]
    return render_template(
        "agent/requests/batches/_progress.html" if htmx.is_fragment() else "agent/requests/batches/show.html",
        batch=batch,
        accepted=counts[True],
        refused=counts[False],
        left=counts[None],
        total=sum(counts.values()),
        refusals=batch.results(accepted=False) if done else [],
        successes=batch.results(accepted=True) if done else [],
    )
