"""Mes enfants: their cards, and the file of each."""

from app.blueprints.parent.children import adding, cards, documents, dossier, enrolment_request, enrolments, file  # noqa: F401 - they register their routes

MENU = "parent.children"
