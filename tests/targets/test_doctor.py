"""What the doctor says of this machine."""

from pathlib import Path

import pytest

from harness.targets.doctor import examine
from harness.targets.instance import Finding


def by_name() -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(Path("nowhere"))}


def test_what_is_needed_is_here_with_its_version() -> None:
    needed = [finding for finding in examine(Path("nowhere")) if finding.is_needed]
    assert {"python", "trio", "lxml", "OpenSSL", "libexpat"} <= {finding.name for finding in needed}
    assert all(finding.present and finding.version for finding in needed)


def test_what_is_missing_comes_with_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.targets.programs._ALSO", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("OPENFIRE_HOME", str(tmp_path))
    found = by_name()
    for name in ("prosody", "ejabberd", "jabberd2", "mu-conference", "openfire", "java", "chromium"):
        assert not found[name].present
        assert "install" in found[name].advice
    assert "apt install prosody" in found["prosody"].advice
    assert "OPENFIRE_HOME" in found["openfire"].advice
    assert found["reference"].present
