"""Any text prints in every PDF: in one font a word, and with a visible sign for what no font of ours writes."""

import io

import pypdf
import pytest

from app import db
from app.integrations import dui_pdf, pdf
from app.models.requests import Request
from tests.agent.test_letters import families, make_all
from tests.builders import dupont
from tests.files import lea

NAMES = {
    "French": "Éloïse Œuvrard d’Arc",
    "Vietnamese": "Nguyễn Thị Hằng",
    "Greek": "Παπαδόπουλος Ελένη",
    "Cyrillic": "Ковальчук Олена",
    "Polish, decomposed": "Z\u0307o\u0301łć",
    "Hindi": "किशोर",
    "Chinese": "李小龙",
    "Arabic": "محمد",
    "Hebrew": "דוד",
    "Korean": "김민준",
    "a pictogram": "Zoé 😀",
    "invisible": "Zo\u200bé\u0007\u202e",
}
WRITTEN = ("French", "Vietnamese", "Greek", "Cyrillic", "Hindi")
TEMPLATES = sorted(path.stem for path in (pdf.APP / "templates" / "pdf").glob("*.typ"))


@pytest.fixture
def rendered(app, jean, monkeypatch) -> dict[str, dict]:
    """What each template was really given, by its name."""
    given = {}
    render = pdf.render

    def note(template, data):
        given[template] = data
        return render(template, data)

    monkeypatch.setattr(pdf, "render", note)
    with app.app_context():
        dui_pdf.render(lea(), dupont().family)
    form = {"profession": "Luthier", "civility": "Monsieur", "last_name": "DUPONT", "first_name": "JEAN"}
    address = "/mon-compte/responsable/modification"
    jean.send_form(address, form)
    with app.app_context():
        number = db.session.query(Request.id).order_by(Request.id.desc()).limit(1).scalar()
    assert jean.get(f"/demandes/{number}.pdf").status_code == 200
    guichet = app.test_client()
    guichet.log_in("guichet")
    families(app, 1)
    printed(guichet)
    given["fiche-inscription"] = dict.fromkeys(("town", "service", "phone", "email", "year"), "Saint-Jean")
    assert sorted(given) == TEMPLATES
    monkeypatch.setattr(pdf, "render", render)
    return given


def printed(guichet):
    page, _ = make_all(guichet)
    form = page.text.partition('action="/agent/familles/lettres/impression"')[2].partition("</form>")[0]
    fields = {"csrf_token": "", "lettres": []}
    for tag in form.split("<input")[1:]:
        name, value = (tag.partition(f'{which}="')[2].partition('"')[0] for which in ("name", "value"))
        fields[name] = [*fields[name], value] if name == "lettres" else value
    answer = guichet.post("/agent/familles/lettres/impression", data=fields)
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    return answer


def everywhere(data, name: str):
    """The same data, with this name beside each text that a person may have typed."""
    if isinstance(data, str):
        return f"{data} {name}" if data[:1].isupper() else data
    if isinstance(data, dict):
        return {key: everywhere(value, name) for key, value in data.items()}
    return [everywhere(one, name) for one in data] if isinstance(data, list | tuple) else data


def text(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(content)).pages).split())


@pytest.mark.sqlite_only
def test_every_pdf_prints_whatever_a_person_typed(rendered):
    for template, data in rendered.items():
        for script, name in NAMES.items():
            content = pdf.render(template, everywhere(data, name))
            assert content.startswith(b"%PDF"), (template, script)
            if script in ("French", "Vietnamese", "Greek", "Cyrillic"):
                assert name in text(content), (template, script)
            assert pdf.loses(name) is (script not in (*WRITTEN, "Polish, decomposed", "invisible")), script


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("E\u0301lodie", "Élodie"),
        ("李 Zoé", f"{pdf.UNKNOWN} Zoé"),
        ("Zo\u0007é\u202e", "Zoé"),
        ("Zoé 😀", f"Zoé {pdf.UNKNOWN}"),
    ],
)
def test_what_is_printed_of_a_text(typed, said):
    assert pdf.printable(typed) == said


@pytest.mark.sqlite_only
def test_a_letter_that_cannot_be_written_whole_is_printed_and_named(app, client):
    client.log_in("guichet")
    families(app, 3)
    with app.app_context(), db.transaction() as writing:
        adults = writing.execute(
            db.Base.metadata.tables["adult"].select().where(db.text("last_name LIKE 'NOM%'"))
        ).all()
        table = db.Base.metadata.tables["adult"]
        writing.execute(table.update().where(table.c.id == adults[1].id).values(first_name="小龙"))
    printed(client)
    told = client.get("/agent/").text
    assert "小龙" in told
    assert "à la main" in told
