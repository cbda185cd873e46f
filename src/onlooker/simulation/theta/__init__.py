"""A Theta that is not there: an OSC camera as Ricoh's answer, for trying the hub without one, and for its tests.

`models.py` says what differs between the models, `options.py` what can be set; `camera.py` is the camera itself, and
`commands.py` what it does when told; `card.py` holds its pictures and `pictures.py` draws them; `protocol.py` reads
requests strictly, `digest.py` asks for the password, `faults.py` holds what goes wrong on purpose, `preview.py` sends
the live picture; `server.py` puts it all on a port. What real cameras answer is the source of all of it.
"""
