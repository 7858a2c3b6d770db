"""SCRAM (RFC 5802, RFC 7677): the computations, a client, a server and the channel binding of RFC 5929.

Nothing here makes up a nonce: whoever builds a client or a server hands it in, and may hand in a bad one.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography import x509

from harness.negotiation.outcomes import Challenge, Failure, Objection, ServerAnswer, Success
from harness.negotiation.saslprep import saslprep

#: Hash functions by the name that stands in the mechanism, and hashlib's word for each.
HASHES: Mapping[str, str] = {"SHA-1": "sha1", "SHA-256": "sha256", "SHA-512": "sha512"}

#: A server that asks for more is refused: it would only keep us busy (RFC 5802, 9).
MOST_ITERATIONS = 1_000_000

_COUNT = re.compile(r"[1-9][0-9]*")
_NONCE = re.compile(r"[!-+\--~]+")
_VALUE = re.compile(r"(?:[^=,\x00]|=2C|=3D)+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Keys:
    """What a password comes down to for one salt and count (RFC 5802, 3)."""

    client: bytes
    stored: bytes
    server: bytes


class SaltedPasswords:
    """Remembers the keys of passwords, since PBKDF2 is most of what a login costs a client."""

    def __init__(self) -> None:
        self._keys: dict[tuple[str, str, bytes, int], Keys] = {}

    def keys(self, hash: str, password: str, salt: bytes, iterations: int) -> Keys:
        """Return the keys for a prepared password; `hash` is one of `HASHES`."""
        wanted = (hash, password, salt, iterations)
        found = self._keys.get(wanted)
        if found is None:
            found = self._keys[wanted] = derive_keys(hash, password, salt, iterations)
        return found


def derive_keys(hash: str, password: str, salt: bytes, iterations: int) -> Keys:
    """Compute SaltedPassword and what follows from it (RFC 5802, 3)."""
    digest = HASHES[hash]
    salted = hashlib.pbkdf2_hmac(digest, password.encode(), salt, iterations)
    client = hmac.digest(salted, b"Client Key", digest)
    return Keys(
        client=client,
        stored=hashlib.new(digest, client).digest(),
        server=hmac.digest(salted, b"Server Key", digest),
    )


def client_proof(hash: str, keys: Keys, message: bytes) -> bytes:
    """Return ClientProof over the AuthMessage (RFC 5802, 3)."""
    signature = hmac.digest(keys.stored, message, HASHES[hash])
    return _xor(keys.client, signature)


def server_signature(hash: str, keys: Keys, message: bytes) -> bytes:
    """Return ServerSignature over the AuthMessage (RFC 5802, 3)."""
    return hmac.digest(keys.server, message, HASHES[hash])


def is_right_proof(hash: str, keys: Keys, message: bytes, proof: bytes) -> bool:
    """Tell whether a proof gives a client key that hashes to the stored one."""
    signature = hmac.digest(keys.stored, message, HASHES[hash])
    if len(proof) != len(signature):
        return False
    return hmac.compare_digest(hashlib.new(HASHES[hash], _xor(proof, signature)).digest(), keys.stored)


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))


def decode_base64(text: bytes | str) -> bytes | None:
    """Decode canonical base64 (RFC 4648, 4, padding bits zero); None when it is not that."""
    data = text.encode() if isinstance(text, str) else text
    try:
        decoded = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        return None
    return decoded if base64.b64encode(decoded) == data else None


def escape(name: str) -> str:
    """Write a user name or authorization identity as a `saslname` (RFC 5802, 5.1)."""
    return name.replace("=", "=3D").replace(",", "=2C")


def unescape(saslname: str) -> str | None:
    """Read a `saslname`; None when an equals sign stands for nothing."""
    if not _VALUE.fullmatch(saslname):
        return None
    return saslname.replace("=2C", ",").replace("=3D", "=")


@dataclass(frozen=True, kw_only=True, slots=True)
class Binding:
    """A channel binding: its type and the channel's data (RFC 5929)."""

    type: str
    data: bytes


def tls_server_end_point(certificate_der: bytes) -> bytes:
    """Return the binding data of a server's certificate; empty where it is undefined (RFC 5929, 4.1).

    The hash is that of the certificate's signature, but SHA-256 in place of MD5 and SHA-1. A signature
    scheme without one hash function, such as Ed25519, leaves it undefined.
    """
    hash = x509.load_der_x509_certificate(certificate_der).signature_hash_algorithm
    if hash is None:
        return b""
    return hashlib.new("sha256" if hash.name in ("md5", "sha1") else hash.name, certificate_der).digest()


