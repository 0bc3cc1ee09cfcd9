"""`make run`: the demonstration town, served and stopped as a person does it."""

import contextlib
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from app import create_app, db
from app.demo import LOGINS, PASSWORD
from app.models.town import Town
from tests.conftest import settings
from tests.servers import ROOT, free_port, wait_for


class Run:
    """`make run` in a terminal of its own (a process group), in a data folder."""

    def __init__(self, folder, **changes):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder.with_suffix(f".{self.port}.log")
        environment = {"PATH": "/usr/bin:/bin", "PREAU_DATA_DIR": str(folder), "PORT": str(self.port), **changes}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.demo.serve"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def told(self):
        return self.log.read_text()

    def wait_until_told(self, words, seconds=180):
        ends = time.monotonic() + seconds
        while words not in self.told:
            assert self.process.poll() is None, self.told
            assert time.monotonic() < ends, self.told
            time.sleep(0.05)

    def get(self, path):
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read().decode()

    def interrupt(self):
        """Ctrl-C: the whole group receives it. The exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(90)

    def left_over(self):
        """Its processes that still run, launcher included: number → its parent's. Known by their port."""
        found = {}
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if f"PORT={self.port}".encode() in (process / "environ").read_bytes().split(b"\0"):
                    found[int(process.name)] = int((process / "stat").read_text().rpartition(")")[2].split()[1])
        return found


@pytest.fixture
def run(tmp_path):
    started = []

    def running(folder=tmp_path / "data", **changes):
        started.append(Run(folder, **changes))
        return started[-1]

    yield running
    for each in started:
        for number in each.left_over():
            with contextlib.suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        each.process.wait(60)


@pytest.fixture
def made(tmp_path, built_once):
    """A data folder in which `make run` made the town of today."""

    def fill(folder):
        environment = {"PATH": "/usr/bin:/bin", "PREAU_DATA_DIR": str(folder)}
        subprocess.run([sys.executable, "-m", "flask", "demo"], cwd=ROOT, env=environment, check=True)

    return shutil.copytree(built_once("made", fill), tmp_path / "data")


@pytest.fixture
def change_town(tmp_path):
    """Change the town of the served folder, as an agent would."""
    yield lambda **changes: _change(tmp_path / "data", changes)
    db.disconnect()


def _change(folder, changes):
    create_app(settings(folder))
    with db.transaction() as writing:
        for name, value in changes.items():
            setattr(writing.get_one(Town, 1), name, value)


def test_it_makes_the_town_serves_it_and_stops_whole_then_keeps_what_was_changed(run, change_town):
    first = run()
    first.wait_until_told("Ctrl-C arrête tout")
    assert f"Portail famille de démonstration : {first.url}\n" in first.told
    assert PASSWORD in first.told
    for identifiant, who in LOGINS:
        assert identifiant in first.told
        assert who in first.told
    assert "veuillez vous identifier" in first.get("/connexion")
    state = _wait_for_the_worker(first)
    assert state == {"database": "ok", "worker": "ok", "disk": "ok", "keys": "ok"}
    assert len(first.left_over()) >= 4, "the launcher, two servers and the worker were expected"
    assert first.interrupt() == 0
    assert first.left_over() == {}
    assert "Traceback" not in first.told
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", first.port), timeout=1)

    change_town(contact_phone="05 61 99 99 99")
    second = run()
    second.wait_until_told("Ctrl-C arrête tout")
    assert "Création de la ville" not in second.told
    assert "05 61 99 99 99" in second.get("/connexion")
    assert second.interrupt() == 0


def _wait_for_the_worker(running):
    ends = time.monotonic() + 90
    while (state := json.loads(running.get("/sante")))["worker"] != "ok" and time.monotonic() < ends:
        time.sleep(0.1)
    return state


def test_it_serves_the_day_that_is_asked_and_stops_when_told_to(run, made):
    running = run(made, PREAU_TODAY="2015-05-04")
    running.wait_until_told("Ctrl-C arrête tout")
    assert "Lundi 4 Mai 2015" in _home_of("jean.dupont", running.url)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(90) == 0
    assert running.left_over() == {}


def _home_of(identifiant, url):
    """The first page after logging in, as a browser gets it."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{url}/connexion", timeout=60).read().decode()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)[1]
    form = {"identifiant": identifiant, "password": PASSWORD, "csrf_token": token}
    return browser.open(f"{url}/connexion", urllib.parse.urlencode(form).encode(), timeout=60).read().decode()


def test_a_town_whose_making_was_stopped_is_made_again(run, tmp_path):
    subprocess.run(
        [sys.executable, "-m", "flask", "db", "upgrade"],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "PREAU_ENV": "demo", "PREAU_DATA_DIR": str(tmp_path / "data")},
        check=True,
        capture_output=True,
    )
    running = run()
    running.wait_until_told("Ctrl-C arrête tout")
    assert "Création de la ville" in running.told
    assert running.interrupt() == 0


@pytest.mark.sqlite_only
def test_it_does_not_serve_a_real_town_as_a_demonstration(run, place):
    folder, _ = place
    _change(folder, {"is_demo": False})
    db.disconnect()
    running = run(folder)
    assert running.process.wait(90) != 0
    assert "n’est pas une démonstration : rien n’est effacé" in running.told
    assert "Traceback" not in running.told
    assert running.left_over() == {}


def test_wrong_settings_are_told_and_nothing_starts(run):
    running = run(PREAU_TODAY="hier")
    assert running.process.wait(90) == 1
    assert "PREAU_TODAY n’est pas une date AAAA-MM-JJ : « hier »." in running.told
    assert "Traceback" not in running.told


def test_a_port_in_use_is_told_and_nothing_starts(run, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        running = run(PORT=str(port))
        assert running.process.wait(90) == 1
    assert f"Le port {port} est déjà pris" in running.told
    assert not (tmp_path / "data" / "preau.db").exists()


def test_when_one_part_dies_the_other_is_stopped(run, made):
    running = run(made)
    running.wait_until_told("Ctrl-C arrête tout")
    wait_for(f"{running.url}/sante")
    parents = running.left_over()
    begun = {number for number, parent in parents.items() if parent == running.process.pid}
    (worker,) = begun - set(parents.values())  # gunicorn has processes of its own
    os.kill(worker, signal.SIGKILL)
    assert running.process.wait(90) == 1
    assert running.left_over() == {}


def test_a_closed_terminal_stops_everything(run, made):
    running = run(made)
    running.wait_until_told("Ctrl-C arrête tout")
    os.killpg(running.process.pid, signal.SIGHUP)
    assert running.process.wait(90) == 0
    assert running.left_over() == {}


@pytest.mark.parametrize("port", ["abc", "70000", "0"])
def test_a_port_that_is_none_is_told(run, port):
    running = run(PORT=port)
    assert running.process.wait(90) == 1
    assert "PORT doit être un nombre de 1 à 65535" in running.told
