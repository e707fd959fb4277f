"""What the README files show runs."""

from __future__ import annotations

import re

import pytest
from conftest import ROOT


def blocks(path):
    return re.findall(r"```python\n(.*?)```", (ROOT / path).read_text(encoding="utf-8"), re.DOTALL)


def test_the_main_readme_starts_with_six_lines_that_run(capsys):
    (block,) = blocks("README.md")
    assert len(block.splitlines()) == 6
    exec(block, {})
    shown = capsys.readouterr().out
    assert "red" in shown and "FW-07" in shown


@pytest.mark.parametrize("at", [0, 1])
def test_the_readme_of_the_package(at, capsys):
    block = blocks("bindings-python/README.md")[at]
    names: dict = {}
    exec(block, names)
    shown = capsys.readouterr().out
    assert "Frame:" in shown
    if at == 0:
        assert len(block.splitlines()) == 6 and "FW-07" in shown
    else:
        assert len(names["moves"].moved) == 1 and names["moves"].moved["direction"] == ["worse"]
