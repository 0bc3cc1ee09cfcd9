"""What an agent may open, loaded for a view: beyond their structures there is none (404)."""

from flask import abort, request

from app import access
from app.converters import row_id
from app.models.enrolments.scope import child_for, family_for, homes_for
from app.models.families import Child, Family


def file_or_404(family_id: int) -> Family:
    """A file that the agent may open, and that was not merged into another."""
    found = family_for(access.current_agent(), family_id)
    if found is None or found.merged_into is not None:
        abort(404)
    return found


def child_or_404(child_id: int) -> Child:
    """A child of a family that the agent may open."""
    return child_for(access.current_agent(), child_id) or abort(404)


def home_of(child_id: int) -> int:
    """The family from whose file the agent came, or another household of the child that they may open."""
    homes = homes_for(access.current_agent(), child_id)
    asked = request.args.get("famille", type=row_id)
    return asked if asked in homes else homes[0]
