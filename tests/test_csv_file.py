"""One way to write CSV: nothing that a person typed is computed by a spreadsheet, nothing that is none is spoiled."""

import ast

import pytest

from app import csv_file
from tests.test_conventions import APP


@pytest.mark.parametrize(
    "typed", ["=1+1", "@SUM(A1)", "+cmd|' /C calc'!A0", "-2+3+cmd", "\t=1", "\r=1", "-Marie", "=É"]
)
def test_a_cell_is_no_formula(typed):
    assert csv_file.harmless(typed) == f"'{typed}"


@pytest.mark.parametrize(
    "typed", ["", "Léa", "+33 6 39 98 00 11", "+33(0)639980011", "-12", "2015-05-04", "l’=", "'x"]
)
def test_what_is_none_stays_as_it_is(typed):
    assert csv_file.harmless(typed) == typed


def test_a_spreadsheet_reads_it(app):
    with app.test_request_context():
        answer = csv_file.answer("essai.csv", ["Prénom", "Jours"], [["=Zoé", "3"], ["Léa ; Noé", "2"]])
    assert answer.get_data(as_text=True) == '\ufeffPrénom;Jours\r\n\'=Zoé;3\r\n"Léa ; Noé";2\r\n'
    assert answer.headers["Content-Disposition"] == 'attachment; filename="essai.csv"'


def test_no_other_module_writes_csv():
    for path in APP.rglob("*.py"):
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        assert "csv" not in names or path.name == "csv_file.py", path
