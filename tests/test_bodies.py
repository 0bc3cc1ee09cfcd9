"""What a request may bring: a form and nothing else, of so many bytes, in time."""

import re
import socket
import threading

import pytest

from app import bodies
from tests.conftest import text_of
from tests.test_conventions import address, endpoints

pytestmark = pytest.mark.sqlite_only
FORM = bodies.FORMS[0]


def posts(app) -> dict[str, str]:
    """By endpoint, an address that takes a POST."""
    return {rule.endpoint: address(app, rule) for rule in endpoints(app) if "POST" in rule.methods}


@pytest.mark.parametrize("identifiant", ["jean.dupont", "guichet", None])
def test_no_view_reads_anything_but_a_form(app, client, identifiant):
    if identifiant:
        client.log_in(identifiant)
    for endpoint, url in posts(app).items():
        for sent in ({"json": {"identifiant": ["\ud800", 3]}}, {"data": "<a/>", "content_type": "text/xml"}):
            answer = client.post(url, **sent)
            assert answer.status_code == 415, endpoint
        assert "Le portail ne reçoit que ses propres formulaires." in text_of(answer)
        assert client.post(url).status_code != 415, endpoint  # an empty form is one


@pytest.mark.parametrize("identifiant", ["jean.dupont", "guichet"])
def test_a_form_is_bounded_and_one_with_a_file_is_longer(app, client, identifiant):
    client.log_in(identifiant)
    longer = {endpoint for endpoint, view in app.view_functions.items() if hasattr(view, "takes_file")}
    assert "parent.give_document" in longer
    for endpoint, url in posts(app).items():
        sent = {"data": {"motif": "x" * bodies.OF_FORMS}, "content_type": "multipart/form-data"}
        assert (client.post(url, **sent).status_code == 413) == (endpoint not in longer), endpoint
        assert client.post(url, **arriving(Unread(), bodies.OF_FILES + 1)).status_code == 413, endpoint


def test_a_stranger_s_form_is_short_and_is_not_even_read(app, client):
    for endpoint, url in posts(app).items():
        answer = client.post(url, **arriving(Unread(), bodies.OF_STRANGERS + 1))
        assert answer.status_code == 413, endpoint
        assert len(answer.data) < 20_000, "what was typed must not come back"


class Unread:
    """A body that nobody may read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("it was read")

    readline = read


def arriving(stream, length: int, **environ) -> dict:
    """A form of this length that arrives so."""
    told = {"wsgi.input": stream, "CONTENT_LENGTH": str(length), "CONTENT_TYPE": FORM, "wsgi.input_terminated": True}
    return {"environ_overrides": told | environ}


def test_a_body_that_never_ends_is_told_so_and_the_thread_is_free_again(client, monkeypatch):
    monkeypatch.setattr(bodies, "PATIENCE", 0.2)
    here, there = socket.socketpair()
    there.sendall(b"identifiant=")
    answers = []
    sent = arriving(here.makefile("rb"), 1000, **{"gunicorn.socket": here})
    asking = threading.Thread(target=lambda: answers.append(client.post("/connexion", **sent)))
    asking.start()
    asking.join(20)
    assert not asking.is_alive()
    assert answers[0].status_code == 408
    assert "arrivé trop lentement" in text_of(answers[0])
    here.sendall(b"an answer still leaves")
    assert there.recv(100) == b"an answer still leaves"


def test_a_body_that_is_cut_is_no_late_one(client):
    """The phone left the network: nobody reads the answer, and nothing is written."""
    here, there = socket.socketpair()
    there.sendall(b"identifiant=")
    there.close()
    sent = arriving(here.makefile("rb"), 1000, **{"gunicorn.socket": here})
    assert client.post("/connexion", **sent).status_code == 400


@pytest.mark.parametrize("identifiant", ["jean.dupont", "admin"])
@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"seen": '{"zz": 1}', "submission": "x", "version": "x", "motif": "x"},
        {"seen": "[" * 5000, "foyer": "x", "autorite": "1", "ligne": ":", "demande": "²"},
    ],
    ids=["nothing", "what no page says", "nonsense"],
)
def test_a_form_that_no_page_of_ours_shows_is_no_error(app, client, identifiant, odd):
    client.log_in(identifiant)
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/mot-de-passe").text)[1]
    for endpoint, url in posts(app).items():
        if endpoint != "auth.logout":
            assert client.post(url, data={"csrf_token": token, **odd}).status_code < 500, endpoint
