"""Lettres: accounts for many families at once, and one PDF with a page for each. See app.models.letters.letter.

Each step makes the accounts of the drafts that the page brought, and answers with the drafts of the next step.
"""

import io
from collections.abc import Sequence
from typing import Any

from flask import abort, current_app, flash, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue as Answer
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from app import access, clock, db, htmx
from app.blueprints.agent import bp
from app.converters import row_id
from app.csrf import Form
from app.formats import long_date
from app.integrations import pdf
from app.models.accounts import Permission
from app.models.letters.letter import CHUNK, Draft, Letter, Parcel
from app.models.letters.round import LARGEST, Round, schools
from app.models.town import Structure, Town

MENU = "agent.families"

ANY = SelectChoice("", "peu importe")


class RoundForm(Form):
    comptes = SelectField(
        "Familles",
        choices=[SelectChoice("sans", "sans aucun compte"), SelectChoice("jamais", "compte jamais utilisé")],
        default="sans",
    )
    structure = SelectField("Inscrits à", [Optional()], coerce=int)
    ecole = SelectField("École", [Optional()])
    courriel = SelectField(
        "Courriel",
        [Optional()],
        choices=[ANY, SelectChoice("avec", "avec une adresse"), SelectChoice("sans", "sans adresse")],
    )

    class Meta(Form.Meta):
        csrf = False  # it only says which families

    def offer(self) -> "RoundForm":
        structures = (SelectChoice(structure.id, structure.name) for structure in Structure.all())
        self.structure.choices = [SelectChoice(0, ANY.label), *structures]
        self.ecole.choices = [ANY, *(SelectChoice(school, school) for school in schools())]
        return self

    @property
    def round(self) -> Round:
        return Round(
            again=self.comptes.data == "jamais",
            structure_id=self.structure.data or None,
            school=self.ecole.data or "",
            email=self.courriel.data or "",
        )


@bp.get("/familles/lettres")
@access.needs(Permission.FAMILY_ACCOUNTS)
def family_letters() -> Answer:
    form = _asked(request.args)
    counted = form.round.count(access.current_agent())
    template = "agent/letters/_count.html" if htmx.is_fragment() else "agent/letters/index.html"
    return render_template(template, form=form, counted=counted, letters=min(counted.letters, LARGEST))


@bp.post("/familles/lettres")
@access.needs(Permission.FAMILY_ACCOUNTS)
def family_letters_step() -> Answer:
    """Make the accounts that wait, and draft the next ones. A step sent twice makes the same."""
    agent, form, parcels = access.current_agent(), _asked(request.form), _parcels()
    total = request.form.get("total", type=row_id) or min(form.round.count(agent).letters, LARGEST)
    if parcels:
        with db.transaction():
            parcels[-1].deliver(by=access.current_clerk())
    made = sum(len(parcel.drafts) for parcel in parcels)
    after = max((draft.adult_id for parcel in parcels for draft in parcel.drafts), default=0)
    wanted = form.round.next_adults(agent, after, max(0, min(CHUNK, total - made)))
    if not made and not wanted:
        flash("Aucune famille ne correspond : il n’y a pas de lettre à faire.", "info")
        return htmx.go_to(url_for(".family_letters"))
    return _progress(form, parcels, made=made, total=total, drafts=_drafts(wanted, form.round))


@bp.post("/familles/lettres/impression")
@access.needs(Permission.FAMILY_ACCOUNTS)
def family_letters_print() -> Answer:
    parcels = _parcels()
    letters = Letter.all(parcels)
    if not letters:
        flash("Ces mots de passe ont été remplacés depuis : il n’y a plus de lettre à imprimer.", "warning")
        return htmx.go_to(url_for(".family_letters"))
    content, name = io.BytesIO(pdf.render("lettre-identifiants", _printed(letters))), _filename(letters)
    with db.transaction():
        Letter.note_printed(parcels, by=access.current_clerk())
    unwritten = [name for letter in letters if pdf.loses(name := letter.adult.full_name)]
    if unwritten:
        flash(
            f"Complétez à la main, sur leur lettre, ces noms que l’imprimé n’écrit pas\u00a0: {', '.join(unwritten)}."
        )
    return send_file(content, mimetype="application/pdf", as_attachment=True, download_name=name)


def _asked(told: Any) -> RoundForm:
    form = RoundForm(told).offer()
    if not form.validate():
        abort(404)
    return form


def _parcels() -> list[Parcel]:
    """What the page brought; 400 for what was not sealed for this agent."""
    opened = [Parcel.open(sealed, access.current_agent()) for sealed in request.form.getlist("lettres")]
    if None in opened:
        abort(400)
    return [parcel for parcel in opened if parcel is not None]


def _drafts(adult_ids: Sequence[int], of: Round) -> Parcel | None:
    """A second of hashing, outside of any transaction."""
    drafts = tuple(Draft.of(adult_id) for adult_id in adult_ids)
    return Parcel(access.current_agent().id, drafts, renews=of.again) if drafts else None


def _progress(form: RoundForm, parcels: list[Parcel], *, made: int, total: int, drafts: Parcel | None) -> str:
    sealed = request.form.getlist("lettres") + ([drafts.seal()] if drafts else [])
    return render_template(
        "agent/letters/_progress.html" if htmx.is_fragment() else "agent/letters/progress.html",
        asked=form.data,
        sealed=sealed,
        made=made,
        total=total,
        done=drafts is None,
        letters=len(Letter.all(parcels)) if drafts is None else 0,
    )


def _printed(letters: list[Letter]) -> dict[str, Any]:
    town = Town.current()
    return {
        "town": town.name,
        "service": town.service_name,
        "sender": [line for line in town.address.splitlines() if line.strip()],
        "phone": town.contact_phone,
        "email": town.contact_email,
        "hours": town.opening_hours,
        "portal": current_app.config["PREAU"].base_url,
        "day": long_date(clock.today()),
        "letters": [
            {
                "to": letter.to,
                "name": letter.adult.full_name,
                "number": letter.adult.family.number,
                "identifiant": letter.identifiant,
                "password": letter.password,
                "until": long_date(letter.valid_until),
            }
            for letter in letters
        ],
    }


def _filename(letters: list[Letter]) -> str:
    if len(letters) == 1:
        return f"lettre-{letters[0].adult.family.number}.pdf"
    return f"lettres-{clock.today():%Y-%m-%d}.pdf"
