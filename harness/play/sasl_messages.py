"""What a script says in SASL: any text in base64, and the last message of a SCRAM client.

`${base64 of n,,n=[Romeo's username],r=abc}` is that text with the values of the names in brackets, and
with `\\0` for NUL. `${Romeo's SCRAM end}` is the client-final-message (RFC 5802, 5) that belongs to what
Romeo has sent and received; `${Romeo's SCRAM end with r=xyz}` has another value for the attribute, or one
attribute more, under a proof that is right for it; `${Romeo's wrong SCRAM end}` knows another password.
"""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from lxml import etree

from harness.negotiation.scram import HASHES, SaltedPasswords, client_proof, decode_base64
from harness.xmpp.namespaces import SASL, Name

_BASE64 = re.compile(r"base64 of (?P<text>.+)")
_INSERTED = re.compile(r"\[([^\]]+)\]")
_END = re.compile(r"(?P<actor>.+)'s (?P<wrong>wrong )?SCRAM end(?: with (?P<key>[a-z])=(?P<value>.*))?")
_FIRST = re.compile(r"(?P<gs2>[^,]*,[^,]*,)(?P<bare>.*)", re.DOTALL)


@dataclass(kw_only=True, slots=True)
class SaslExchange:
    """What an actor has sent and received in its latest exchange, decoded."""

    mechanism: str = ""
    first: str = ""
    challenge: str = ""

    def note(self, element: "etree._Element") -> None:
        """Take note of an element of either side."""
        name, text = Name.of(str(element.tag)), _decoded(element.text or "")
        if name == Name(SASL, "auth"):
            self.mechanism, self.first, self.challenge = element.get("mechanism", ""), text, ""
        elif name == Name(SASL, "response") and not self.first:
            self.first = text
        elif name == Name(SASL, "challenge"):
            self.challenge = text

    def end(
        self,
        password: str,
        changed: tuple[str, str],
        *,
        bindings: Mapping[str, bytes],
        salted: SaltedPasswords,
    ) -> str:
        """The client-final-message with one attribute changed or added; without a challenge it is junk."""
        words = self.mechanism.split("-", 1)[-1].removesuffix("-PLUS")
        hash = words if words in HASHES else "SHA-1"
        told = {part[:1]: part[2:] for part in self.challenge.split(",")}
        first = _FIRST.fullmatch(self.first)
        gs2, bare = (first["gs2"], first["bare"]) if first else ("n,,", self.first)
        channel = bindings.get(gs2.partition(",")[0].removeprefix("p="), b"")
        parts = {"c": base64.b64encode(gs2.encode() + channel).decode(), "r": told.get("r", "")}
        parts |= {key: value for key, value in [changed] if key not in ("", "p")}
        without_proof = ",".join(f"{key}={value}" for key, value in parts.items())
        salt, count = decode_base64(told.get("s", "")) or b"salt", told.get("i", "1")
        keys = salted.keys(hash, password, salt, int(count) if count.isdigit() else 1)
        proof = client_proof(hash, keys, f"{bare},{self.challenge},{without_proof}".encode())
        encoded = changed[1] if changed[0] == "p" else base64.b64encode(proof).decode()
        return base64.b64encode(f"{without_proof},p={encoded}".encode()).decode()


def _decoded(text: str) -> str:
    return (decode_base64(text) or b"").decode("utf-8", "replace")


def sasl_texts(names: Iterable[str], scope: Mapping[str, str]) -> dict[str, str]:
    """The values of all texts in base64 whose names in brackets have values by now."""
    values = {}
    for name in names:
        found = _BASE64.fullmatch(name)
        if found and all(inserted in scope for inserted in _INSERTED.findall(found["text"])):
            text = _INSERTED.sub(lambda match: scope[match[1]], found["text"]).replace("\\0", "\0")
            values[name] = base64.b64encode(text.encode()).decode()
    return values


def scram_ends(
    names: Iterable[str],
    actor: str,
    exchange: SaslExchange,
    password: str,
    *,
    bindings: Mapping[str, bytes],
    salted: SaltedPasswords,
) -> dict[str, str]:
    """The values of an actor's last messages, as far as its exchange has come."""
    values = {}
    for name in names:
        end = _END.fullmatch(name)
        if end and end["actor"] == actor and exchange.mechanism:
            known = f"not-{password}" if end["wrong"] else password
            changed = (end["key"] or "", end["value"] or "")
            values[name] = exchange.end(known, changed, bindings=bindings, salted=salted)
    return values