@dataclass(kw_only=True)
class ScramClient:
    """The client's side of one exchange.

    `flag` is the first part of the GS2 header when there is no `binding`: n, or y when we could bind and
    the server seems not to (RFC 5802, 6). `nonce` is the client's part.
    """

    hash: str
    username: str
    password: str
    nonce: str
    salted: SaltedPasswords
    authzid: str = ""
    binding: Binding | None = None
    flag: str = "n"
    has_secret: bool = False
    _bare: str = ""
    _gs2: str = ""
    _signature: bytes | None = None
    _is_verified: bool = False

    def first(self) -> bytes | None:
        """The client-first-message."""
        flag = f"p={self.binding.type}" if self.binding else self.flag
        self._gs2 = f"{flag},{'a=' + escape(self.authzid) if self.authzid else ''},"
        self._bare = f"n={escape(saslprep(self.username) or self.username)},r={self.nonce}"
        return (self._gs2 + self._bare).encode()

    def respond(self, challenge: bytes) -> bytes | Objection:
        """The client-final-message; after it an empty answer to a server-final-message in a challenge."""
        if self._signature is None:
            return self._final(challenge)
        objection = self._verify(challenge)
        return objection or b""

    def finish(self, additional: bytes | None) -> Objection | None:
        """Judge the success: without a right server signature it is none (RFC 5802, 5)."""
        if self._is_verified and not additional:
            return None
        if not additional:
            return Objection(message="success came without the server's signature")
        return self._verify(additional)

    def _final(self, challenge: bytes) -> bytes | Objection:
        read = read_server_first(challenge, self.nonce)
        if isinstance(read, Objection):
            return read
        nonce, salt, iterations = read
        gs2 = self._gs2.encode() + (self.binding.data if self.binding else b"")
        without_proof = f"c={base64.b64encode(gs2).decode()},r={nonce}"
        message = f"{self._bare},{challenge.decode()},{without_proof}".encode()
        keys = self.salted.keys(self.hash, saslprep(self.password) or self.password, salt, iterations)
        self._signature = server_signature(self.hash, keys, message)
        self.has_secret = True
        proof = base64.b64encode(client_proof(self.hash, keys, message)).decode()
        return f"{without_proof},p={proof}".encode()

    def _verify(self, final: bytes) -> Objection | None:
        given = final.decode("utf-8", "replace").split(",")[0]
        if given.startswith("e="):
            return Objection(message=f"the server reports the error {given[2:]}")
        if not given.startswith("v=") or decode_base64(given[2:]) != self._signature:
            return Objection(message="the server's signature is wrong")
        self._is_verified = True
        return None


def read_server_first(message: bytes, nonce: str) -> tuple[str, bytes, int] | Objection:
    """Read nonce, salt and iteration count of a server-first-message, or say what is wrong with it."""
    try:
        parts = message.decode().split(",")
    except UnicodeDecodeError:
        return Objection(message="the server's first message is not UTF-8")
    if parts[0].startswith("m="):
        return Objection(message="the server demands an extension of SCRAM that we do not know")
    keys = "".join(part[:2] for part in parts[:3])
    if keys != "r=s=i=":
        return Objection(
            message="the server's first message does not have nonce, salt and count in this order"
        )
    theirs, salt, count = (part[2:] for part in parts[:3])
    if not theirs.startswith(nonce) or theirs == nonce or not _NONCE.fullmatch(theirs):
        return Objection(message="the server's nonce does not extend ours")
    salt_bytes = decode_base64(salt)
    if not salt_bytes:
        return Objection(message="the server's salt is not base64")
    if not _COUNT.fullmatch(count) or len(count) > 9 or int(count) > MOST_ITERATIONS:
        return Objection(message=f"the server's iteration count {count[:20]} is none that we accept")
    return theirs, salt_bytes, int(count)


#: A user's password, or None when there is no such user.
Password = Callable[[str], str | None]


