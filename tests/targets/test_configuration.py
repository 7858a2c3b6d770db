"""Templates."""

from pathlib import Path

import pytest

from harness.errors import DataError
from harness.targets.configuration import fill


def filled(directory: Path, text: str, **values: object) -> str:
    source = directory / "source"
    source.write_text(text)
    return fill(source, directory / "target", **values).read_text()


def test_placeholders_are_replaced_and_dollar_signs_kept(tmp_path: Path) -> None:
    assert filled(tmp_path, "port = ${port} { $$x }", port=5222) == "port = 5222 { $x }"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${prt}", r"source: nothing is known of the placeholder \$\{prt\} \(placeholders: port\)"),
        ("cost: 3$", r"source: .*write \$\$ for a dollar sign"),
    ],
)
def test_a_template_that_cannot_be_filled(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(DataError, match=expected):
        filled(tmp_path, text, port=5222)


def test_a_template_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none: cannot read the template: No such file"):
        fill(tmp_path / "none", tmp_path / "target")
