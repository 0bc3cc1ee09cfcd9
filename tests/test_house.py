"""The picture of the house: drawn from the imports, so that it cannot age."""

import re
import tomllib

from bin.draw_house import PICTURE, ROOT, draw

CONTRACT = """
[[tool.importlinter.contracts]]
name = "The rooms"
containers = ["app.models"]
layers = ["attic", "kitchen", "floor : cellar"]
"""
INVENTED = {
    "app/__init__.py": "from app import blueprints",
    "app/clock.py": "",
    "app/worker.py": "from app.models.attic import trunk",
    "app/blueprints/__init__.py": '"""The pages, for `all`. And more."""',
    "app/blueprints/parent/home.py": "from app.models.kitchen import Oven\nfrom app.wires import mail",
    "app/models/__init__.py": "from app.models import attic, kitchen",
    "app/models/attic/__init__.py": '"""Where <things> are kept."""',
    "app/models/attic/trunk.py": "def open():\n    from app.models.kitchen.oven import Oven",
    "app/models/kitchen/__init__.py": "from app.models.kitchen.oven import Oven",
    "app/models/kitchen/oven.py": (
        "from typing import TYPE_CHECKING\nfrom app import clock\nimport app.models.cellar\n"
        "if TYPE_CHECKING:\n    from app.models.attic.trunk import Trunk"
    ),
    "app/models/floor.py": "import attic, kitchen",
    "app/models/cellar.py": "",
    "app/wires/__init__.py": "",
    "app/wires/mail.py": "from app.models import kitchen",
}


def drawn(folder, files) -> str:
    (folder / "pyproject.toml").write_text(CONTRACT)
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return draw(folder)


def rooms(picture: str) -> list[str]:
    return re.findall(r'class="room"[^>]*>([^<]*)<', picture)


def directions(picture: str) -> set[str]:
    return set(re.findall(r"<circle[^>]*><title>([^<]*)<", picture))


def test_the_picture_is_the_house_as_it_stands():
    assert PICTURE.read_text() == draw(ROOT), "the rooms or their imports changed: run `make house`"


def test_every_room_of_the_contract_is_in_it():
    (layers,) = (
        contract["layers"]
        for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
        if contract.get("containers") == ["app.models"]
    )
    assert set(layers[:-1]) < set(rooms(PICTURE.read_text()))


def test_rooms_stand_in_the_order_of_the_contract_between_what_is_around_and_the_ground(tmp_path):
    picture = drawn(tmp_path, INVENTED)
    assert rooms(picture) == ["blueprints", "wires", "attic", "kitchen", "floor, cellar", "clock"]


def test_a_direction_is_an_import_wherever_it_stands_but_for_the_type_checker(tmp_path):
    assert directions(drawn(tmp_path, INVENTED)) == {
        "blueprints → kitchen",
        "blueprints → wires",
        "wires → kitchen",
        "attic → kitchen",
        "kitchen → floor, cellar",
        "kitchen → clock",
    }


def test_an_import_that_goes_up_is_on_the_wrong_side_of_the_stairs(tmp_path):
    picture = drawn(tmp_path, {**INVENTED, "app/models/cellar.py": "from app.models.attic import trunk"})
    dot = re.search(r'cx="(\S+)" cy="\S+" r="4"><title>floor, cellar → attic', picture)
    stairs = dict(zip(rooms(picture), re.findall(r'class="stair" x="(\d+)"', picture), strict=True))
    assert float(dot[1]) < float(stairs["floor, cellar"])


def test_a_room_says_the_first_line_of_its_docstring(tmp_path):
    picture = drawn(tmp_path, INVENTED)
    assert "Where &lt;things&gt; are kept<" in picture
    assert "The pages, for all. And more<" in picture
