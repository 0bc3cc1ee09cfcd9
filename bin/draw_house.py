"""Draw the house, docs/images/house.svg, from the imports of app/: `make house`.

A line a room, the highest first: the packages around the domain, the rooms of app/models (tinted) in the order of
pyproject.toml, and the modules of app/ that the domain imports. A dot: the room of the line imports the room of the
column. Imports go one way when every dot is on the right of the stairs.
"""

import ast
import tomllib
from collections.abc import Iterable, Iterator
from graphlib import TopologicalSorter
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "images" / "house.svg"
ROW, CELL, LEFT, HEAD, MARGIN = 34, 17, 560, 96, 16


def modules(root: Path) -> dict[str, Path]:
    """Every module of the app by its dotted name; a package by its own."""
    files = {path: path.relative_to(root).with_suffix("").parts for path in sorted((root / "app").rglob("*.py"))}
    return {".".join(parts).removesuffix(".__init__"): path for path, parts in files.items()}


def imports(tree: ast.AST, known: dict[str, Path]) -> Iterator[str]:
    """The modules of the app that a module imports, wherever it does; those for the type checker alone apart."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module in known:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in known else node.module for name in inner)
        yield from imports(node, known)


def within(name: str, places: tuple[str, ...]) -> bool:
    return any(name == place or name.startswith(f"{place}.") for place in places)


class House:
    """The rooms, the highest first, each with the modules or packages that it holds."""

    def __init__(self, root: Path) -> None:
        known = modules(root)
        self.trees = {name: ast.parse(path.read_text()) for name, path in known.items()}
        self.imports = {name: set(imports(tree, known)) for name, tree in self.trees.items()}
        self.domain = _domain(root)
        outside = sorted(name for name in known if name.count(".") == 1 and name != "app.models")
        around = self._in_order([name for name in outside if known[name].name == "__init__.py"])
        ground = tuple(name for name in outside if name not in around and self.rests_on(("app.models",), (name,)))
        self.rooms = {**{_joined([name]): (name,) for name in around}, **self.domain, _joined(ground): ground}

    def rests_on(self, places: tuple[str, ...], others: tuple[str, ...]) -> bool:
        """Whether a module of these places imports one of those."""
        inside = (names for module, names in self.imports.items() if within(module, places))
        return any(within(name, others) for names in inside for name in names)

    def _in_order(self, packages: list[str]) -> list[str]:
        """Each above those that it imports."""
        graph = {
            above: [below for below in packages if below != above and self.rests_on((above,), (below,))]
            for above in packages
        }
        return [*TopologicalSorter(graph).static_order()][::-1]

    def says(self, room: str) -> str:
        """The first line of its docstring."""
        places = self.rooms[room]
        told = ast.get_docstring(self.trees[places[0]]) if len(places) == 1 else None
        return (told or "").partition("\n")[0].rstrip(".").replace("`", "")


def _joined(names: Iterable[str]) -> str:
    return ", ".join(name.removeprefix("app.").removeprefix("models.") for name in names)


def _domain(root: Path) -> dict[str, tuple[str, ...]]:
    contracts = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (layers,) = (contract["layers"] for contract in contracts if contract.get("containers") == ["app.models"])
    floors = [tuple(f"app.models.{name.strip()}" for name in layer.split(":")) for layer in layers]
    return {_joined(places): places for places in floors}


def draw(root: Path) -> str:
    house = House(root)
    names = list(house.rooms)
    width, height = LEFT + len(names) * CELL + 64, HEAD + len(names) * ROW + MARGIN
    first = HEAD + names.index(next(iter(house.domain))) * ROW
    size = f'width="{width - 64 - MARGIN}" height="{len(house.domain) * ROW}"'
    drawn = [*opening(width, height), f'<rect class="domain" x="{MARGIN}" y="{first}" {size}/>']
    for line, room in enumerate(names):
        drawn += [*label(room, house.says(room), line), *stair(room, line)]
        for column, other in enumerate(names):
            if other != room and house.rests_on(house.rooms[room], house.rooms[other]):
                at = f'cx="{LEFT + column * CELL + CELL / 2}" cy="{HEAD + line * ROW + ROW / 2}" r="4"'
                drawn.append(f"<circle {at}><title>{room} → {other}</title></circle>")
    return "\n".join([*drawn, "</svg>\n"])


def label(room: str, says: str, line: int) -> list[str]:
    top = HEAD + line * ROW
    return [
        f'<path class="floor" d="M{MARGIN} {top}H{LEFT}"/>',
        f'<text class="room" x="{MARGIN + 6}" y="{top + 14}">{room}</text>',
        f'<text class="says" x="{MARGIN + 6}" y="{top + 28}">{escape(says)}</text>',
    ]


def stair(room: str, line: int) -> list[str]:
    """The room's own cell, and its name above the column."""
    across, short = LEFT + line * CELL, room.replace(",", "…,").partition(",")[0]
    return [
        f'<rect class="stair" x="{across}" y="{HEAD + line * ROW}" width="{CELL}" height="{ROW}"/>',
        f'<text class="head" transform="translate({across + 12} {HEAD - 6}) rotate(-60)">{short}</text>',
    ]


def opening(width: int, height: int) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img">',
        "<title>The house: who imports whom</title>",
        "<!-- Drawn by `make house`: do not edit. -->",
        "<style>text{font-family:system-ui,sans-serif;fill:#1b2b2c}.room{font-weight:600;font-size:13px}"
        ".says{font-size:11px;fill:#47585a}.head{font-size:11px}.floor{stroke:#d5dfdf}.domain{fill:#eef5f4}"
        ".stair,circle{fill:#0f5154}</style>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
    ]


if __name__ == "__main__":
    PICTURE.write_text(draw(ROOT))
