"""How sources read: the I/O that several kinds of camera share, so that no kind imports a sibling.

`http.py` opens an HTTP response (Basic, Digest) on the event loop; `demux.py` runs PyAV in a thread of its own and
hands its packets to the loop through a bounded queue. Both end with a `SourceError` named for what to do next, release
what they hold when their generator is closed, and never put a password into an error.

`osc*.py` are what an OSC camera takes: `osc_wire.py` asks, `osc.py` has its commands at either API level, the others
what is made of them. They end with a `DeviceError`, which `osc_errors.py` turns into one of a source.
"""
