"""Writes src/Mlps.ML/Data/Names/canonical-forms.txt from Python's Unicode data: python3 build/canonical-forms.py"""
import sys
import unicodedata
from pathlib import Path

HANGUL = range(0xAC00, 0xD7A4)  # decomposed by arithmetic
lines = [
    f"# Canonical decompositions and combining classes of Unicode {unicodedata.unidata_version}, made by build/canonical-forms.py.",
    "# 'code decomposition'; a '!' behind it: never composed again. 'first..last =class': combining class.",
    "# Unicode data: https://www.unicode.org/license.txt",
]
for code in range(sys.maxunicode + 1):
    mapping = unicodedata.decomposition(chr(code))
    if mapping and not mapping.startswith("<") and code not in HANGUL:
        composed = unicodedata.normalize("NFC", "".join(chr(int(part, 16)) for part in mapping.split()))
        lines.append(f"{code:04X} {mapping}{'' if composed == chr(code) else ' !'}")
start = None
for code in range(sys.maxunicode + 2):
    combining = unicodedata.combining(chr(code)) if code <= sys.maxunicode else 0
    if start is not None and combining != start[1]:
        lines.append(f"{start[0]:04X}..{code - 1:04X} ={start[1]}")
        start = None
    if combining and start is None:
        start = (code, combining)
Path("src/Mlps.ML/Data/Names/canonical-forms.txt").write_text("\n".join(lines) + "\n", encoding="ascii")
