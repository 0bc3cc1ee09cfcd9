"""`flask doctor`: what is wrong with an installation, in plain words."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Engine

from app import db, keys, schema
from app.config import Settings
from app.integrations import mail, storage
from app.models.jobs import Job, WorkerBeat, stored_files
from app.models.town import Town

LOW_DISK = 500_000_000  # bytes


@dataclass(frozen=True)
class Check:
    good: bool
    sentence: str


def examine(settings: Settings) -> list[Check]:
    """Every check, in the order in which one repairs."""
    wrong_url = any(problem.startswith("PREAU_DATABASE_URL") for problem in settings.problems)
    stored = [] if wrong_url else database()
    living = _living_parts(settings) if stored and all(check.good for check in stored) else ()
    return [*_settings(settings), *_data_folder(settings), *_mail_server(settings), *stored, *living]


def database() -> list[Check]:
    """Whether the database answers, has the shape that the program expects, and was sealed with these keys."""
    if not db.answers():
        where = db.engine().url.render_as_string(hide_password=True)
        return [Check(False, f"La base de données ne répond pas ({where}).")]
    checks = [Check(True, "La base de données répond."), _migrated(db.engine())]
    return [*checks, *_keys()] if all(check.good for check in checks) else checks


def _keys() -> Iterator[Check]:
    try:
        keys.check()
    except keys.WrongKeysError as error:
        yield Check(False, str(error))
    except RuntimeError:  # none is set, which the settings' own check says
        return


def _settings(settings: Settings) -> Iterator[Check]:
    for problem in settings.problems:
        yield Check(False, problem)
    if not settings.problems:
        mode = "démonstration" if settings.demo else "production"
        yield Check(True, f"Les réglages et les secrets sont en place (mode {mode}).")
    if not settings.demo and not settings.https and not any("PREAU_BASE_URL" in told for told in settings.problems):
        yield Check(False, "PREAU_BASE_URL n’est pas en https:// : mots de passe et cookies circuleraient en clair.")
    if settings.https and not settings.demo and not settings.trusted_proxies:
        yield Check(
            False,
            "PREAU_TRUSTED_PROXIES manque\u00a0: tous les visiteurs semblent venir du serveur HTTPS, et cent essais "
            "manqués ferment la connexion à tout le monde. Écrivez son adresse (127.0.0.1 s’il est sur la machine).",
        )


def _data_folder(settings: Settings) -> Iterator[Check]:
    folder = settings.data_dir
    if not os.access(folder, os.F_OK):
        yield Check(False, f"Le dossier de données n’existe pas : {folder}. Lancez « flask db upgrade ».")
    elif not os.access(folder, os.W_OK | os.X_OK):
        yield Check(False, f"Le portail ne peut pas écrire dans le dossier de données : {folder}.")
    else:
        yield Check(True, f"Le dossier de données est accessible en écriture : {folder}.")
        if folder.stat().st_mode & 0o007:
            yield Check(
                False,
                f"Les autres utilisateurs de la machine peuvent ouvrir le dossier de données\u00a0: lancez "
                f"«\u00a0chmod -R o-rwx {folder}\u00a0».",
            )
        if shutil.disk_usage(folder).free < LOW_DISK:
            yield Check(False, "Il reste moins de 500 Mo sur le disque des données : libérez de la place.")


def _mail_server(settings: Settings) -> Iterator[Check]:
    if not settings.smtp_url:  # in production, one of the settings' problems already
        if settings.demo:
            yield Check(True, f"Pas de serveur de courriel : la démonstration écrit dans {settings.mails_dir}.")
        return
    try:
        mail.probe(settings.smtp_url)
    except (mail.TemporaryError, mail.DefinitiveError) as error:
        yield Check(False, f"Le serveur de courriel est en défaut : {error}.")
    else:
        yield Check(True, "Le serveur de courriel répond.")


def _migrated(engine: Engine) -> Check:
    with engine.connect() as connection:
        reached = schema.current(connection)
    if reached is None:
        return Check(False, "La base de données est vide : lancez « flask db upgrade ».")
    if reached != schema.head():
        return Check(False, "La base de données n’est pas à la version du programme : lancez « flask db upgrade ».")
    return Check(True, "La base de données est à la version du programme.")


def _living_parts(settings: Settings) -> Iterator[Check]:
    if WorkerBeat.alive():
        yield Check(True, "Les travaux de fond tournent (flask worker).")
    else:
        yield Check(False, "Les travaux de fond ne tournent pas : lancez « flask worker ». Aucun courriel ne part.")
    looks = Job.for_a_look_count()
    if looks:
        yield Check(False, f"{looks} tâche(s) en échec ou incertaine(s) : regardez « flask jobs list ».")
    missing = sum(not storage.is_there(key) for key in stored_files.all_named())
    if missing:
        yield Check(
            False,
            f"{missing} fichier(s) que la base nomme ne sont pas dans le dossier de données\u00a0: restaurez la "
            "copie des fichiers du même jour que celle de la base, ou redemandez-les aux familles.",
        )
    if db.session.get(Town, 1) is None:
        yield Check(False, "La commune n’a pas encore de nom : lancez « flask create-admin ».")
