"""Servers that the tests start for themselves and stop afterwards: PostgreSQL, the portal, a town's website."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def postgres_programs() -> Path:
    """The folder of initdb and pg_ctl: on the PATH, or where Debian puts the newest version."""
    found = shutil.which("initdb")
    if found:
        return Path(found).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda p: float(p.parts[4]))
    if not folders:
        raise RuntimeError("PostgreSQL is missing: run `make setup`")
    return folders[-1].parent


@contextlib.contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A private server on a free port; yields the address of its `postgres` database.

    `postgres` refuses to run as root: there it runs as the distribution's postgres user.
    """
    programs, port = postgres_programs(), free_port()
    as_user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    home = Path(shutil.copytree(folder, f"/tmp/preau-pg-{os.getpid()}-{port}"))
    if as_user:
        shutil.chown(home, "postgres", "postgres")
    data = home / "data"

    def run(*command: str | Path) -> None:
        subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, **as_user)

    run(programs / "initdb", "-D", data, "--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C")
    options = f"-p {port} -k {home} -h 127.0.0.1 -F -c max_connections=200 -c synchronous_commit=off"
    pg_ctl = (programs / "pg_ctl", "-D", data, "-w", "-l", home / "log")
    run(*pg_ctl, "-o", options, "start")
    try:
        yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
    finally:
        run(*pg_ctl, "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def postgres_copy(address: str, name: str, template: str = "template1") -> str:
    """A new database of that server, copied from another; its address."""
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return address.rsplit("/", 1)[0] + f"/{name}"


def postgres_drop(address: str, name: str) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def portal(environment: dict[str, str]) -> Iterator[str]:
    """The portal as towns run it: gunicorn and the worker. Yields its address."""
    port = free_port()
    environment = {**os.environ, **environment, "PORT": str(port)}
    environment.setdefault("PREAU_BASE_URL", f"http://127.0.0.1:{port}")
    gunicorn = [sys.executable, "-m", "gunicorn", "wsgi:app"]
    worker = [sys.executable, "-m", "flask", "worker"]
    log = Path(environment["PREAU_DATA_DIR"]) / "log"
    with log.open("ab") as out:
        children = [
            subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
            for command in (gunicorn, worker)
        ]
        try:
            wait_for(f"http://127.0.0.1:{port}/sante", log)
            yield f"http://127.0.0.1:{port}"
        finally:
            for child in children:
                child.send_signal(signal.SIGTERM)
            for child in children:
                child.wait(timeout=90)


def wait_for(url: str, log: Path | None = None, seconds: float = 180) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
        else:
            return
    told = log.read_text()[-2000:] if log and log.exists() else ""
    raise RuntimeError(f"{url} did not answer\n{told}")


@contextlib.contextmanager
def town_website() -> Iterator[str]:
    """A page of the commune, on a port of its own."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Saint-Jean</title><h1>Site de la commune</h1>")

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
