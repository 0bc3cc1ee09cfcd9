"""Letters: accounts for many families, and a PDF of one page for each."""

import io
import re
from datetime import timedelta
from html import unescape

import pypdf
import pytest
import time_machine
from sqlalchemy import func, select

from app import clock, db
from app.demo import people
from app.models.accounts import Account
from app.models.event import Event
from app.models.families import Adult, Civility
from app.models.letters import letter
from app.models.letters.letter import Draft, Parcel
from tests.builders import activity, clerk, dupont, enrolment
from tests.conftest import text_of

LETTERS = "/agent/familles/lettres"


@pytest.fixture
def guichet(client):
    client.log_in("guichet")
    return client


def families(app, how_many, first=3003003000000, **changes):
    """Families without an account; the ids of their first adults."""
    made = []
    with app.app_context(), db.transaction():
        for number in range(how_many):
            adult = people.adult(people.family(first + number), 1, Civility.MADAME, f"NOM{number:03}", "Éva")
            adult.address, adult.postal_code, adult.city = f"{number} rue des Lilas", "31400", "Saint-Jean"
            for name, value in changes.items():
                setattr(adult, name, value)
            db.session.flush()
            made.append(adult.id)
    return made


def form_of(page, url):
    """The fields of the form that goes to `url`, several of one name included."""
    form = next(
        f for f in re.findall(r"<form.*?</form>", page.text, re.DOTALL) if f'method="post" action="{url}"' in f
    )
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(unescape(value))
    return fields


def go_on(client, page):
    """Press « Continuer » until the letters are ready."""
    steps = 1
    while "C’est prêt" not in page.text:
        page = client.post(LETTERS, data=form_of(page, LETTERS))
        assert page.status_code == 200
        steps += 1
    return page, steps


def make_all(client, query=""):
    page = client.get(f"{LETTERS}{query}")
    return go_on(client, client.post(LETTERS, data=form_of(page, LETTERS)))


def print_all(client, page):
    answer = client.post(f"{LETTERS}/impression", data=form_of(page, f"{LETTERS}/impression"))
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    return pypdf.PdfReader(io.BytesIO(answer.data))


def keys_of(pdf_page):
    """Identifiant and password, as the letter says them."""
    words = pdf_page.extract_text()
    return re.search(r"Votre identifiant (\S+)", words)[1], re.search(r"Mot de passe provisoire ([a-z]{12})", words)[
        1
    ]


def test_one_page_a_family_with_what_is_needed_to_begin(guichet, app):
    families(app, 3)
    page, _ = make_all(guichet)
    pdf = print_all(guichet, page)
    assert len(pdf.pages) == 3
    words = " ".join(pdf.pages[1].extract_text().split())
    for expected in (
        "Madame Éva NOM001",
        "1 rue des Lilas",
        "31400 SAINT-JEAN",
        "http://localhost",
        "eva.nom001",
        "05 61 00 00 00",
        "3003003000001",
        "Choisissez votre propre mot de passe",
    ):
        assert expected in words
    assert re.search(r"une seule fois, jusqu’au \w+ \d+(er)? \w+ \d{4}", words)


def test_the_pdf_is_tagged_and_says_its_language_and_title(guichet, app):
    families(app, 1)
    pdf = print_all(guichet, make_all(guichet)[0])
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "fr-FR"
    assert pdf.metadata.title == "Vos identifiants du portail famille – Saint-Jean"


def test_the_address_stands_in_the_window_of_the_envelope(guichet, app):
    """DL, window of 45 × 100 mm at 20 mm from the right and the bottom; a third of an A4 may slide by 10 mm in it."""
    families(app, 1, address="Résidence des Lilas\nBâtiment B\n12 rue des Écoles")
    (page,) = print_all(guichet, make_all(guichet)[0]).pages
    places = {}
    page.extract_text(visitor_text=lambda text, cm, tm, *_: places.setdefault(text.strip(), (cm, tm)))

    def millimetres(text):
        cm, tm = places[text]
        x, y = tm[4] * cm[0] + cm[4], tm[5] * cm[3] + cm[5]
        return x / 72 * 25.4, (float(page.mediabox.height) - y) / 72 * 25.4

    for line in ("Madame Éva NOM000", "31400 SAINT-JEAN"):
        x, y = millimetres(line)
        assert 100 < x < 110
        assert 50 < y < 79


