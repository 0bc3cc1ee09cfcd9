"""What every template may use: components (`ui.*`), filters, hashed static addresses, the page's surroundings."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, current_app, g, request, url_for
from jinja2 import StrictUndefined
from werkzeug.local import LocalProxy

from app import access, acting, clock, formats
from app.models.accounts import Agent
from app.models.messages import Message
from app.models.town import Town

STATIC = Path(__file__).parent / "static"
COMPONENTS = Path(__file__).parent / "templates" / "components"
ACCESSIBILITY_STATUS = "non conforme"  # until someone audits it (RGAA)


@dataclass(frozen=True)
class Entry:
    """An entry of the bar."""

    label: str
    endpoint: str
    icon: str
    pages: tuple[str, ...] = ()
    """Beginnings of the endpoints of its other pages."""

    @property
    def href(self) -> str:
        return url_for(self.endpoint)

    @property
    def current(self) -> bool:
        return request.endpoint is not None and request.endpoint.startswith((self.endpoint, *self.pages))


# The guide's bar, in its order and words. An entry appears when its page exists.
BARS = {
    "parent": (
        Entry("Accueil", "parent.home", "home"),
        Entry("Mon compte", "parent.account", "account", ("parent.my_data",)),
        Entry(
            "Mes enfants",
            "parent.children",
            "children",
            (
                "parent.planning",
                "parent.enrolments",
                "parent.calendar",
                "parent.dossier",
                "parent.save_dossier",
                "parent.give_document",
                "parent.slot",
                "parent.new_",
                "parent.create_",
                "parent.child",
                "parent.change_child",
            ),
        ),
        Entry("Relevé de compte", "parent.statement", "statement"),
        Entry("Boîte de réception", "parent.inbox", "inbox"),
        Entry("Liste des demandes", "parent.requests", "requests", ("parent.request_", "parent.receipt")),
    ),
    "agent": (
        Entry("Tableau de bord", "agent.dashboard", "home"),
        Entry("Demandes", "agent.requests", "requests", ("agent.request_", "agent.batch", "agent.reasons")),
        Entry(
            "Familles",
            "agent.families",
            "users",
            (
                "agent.family",
                "agent.child_",
                "agent.adult_",
                "agent.new_split",
                "agent.create_split",
                "agent.new_merge",
                "agent.create_merge",
            ),
        ),
        Entry(
            "Inscriptions",
            "agent.enrolments",
            "children",
            ("agent.enrolment_", "agent.leave_", "agent.new_enrolment", "agent.create_enrolment"),
        ),
        Entry("Pièces", "agent.documents", "document", ("agent.document_",)),
        Entry("Journal", "agent.journal", "clock"),
        Entry("Comptes des agents", "agent.accounts", "key", ("agent.account_",)),
        Entry("Mon profil", "agent.profile", "account", ("agent.two_factor", "agent.recovery")),
    ),
    "public": (),
}


def init_app(app: Flask) -> None:
    environment = app.jinja_env
    environment.undefined = StrictUndefined
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters.update(
        euros=formats.euros,
        long_date=formats.long_date,
        title_date=formats.title_date,
        short_date=formats.short_date,
        filesize=formats.filesize,
        day_header=formats.day_header,
        moment=formats.moment,
        ago=formats.ago,
        age=formats.age,
    )
    environment.globals.update(static=static, accessibility_status=ACCESSIBILITY_STATUS)
    # One component, one file, one macro of its name. As a global, it serves fragments too: a block rendered
    # alone does not run the page's imports.
    ui = SimpleNamespace()
    environment.globals["ui"] = ui
    for path in sorted(COMPONENTS.glob("*.html")):
        module = environment.get_template(f"components/{path.name}").module
        setattr(ui, path.stem, getattr(module, path.stem))
    app.context_processor(_surroundings)


def static(path: str) -> str:
    """The address of a static file, bearing its content's hash: browsers keep it for a year."""
    return url_for("static", filename=path, v=_fingerprint(path))


@cache
def _fingerprint(path: str) -> str:
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]


def _surroundings() -> dict[str, Any]:
    """Town, visitor and bar. What costs a query is asked only by a template that shows it."""
    visitor = access.visitor()
    agent = visitor.account.agent if visitor else None
    acted_for = acting.adult_of(agent) if agent else None
    adult = visitor.account.adult if visitor else None
    side = "parent" if acted_for and request.blueprint == "parent" else visitor.side if visitor else "public"
    found: dict[str, Any] = {
        "town": _once("town", Town.current),
        "side": side,
        "account": visitor.account if visitor else None,
        "nav": [entry for entry in BARS[side] if _shows(entry, agent)],
        "today": clock.today(),
        "agent": agent,
        "acted_for": acted_for,
        "adult": acted_for or adult,
    }
    if side == "parent":
        family_id = found["adult"].family_id
        found["unread"] = _once("unread", lambda: Message.unread_by_family(family_id))
    return found


def _shows(entry: Entry, agent: Agent | None) -> bool:
    """An entry appears when its page exists, and to agents who may open it."""
    view = current_app.view_functions.get(entry.endpoint)
    needed = getattr(view, "permission", None)
    return view is not None and (needed is None or (agent is not None and agent.may(needed)))


def _once(name: str, compute: Callable[[], Any]) -> Any:
    """A value computed when first used, once a request."""

    def value() -> Any:
        kept = g.setdefault("surroundings", {})
        if name not in kept:
            kept[name] = compute()
        return kept[name]

    return LocalProxy(value)
