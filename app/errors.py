"""Errors as sentences: what happened, what was kept, what to do. A page, or a partial for #flash."""

import logging
import secrets
from contextlib import suppress
from typing import Any

from flask import Flask, g, render_template, request
from werkzeug.exceptions import Gone, HTTPException, SecurityError, ServiceUnavailable

from app import db, htmx, opened_for
from app.csrf import STALE
from app.integrations.storage import MissingFileError
from app.keys import WrongKeysError
from app.opened_for import UNTYPED, OtherPageError
from app.turns import BusyError

_log = logging.getLogger("preau.errors")

# code → (title, what happened and what was kept, what to do)
SENTENCES: dict[int, tuple[str, str, str]] = {
    400: (
        "Demande incomprise",
        "Le portail n’a pas compris cette demande. Rien n’a été changé.",
        "Revenez à la page précédente et recommencez.",
    ),
    403: (
        "Accès réservé",
        "Votre compte ne donne pas accès à cette page. Rien n’a été changé.",
        "Revenez à votre page d’accueil, ou demandez au service.",
    ),
    404: (
        "Page introuvable",
        "Cette page n’existe pas, ou n’est pas la vôtre.",
        "Vérifiez l’adresse, ou repartez de l’accueil.",
    ),
    405: (
        "Action impossible ici",
        "Cette adresse ne s’ouvre pas de cette façon. Rien n’a été changé.",
        "Repartez de l’accueil.",
    ),
    408: (
        "Envoi interrompu",
        "Ce que vous envoyez est arrivé trop lentement. Rien n’a été enregistré.",
        "Recommencez quand la connexion sera meilleure, ou avec un fichier plus léger.",
    ),
    409: (
        "Page d’un autre",
        "Cette page a été ouverte pour quelqu’un d’autre. Rien n’a été envoyé.",
        "Ce que vous avez écrit est gardé sur cette page\u00a0: reprenez le premier compte ou la première famille "
        "dans un autre onglet, puis envoyez de nouveau.",
    ),
    410: (
        "Fichier manquant",
        "Le portail ne trouve plus ce fichier\u00a0: il a pu se perdre avec une copie restaurée. Le reste du dossier "
        "est intact.",
        "Il est à redemander\u00a0: la famille peut le donner de nouveau.",
    ),
    413: (
        "Envoi trop lourd",
        "Ce que vous envoyez dépasse la taille permise (10 Mo pour un fichier). Rien n’a été enregistré.",
        "Choisissez un fichier plus léger, ou photographiez-le avec une qualité moindre.",
    ),
    415: (
        "Envoi incompris",
        "Le portail ne reçoit que ses propres formulaires. Rien n’a été enregistré.",
        "Revenez à la page précédente et recommencez.",
    ),
    422: (
        "Saisie à corriger",
        "Une partie de la saisie ne convient pas. Rien n’a été enregistré.",
        "Revenez à la page précédente pour la corriger.",
    ),
    429: (
        "Trop d’essais",
        "Trop de demandes sont arrivées en peu de temps. Rien n’a été changé.",
        "Attendez quelques minutes, puis recommencez.",
    ),
    500: (
        "Une erreur est survenue",
        "Le portail n’a pas pu répondre. Votre dernière action n’a pas été enregistrée\u202f; tout le reste est "
        "conservé.",
        "Recommencez dans quelques minutes. Si l’erreur revient, donnez la référence ci-dessous au service.",
    ),
    503: (
        "Le portail est très demandé",
        "D’autres enregistrements ont occupé le portail trop longtemps. Votre dernière action n’a pas été "
        "enregistrée\u202f; tout le reste est conservé.",
        "Recommencez dans une minute.",
    ),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(BusyError, _busy)
    app.register_error_handler(WrongKeysError, _wrong_keys)
    app.register_error_handler(MissingFileError, _missing_file)
    app.register_error_handler(Exception, _unexpected)


def _http_error(error: HTTPException) -> Any:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):  # a foreign Host: not one address can be built for it
        return _bare(*SENTENCES[400], None), 400
    code = error.code if error.code in SENTENCES else (500 if error.code >= 500 else 400)
    title, text, advice = SENTENCES[code]
    if error.description == STALE:
        title, text = "Page périmée", STALE + " Rien n’a été changé."
    if isinstance(error, OtherPageError):
        text = f"{error.description} Rien n’a été envoyé."
    kept = opened_for.kept() if isinstance(error, OtherPageError) and request.method == "POST" else []
    answer = _render(code, title=title, text=text, advice=advice, reference=None, kept=kept, untyped=UNTYPED)
    headers = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After")}
    return answer, error.code, headers


def _wrong_keys(error: WrongKeysError) -> Any:
    _log.error(str(error))
    text = "Les réglages du portail sont à corriger par son technicien. Rien n’a été changé."
    return _bare("Le portail est fermé", text, "Revenez un peu plus tard.", None), 503


def _missing_file(error: MissingFileError) -> Any:
    _log.error("a row names a file that is not there", extra={"endpoint": request.endpoint, "method": request.method})
    return _http_error(Gone())


def _busy(error: BusyError) -> Any:
    _log.warning("the database was busy for too long", extra={"endpoint": request.endpoint, "method": request.method})
    return _http_error(ServiceUnavailable(retry_after=60))


def _unexpected(error: Exception) -> Any:
    reference = secrets.token_hex(4).upper()
    _log.error(
        "unexpected error",
        exc_info=error,
        extra={"reference": reference, "endpoint": request.endpoint, "method": request.method},
    )
    with suppress(Exception):  # what failed may be the database itself; the page reads it afresh
        db.session.rollback()
    title, text, advice = SENTENCES[500]
    return _render(500, title=title, text=text, advice=advice, reference=reference, kept=[]), 500


def _render(code: int, **sentences: Any) -> str:
    try:
        if htmx.asks():
            g.mark = "sentence"
            return render_template("errors/_flash.html", **sentences)
        return render_template("errors/error.html", code=code, **sentences)
    except Exception:  # the page itself needs the database: say the same without it
        _log.exception("the error page failed")
        return _bare(**{name: sentences[name] for name in ("title", "text", "advice", "reference")})


def _bare(title: str, text: str, advice: str, reference: str | None) -> str:
    """A page that needs nothing but itself."""
    told = f"<p>Référence\u00a0: {reference}</p>" if reference else ""
    return (
        f'<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>{title}</title></head>'
        f"<body><main><h1>{title}</h1><p>{text}</p><p>{advice}</p>{told}"
        '<p><a href="/">Revenir à l’accueil</a></p></main></body></html>'
    )
