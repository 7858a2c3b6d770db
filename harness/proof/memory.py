"""Cases played in memory: against a pure peer, or against themselves. No sockets, no clock, no chance."""

import itertools
from collections.abc import Callable, Mapping

from harness.negotiation.client import TlsPolicy
from harness.negotiation.scram import SaltedPasswords
from harness.play.acts import Outcome
from harness.play.cast import Account, Cast, owners
from harness.play.client import play_client
from harness.play.joint import Joint, Watcher
from harness.play.scene import Scene
from harness.play.served import ServedPlay, Shaping, Style, as_made
from harness.play.served_steps import SERVED_STEPS
from harness.transcript.script import Transcript
from harness.wire.effects import Peer
from harness.wire.writer import serialize

DOMAIN = "example.org"
_SERVICES = {
    "muc": f"conference.{DOMAIN}",
    "pubsub": f"pubsub.{DOMAIN}",
    "upload": f"upload.{DOMAIN}",
    "directory": f"users.{DOMAIN}",
    "gateway": f"gateway.{DOMAIN}",
}


def memory_cast(transcript: Transcript, fresh: Callable[[str], str]) -> Cast:
    """Accounts that exist only in memory."""
    accounts = {
        owner: Account(username=fresh("user"), password=fresh("secret"), domain=DOMAIN)
        for owner in owners(transcript)
    }
    return Cast(domain=DOMAIN, accounts=accounts, services=_SERVICES)


def counting() -> Callable[[str], str]:
    """Return a source of names that are new within one play, and the same in each."""
    count = itertools.count(1)
    return lambda kind: f"{kind}-{next(count)}"


#: Makes the peer of a play from its names, and from a function that tells the actor of a connection.
PeerMaker = Callable[[Mapping[str, str], Callable[[int], str]], Peer]


def play_against(
    transcript: Transcript,
    cast: Cast,
    fresh: Callable[[str], str],
    peer: PeerMaker,
    watcher: Watcher | None = None,
) -> Outcome:
    """Play a case against a peer in memory; `watcher` is told of what is on the wire."""
    scene = Scene(
        transcript, cast, fresh=fresh, policy=TlsPolicy.IF_OFFERED, mechanisms=_CHEAPEST_FIRST, salted=_SALTED
    )
    lines: list[Joint] = []
    joint = Joint(peer(scene.scope, lambda number: lines[0].actor_of(number)), watcher)
    lines.append(joint)
    return joint.run(play_client(scene))


_CHEAPEST_FIRST = ("PLAIN", "SCRAM-SHA-1")
_SALTED = SaltedPasswords()


def play_itself(
    transcript: Transcript,
    *,
    shaping: Shaping = as_made,
    style: Style = serialize,
    choices: Mapping[int, int] | None = None,
) -> tuple[Outcome, ServedPlay]:
    """Play both sides of a transcript."""
    fresh = counting()
    cast = memory_cast(transcript, fresh)
    served: list[ServedPlay] = []

    def peer(scope: Mapping[str, str], identify: Callable[[int], str]) -> ServedPlay:
        served.append(
            ServedPlay(
                transcript,
                cast,
                scope=scope,
                fresh=fresh,
                identify=identify,
                steps=SERVED_STEPS,
                shaping=shaping,
                style=style,
                choices=choices,
            )
        )
        return served[0]

    return play_against(transcript, cast, fresh, peer), served[0]
