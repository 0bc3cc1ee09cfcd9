"""Infos./Documents: the files that the town publishes."""

from flask import abort, send_file
from flask.typing import ResponseReturnValue as Answer

from app.blueprints.parent import bp
from app.integrations import storage
from app.models.town import Publication


@bp.get("/documents/<int:publication_id>")
def publication(publication_id: int) -> Answer:
    found = Publication.published_one(publication_id)
    if found is None:
        abort(404)
    return send_file(
        storage.open_file(found.storage_key),
        mimetype=found.content_type,
        as_attachment=True,
        download_name=found.filename,
    )
