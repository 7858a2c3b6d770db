"""The end of scripts about secrets: what was stored comes back, in a difference too."""

#: Behind a request with the id `s` that stores something in `urn:example:mine`.
TOLD_BACK = """Romeo receives:
	<iq type='result' id='s'/>
Romeo sends:
	<iq type='get' id='g'><query xmlns='jabber:iq:private'><mine xmlns='urn:example:mine'/></query></iq>
Romeo receives:
	<iq type='result' id='g'><query xmlns='jabber:iq:private'><mine xmlns='urn:example:mine'>else</mine>
	</query></iq>
"""
