"""What shows that cases check what they claim: what broke a requirement, and was noticed."""

from collections.abc import Mapping

import msgspec

from harness.results.verdicts import Perspective

#: By requirement, then by case: the fault, or what was altered in the one step that is about it.
Shown = Mapping[str, Mapping[str, str]]


class Evidence(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """For what is asked of servers and of clients."""

    server: Shown = {}
    client: Shown = {}

    def of(self, perspective: Perspective) -> Shown:
        """What is shown where we play a side."""
        return self.client if perspective is Perspective.SERVER else self.server
