"""Passwords that a real run comes to know are in none of its outputs, however they are spelled."""

import base64
import hashlib
import html
import json
import re
import sys
import urllib.parse
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from harness.cli.report import FORMATS
from harness.engine.secrets import MASK
from harness.targets.description import load
from harness.targets.launching import started
from tests.live.told_back import TOLD_BACK

#: Of each account; every form of writing spells some of their letters in another way.
GIVEN = {"romeo": "R0meo's <thorn> & rose/9", "juliet": "b4lcony + m00n=é", "nurse": "N7rse:of ?Verona"}
ADMIN = "Pr1nce & <Escalus>/+"
REGISTERED = "pl4nted & registered?"
FRESH = "secret-"  # as the passwords begin that the harness makes
MADE_UP = "pl4nted <PLAIN>+/="

MADE_UP_PLAIN = base64.b64encode(b"\0nobody\0" + MADE_UP.encode()).decode()

HEAD = "# A test\n## dialect: harness\n\n[Client] Romeo\n[Client] Juliet\n\n---------\n\n"
#: Ends in a difference, so that what was sent and received is told in findings as well.
DIFFERENCE = (
    """Romeo connects
Romeo sends:
	<iq type='set' id='s'><query xmlns='jabber:iq:private'><mine xmlns='urn:example:mine'>${Romeo's password}
		${Romeo's credentials} ${Juliet's credentials as Romeo} ${Juliet's password}</mine></query></iq>
"""
    + TOLD_BACK
)
OPENS = "Juliet opens a connection\nJuliet opens a stream\nJuliet receives a stream header\n"
SCRIPTS = {
    "scram": OPENS + "Juliet authenticates with SCRAM-SHA-256\n" + DIFFERENCE,
    "plain": OPENS + "Juliet authenticates with PLAIN\n" + DIFFERENCE,
    "digest": OPENS + "Juliet authenticates with legacy digest\n" + DIFFERENCE,
    "old_login": OPENS
    + """Juliet sends:
	<iq type='set' id='a'><query xmlns='jabber:iq:auth'><username>${Juliet's username}</username>
		<password>${Juliet's password}</password><resource>x</resource></query></iq>
Juliet receives:
	<iq type='result' id='a'><else/></iq>
""",
    "registration": OPENS
    + f"""Juliet sends:
	<iq type='set' id='r'><query xmlns='jabber:iq:register'><username>${{token user}}</username>
		<password>{html.escape(REGISTERED)}</password></query></iq>
Juliet receives:
	<iq type='result' id='r'><password>{html.escape(REGISTERED)}</password></iq>
""",
    "registration_form": OPENS
    + f"""Juliet sends:
	<iq type='set' id='r'><query xmlns='jabber:iq:register'><x xmlns='jabber:x:data' type='submit'>
		<field var='username'><value>${{token user}}</value></field>
		<field var='password'><value>{html.escape(REGISTERED)}</value></field></x></query></iq>
Juliet receives:
	<iq type='result' id='r'><else>{html.escape(REGISTERED)}</else></iq>
""",
    "made_up": OPENS
    + f"""Juliet sends:
	<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{MADE_UP_PLAIN}</auth>
Juliet receives:
	<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><else/></failure>
""",
}


_PROOF = re.compile(rb"^(c=[\w=+/]*,.*p=|v=[\w+/=]{20})")


