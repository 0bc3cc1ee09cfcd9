"""Journal: who did what, when, from where."""

import ast
import csv
import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert

from app import crypto, db
from app.models.accounts import Account
from app.models.event import Event, EventGroup
from app.models.families import Child
from app.models.journal import journal
from app.models.journal.words import LABELS, PACKAGES, changes, said
from app.models.planning.terms_change import TermsChange
from app.models.request_kind import RequestKind
from app.models.requests import LineState, Request, RequestLine
from tests.builders import DAY, activity, dupont, durand, enrolment
from tests.conftest import SECRETS, text_of

pytestmark = pytest.mark.both_engines

APP = Path(__file__).resolve().parent.parent.parent / "app"
JOURNAL = "/agent/journal"


@pytest.fixture
def admin(client):
    client.log_in("admin")
    return client


def write(app, kind="family_changed", **told):
    with app.app_context(), db.transaction():
        actor = Account.named(told.pop("by", "guichet"))
        Event.record(kind, actor=actor, **told)


def family_changed(app, **told):
    with app.app_context():
        family = dupont().family
    write(app, subject=family, family_id=family.id, address="203.0.113.7", **told)


def rows_of(page):
    """The lines shown, as texts."""
    lines = re.findall(r'<li>\s*<p class="journal-when">.*?</div>\s*</li>', page.text, re.DOTALL)
    return [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", line)).strip() for line in lines]


def test_a_line_says_who_when_from_where_what_about_whom_and_what_changed(admin, app):
    family_changed(app, before={"situation": "Marié"}, after={"situation": "Séparé"})
    row = rows_of(admin.get(JOURNAL))[0]
    for words in ("Dossier modifié", "Claire Vidal", "guichet, 203.0.113.7", "Dossier 1001001818331, DUPONT"):
        assert words in row
    assert "Situation : Marié → devient Séparé" in row
    assert re.search(r"\w+ \d+(er)? \w+ \d{4} à \d+ h \d\d", row.replace("\u00a0", " "))


def test_the_newest_is_first_and_what_the_portal_does_by_itself_says_so(admin, app):
    family_changed(app)
    with app.app_context(), db.transaction():
        Event.record("password_reset_requested", subject=Account.named("durand"))
    rows = rows_of(admin.get(JOURNAL))
    assert "Lien « mot de passe oublié » demandé" in rows[0].replace("\u00a0", " ")
    assert "SOPHIE DURAND – durand" in rows[0]
    assert "le portail" in rows[0]
    assert "Dossier modifié" in rows[1]


def test_subjects_are_named(admin, app):
    with app.app_context(), db.transaction() as writing:
        made = enrolment(activity("Essai"), dupont().family)
        asked = Request(
            code="K7M-3QX",
            kind=RequestKind.BOOKING,
            family_id=made.family_id,
            submitted_by=dupont().id,
            submission="a",
        )
        asked.lines.append(RequestLine(enrolment_id=made.id, day=DAY, kind=RequestKind.BOOKING))
        writing.add(asked)
        writing.flush()
        agent = Account.named("animation").agent
        for kind, subject in (
            ("request_taken", asked),
            ("line_accepted", asked.lines[0]),
            ("child_changed", made.child),
            ("adult_changed", dupont()),
            ("agent_changed", agent),
            ("account_locked", dupont().account),
        ):
            Event.record(kind, actor=agent.account, subject=subject, family_id=made.family_id)
    page = text_of(admin.get(JOURNAL))
    for words in (
        "Demande prise en charge – K7M-3QX",
        "Demande acceptée – K7M-3QX",
        "Enfant modifié – Léa DUPONT",
        "Responsable modifié – JEAN DUPONT",
        "Compte d’agent modifié – Karim Haddad",
        "Compte verrouillé – JEAN DUPONT – jean.dupont",
    ):
        assert words in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("type=comptes", {"account_locked"}),
        ("type=familles", {"family_changed"}),
        ("type=rien-de-connu", {"account_locked", "family_changed", "login"}),
        ("qui=guichet", {"family_changed"}),
        ("qui=vidal", {"family_changed"}),
        ("qui=DURAND", {"account_locked"}),
        ("qui=personne", set()),
        ("famille=1001%20001%20818%20331", {"family_changed"}),
        ("famille=42", set()),
        ("type=familles&qui=admin", set()),
        ("du=pas-une-date", {"account_locked", "family_changed", "login"}),
        ("du=0001-01-01&au=9999-12-31", {"account_locked", "family_changed", "login"}),
        ("du=2000-01-01&au=2000-12-31", set()),
    ],
)
def test_filters(admin, app, query, expected):
    family_changed(app)
    with app.app_context():
        account = durand().account
    write(app, "account_locked", by="admin", subject=account)
    shown = text_of(admin.get(f"{JOURNAL}?{query}"))
    for kind in ("account_locked", "family_changed", "login"):
        assert (f"{LABELS[kind]} " in shown.partition("d’abord.")[2]) == (kind in expected), kind


