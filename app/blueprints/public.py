"""Pages for all: help and legal texts, and the portal's health."""

import shutil

from flask import Blueprint, current_app, jsonify, render_template
from flask.typing import ResponseReturnValue as Answer
from sqlalchemy.exc import DBAPIError

from app import db
from app.models import WorkerBeat

bp = Blueprint("public", __name__)
ENOUGH_DISK = 200_000_000  # bytes: below, uploads and the database are at risk


@bp.get("/aide", endpoint="help")
def help_page() -> Answer:
    return render_template("public/help.html")


@bp.get("/accessibilite")
def accessibility() -> Answer:
    return render_template("public/accessibility.html")


@bp.get("/mentions-legales")
def legal() -> Answer:
    return render_template("public/legal.html")


@bp.get("/donnees-personnelles")
def privacy() -> Answer:
    return render_template("public/privacy.html")


@bp.get("/sante")
def health() -> Answer:
    """For a supervisor: 200 while pages can be served, 503 when the database is out of reach."""
    state = {"database": "ok", "worker": "silent", "disk": "ok" if _free_bytes() > ENOUGH_DISK else "low"}
    try:
        if WorkerBeat.alive():
            state["worker"] = "ok"
    except DBAPIError:  # no server, or no table yet
        state["database"] = "not installed" if db.answers() else "unreachable"
    return jsonify(state), 200 if state["database"] == "ok" else 503


def _free_bytes() -> int:
    folder = current_app.config["PREAU"].data_dir
    return shutil.disk_usage(folder).free if folder.exists() else 0
