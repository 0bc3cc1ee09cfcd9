"""Tableau de bord: what waits for someone, with a link to each."""

from dataclasses import dataclass
from datetime import timedelta

from flask import render_template, url_for
from flask.typing import ResponseReturnValue as Answer

from app import access, clock
from app.blueprints.agent import bp
from app.formats import ago
from app.models.accounts import Agent, Permission
from app.models.documents.desk import DocumentDesk
from app.models.families import Family
from app.models.jobs import Job, WorkerBeat
from app.models.messages import Message
from app.models.places import occupancy
from app.models.planning.planning_error import planning_errors
from app.models.reviews.queue import waiting

MENU = "agent.dashboard"

AHEAD = timedelta(days=30)


@dataclass(frozen=True)
class Tile:
    label: str
    value: str
    hint: str
    kind: str = "neutral"
    href: str | None = None


@bp.get("/")
@access.needs(None)
def dashboard() -> Answer:
    agent, today = access.current_agent(), clock.today()
    answers = agent.may(Permission.REQUESTS)
    return render_template(
        "agent/dashboard/index.html",
        requests=_requests(agent) if answers or agent.may(Permission.EXCUSE) else None,
        tiles=_tiles(agent),
        busy=occupancy.near_capacity(today, today + AHEAD, scope=agent.scope) if answers else [],
        mistakes=planning_errors(agent) if agent.may(Permission.ENROLMENTS) else [],
    )


def _requests(agent: Agent) -> list[Tile]:
    """What waits by kind, the longest first, in red when a family has waited too long."""
    tiles = []
    for one in waiting(agent):
        since = ago(clock.local_day(one.oldest), clock.today())
        hint = f"la plus ancienne\u00a0: {since}" + (", en retard" if one.overdue else "")
        href = url_for(".requests", type=one.kind.value)
        tiles.append(Tile(one.kind.label, str(one.count), hint, "danger" if one.overdue else "info", href))
    return tiles


def _tiles(agent: Agent) -> list[Tile]:
    unread, look, alive = Message.waiting_for_structures(), Job.for_a_look_count(), WorkerBeat.alive()
    families = url_for(".families") if agent.may(Permission.FAMILIES) else None
    return [
        Tile("Familles", str(Family.count()), "dossiers ouverts", href=families),
        *_papers(agent),
        Tile("Messages des familles", str(unread), "pas encore lus", "info" if unread else "neutral"),
        Tile(
            "Courriels à vérifier",
            str(look),
            "non remis, ou au sort inconnu",
            "warning" if look else "success",
        ),
        Tile(
            "Envois automatiques",
            "en marche" if alive else "à l’arrêt",
            "courriels et travaux de fond",
            "success" if alive else "danger",
        ),
    ]


def _papers(agent: Agent) -> list[Tile]:
    """The documents that families gave, for who checks them."""
    if not agent.may(Permission.PIECES):
        return []
    count = DocumentDesk(agent).count()
    href, kind = url_for(".documents"), "info" if count else "success"
    return [Tile("Pièces à vérifier", str(count), "données par les familles", kind, href)]
