"""What every template may use: components (`ui.*`), filters, hashed static addresses, the page's surroundings."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask, g, request
from jinja2 import StrictUndefined
from werkzeug.local import LocalProxy

from app import access, acting, clock, formats, htmx, menu, static_files
from app.models.messages import Message
from app.models.town import Town

COMPONENTS = Path(__file__).parent / "templates" / "components"
ACCESSIBILITY_STATUS = "non conforme"  # until someone audits it (RGAA)


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
    environment.globals.update(static=static_files.address, accessibility_status=ACCESSIBILITY_STATUS)
    # One component, one file, one macro of its name. As a global, it serves fragments too: a block rendered
    # alone does not run the page's imports.
    ui = SimpleNamespace()
    environment.globals["ui"] = ui
    for path in sorted(COMPONENTS.glob("*.html")):
        module = environment.get_template(f"components/{path.name}").module
        setattr(ui, path.stem, getattr(module, path.stem))
    ui.icon = cache(ui.icon)  # some forty drawings, of which a page repeats up to 140
    app.context_processor(_surroundings)


def _surroundings() -> dict[str, Any]:
    """Town, visitor and bar."""
    visitor = access.visitor()
    agent = visitor.account.agent if visitor else None
    acted_for = acting.adult_of(agent) if agent else None
    adult = visitor.account.adult if visitor else None
    side = "parent" if acted_for and request.blueprint == "parent" else visitor.side if visitor else "public"
    found: dict[str, Any] = {
        "town": _around("town", Town.current),
        "side": side,
        "account": visitor.account if visitor else None,
        "nav": menu.entries(side, agent),
        "today": clock.today(),
        "idle_seconds": access.IDLE_SECONDS[visitor.side] if visitor else 0,
        "agent": agent,
        "acted_for": acted_for,
        "adult": acted_for or adult,
    }
    if side == "parent":
        family_id = found["adult"].family_id
        found["unread"] = _around("unread", lambda: Message.unread_by_family(family_id))
    return found


def _around(name: str, compute: Callable[[], Any]) -> Any:
    """A value that stands around a page, computed before the page is written. A fragment shows nothing of it: there,
    once, and only if the template asks for it after all.
    """
    kept = g.setdefault("surroundings", {})
    if not htmx.is_fragment():
        kept[name] = compute()
        return kept[name]

    def value() -> Any:
        if name not in kept:
            kept[name] = compute()
        return kept[name]

    return LocalProxy(value)
