"""What is served: bytes on the wire, requests a second through gunicorn, mails a second through the database."""

import http.client
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from queue import Empty, SimpleQueue
from urllib.parse import urljoin, urlsplit

from app import db
from app.models.jobs import Job
from bench.pages import BROWSER, PLANNING, menu
from bench.towns import MONTH, TODAY, Town, environ
from tests import servers

CLIENTS, REQUESTS = 8, 400
LINKED = re.compile(r"""(?:href|src)="(/static/[^"#]+)|url\("?([^"):]+\.woff2[^"):]*)"?\)|from "(\./[^"]+)\"""")


@contextmanager
def gunicorn(application: str, folder: Path, **changes: str) -> Iterator[str]:
    """This application as towns serve it (gunicorn.conf.py), on a free port, with the data of this folder (and these
    changes of its settings). Yields its host and port."""
    port = servers.free_port()
    serving = {**os.environ, **environ(folder), **changes, "PORT": str(port)}
    log = folder / "gunicorn.log"
    command = [sys.executable, "-m", "gunicorn", application]
    with log.open("ab") as out:
        child = subprocess.Popen(command, cwd=servers.ROOT, env=serving, stdout=out, stderr=out)
        try:
            servers.wait_for(f"http://127.0.0.1:{port}/{'sante' if application == 'wsgi:app' else ''}", log)
            yield f"127.0.0.1:{port}"
        finally:
            child.terminate()
            child.wait(timeout=20)


def per_second(host: str, address: str, headers: dict[str, str]) -> float:
    """Answers a second to clients that each wait for theirs before asking again."""
    todo: SimpleQueue[int] = SimpleQueue()
    statuses: list[int] = []

    def ask() -> None:
        connection = http.client.HTTPConnection(host)
        while True:
            try:
                todo.get_nowait()
            except Empty:
                return
            connection.request("GET", address, headers=headers)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)

    def all_ask(requests: int) -> float:
        for number in range(requests):
            todo.put(number)
        clients = [threading.Thread(target=ask) for _ in range(CLIENTS)]
        began = time.perf_counter()
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        return time.perf_counter() - began

    all_ask(40)  # to warm both workers up
    spent = all_ask(REQUESTS)
    assert statuses == [200] * (40 + REQUESTS), set(statuses)
    return REQUESTS / spent


def rates(town: Town) -> dict[str, float]:
    """Requests a second of the floors and of the portal."""
    raw = f"bench.floors:served({str(town.database)!r}, {town.family_id}, '{MONTH}', '{TODAY}')"
    with gunicorn(raw, town.folder) as host:
        found = {"hello": per_second(host, "/", {}), "raw grid": per_second(host, "/grid", {})}
    asked, cookie = menu(town), {"Cookie": f"preau={town.cookie}"}
    with gunicorn("wsgi:app", town.folder) as host:
        found["month page"] = per_second(host, PLANNING, {**BROWSER, **cookie})
        found["menu"] = per_second(host, asked.address, {**asked.headers, **cookie})
    return found


def wire(town: Town) -> dict[str, list[int]]:
    """Bytes of each answer of the month page's first load, headers included, by kind; and the menu's."""
    found: dict[str, list[int]] = {}
    asked = menu(town)
    with gunicorn("wsgi:app", town.folder) as host:
        connection = http.client.HTTPConnection(host)

        def fetch(address: str, headers: dict[str, str]) -> tuple[str, int, bytes]:
            connection.request("GET", address, headers={"Cookie": f"preau={town.cookie}", **headers})
            answer = connection.getresponse()
            body = answer.read()
            assert answer.status == 200, (address, answer.status)
            return answer.headers.get_content_type(), len(str(answer.headers)) + len(body), body

        seen, todo = set(), [PLANNING]
        while todo:
            address = todo.pop()
            _, _, readable = fetch(address, {"Accept-Encoding": "identity"})
            found.setdefault(_kind(address), []).append(fetch(address, BROWSER)[1])
            seen.add(address)
            for link in LINKED.findall(readable.decode(errors="ignore")) if _speaks(address) else ():
                to = urljoin(address, "".join(link))
                if to not in seen and to not in todo:
                    todo.append(to)
        found["menu"] = [fetch(asked.address, asked.headers)[1]]
    return found


def _kind(address: str) -> str:
    """HTML, CSS, JS, fonts or icons; htmx apart."""
    path = PurePosixPath(urlsplit(address).path)
    kinds = {"": "HTML", ".css": "CSS", ".js": "JS", ".woff2": "fonts"}
    return "htmx" if path.name == "htmx.min.js" else kinds.get(path.suffix, "icons")


def _speaks(address: str) -> bool:
    """Whether it may name other files."""
    return _kind(address) in ("HTML", "CSS", "JS")


def mails_per_second(town: Town) -> float:
    """Mails claimed and ended, one at a time, as the worker does, without a mail server."""
    town.enter()
    with town.app.app_context():
        with db.transaction():
            for _ in range(300):
                Job.post_mail("a@exemple.fr", "email_changed", identifiant="x")
        began = time.perf_counter()
        for _ in range(300):
            with db.transaction():
                job = Job.claim()
            assert job is not None
            with db.transaction():
                Job.finish(job.id, job.lease_token or "")
        return 300 / (time.perf_counter() - began)
