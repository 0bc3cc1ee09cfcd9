"""`make run`: the demonstration town, the production server and the worker, until Ctrl-C.

Not for production, which has systemd units for the same two processes.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

from app import db, demo, schema
from app.config import ROOT, ConfigurationError, Settings


def main() -> int:
    settings = Settings.load(demo=True)
    port = os.environ.get("PORT") or "8000"
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
    environment = {**os.environ, "PREAU_ENV": "demo", "PORT": port}
    if not _has_its_town(settings):
        print("Création de la ville de démonstration…", flush=True)
        made = subprocess.run([sys.executable, "-m", "flask", "demo"], cwd=ROOT, env=environment, check=False)
        if made.returncode:  # it said why: for instance, a real town's database
            return made.returncode
    else:  # the program may be newer than the town
        schema.upgrade(db.connect(settings.database_url))
        db.disconnect()
    bind = f"127.0.0.1:{port}"
    commands = [["-m", "gunicorn", "wsgi:app"], ["-m", "flask", "worker"]]
    # In a session of their own: a closed terminal would tell gunicorn to reload, not to stop.
    children = [
        subprocess.Popen([sys.executable, *command], cwd=ROOT, env=environment, start_new_session=True)
        for command in commands
    ]

    def stop(number: int, frame: FrameType | None) -> None:
        for child in children:
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    if _wait_until_served(f"http://{bind}/sante", children):
        _tell(f"http://{bind}", settings)
    while all(child.poll() is None for child in children):
        time.sleep(0.2)
    stop(signal.SIGTERM, None)
    for child in children:
        child.wait(timeout=30)
    return 0 if all(child.returncode in (0, -signal.SIGTERM) for child in children) else 1


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


def _wait_until_served(url: str, children: list[subprocess.Popen[bytes]]) -> bool:
    for _ in range(300):
        if any(child.poll() is not None for child in children):
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
