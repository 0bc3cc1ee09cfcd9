"""A child whom a household asks to add, and who will soon go to school."""

from app.models import child_file
from app.models.child_sections import NEW_CHILD


def why_not(record: dict[str, str], family_id: int) -> str | None:
    """Why this household cannot ask for it: the child is there already. None when it can.

    A child whom another family has is for the agent to find out: parents are not told of it.
    """
    made = NEW_CHILD.makes
    assert made is not None
    values = {one.name: one.value(record.get(one.name, "")) for one in made.columns}
    if child_file.living_in(family_id, child_file.same(values)) is not None:
        return f"{values['first_name']} est déjà dans votre dossier."
    return None
