"""The rooms of the house: what each shows, what stands at the root. `make check` holds the direction of imports."""

import ast
import enum
import importlib
import inspect
import re
from pathlib import Path

import pytest

from app import db, menu

APP = Path(__file__).resolve().parent.parent / "app"
MODELS = APP / "models"
PACKAGES = sorted(path.parent.name for path in MODELS.glob("*/__init__.py"))
# Pages that no entry of the bar leads to.
UNLIT = {"app.blueprints.parent.publications"}

GLOSSARY = APP.parent / "docs" / "glossaire.md"

pytestmark = pytest.mark.sqlite_only


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_shows_its_rows_and_their_enums_alone(name):
    package = importlib.import_module(f"app.models.{name}")
    for symbol in getattr(package, "__all__", ()):
        shown = getattr(package, symbol)
        assert inspect.isclass(shown), f"{name}.{symbol}"
        assert issubclass(shown, db.Base | enum.Enum), f"{name}.{symbol} is neither a row nor an enum"


@pytest.mark.parametrize("name", PACKAGES)
def test_every_row_is_shown_by_its_package(name):
    package = importlib.import_module(f"app.models.{name}")
    rows = {
        mapper.class_.__name__
        for mapper in db.Base.registry.mappers
        if mapper.class_.__module__.startswith(f"app.models.{name}.")
    }
    assert rows <= set(getattr(package, "__all__", ()))


def test_the_domain_has_few_modules_at_its_root_and_its_own_shows_nothing():
    assert len([path for path in MODELS.glob("*.py") if path.name != "__init__.py"]) <= 14
    for node in ast.walk(ast.parse((MODELS / "__init__.py").read_text())):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            assert all(
                (MODELS / name).is_dir() or (MODELS / f"{name}.py").exists() or name == "search" for name in names
            )


def test_each_page_lights_an_entry_of_its_sides_bar(app):
    for rule in app.url_map.iter_rules():
        side = rule.endpoint.partition(".")[0]
        module = app.view_functions[rule.endpoint].__module__
        if side in ("parent", "agent") and module not in UNLIT:
            named = menu.named_by(module)
            assert named in {entry.endpoint for entry in menu.BARS[side]}, f"{module}: say MENU"


def test_each_entry_is_lit_by_its_own_page(app):
    for entry in (*menu.BARS["parent"], *menu.BARS["agent"]):
        view = app.view_functions.get(entry.endpoint)
        assert view is None or menu.named_by(view.__module__) == entry.endpoint


def glossary_rows() -> list[list[str]]:
    """The cells of each row: term, meaning, classes, tables, addresses."""
    existing = GLOSSARY.read_text().partition("## Ce qui existe")[2].partition("## À venir")[0]
    rows = [
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in existing.splitlines() if "|" in line
    ]
    return [row for row in rows[2:] if len(row) == 5]


def test_what_the_glossary_names_is_in_the_code():
    """Its classes, modules and tables: a name that was changed is changed there too."""
    trees = [ast.parse(path.read_text()) for path in APP.rglob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    known = {node.name for node in nodes if isinstance(node, ast.ClassDef | ast.FunctionDef)}
    known |= {node.id for node in nodes if isinstance(node, ast.Name)}
    known |= {path.stem for path in APP.rglob("*.py")} | {path.name for path in APP.rglob("*") if path.is_dir()}
    columns = {column.name for table in db.Base.metadata.tables.values() for column in table.columns}
    tables = set(db.Base.metadata.tables) | columns
    rows = glossary_rows()
    assert len(rows) > 80
    for term, _, classes, stored, _ in rows:
        for name in re.findall(r"`(\w+)", classes):
            assert name in known | columns, f"{term}: {name}"
        for name in re.findall(r"`(\w+)", stored):
            assert name in tables, f"{term}: {name}"
