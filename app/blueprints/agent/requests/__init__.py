"""Demandes: the queue, and the answers."""

from app.blueprints.agent.requests import batches, proposals, queue, reasons, review  # noqa: F401 - they register their routes

MENU = "agent.requests"