def test_the_printed_password_opens_the_account_and_must_be_changed(guichet, app):
    families(app, 1)
    identifiant, one_time = keys_of(print_all(guichet, make_all(guichet)[0]).pages[0])
    parent = app.test_client()
    assert parent.log_in_by_form(identifiant, one_time).location == "/"
    assert parent.get("/").location == "/mot-de-passe"
    parent.send_form("/mot-de-passe", {"password": "Soleil-2031", "confirmation": "Soleil-2031"})
    assert parent.get("/").status_code == 200
    assert app.test_client().log_in_by_form(identifiant, one_time).status_code == 422


def test_after_60_days_the_letter_opens_nothing(guichet, app):
    families(app, 1)
    identifiant, one_time = keys_of(print_all(guichet, make_all(guichet)[0]).pages[0])
    with time_machine.travel(clock.now() + timedelta(days=61), tick=True):
        answer = app.test_client().log_in_by_form(identifiant, one_time)
    assert "n’est plus valable depuis le" in text_of(answer)


def test_the_letter_of_one_adult_after_the_account_is_made(guichet, app):
    with app.app_context():
        family_id = dupont().family_id
        jeanne = db.session.query(Adult.id).filter_by(family_id=family_id, rank=2).scalar()
    url = f"/agent/familles/{family_id}/responsables/{jeanne}/compte"
    shown = guichet.send_form(url, {"identifiant": "jeanne.d"})
    (page,) = print_all(guichet, shown).pages
    identifiant, one_time = keys_of(page)
    assert identifiant == "jeanne.d"
    assert one_time in shown.text
    with app.app_context():
        told = db.session.scalars(select(Event).where(Event.kind == "letter_printed")).one()
        assert (told.family_id, told.subject_id) == (family_id, jeanne)


def test_sixty_families_go_by_steps_of_25(guichet, app, count_queries):
    families(app, 60)
    page = guichet.get(LETTERS)
    assert "60 lettres à faire" in text_of(page)
    first = guichet.post(LETTERS, data=form_of(page, LETTERS))
    assert "0 compte sur 60" in text_of(first)
    with app.app_context():
        assert db.session.query(Account).filter(Account.identifiant.like("eva.%")).count() == 0
    second = guichet.post(LETTERS, data=form_of(first, LETTERS))
    assert "25 comptes sur 60" in text_of(second)
    page, steps = go_on(guichet, second)
    assert steps == 3
    assert "60 lettres" in text_of(page)
    assert len(print_all(guichet, page).pages) == 60


def test_with_htmx_each_step_is_a_fragment_that_asks_for_the_next(guichet, app):
    families(app, 1)
    page = guichet.get(LETTERS)
    answer = guichet.post(LETTERS, data=form_of(page, LETTERS), headers={"HX-Request": "true"})
    assert "<html" not in answer.text
    assert 'data-hx-trigger="load, submit"' in answer.text


def test_a_step_sent_twice_makes_the_same_accounts_and_the_same_letters(guichet, app):
    """As when the server was killed before it could answer."""
    families(app, 2)
    page = guichet.get(LETTERS)
    waiting = guichet.post(LETTERS, data=form_of(page, LETTERS))
    once, twice = (guichet.post(LETTERS, data=form_of(waiting, LETTERS)) for _ in range(2))
    for ready in (once, twice):
        assert "2 lettres" in text_of(ready)
    assert [keys_of(one) for one in print_all(guichet, once).pages] == [
        keys_of(one) for one in print_all(guichet, twice).pages
    ]
    with app.app_context():
        created = db.session.scalar(select(func.count()).where(Event.kind == "account_created"))
        assert created == 2


