"""Wire and file formats: bytes in, values out; no I/O, no asyncio, nothing imported but media, clock and errors.

Readers take bytes in any split and raise `MalformedInput`; writers give the exact bytes that go on the wire.
"""
