"""The packages of the domain, loaded in any order: each stands on those below, and waits for none above."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODELS = ROOT / "app" / "models"
PACKAGES = sorted(path.parent.name for path in MODELS.glob("*/__init__.py"))
# `app.models` loads all packages in one order: left out here, so that one is really the first. A child of the process
# for each: a class can be mapped once, and SQLAlchemy takes a second to load.
LOAD = """
import importlib, os, sys, types
import sqlalchemy.orm, app.db, app.triggers
for package in sys.argv[2:]:
    sys.stdout.flush()
    if os.fork() == 0:
        domain = types.ModuleType("app.models")
        domain.__path__ = [sys.argv[1]]
        sys.modules["app.models"] = app.models = domain
        try:
            for name in sorted(os.listdir(f"{sys.argv[1]}/{package}")):
                if name.endswith(".py"):
                    importlib.import_module(f"app.models.{package}.{name[:-3]}".removesuffix(".__init__"))
        except BaseException as error:
            print(f"{package}: {type(error).__name__}: {error}", flush=True)
            os._exit(1)
        os._exit(0)
    os.wait()
print("done")
"""

pytestmark = pytest.mark.sqlite_only


def load(models: Path, *packages: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", LOAD, str(models), *packages], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout


def test_each_package_loads_first_in_a_fresh_interpreter():
    assert len(PACKAGES) > 18
    assert load(MODELS, *PACKAGES) == "done\n"


def test_a_circle_would_be_found(tmp_path):
    for name, needs in (("lower", "upper"), ("upper", "lower")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"from app.models.{needs} import {needs}_row\n{name}_row = 1\n")
    assert "lower: ImportError" in load(tmp_path, "lower", "upper")


def test_the_ground_of_the_domain_holds_few_modules():
    assert len(list(MODELS.glob("*.py"))) <= 14
