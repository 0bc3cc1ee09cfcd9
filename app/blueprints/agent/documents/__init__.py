"""Pièces: what families gave, and what is asked of them."""

from app.blueprints.agent.documents import desk, kinds  # noqa: F401 - they register their routes

MENU = "agent.documents"
