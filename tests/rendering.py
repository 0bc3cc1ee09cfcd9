"""Templates run no query: what a page says is read before the page is written."""

from contextvars import ContextVar
from typing import Any

from jinja2 import Template
from sqlalchemy import Engine, event

_template: ContextVar[str] = ContextVar("template", default="")
"""The name of the template that renders now; empty when none does."""
_sent: list[str] = []


class WatchedTemplate(Template):
    """A template that says which statements are sent to the database while it renders."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        outer = _template.set(self.name or "a template without a name")
        try:
            return super().render(*args, **kwargs)
        finally:
            _template.reset(outer)


@event.listens_for(Engine, "before_cursor_execute")
def _note(connection: Any, cursor: Any, statement: str, *details: Any) -> None:
    if _template.get():
        _sent.append(f"{_template.get()}: {statement}")


def check() -> None:
    """Raises AssertionError, with the statements, when a template sent some since the last check."""
    sent = _sent[:]
    _sent.clear()
    assert not sent, "a template asks the database:\n\n" + "\n\n".join(sent)