def test_no_letter_is_printed_for_a_password_that_was_replaced_meanwhile(guichet, app):
    ids = families(app, 2)
    page, _ = make_all(guichet)
    with app.app_context(), db.transaction():
        account = db.session.get(Adult, ids[0]).account
        account.give_one_time("another", by=clerk())
    pdf = print_all(guichet, page)
    assert [keys_of(one)[0] for one in pdf.pages] == ["eva.nom001"]
    with app.app_context(), db.transaction():
        account = db.session.get(Adult, ids[1]).account
        account.give_one_time("another", by=clerk())
    answer = guichet.post(f"{LETTERS}/impression", data=form_of(page, f"{LETTERS}/impression"))
    assert answer.location == LETTERS
    assert "il n’y a plus de lettre à imprimer" in text_of(guichet.get(LETTERS))


def test_an_account_that_someone_else_makes_meanwhile_is_left_alone(guichet, app):
    ids = families(app, 2)
    waiting = guichet.post(LETTERS, data=form_of(guichet.get(LETTERS), LETTERS))
    with app.app_context(), db.transaction():
        db.session.get(Adult, ids[0]).account = Account.create("eva", "theirs", one_time=True)
    ready = guichet.post(LETTERS, data=form_of(waiting, LETTERS))
    assert "1 lettre" in text_of(ready)
    assert "1 compte créé ou changé d’une autre façon" in text_of(ready)
    with app.app_context():
        assert db.session.get(Adult, ids[0]).account.password_hash == "theirs"


def test_the_password_is_readable_nowhere_in_the_page_the_database_or_the_folder(guichet, app, place):
    families(app, 1)
    page, _ = make_all(guichet)
    _, one_time = keys_of(print_all(guichet, page).pages[0])
    assert one_time not in page.text
    folder, _ = place
    for path in folder.rglob("*"):
        assert not path.is_file() or one_time.encode() not in path.read_bytes(), path


def test_another_agent_cannot_print_what_was_sealed_for_the_first(guichet, app):
    families(app, 1)
    ready, _ = make_all(guichet)
    fields = form_of(ready, f"{LETTERS}/impression")
    other = app.test_client()
    other.log_in("admin")
    fields["csrf_token"] = form_of(other.get("/agent/comptes/1"), "/agent/comptes/1")["csrf_token"]
    assert other.post(f"{LETTERS}/impression", data=fields).status_code == 400


@pytest.mark.parametrize("sealed", ["", "abc", "é"])
def test_what_was_never_sealed_is_refused(guichet, app, sealed):
    token = form_of(guichet.get("/agent/profil"), "/agent/profil/courriel")["csrf_token"]
    for url in (LETTERS, f"{LETTERS}/impression"):
        assert guichet.post(url, data={"csrf_token": token, "lettres": sealed}).status_code == 400


def test_the_choice_counts_and_makes_only_those_chosen(guichet, app):
    first, second, third = families(app, 3)
    with app.app_context(), db.transaction():
        enrolled = enrolment(activity("Essai"), db.session.get(Adult, first).family)
        enrolled.child.school = "École Jules-Ferry"
        structure = enrolled.activity.structure_id
        db.session.get(Adult, second).email = ""
        db.session.get(Adult, third).address = ""
    for query, letters in (
        ("", 3),
        (f"?structure={structure}", 1),
        ("?ecole=%C3%89cole+Jules-Ferry", 1),
        ("?courriel=sans", 1),
        ("?courriel=avec", 2),
        (f"?structure={structure}&courriel=sans", 0),
    ):
        assert (f"{letters} lettre" in text_of(guichet.get(f"{LETTERS}{query}"))) == (letters > 0), query
    assert "1 sans adresse postale complète" in text_of(guichet.get(LETTERS))
    make_all(guichet, f"?structure={structure}")
    with app.app_context():
        assert [db.session.get(Adult, one).account_id is not None for one in (first, second, third)] == [
            True, False, False,
        ]  # fmt: skip
    fragment = guichet.get(f"{LETTERS}?courriel=sans", headers={"HX-Request": "true"})
    assert "<html" not in fragment.text
    assert guichet.get(f"{LETTERS}?ecole=ailleurs").status_code == 404


