"""Real workflows that may be redistributed, held against their expected results: their number may only grow (`coverage.json`)."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
COVERAGE = json.loads((ROOT / "coverage.json").read_text(encoding="utf-8"))


@pytest.mark.skipif(not (CORPUS / "licensed").is_dir(), reason="the shared corpus is not beside this checkout")
def test_as_many_licensed_cases_pass_as_ever(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    command = [sys.executable, str(CORPUS / "check.py"), str(CORPUS / "licensed"), "--jobs", "2", "--json", str(report), "--timeout", "180"]
    command += ["--engine", f"{sys.executable} -m galleria"]
    # The checker lies in a folder that nobody may write to.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False, env=environment)
    assert report.exists(), done.stderr[-2000:]
    good = sum(case["status"] in ("pass", "ran") for case in json.loads(report.read_text(encoding="utf-8"))["cases"])
    print(f"licensed corpus cases: {good} good, {COVERAGE['licensed_corpus_cases']} demanded")
    assert good >= COVERAGE["licensed_corpus_cases"], done.stdout[-3000:]