def readings(text: str) -> Iterator[bytes]:
    """A text as it stands, and all that it says in other writings."""
    for plain in {text, html.unescape(text), html.unescape(html.unescape(text))}:
        yield plain.encode()
        yield urllib.parse.unquote_plus(plain).encode()
        yield urllib.parse.unquote(plain).encode()
        for word in re.findall(r"[0-9A-Fa-f]{8,}", plain):
            yield bytes.fromhex(word[: len(word) // 2 * 2])
        for word in re.findall(r"[A-Za-z0-9+/_-]{6,}", plain):
            digits = word.translate(str.maketrans("-_", "+/"))
            for start in range(4):
                whole = digits[start:] if len(digits[start:]) % 4 != 1 else digits[start:-1]
                yield base64.b64decode(whole + "=" * (-len(whole) % 4))


def parts(path: Path) -> Iterator[str]:
    """What a file holds, unpacked."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".html":
        for block in re.findall(r'<script type="application/octet-stream"[^>]*>([^<]*)<', text):
            yield from json.loads(zlib.decompress(base64.b64decode(block)))
        text = re.sub(r'<script type="application/octet-stream".*?</script>', "", text)
    elif path.suffix in (".json", ".jsonl", ".sarif"):
        whole = [text] if path.suffix != ".jsonl" else text.splitlines()
        for one in whole:
            yield "\n".join(strings(json.loads(one)))
    yield text


def strings(value: object) -> Iterator[str]:
    """All texts within a piece of JSON."""
    match value:
        case str():
            yield value
        case dict():
            for key, one in value.items():
                yield str(key)
                yield from strings(one)
        case list():
            for one in value:
                yield from strings(one)


def leaks(text: str, secrets: set[bytes]) -> set[bytes]:
    """The secrets in a text, and what of SCRAM lets somebody try passwords (RFC 5802, 5.1)."""
    read = set(readings(text))
    return {one for reading in read for one in secrets if one in reading} | set(filter(_PROOF.search, read))


@pytest.mark.parametrize(
    "spelled",
    [
        str,
        html.escape,
        urllib.parse.quote,
        urllib.parse.quote_plus,
        lambda one: one.encode().hex(),
        lambda one: one.encode().hex().upper(),
        lambda one: base64.b64encode(one.encode()).decode(),
        lambda one: base64.b64encode(b"\0romeo\0" + one.encode()).decode(),
        lambda one: base64.b64encode(b"x\0romeo\0" + one.encode()).decode(),
        lambda one: base64.b64encode(b"c=biws,r=nonce,p=" + one.encode()).decode(),
    ],
)
@pytest.mark.parametrize("secret", [*GIVEN.values(), ADMIN, REGISTERED, MADE_UP])
def test_what_is_looked_for_would_be_found(spelled, secret: str) -> None:
    assert leaks(f"<a>{spelled(secret)}</a>", {secret.encode()})


async def command(*words: str) -> str:
    """Run the command line; return what it says on either stream."""
    program = str(Path(sys.executable).with_name("xmpp-harness"))
    with trio.fail_after(60):
        done = await trio.run_process(
            [program, *words], capture_stdout=True, capture_stderr=True, check=False
        )
    assert done.returncode in (0, 1), done.stderr
    return (done.stdout + done.stderr).decode()


def digests(records: list[Path], passwords: list[str]) -> set[bytes]:
    """What opens each of the streams that there were (XEP-0078, 3)."""
    ids = {
        one for path in records for one in re.findall(r"<stream:stream[^>]*? id='([^']*)'", path.read_text())
    }
    assert ids
    return {hashlib.sha1((one + each).encode()).hexdigest().encode() for one in ids for each in passwords}


async def outputs(folder: Path, scripts: list[str]) -> dict[str, str]:
    """Play the scripts with accounts that are given, then with an administrator; what the console said."""
    said = {}
    async with started(load("reference")) as instance:
        assert instance.create_account is not None
        for name, password in {**GIVEN, "admin": ADMIN}.items():
            await instance.create_account(name, password)
        server = ["--host", "127.0.0.1", "--port", str(instance.port), "--domain", instance.domain]
        server += ["--ca", instance.ca_file]
        accounts = [f"--account={name}:{password}" for name, password in GIVEN.items()]
        for kind, words in {"given": accounts, "admin": ["--admin", f"admin@localhost:{ADMIN}"]}.items():
            told = ["--verbose", "--update-baseline", "--baseline", f"{folder}/{kind}.toml"]
            said[kind] = await command("run", *server, *words, *told, *scripts, "--out", f"{folder}/{kind}")
    records = [f"{folder}/{kind}/record.jsonl" for kind in said]
    every = [word for one in FORMATS for word in ("--format", one)]
    for record in records:
        said[record] = await command("report", record, *every)
    said["compare"] = await command("compare", *records, "--html", f"{folder}/given/comparison.html")
    return said


def test_no_planted_secret_is_in_any_output(tmp_path: Path) -> None:
    scripts = [tmp_path / f"{name}.scs" for name in SCRIPTS]
    for script in scripts:
        script.write_text(HEAD + SCRIPTS[script.stem], encoding="utf-8")
    said = trio.run(outputs, tmp_path, [str(one) for one in scripts])
    outs = [tmp_path / "given", tmp_path / "admin"]
    written = [path for out in outs for path in out.rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {file for file, _ in FORMATS.values()} | {"comparison.html"}
    passwords = [*GIVEN.values(), ADMIN, REGISTERED, MADE_UP]
    secrets = {one.encode() for one in (*passwords, FRESH)}
    secrets |= digests([out / "record.jsonl" for out in outs], passwords)
    for name, text in said.items():
        assert leaks(text, secrets) == set(), f"console of {name}"
    for path in [*written, *tmp_path.glob("*.toml")]:
        for part in parts(path):
            assert leaks(part, secrets) == set(), path
    for out in outs:
        cases = [json.loads(one) for one in (out / "record.jsonl").read_text().splitlines()]
        played = {one["case"]: one["verdict"] for one in cases if one["type"] == "case"}
        assert {played[f"{tmp_path.name}/{name}"] for name in SCRIPTS} == {"fail"}, played
        assert (out / "record.jsonl").read_text().count(MASK) > 30
