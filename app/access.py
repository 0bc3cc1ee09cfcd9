"""Who is asking, and may they: the visitor, the guards of both sides, the way to and from the login page.

The cookie holds the account, the session's token and when it was last used: an idle session is found out
without a write on each page. The row behind the token ends it at once, wherever it is used.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, flash, g, render_template, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from app import acting, db, htmx, known_browser
from app.cookies import Cookies
from app.models.accounts import Account, Agent, Permission, UserSession
from app.models.accounts.clerk import Clerk
from app.models.event import Event
from app.models.families import Adult
from app.models.families.author import Author
from app.visitor import SessionEndedError, Visitor, live_session

IDLE_SECONDS = {"parent": 60 * 60, "agent": 30 * 60}
_SEEN_EVERY = 60
View = TypeVar("View", bound=Callable[..., Any])
EXPIRED = "Votre session a pris fin, par sécurité. Identifiez-vous pour reprendre où vous en étiez."

_manager = LoginManager()


def init_app(app: Flask) -> None:
    app.config.update(
        SESSION_COOKIE_NAME="__Host-preau" if app.config["PREAU"].https else "preau",
        SESSION_COOKIE_SECURE=app.config["PREAU"].https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.session_interface = Cookies()
    _manager.session_protection = None  # a phone changes address all day long
    _manager.init_app(app)
    app.before_request(_note_use)


@_manager.user_loader
def _load(visitor_id: str) -> Visitor | None:
    account_id, _, token = visitor_id.partition(".")
    found = live_session(token)
    if found is None or str(found.account_id) != account_id:
        return None
    if found.account.locked_at is not None or found.account.merged_away:  # locked or left behind since it logged in
        return None
    visitor = Visitor(found.account, found, token)
    if time.time() - session.get("seen", 0) > IDLE_SECONDS[visitor.side]:
        return None
    return visitor


def visitor() -> Visitor | None:
    return current_user._get_current_object() if current_user.is_authenticated else None


def current_account() -> Account:
    """The account that asks; only behind a guard."""
    found = visitor()
    assert found is not None
    return found.account


def current_adult() -> Adult:
    """The parent who asks, or for whom an agent does; only behind the parents' guard."""
    return current_author().adult


def current_author() -> Author:
    """Who asks in the name of a family: its adult, or an agent; only behind the parents' guard."""
    account = current_account()
    adult = acting.adult_of(account.agent) if account.agent else account.adult
    assert adult is not None
    return Author(adult, account.agent, address())


def current_agent() -> Agent:
    """The agent who asks; only behind the agents' guard."""
    agent = current_account().agent
    assert agent is not None
    return agent


def current_clerk() -> Clerk:
    """The agent who asks, as the journal names them; only behind the agents' guard."""
    return Clerk(current_agent(), address())


def _note_use() -> None:
    """Note in the cookie, at most once a minute, that the session is in use."""
    if request.endpoint is None or htmx.is_poll() or visitor() is None:
        return
    if time.time() - session["seen"] > _SEEN_EVERY:
        session["seen"] = int(time.time())


def log_in(account: Account) -> None:
    """Open a session in this browser, and end the one that it had. The cookie starts afresh, so that nothing planted
    before survives."""
    former = session.get("_user_id") or session.get("ended", "")
    with db.transaction() as writing:
        UserSession.end(former.partition(".")[2])
        token = UserSession.open(account.id)
        writing.get_one(Account, account.id).note_login()
        Event.record("login", actor=account, subject=account, address=address())
    g.pop("csrf_token", None)  # of the session that ends here
    family_id = session.get("acting_for") if former.partition(".")[0] == str(account.id) else None
    session.clear()
    session["seen"] = int(time.time())
    if family_id:  # the agent goes on with the page whose session ended
        session["acting_for"] = family_id
    known_browser.remember(account.identifiant)
    found = live_session(token)
    assert found is not None
    login_user(Visitor(found.account, found, token))


def log_out() -> None:
    """End the session in this browser, row included."""
    found = visitor()
    if found is not None:
        with db.transaction() as writing:
            row = writing.get(UserSession, found.session.id)
            if row is not None:
                writing.delete(row)
    logout_user()
    session.clear()