def test_a_day_is_that_of_paris_both_ends_included(admin, app):
    with app.app_context(), db.transaction() as writing:
        writing.execute(
            insert(Event),
            [
                {"kind": "family_created", "address": "", "at": datetime(2015, 5, 3, 21, 59, tzinfo=UTC)},
                {"kind": "family_changed", "address": "", "at": datetime(2015, 5, 3, 22, 1, tzinfo=UTC)},
                {"kind": "family_split", "address": "", "at": datetime(2015, 5, 4, 21, 59, tzinfo=UTC)},
                {"kind": "family_merged", "address": "", "at": datetime(2015, 5, 4, 22, 1, tzinfo=UTC)},
            ],
        )
    rows = rows_of(admin.get(f"{JOURNAL}?du=2015-05-04&au=2015-05-04"))
    assert ["Dossier séparé" in rows[0], "Dossier modifié" in rows[1], len(rows)] == [True, True, 2]


def test_pages_of_fifty(admin, app):
    with app.app_context(), db.transaction() as writing:
        writing.execute(insert(Event), [{"kind": "family_created", "address": f"n{n}"} for n in range(120)])
    first, last = admin.get(f"{JOURNAL}?type=familles"), admin.get(f"{JOURNAL}?type=familles&page=3")
    assert "120 lignes" in text_of(first)
    assert [len(rows_of(page)) for page in (first, last)] == [50, 20]
    assert "n119" in rows_of(first)[0]
    assert "n0" in rows_of(last)[-1]
    assert 'href="/agent/journal?type=familles&amp;page=2"' in first.text
    assert rows_of(admin.get(f"{JOURNAL}?type=familles&page=99")) == rows_of(last)


def test_what_no_key_opens_is_illisible_and_hides_nothing_else(admin, app):
    family_changed(app, after={"situation": "Marié"})
    crypto.configure(["another key, of 32 characters or more, that came later"])
    try:
        family_changed(app, after={"situation": "Pacsé"})
        page = admin.get(JOURNAL)
        exported = admin.get(f"{JOURNAL}.csv")
    finally:
        crypto.configure([SECRETS["PREAU_ENCRYPTION_KEYS"]])
    assert page.status_code == 200
    assert "Situation : Pacsé" in rows_of(page)[0]
    assert "illisible" in rows_of(page)[1]
    assert "illisible" in exported.text


def test_the_export_has_the_same_lines(admin, app):
    family_changed(app, before={"situation": "Marié"}, after={"situation": "Séparé"})
    answer = admin.get(f"{JOURNAL}.csv?type=familles")
    assert answer.mimetype == "text/csv"
    assert answer.text.startswith("\ufeff")
    lines = list(csv.reader(io.StringIO(answer.text[1:]), delimiter=";"))
    assert lines[0][:3] == ["Date", "Heure", "Qui"]
    assert len(lines) == 2
    assert lines[1][2:] == [
        "Claire Vidal",
        "guichet",
        "203.0.113.7",
        "Dossier modifié",
        "1001001818331, DUPONT",
        "",
        "Situation\u00a0: Marié",
        "Situation\u00a0: Séparé",
    ]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t"])
def test_no_cell_of_the_export_is_a_formula(admin, app, sign):
    with app.app_context(), db.transaction():
        child = Child(last_name="X", first_name=f"{sign}cmd|calc", birth_date=DAY)
        db.session.add(child)
        db.session.flush()
    write(app, "child_changed", subject=child)
    line = list(csv.reader(io.StringIO(admin.get(f"{JOURNAL}.csv").text), delimiter=";"))[1]
    assert line[7].startswith(f"'{sign}cmd")


def test_the_export_stops_where_the_page_says(admin, app, monkeypatch):
    with app.app_context(), db.transaction() as writing:
        writing.execute(insert(Event), [{"kind": "family_created", "address": ""} for _ in range(5)])
    monkeypatch.setattr(journal, "MOST_EXPORTED", 3)
    assert len(admin.get(f"{JOURNAL}.csv").text.splitlines()) == 4


def test_the_history_of_a_family_holds_that_of_the_files_merged_into_it(app):
    family_changed(app)
    with app.app_context(), db.transaction():
        kept, absorbed = durand().family, dupont().family
        absorbed.merged_into = kept.id
        Event.record("family_created", subject=kept, family_id=kept.id)
    with app.app_context():
        kept_id = durand().family_id
        assert [entry.what for entry in journal.of_family(kept_id)] == ["Dossier créé", "Dossier modifié"]
        assert len(journal.of_family(kept_id, limit=1)) == 1


