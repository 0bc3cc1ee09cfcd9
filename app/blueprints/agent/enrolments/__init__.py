"""Inscriptions: the register, and what an agent changes."""

from app.blueprints.agent.enrolments import enrolling, register  # noqa: F401 - they register their routes

MENU = "agent.enrolments"