def guard(side: str) -> Callable[[], Any]:
    """The `before_request` of a side's blueprint: in, to the login page, or 403 for the other side."""

    def check() -> Any:
        found = visitor()
        if found is None:
            return to_login()
        if found.side != side and not _acts_here(found, side):
            return htmx.go_to(url_for("agent.dashboard")) if request.path == "/" else abort(403)
        if found.side == "agent" and side == "agent":
            _check_permission(found)
        return _obligation(found)

    check.guards = side  # type: ignore[attr-defined]
    return check


def _acts_here(found: Visitor, side: str) -> bool:
    """Whether an agent who acts for a family may open this page of the parents."""
    agent, view = found.account.agent, current_app.view_functions[request.endpoint or ""]
    if side != "parent" or agent is None or hasattr(view, "personal"):
        return False
    return acting.adult_of(agent) is not None


def _check_permission(found: Visitor) -> None:
    """403 for an agent whose role does not have what the view needs; a view that says nothing is closed to all."""
    view, agent = current_app.view_functions[request.endpoint or ""], found.account.agent
    if not hasattr(view, "permissions") or agent is None:
        abort(403)
    if not agent.may_any(view.permissions):
        abort(403)


def needs(*any_of: Permission | None) -> Callable[[View], View]:
    """Mark an agents' view with what it needs, one of these (see app.models.accounts.permission); None: any agent."""

    def mark(view: View) -> View:
        view.permissions = any_of  # type: ignore[attr-defined]
        return view

    return mark


def personal(view: View) -> View:
    """Mark a parents' view that is nobody else's business: no agent opens it on behalf of a family."""
    view.personal = True  # type: ignore[attr-defined]
    return view


def logged_in(view: View) -> View:
    """Guard of a single view that serves both sides."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        found = visitor()
        if found is None:
            return to_login()
        return _obligation(found) or view(*args, **kwargs)

    guarded.guards = "both"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def _obligation(found: Visitor) -> Response | None:
    """What must be done before anything else: choose a password, protect an agent's account."""
    if found.account.must_change_password:
        due = url_for("password.change")
    elif _lacks_second_factor(found) and request.path != url_for("password.change"):
        due = url_for("agent.two_factor_setup")
    else:
        return None
    return None if request.path == due else htmx.go_to(due)


def _lacks_second_factor(found: Visitor) -> bool:
    required = current_app.config["PREAU"].agent_totp_required
    return required and found.side == "agent" and not found.account.has_second_factor


def to_login() -> Any:
    """To the login page, and back here after it. A poll only says that the session ended."""
    if htmx.is_poll():
        return render_template("errors/_flash.html", text=EXPIRED, advice="", reference=None)
    ended = session.pop("_user_id", None)
    if ended:
        session["ended"] = ended  # its row goes at the next login: a page that is read writes nothing
    if request.method != "GET" or htmx.asks():
        raise SessionEndedError
    if ended:
        flash(EXPIRED, "info")
    origin = htmx.page_of_origin()
    return htmx.go_to(url_for("auth.login", suite=origin if origin != "/" else None))


def landing(account: Account, wanted: str | None) -> str:
    """Where to go after login: the page that was asked for, if it is one of this side, else the side's home."""
    home = url_for("agent.dashboard") if account.agent else url_for("parent.home")
    told = urlsplit(wanted or "")
    if not wanted or told.scheme or told.netloc or not wanted.isprintable() or "\\" in wanted:
        return home
    try:
        endpoint, _ = current_app.url_map.bind("").match(told.path, method="GET")
    except HTTPException:
        return home
    sides = ("agent" if account.agent else "parent", "password")
    return wanted if endpoint.partition(".")[0] in sides else home


def writes_on_get(reason: str) -> Callable[[View], View]:
    """Mark a view whose GET writes, and say why; a test lists them all."""

    def mark(view: View) -> View:
        view.writes_on_get = reason  # type: ignore[attr-defined]
        return view

    return mark


def address() -> str:
    """The network address of the visitor, as trusted proxies tell it."""
    return request.remote_addr or ""
