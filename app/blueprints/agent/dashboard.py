"""Tableau de bord: what waits for someone."""

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue as Answer

from app import access
from app.blueprints.agent import bp
from app.models import Family, Job, Message, WorkerBeat


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
    return render_template("agent/dashboard/index.html", tiles=_tiles())


def _tiles() -> list[Tile]:
    waiting, look, alive = Message.waiting_for_structures(), Job.for_a_look_count(), WorkerBeat.alive()
    return [
        Tile("Familles", str(Family.count()), "dossiers ouverts"),
        Tile("Messages des familles", str(waiting), "pas encore lus", "info" if waiting else "neutral"),
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
