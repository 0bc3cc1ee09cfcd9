"""Mes enfants: a card each, leading to the child's page and planning."""

from flask import render_template
from flask.typing import ResponseReturnValue as Answer

from app import access
from app.blueprints.parent import bp
from app.models.overviews.child_cards import ChildCard, ExpectedChild


@bp.get("/enfants")
def children() -> Answer:
    adult = access.current_adult()
    return render_template(
        "parent/children/index.html", cards=ChildCard.of(adult), expected=ExpectedChild.of(adult.family_id)
    )
