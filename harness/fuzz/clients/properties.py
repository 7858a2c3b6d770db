"""What has to hold of clients whatever they are sent: as for servers, a row each in the module of its kind.

That certificates are checked (P-C9) is the matter of scenarios: there are as many cases as there are ways of
being wrong. That what a client sends is well-formed (P-C5) is judged by the monitors.
"""

from harness.fuzz.clients.ends import ENDINGS
from harness.fuzz.clients.forgeries import FORGERIES
from harness.fuzz.clients.logins import LOGINS
from harness.fuzz.property import Property
from harness.fuzz.troubles import BY_COMPARISON

CLIENT_PROPERTIES: tuple[Property, ...] = (*ENDINGS, *FORGERIES, *LOGINS)
#: All that a campaign on a client can find broken, besides the monitors' rules.
EVERY_CLIENT_PROPERTY = (*CLIENT_PROPERTIES, *BY_COMPARISON)
