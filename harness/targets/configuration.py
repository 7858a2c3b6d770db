"""Configuration files of launched servers, made from the templates in `fixtures/servers/`."""

from pathlib import Path
from string import Template

from harness.errors import DataError
from harness.resources import folder


def template(server: str, name: str) -> Path:
    """Where a server's template is."""
    return folder("fixtures") / "servers" / server / name


def fill(source: Path, target: Path, **values: object) -> Path:
    """Write `target`: the template with every `${name}` replaced. A dollar sign is written `$$`."""
    try:
        text = source.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"cannot read the template: {error.strerror}", where=str(source)) from error
    try:
        filled = Template(text).substitute(values)
    except KeyError as error:
        raise DataError(
            f"nothing is known of the placeholder ${{{error.args[0]}}}",
            where=str(source),
            advice="placeholders: " + ", ".join(sorted(values)),
        ) from error
    except ValueError as error:
        raise DataError(str(error), where=str(source), advice="write $$ for a dollar sign") from error
    target.write_text(filled, encoding="utf-8")
    return target
