"""The bar of each side: its entries, and the one that a page lights.

A module of views, or the package in which it stands, names the entry that its pages light: `MENU = "parent.home"`.
"""

import sys
from dataclasses import dataclass
from functools import cache

from flask import current_app, request, url_for

from app.models.accounts import Agent


@dataclass(frozen=True)
class Entry:
    """An entry of the bar."""

    label: str
    endpoint: str
    icon: str

    @property
    def href(self) -> str:
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        view = current_app.view_functions.get(request.endpoint or "")
        return view is not None and named_by(view.__module__) == self.endpoint


# The guide's bar, in its order and words. An entry appears when its page exists.
BARS = {
    "parent": (
        Entry("Accueil", "parent.home", "home"),
        Entry("Mon compte", "parent.account", "account"),
        Entry("Mes enfants", "parent.children", "children"),
        Entry("Relevé de compte", "parent.statement", "statement"),
        Entry("Boîte de réception", "parent.inbox", "inbox"),
        Entry("Liste des demandes", "parent.requests", "requests"),
    ),
    "agent": (
        Entry("Tableau de bord", "agent.dashboard", "home"),
        Entry("Demandes", "agent.requests", "requests"),
        Entry("Familles", "agent.families", "users"),
        Entry("Inscriptions", "agent.enrolments", "children"),
        Entry("Pièces", "agent.documents", "document"),
        Entry("Journal", "agent.journal", "clock"),
        Entry("Comptes des agents", "agent.accounts", "key"),
        Entry("Mon profil", "agent.profile", "account"),
    ),
    "public": (),
}


def entries(side: str, agent: Agent | None) -> list[Entry]:
    """The entries of a side; agents see those whose page they may open."""
    return [entry for entry in BARS[side] if _shows(entry, agent)]


def _shows(entry: Entry, agent: Agent | None) -> bool:
    view = current_app.view_functions.get(entry.endpoint)
    if view is None or not hasattr(view, "permissions"):
        return view is not None
    return agent is not None and agent.may_any(view.permissions)


@cache
def named_by(module: str) -> str | None:
    """The endpoint of the entry that the views of this module light; None when they light none."""
    while module.startswith("app.blueprints."):
        named: str | None = getattr(sys.modules[module], "MENU", None)
        if named:
            return named
        module = module.rpartition(".")[0]
    return None