def test_the_journal_takes_as_many_queries_for_more_lines(admin, app, count_queries):
    with app.app_context():
        subjects = [(dupont().family, dupont()), (durand().family, durand())]
    counts = []
    for _ in range(2):
        for family, adult in subjects:
            write(app, "adult_changed", subject=adult, family_id=family.id)
            write(app, "login", by="durand", subject=adult)
        with count_queries() as sent:
            admin.get(JOURNAL)
        counts.append(len(sent))
    assert counts[0] == counts[1] <= 9


@pytest.mark.parametrize("identifiant", ["guichet", "animation", "regie"])
def test_only_the_administration_reads_it(client, identifiant):
    client.log_in(identifiant)
    assert client.get(JOURNAL).status_code == 403
    assert client.get(f"{JOURNAL}.csv").status_code == 403


def test_the_family_page_keeps_network_addresses_for_the_readers_of_the_journal(client, app):
    family_changed(app)
    with app.app_context():
        url = f"/agent/familles/{dupont().family_id}"
    for identifiant, told in (("guichet", False), ("admin", True)):
        client.log_in(identifiant)
        page = client.get(url)
        assert "Dossier modifié" in text_of(page)
        assert ("203.0.113.7" in page.text) == told
        client.log_out("/agent/profil")


def test_what_says_nothing_before_nor_after_is_left_out():
    told = {"last_name": "PETIT", "sex": "", "school": None, "children": []}
    assert changes(None, told) == [("Nom", "", "PETIT")]
    assert changes({"sex": ""}, {"sex": ""}) == []


def test_health_bank_and_passwords_show_nowhere_even_if_someone_wrote_them():
    told = {"diet": "sans porc", "iban": "FR76", "password": "secret", "motif": "varicelle", "homes": {"note": "x"}}
    assert changes(told, {"situation": "Marié"}) == [("Situation", "", "Marié")]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        (True, "oui"),
        (3, "3"),
        ("2015-05-04", "04/05/2015"),
        ("2015-05-04/2015-05-08", "04/05/2015 – 08/05/2015"),
        ("2015-5-4", "2015-5-4"),
        (["deadline", "capacity"], "délai, places"),
        ({"Léa": "chez elle"}, "Léa\u00a0: chez elle"),
    ],
)
def test_values_in_french(value, expected):
    assert said(value) == expected


def calls():
    """Every call of the application whose name records an event: file, name, arguments."""
    for path in sorted(APP.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func).rpartition(".")[2]
                if name in ("record", "_note", "note"):
                    yield path, name, node.args


def kinds_recorded():
    found = {f"line_{state}" for state in LineState} | {one.event for one in TermsChange.__subclasses__()}
    for path, name, arguments in calls():
        literals = [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        of_line = name == "note" and not isinstance(arguments[0], ast.Constant)  # (line, "submitted")
        kinds = [f"line_{kind}" if of_line else kind for kind in literals[:1]]
        dynamic = {"line_journal.py", "decision.py", "waiting_list.py", "enrolling.py"}  # those above
        in_a_note = ast.unparse(arguments[0]) == "kind" if arguments else False
        assert kinds or in_a_note or path.name in dynamic, f"{path}: say the kind of the event as a text"
        found |= set(kinds)
    return found


def test_each_kind_of_event_has_its_words():
    found = kinds_recorded()
    assert {"login", "line_submitted", "request_taken", "account_locked"} <= found
    assert found - set(LABELS) == set()


def test_no_words_are_kept_for_a_kind_that_nobody_writes():
    assert set(LABELS) - kinds_recorded() == set()


def test_each_package_declares_the_words_of_the_events_that_it_writes():
    """So that a new table is one folder's affair; what the purge says stands below it, with the journal."""
    declared = {kind: name for name, words in PACKAGES.items() for kinds in words.kinds.values() for kind in kinds}
    assert set(PACKAGES) == {path.parent.name for path in (APP / "models").glob("*/event_words.py")}
    written = {
        first.value: path.relative_to(APP / "models").parts[0]
        for path, _, (first, *_) in calls()
        if path.is_relative_to(APP / "models") and isinstance(first, ast.Constant)
    }
    assert {"login", "family_created"} - set(written) == {"login"}  # a view writes it
    assert {kind: declared[kind] for kind in written} == written | {"purged": "journal"}


def test_the_words_of_the_journal_are_declared_once():
    for part in ("kinds", "details", "values"):
        every = [word for words in PACKAGES.values() for word in _words(getattr(words, part))]
        assert len(set(every)) == len(every)


def _words(declared) -> list[str]:
    return [word for key in declared for word in (declared[key] if isinstance(key, EventGroup) else [key])]


def test_a_kind_that_this_version_does_not_know_is_shown_bare(admin, app):
    write(app, "comet_seen")
    assert "comet seen" in rows_of(admin.get(JOURNAL))[0]
