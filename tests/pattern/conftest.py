"""Short ways to a pattern and to a received element."""

from collections.abc import Callable

import pytest
from lxml import etree

from harness.pattern.nodes import Node, Template
from harness.pattern.reader import Place, Reading, read_nodes
from harness.pattern.template import parse_template

HEADER = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"


@pytest.fixture
def pattern() -> Callable[..., Node]:
    def read(text: str, *, ours: bool = True) -> Node:
        reading = Reading(strict_placeholders=ours, typeless_is_plain=ours)
        return read_nodes(text, Place("test.scs", 1), reading)[0]

    return read


@pytest.fixture
def element() -> Callable[[str], "etree._Element"]:
    def read(text: str) -> "etree._Element":
        return etree.fromstring(f"{HEADER}{text}</stream:stream>")[0]

    return read


@pytest.fixture
def template() -> Callable[..., Template]:
    def read(text: str, *, ours: bool = True) -> Template:
        return parse_template(text, line=3, column=5, path="test.scs", strict_placeholders=ours)

    return read
