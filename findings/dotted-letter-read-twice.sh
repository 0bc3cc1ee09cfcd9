#!/bin/sh
# An accessible PDF of typst (PDF/A-3a, PDF/UA-1) gives « ị » twice to whoever copies it or has it read aloud, when
# Noto Sans writes it.
#
# Noto Sans takes « ị » apart (OpenType feature « ccmp », on by default) into a dotless i and a dot below, though it has
# a glyph for the whole letter. typst 0.15.2 then maps both glyphs to the text of the cluster: « Thị » is drawn right and
# read « Thị ị ». With `features: (ccmp: 0)` the whole glyph is used, and the text is right. A good guess was that one
# font, which has the letter, cannot double it: the known doubling comes of letters put together from two fonts.
#
# Met with names of Vietnamese families in the letters and receipts of a town hall. Pinned: typst 0.15.2 and pypdf 7.1.0
# (PyPI), @expo-google-fonts/noto-sans 0.4.2 (npm). Fails if either text changes.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip --quiet --disable-pip-version-check install typst==0.15.2 pypdf==7.1.0
npm pack --silent --ignore-scripts @expo-google-fonts/noto-sans@0.4.2 >/dev/null
tar -xzf ./*.tgz
mkdir fonts
cp package/400Regular/NotoSans_400Regular.ttf fonts/
cat >read.py <<'PY'
import io

import pypdf
import typst


def read(features: str) -> str:
    source = f'''#set document(title: "Noms")
#set text(font: "Noto Sans", features: ({features}), lang: "fr")
Nguyễn Thị Hằng'''
    standards = ["a-3a", "ua-1"]
    made = typst.compile(source.encode(), font_paths=["fonts"], ignore_system_fonts=True, pdf_standards=standards)
    return pypdf.PdfReader(io.BytesIO(made)).pages[0].extract_text()


usual, whole = read(":"), read("ccmp: 0")
print("as it comes:", usual)
print("ccmp: 0:    ", whole)
assert usual == "Nguyễn Thị ị Hằng", usual
assert whole == "Nguyễn Thị Hằng", whole
PY
env/bin/python read.py
