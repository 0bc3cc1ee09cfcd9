"""The dossier on paper: what is known stands in it, tagged for screen readers, and nothing of another household."""

import io

import pytest
from pypdf import PdfReader

from app import db
from app.integrations import dui_pdf
from app.models.families import (
    Authority,
    Child,
    Consent,
    Custody,
    Family,
    Finances,
    HealthAlert,
    HealthSheet,
    Pai,
    Vaccination,
)
from tests.builders import dupont, durand
from tests.files import lea, take_authority

LONG = "Ne-peut-pas-être-coupé-" * 12


@pytest.fixture
def known(app):
    """LEA's file, filled in, and a second household."""
    with app.app_context(), db.transaction() as writing:
        child, day = lea(), lea().birth_date
        writing.add_all([
            HealthSheet(child_id=child.id, glasses="oui", doctor="Dr Lefort", treatments="Ventoline"),
            HealthAlert(child_id=child.id, kind="food", text="Arachide : appeler le 15"),
            Pai(child_id=child.id, ends_on=day.replace(year=2015), instruction="Trousse dans la classe"),
            Vaccination(child_id=child.id, name="DTP", given_on=day.replace(year=2014)),
            Consent(child_id=child.id, kind="leaves_alone", granted=True, signed_on=day, signatory="JEAN DUPONT"),
            Consent(child_id=child.id, kind="image_web", granted=False, signed_on=day, signatory="JEAN DUPONT"),
        ])  # fmt: skip
        finances = writing.get(Finances, dupont().family_id)
        finances.fund, finances.fund_number, finances.quotient, finances.iban = "caf", "1234567", "845", "FR7612345"
        other = durand()
        other.address, other.phone_mobile, other.email = "9 rue cachée", "06 39 98 00 99", "sophie@cachee.example"
        writing.add(Finances(family_id=other.family_id, fund="msa", fund_number="7654321", quotient="1999"))
        writing.add(Custody(child_id=child.id, family_id=other.family_id, note="Une semaine sur deux"))
        writing.flush()
        writing.add(Authority(adult_id=other.id, child_id=child.id))
    with app.app_context():
        yield


def read(family: Family | None = None) -> PdfReader:
    db.session.rollback()
    child = db.session.get(Child, lea().id)
    return PdfReader(io.BytesIO(dui_pdf.render(child, family or dupont().family)))


def text(reader: PdfReader) -> str:
    return " ".join(" ".join(one.extract_text() for one in reader.pages).split())


def test_it_is_tagged_in_french_and_names_the_child_on_each_page(known):
    reader = read()
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "fr-FR"
    assert reader.metadata.title == "Dossier unique d’inscription de LEA DUPONT – Saint-Jean"
    count = len(reader.pages)
    for number, one in enumerate(reader.pages, start=1):
        told = " ".join(one.extract_text().split())
        assert "LEA DUPONT" in told
        assert f"Page {number} sur {count}" in told


def test_what_the_town_hall_knows_stands_in_it(known):
    told = text(read())
    for one in (
        "Situation Séparé", "Caisse CAF", "N° allocataire 1234567", "Quotient familial 845 €", "JEAN DUPONT",
        "JEANNE DUPONT", "12 RUE DES BONBONS", "École École Jean-Moulin", "Médecin traitant Dr Lefort",
        "Allergie alimentaire Arachide : appeler le 15", "Trousse dans la classe", "DTP 12/03/2014", "Ventoline",
        "Porte des lunettes Oui", "Peut partir seul X Oui Non", "Photos sur le site de la commune Oui X Non",
        "Photos dans le bulletin et la presse Oui Non",
        "Attestation d’assurance (de l’enfant, obligatoire) reçue, en cours de vérification",
        "Justificatif de domicile (du foyer, obligatoire) attendue", "Signature",
    ):  # fmt: skip
        assert one in told, one
    assert "FR7612345" not in told  # a dossier asks for no bank account


def test_nothing_of_the_other_household_is_in_it(known):
    ours, theirs = text(read()), text(read(durand().family))
    for secret in ("DURAND", "cachée", "06 39 98 00 99", "7654321", "1 999", "Une semaine sur deux", "MSA"):
        assert secret not in ours, secret
    for secret in ("JEAN", "BONBONS", "1234567", "845 €"):
        assert secret not in theirs, secret
    assert "9 rue cachée" in theirs
    assert "Dr Lefort" in theirs  # the child's health is for both


def test_an_adult_without_authority_is_not_in_it(known):
    take_authority("JEANNE")
    told = text(read())
    assert "JEAN DUPONT" in told
    assert "JEANNE" not in told


def test_a_file_that_says_nothing_has_lines_to_fill_in(app):
    with app.app_context():
        with db.transaction() as writing:
            writing.query(Authority).filter_by(child_id=lea().id).delete()
            child = writing.get(Child, lea().id)
            child.school = child.class_name = ""
        told = text(read())
    assert "Lieu de naissance École Niveau Classe Régime alimentaire" in told
    assert "Vaccin Date" in told


def test_long_values_stay_on_the_page(known):
    with db.transaction() as writing:
        writing.get(HealthSheet, lea().id).treatments = LONG
        dupont().email = f"{'jean.' * 30}dupont@courriel.example"
        writing.query(HealthAlert).one().text = "Noix " * 180
    reader = read()
    widths = []
    for one in reader.pages:
        right = float(one.mediabox.right)
        one.extract_text(visitor_text=lambda said, cm, tm, font, size, right=right: widths.append(
            (said, cm[4] + tm[4] <= right)
        ))  # fmt: skip
    assert all(inside for said, inside in widths if said.strip())
    told = text(reader).replace(" ", "").replace("\u200b", "")
    assert LONG in told
    assert told.count("Noix") == 180


def test_parents_download_it(jean):
    answer = jean.get(f"/enfants/{lea().id}/dossier.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == "attachment; filename=dossier-inscription-lea.pdf"
    assert answer.data.startswith(b"%PDF-")