@dataclass(kw_only=True)
class ScramServer:
    """The server's side of one exchange.

    `bindings` are the channel's, `must_bind` says that this is the -PLUS variant, `has_plus` that it is
    offered. `nonce` is the server's part. A hostile server has `extends_nonce` False, which leaves the
    client's part out, a `signature` that alters ServerSignature, `accepts_any`, which skips the proof, or
    leaves out a check. `lapses` name what else it does wrong, see `server_sasl`.
    """

    hash: str
    password: Password
    nonce: str
    salted: SaltedPasswords
    domain: str
    bindings: Mapping[str, bytes] = field(default_factory=dict)
    must_bind: bool = False
    has_plus: bool = False
    iterations: int = 4096
    claimed_iterations: int | None = None  # that are told instead, to see what a client makes of it
    demands: bool = False  # the client must know an extension that nobody knows (RFC 5802, 5.1)
    extends_nonce: bool = True
    signature: Callable[[bytes], bytes] = bytes
    accepts_any: bool = False
    checks_authzid: bool = True
    checks_binding: bool = True
    lapses: frozenset[str] = frozenset()
    _gs2: str = ""
    _bound: bytes = b""
    _bare: str = ""
    _first: str = ""
    _whole_nonce: str = ""
    _username: str = ""

    def start(self, initial: bytes | None) -> ServerAnswer:
        """Take the initial response, or ask for one by an empty challenge."""
        return Challenge(data=b"") if initial is None else self.respond(initial)

    def respond(self, response: bytes) -> ServerAnswer:
        """Take the client's next message."""
        try:
            text = response.decode()
        except UnicodeDecodeError:
            return _MALFORMED
        return self._take_final(text) if self._first else self._take_first(text)

    def _take_first(self, text: str) -> ServerAnswer:
        flag, comma, rest = text.partition(",")
        authzid, other_comma, self._bare = rest.partition(",")
        if not comma or not other_comma or (authzid and not authzid.startswith("a=")):
            return _MALFORMED
        self._gs2 = f"{flag},{authzid},"
        failure = self._take_flag(flag) or self._take_user(authzid[2:])
        return failure or Challenge(data=self._first.encode())

    def _take_flag(self, flag: str) -> Failure | None:
        if flag.startswith("p="):
            data = self.bindings.get(flag[2:])
            if data and "other-type" in self.lapses:
                data = data[::-1]
            if not data and self.must_bind and "unknown-type" in self.lapses:
                return None
            if not self.must_bind or not data:
                return _MALFORMED if not self.must_bind else _NOT_AUTHORIZED
            self._bound = data
            return None
        if (flag not in ("n", "y") and "flag" not in self.lapses) or self.must_bind:
            return _MALFORMED
        if "y" in self.lapses:
            return None
        # The client thinks that we cannot bind: somebody has hidden our offer (RFC 5802, 6).
        return _NOT_AUTHORIZED if flag == "y" and self.has_plus else None

    def _take_user(self, authzid: str) -> Failure | None:
        parts = self._bare.split(",")
        if parts[0].startswith("m=") and "reserved" in self.lapses:
            del parts[0]
        if len(parts) < 2 or not parts[0].startswith("n=") or not parts[1].startswith("r="):
            return _MALFORMED
        username, nonce = self._name_in(parts[0][2:]), parts[1][2:]
        if username is None or not _NONCE.fullmatch(nonce) or not all(map(_is_extension, parts[2:])):
            return _MALFORMED
        if parts[2:] and "extensions" in self.lapses:
            return _MALFORMED
        prepared = saslprep(username)
        if not prepared:
            return _NOT_AUTHORIZED
        own = f"{prepared}@{self.domain}".lower()
        if self.checks_authzid and authzid and (unescape(authzid) or "").lower() != own:
            return Failure(condition="invalid-authzid")
        self._username = prepared
        self._whole_nonce = (nonce if self.extends_nonce else "") + self.nonce
        if "unprintable" in self.lapses:
            self._whole_nonce += "\x7f"
        salt = base64.b64encode(salt_of(prepared)).decode()
        if "salt" in self.lapses:
            salt = f"{salt[:8]} {salt[8:]}"
        told = [f"r={self._whole_nonce}", f"s={salt}", f"i={self.claimed_iterations or self.iterations}"]
        if self.demands:
            told.insert(0, "m=unheard-of")
        if "order" in self.lapses:
            told.reverse()
        self._first = ",".join(told)
        return None

    def _name_in(self, saslname: str) -> str | None:
        if "escapes" in self.lapses and unescape(saslname):
            return saslname
        return unescape(saslname.rstrip("=") if "bad-escapes" in self.lapses else saslname)

    def _take_final(self, text: str) -> ServerAnswer:
        without_proof, comma, proof_text = text.rpartition(",p=")
        parts = without_proof.split(",")
        proof = decode_base64(proof_text)
        if not comma or len(parts) < 2 or not parts[0].startswith("c=") or proof is None:
            return _MALFORMED
        if not all(map(_is_extension, parts[2:])) or (parts[2:] and "extensions" in self.lapses):
            return _MALFORMED
        message = f"{self._bare},{self._first},{without_proof}".encode()
        bound = decode_base64(parts[0][2:])
        if self.checks_binding and bound != self._gs2.encode() + self._bound:
            return _NOT_AUTHORIZED
        if parts[1] != f"r={self._whole_nonce}" and "nonce" not in self.lapses:
            return _NOT_AUTHORIZED
        return self._judge(message, proof)

    def _judge(self, message: bytes, proof: bytes) -> ServerAnswer:
        password = self.password(self._username)
        prepared = saslprep(password) or password if password is not None else ""
        keys = self.salted.keys(self.hash, prepared, salt_of(self._username), self.iterations)
        is_right = password is not None and is_right_proof(self.hash, keys, message, proof)
        if not is_right and not self.accepts_any:
            return Challenge(data=b"v=bm90IHlvdXJz") if "error" in self.lapses else _NOT_AUTHORIZED
        signature = self.signature(server_signature(self.hash, keys, message))
        return Success(username=self._username, data=b"v=" + base64.b64encode(signature))


_MALFORMED = Failure(condition="malformed-request")
_NOT_AUTHORIZED = Failure(condition="not-authorized")


def salt_of(username: str) -> bytes:
    """Return the salt of a user, known or not: the same each time, so that it tells nothing (RFC 5802, 9)."""
    return hashlib.sha256(f"salt of {username}".encode()).digest()[:16]


def _is_extension(part: str) -> bool:
    return len(part) > 2 and part[0].isalpha() and part[1] == "=" and part[0] != "m"