def test_families_with_an_account_or_merged_away_get_no_letter(guichet, app):
    (adult_id,) = families(app, 1)
    with app.app_context(), db.transaction():
        db.session.get(Adult, adult_id).family.merged_into = dupont().family_id
    page = guichet.get(LETTERS)
    assert "Aucune famille ne correspond" in text_of(page)
    token = form_of(guichet.get("/agent/profil"), "/agent/profil/courriel")["csrf_token"]
    assert guichet.post(LETTERS, data={"csrf_token": token}).location == LETTERS
    with app.app_context():
        kinds = set(db.session.scalars(select(Event.kind)))
        assert "account_created" not in kinds


def test_those_who_never_used_their_letter_get_another_one(guichet, app):
    families(app, 2)
    old = [keys_of(one) for one in print_all(guichet, make_all(guichet)[0]).pages]
    used = app.test_client()
    used.log_in_by_form(*old[1])
    used.send_form("/mot-de-passe", {"password": "Soleil-2031", "confirmation": "Soleil-2031"})
    assert "1 lettre à faire" in text_of(guichet.get(f"{LETTERS}?comptes=jamais"))
    pdf = print_all(guichet, make_all(guichet, "?comptes=jamais")[0])
    ((identifiant, one_time),) = [keys_of(one) for one in pdf.pages]
    assert identifiant == old[0][0]
    assert app.test_client().log_in_by_form(*old[0]).status_code == 422
    assert app.test_client().log_in_by_form(identifiant, one_time).location == "/"
    assert app.test_client().log_in_by_form(old[1][0], "Soleil-2031").location == "/"


def test_a_password_chosen_between_two_steps_is_not_taken_away(guichet, app):
    families(app, 1)
    keys = keys_of(print_all(guichet, make_all(guichet)[0]).pages[0])
    page = guichet.get(f"{LETTERS}?comptes=jamais")
    waiting = guichet.post(LETTERS, data=form_of(page, LETTERS))
    parent = app.test_client()
    parent.log_in_by_form(*keys)
    parent.send_form("/mot-de-passe", {"password": "Soleil-2031", "confirmation": "Soleil-2031"})
    ready = guichet.post(LETTERS, data=form_of(waiting, LETTERS))
    assert "0 lettre" in text_of(ready)
    assert app.test_client().log_in_by_form(keys[0], "Soleil-2031").location == "/"


def test_no_password_is_hashed_and_no_page_set_inside_a_transaction(guichet, app, monkeypatch):
    families(app, 1)
    seen = []

    def outside(name, original):
        def called(*args, **kwargs):
            seen.append((name, bool(db.session().info.get("writing"))))
            return original(*args, **kwargs)

        return called

    monkeypatch.setattr(letter.password, "hash_password", outside("hash", letter.password.hash_password))
    from app.integrations import pdf  # noqa: PLC0415

    monkeypatch.setattr(pdf, "render", outside("pdf", pdf.render))
    print_all(guichet, make_all(guichet)[0])
    assert seen == [("hash", False), ("pdf", False)]


@pytest.mark.parametrize("identifiant", ["animation", "regie"])
def test_letters_are_closed_to_the_other_roles(client, identifiant):
    client.log_in(identifiant)
    assert client.get(LETTERS).status_code == 403


def test_a_page_of_letters_takes_as_many_queries_for_more_of_them(guichet, app, count_queries):
    families(app, 1)
    one, _ = make_all(guichet)
    with count_queries() as before:
        print_all(guichet, one)
    families(app, 3, 3003003000100)
    three, _ = make_all(guichet)
    with count_queries() as after:
        print_all(guichet, three)
    inserts = [sent for sent in after if sent.startswith("INSERT")]
    assert len(after) - len(inserts) == len(before) - len([sent for sent in before if sent.startswith("INSERT")])


def test_a_sealed_parcel_opens_for_its_agent_only(app):
    with app.app_context():
        agent, other = Account.named("guichet").agent, Account.named("admin").agent
        parcel = Parcel(agent.id, (Draft(1, "secret", "hash"),), renews=True)
        assert Parcel.open(parcel.seal(), agent) == parcel
        assert Parcel.open(parcel.seal(), other) is None
        assert Parcel.open("[]", agent) is None
