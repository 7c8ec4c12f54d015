"""Run one target under atheris (Google's libFuzzer for Python) for some seconds, from the examples kept.

`pip install atheris` first: it is not among the locked dependencies, since it has no wheel for every Python. Documents
begin with the examples of this repository and, where it lies beside, those of `../shared`; names found in them are the
fuzzer's dictionary. What it learns is kept in a folder of its own, from which the next run goes on.
"""

from __future__ import annotations

import re
import sys
from hashlib import sha256
from pathlib import Path

import atheris

from tests.epcis.material import SHARED

# a beginning compared with guides the fuzzer too; its hook "RegEx" refuses `match(text, pos)`
atheris.enabled_hooks.add("str")
with atheris.instrument_imports(include=["schemas"]):
    from tests.fuzz.targets import TARGETS

EXAMPLES = Path(__file__).parents[1] / "examples"
DOCUMENTS = {"json": ("*.json", "*.jsonld"), "xml": ("*.xml",)}
LARGEST = 16 << 10  # of a document to begin with: larger ones only slow the fuzzer


def seeds(name: str) -> list[bytes]:
    """What the fuzzer begins with: the target's own examples, and for documents every example at hand."""
    paths = [*(EXAMPLES / "fuzz" / name).iterdir()]
    for pattern in DOCUMENTS.get(name, ()):
        paths += [*(EXAMPLES / "epcis").rglob(pattern), *SHARED.rglob(pattern)]
    return [path.read_bytes() for path in paths if path.is_file() and path.stat().st_size <= LARGEST]


def words(begun: list[bytes]) -> list[str]:
    """The names and short values of the examples, as entries of a libFuzzer dictionary."""
    found = {word for one in begun for word in re.findall(rb"[A-Za-z][\w:./#-]{2,60}", one)}
    return [f'"{word.decode("ascii", "ignore")}"' for word in sorted(found)]


def main() -> None:
    name, seconds = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "60"
    folder = Path(f"/tmp/stemma-fuzz-{name}")
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    begun = seeds(name)
    for one in begun:
        (corpus / sha256(one).hexdigest()).write_bytes(one)
    (folder / "words").write_text("\n".join(words(begun)))
    options = [
        sys.argv[0],
        f"-max_total_time={seconds}",
        "-timeout=10",
        "-rss_limit_mb=1024",
        f"-dict={folder / 'words'}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
    ]
    atheris.Setup([*options, str(corpus)], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
