"""A child: its file, its homes."""

from app.blueprints.agent.children import custody, file  # noqa: F401 - they register their routes

MENU = "agent.families"
