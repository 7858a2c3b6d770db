"""Two parsers that are not ours, as the judges of what samples claim."""

import pyexpat

from lxml import etree


def expat_takes(data: bytes) -> bool:
    parser = pyexpat.ParserCreate("UTF-8", "\x01")
    try:
        parser.Parse(data, True)
    except pyexpat.ExpatError:
        return False
    return True


def libxml2_takes(data: bytes) -> bool:
    try:
        etree.fromstring(data, etree.XMLParser(encoding="UTF-8", no_network=True, load_dtd=False))
    except etree.XMLSyntaxError:
        return False
    return True
