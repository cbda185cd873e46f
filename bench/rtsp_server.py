"""Serves one H.264 clip as any number of RTSP cameras, with GStreamer: little CPU, for nothing is encoded.

    /usr/bin/python3 bench/rtsp_server.py CLIP CAMERAS

Run by the system's Python, because GStreamer's bindings live there. Prints its port; `/0`, `/1`, … are the cameras.
Each plays the clip once, from its first viewer on. Ends when its standard input does.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402 - the versions have to be said before


def main(clip: str, cameras: str) -> None:
    Gst.init(None)
    server = GstRtspServer.RTSPServer(address="127.0.0.1", service="0")
    for number in range(int(cameras)):
        factory = GstRtspServer.RTSPMediaFactory(shared=True)
        factory.set_launch(
            f"( filesrc location={clip} ! qtdemux ! h264parse ! rtph264pay name=pay0 config-interval=1 )"
        )
        server.get_mount_points().add_factory(f"/{number}", factory)
    if not server.attach(None):
        sys.exit("GStreamer's RTSP server cannot listen")
    print(server.get_bound_port(), flush=True)
    loop = GLib.MainLoop()
    GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, lambda *_: loop.quit())
    loop.run()


main(*sys.argv[1:])
