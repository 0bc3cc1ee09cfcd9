"""Mes enfants: a card each, leading to its planning."""

from flask import render_template
from flask.typing import ResponseReturnValue as Answer

from app import access, clock
from app.blueprints.parent import bp
from app.models import Child


@bp.get("/enfants")
def children() -> Answer:
    cards = Child.of_family(access.current_adult().family_id)
    return render_template("parent/children/index.html", cards=cards, today=clock.today())
