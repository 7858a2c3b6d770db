"""What may be sent over an XMPP stream, valid or not, as Hypothesis strategies and as derived variants.

- `stanzas()`, `jids()`, `texts()`: valid things, drawn; `Element` is a stanza without the way it is written.
- `serialize(element, Style.of(number))` writes one in one of many ways, `read(data)` reads it back.
- `samples(family)`, `malformed_streams()`: a `Sample`, which is bytes with what is claimed of them: its
  `Claim` as XML, its `Place` in the stream, the stream errors that may answer it.
- `batches(family)`: many samples out of one stanza, which costs little more than one.
- `FAMILIES`: the families by name; the `derive` of each makes a sample of a stanza and a number.

In bytes and texts stand placeholders, such as `${peer}`; `filled(data, names)` puts addresses there. Their
names are in `harness.strategies.sample`.

>>> from hypothesis import given
>>> @given(samples("wf"))
... def reader_agrees(sample):
...     assert sample.claim is Claim.LEGAL or read(sample.data) is None
>>> reader_agrees()
"""

from harness.strategies.derive import batches, malformed_streams, samples
from harness.strategies.families import FAMILIES, Family
from harness.strategies.payloads import check
from harness.strategies.reading import read
from harness.strategies.sample import Claim, Element, Place, Sample, filled
from harness.strategies.serializing import serialize
from harness.strategies.style import Style
from harness.strategies.valid import jids, stanzas, texts

__all__ = [
    "FAMILIES",
    "Claim",
    "Element",
    "Family",
    "Place",
    "Sample",
    "Style",
    "batches",
    "check",
    "filled",
    "jids",
    "malformed_streams",
    "read",
    "samples",
    "serialize",
    "stanzas",
    "texts",
]
