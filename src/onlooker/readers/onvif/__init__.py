"""ONVIF cameras behind a narrow interface of ours: connect, ask for streams, move, hear of motion.

`onvif-zeep-async` writes the requests (its WSDL files, WS-Security, WS-Addressing) and is imported when the first
camera is asked, for it takes half a second and 60 MiB. We send them, because it reads answers without any bound, can do
no HTTP Digest and follows wherever a camera points; and we read the answers (`onlooker.formats.onvif`), because
cameras bend the schema in ways that a strict reader breaks at.

Everything here raises a SourceError; `failures.as_device_errors` says the same to somebody who pressed a button.
"""
