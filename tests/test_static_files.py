"""Static files: the same bytes for everyone, compressed, kept for a year under the address that pages give."""

import gzip
import re

import brotli
import pytest

from app import static_files

pytestmark = pytest.mark.sqlite_only

CSS = "/static/css/base.css"


@pytest.fixture
def of_the_page(client) -> str:
    """The style sheet's address, as a page writes it."""
    return re.search(r'href="(/static/css/base\.css\?v=\w+)"', client.get("/connexion").text)[1]


def test_they_are_kept_for_a_year_under_the_address_that_pages_give(client, of_the_page):
    assert client.get(of_the_page).headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("address", [CSS, f"{CSS}?v=0123456789", f"{CSS}?v="])
def test_under_another_version_they_are_asked_again_within_the_hour(client, address):
    assert client.get(address).headers["Cache-Control"] == "public, max-age=3600"


def test_every_file_that_a_style_sheet_names_bears_its_version():
    for name in (one for one in static_files.NAMES if one.endswith(".css")):
        for path in re.findall(r'url\("(?!data:)\.\./([^"]+)"\)', static_files.content(name).decode()):
            assert f"/static/{path}" == static_files.address(path.partition("?")[0]), name


def test_a_page_asks_for_the_fonts_beside_the_styles(client):
    fonts = re.findall(r'url\("\.\./(fonts/[^"?]+)', static_files.content("css/base.css").decode())
    preloaded = re.findall(r'rel="preload" href="([^"]+)" as="font"', client.get("/connexion").text)
    assert preloaded == [static_files.address(name) for name in fonts]


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [
        ("br, gzip", "br", brotli.decompress),
        ("gzip, deflate, br;q=0.1", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
        ("*", "br", brotli.decompress),
        ("", None, bytes),
        ("deflate", None, bytes),
    ],
)
def test_a_browser_gets_the_best_encoding_that_it_accepts(client, accepted, encoding, unpack):
    answer = client.get(CSS, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert unpack(answer.data) == (static_files.FOLDER / "css/base.css").read_bytes()
    assert answer.headers["Content-Length"] == str(len(answer.data))
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_what_is_compressed_already_is_sent_as_it_is(client):
    answer = client.get("/static/icons/touch.png", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers
    assert answer.data.startswith(b"\x89PNG")


def test_a_file_that_the_browser_has_is_not_sent_again(client):
    first = client.get(CSS, headers={"Accept-Encoding": "br"})
    etag = first.headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = client.get(CSS, headers={"Accept-Encoding": "br", "If-None-Match": known})
        assert (again.status_code, again.data) == (304, b""), known
        assert {name: again.headers[name] for name in ("ETag", "Cache-Control", "Vary")} == {
            name: first.headers[name] for name in ("ETag", "Cache-Control", "Vary")
        }
        assert "Content-Length" not in again.headers
    plain = client.get(CSS, headers={"If-None-Match": etag})
    assert plain.status_code == 200  # these are other bytes
    assert plain.headers["ETag"] != etag


def test_head_tells_of_a_file_without_sending_it(client):
    answer = client.head(CSS)
    assert (answer.status_code, answer.data) == (200, b"")
    assert int(answer.headers["Content-Length"]) == len(client.get(CSS).data)


def test_every_file_has_its_kind(client):
    kinds = {"js/forms.js": "text/javascript; charset=utf-8", "favicon.svg": "image/svg+xml"}
    kinds["fonts/atkinson-hyperlegible-next-400.woff2"] = "font/woff2"
    for name, kind in kinds.items():
        assert client.get(f"/static/{name}").headers["Content-Type"] == kind
    on_disk = {path for path in static_files.FOLDER.rglob("*") if path.is_file()}
    assert {static_files.FOLDER / name for name in static_files.NAMES} == on_disk


def test_they_depend_on_nobody(jean, client):
    mine, anyone_s = jean.get(CSS), client.get(CSS)
    assert mine.data == anyone_s.data
    assert "Set-Cookie" not in mine.headers


@pytest.mark.parametrize(
    "name", ["", "css", "css/", "css/none.css", "css/base.css/", "/css/base.css", "css/BASE.CSS"]
)
def test_a_name_that_is_none_gets_the_page_that_says_so(client, name):
    answer = client.get(f"/static/{name}")
    assert answer.status_code == 404
    assert "Page introuvable" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_nothing_is_sent_to_a_file(client):
    assert client.post(CSS).status_code in (400, 404)
