"""`make run`: the demonstration town, the production server and the worker, until Ctrl-C.

Not for production, which has systemd units for the same two processes.
"""

import multiprocessing
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from multiprocessing.context import ForkProcess
from types import FrameType

import click
from flask import Flask

from app import db, demo, schema
from app.config import ROOT, ConfigurationError, Settings
from app.demo.command import build
from app.worker import Worker


def main() -> int:
    port = os.environ.get("PORT") or "8000"
    os.environ.update(PREAU_ENV="demo", PORT=port)
    os.chdir(ROOT)
    settings = Settings.load()
    try:
        settings.require_valid()
    except ConfigurationError as error:
        print(f"Réglages à corriger :\n{error}", file=sys.stderr)
        return 1
    if not (port.isdigit() and 0 < int(port) < 65536):
        print(f"PORT doit être un nombre de 1 à 65535, pas « {port} ».", file=sys.stderr)
        return 1
    if _is_taken(port):
        print(f"Le port {port} est déjà pris : essayez « make run PORT={int(port) + 1} ».", file=sys.stderr)
        return 1
    from wsgi import app  # noqa: PLC0415 - now that its settings are known to be right

    try:
        _prepare_town(app, settings)
    except click.ClickException as error:  # for instance, a real town's database
        error.show()
        return error.exit_code
    bind = f"127.0.0.1:{port}"
    children = [_begin(_serve), _begin(lambda: Worker(app).run_until_stopped())]

    def stop(number: int, frame: FrameType | None) -> None:
        for child in children:
            if child.is_alive():
                child.terminate()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    if _wait_until_served(f"http://{bind}/sante", children):
        _tell(f"http://{bind}", settings)
    while all(child.is_alive() for child in children):
        time.sleep(0.2)
    stop(signal.SIGTERM, None)
    for child in children:
        child.join(timeout=30)
    return 0 if all(child.exitcode in (0, -signal.SIGTERM) for child in children) else 1


def _prepare_town(app: Flask, settings: Settings) -> None:
    """Make the town, or bring the one that is there to the program's version. Raises click.ClickException for a
    database that is not a demonstration's."""
    if _has_its_town(settings):
        schema.upgrade(db.engine())
    else:
        print("Création de la ville de démonstration…", flush=True)
        with app.app_context():
            build(app)
    db.session.remove()
    db.engine().dispose()  # no connection passes to another process


def _begin(work: Callable[[], object]) -> ForkProcess:
    """Do this in a process of its own, which finds the program imported already. It has its own session: a closed
    terminal would tell gunicorn to reload, not to stop."""

    def apart() -> None:
        os.setsid()
        work()

    child = multiprocessing.get_context("fork").Process(target=apart)
    child.start()
    return child


def _serve() -> None:
    """What `gunicorn wsgi:app` does."""
    from gunicorn.app.wsgiapp import run  # noqa: PLC0415 - the worker has no use for it

    sys.argv = ["gunicorn", "wsgi:app"]
    run()


def _is_taken(port: str) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(port)))
        except OSError:
            return True
    return False


def _has_its_town(settings: Settings) -> bool:
    """Whether there is a demonstration to keep; an unfinished one is made again."""
    from sqlalchemy import text  # noqa: PLC0415

    engine = db.make_engine(settings.database_url) if settings.data_dir.exists() else None
    if engine is None:
        return False
    try:
        with engine.connect() as connection:
            return bool(connection.execute(text("SELECT is_demo FROM town")).scalar())
    except Exception:  # no table yet
        return False
    finally:
        engine.dispose()


def _wait_until_served(url: str, children: list[ForkProcess]) -> bool:
    for _ in range(300):
        if not all(child.is_alive() for child in children):
            return False
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return True
    return False


def _tell(url: str, settings: Settings) -> None:
    print(f"\n  Portail famille de démonstration : {url}")
    print(f"  Mot de passe de tous : {demo.PASSWORD}\n")
    for identifiant, who in demo.LOGINS:
        print(f"    {identifiant:<12} {who}")
    if not settings.smtp_url:
        print(f"\n  Les courriels sont écrits dans {settings.mails_dir}")
    print("  Ctrl-C arrête tout ; « make demo » remet la ville à son premier jour.\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
