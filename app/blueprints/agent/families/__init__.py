"""Familles: looking for one, its file, its accounts, its splits and merges."""

from app.blueprints.agent.families import accounts, acting, file, merges, search, sections, splits  # noqa: F401 - they register their routes

MENU = "agent.families"
