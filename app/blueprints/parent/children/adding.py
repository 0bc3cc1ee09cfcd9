"""« Ajouter un enfant » who will soon go to school: once accepted, its dossier unique d'inscription is open."""

from flask import render_template
from flask.typing import ResponseReturnValue as Answer

from app import access
from app.blueprints.parent import asking, bp
from app.csrf import checks_token_itself
from app.forms.section_form import SectionForm
from app.models.families import Child, adding_child
from app.models.families.sections.child import NEW_CHILD


@bp.get("/enfants/ajout")
def new_child_page() -> Answer:
    return _page(asking.record_form(NEW_CHILD))


@bp.post("/enfants/ajout")
@checks_token_itself
def create_child() -> Answer:
    return asking.ask_for(NEW_CHILD, _page, also=_is_new)


def _is_new(form: SectionForm) -> bool:
    family_id = access.current_adult().family_id
    known = adding_child.why_not_asked(form.wanted, family_id)
    if known:
        form.refuse(known)
    return not known and form.has_told(adding_child.doubts(form.wanted, family_id))


def _page(form: SectionForm) -> str:
    return render_template("parent/children/new.html", form=form, section=form.section, schools=Child.schools())
