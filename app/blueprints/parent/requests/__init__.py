"""Liste des demandes."""

from app.blueprints.parent.requests import followed  # noqa: F401 - they register their routes

MENU = "parent.requests"
