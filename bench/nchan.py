"""nginx with nchan, the measure of event streams: one worker, with the buffer that the hub's tail is."""

from __future__ import annotations

import http.client
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from bench.hub import free_port
from bench.load import SERVER_CORE, BenchError, Onlookers, Program, wait_for
from onlooker.events.feed import TAIL

MODULE = Path("/usr/lib/nginx/modules/ngx_nchan_module.so")
CONNECTIONS = 8192
# The shell is what ends with its standard input; nginx then goes with it.
RUN = '"$0" "$@" & read line; kill $!; wait'

CONFIG = """
{user}
load_module {module};
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/client_body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  nchan_message_buffer_length {tail};
  nchan_message_timeout 1h;
  server {{
    listen 127.0.0.1:{port} backlog=4096;
    keepalive_requests 1000000;
    location = /publish {{ nchan_publisher; nchan_channel_id bench; }}
    location = /events {{
      nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message newest;
    }}
    location = /all {{
      nchan_subscriber eventsource; nchan_channel_id bench; nchan_subscriber_first_message oldest;
    }}
  }}
}}
"""


class Nchan(Program):
    """nginx as a publisher and its viewers see it; what is measured is its worker."""

    def __init__(self) -> None:
        nginx = shutil.which("nginx") or "/usr/sbin/nginx"
        if not MODULE.exists() or not Path(nginx).exists():
            raise BenchError("nginx with nchan is missing; on Debian: apt-get install libnginx-mod-nchan")
        self._folder = tempfile.TemporaryDirectory(prefix="onlooker-bench-")
        folder = Path(self._folder.name)
        self.port = free_port()
        config = folder / "nginx.conf"
        config.write_text(
            CONFIG.format(
                user="user root;" if os.geteuid() == 0 else "",
                module=MODULE,
                folder=folder,
                files=2 * CONNECTIONS,
                connections=CONNECTIONS,
                tail=TAIL,
                port=self.port,
            )
        )
        error_log = folder / "error.log"
        arguments = (nginx, "-p", str(folder), "-c", str(config), "-e", str(error_log))
        super().__init__("/bin/sh", "-c", RUN, *arguments, core=SERVER_CORE, log=folder / "log")
        wait_for(lambda: bool(self._worker()), 20, "nginx did not start", error_log)
        self.pid = self._worker()
        self._publisher = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def publish(self, event: str, data: str) -> None:
        """Tell those who watch."""
        headers = {"Content-Type": "application/json", "X-EventSource-Event": event}
        self._publisher.request("POST", "/publish", data.encode(), headers)
        answer = self._publisher.getresponse()
        answer.read()
        if answer.status not in (200, 201, 202):
            raise BenchError(f"nchan did not take an event: {answer.status} {answer.reason}")

    def viewers(self, count: int, marker: str, *, after: str = "", at_once: int = 64) -> Onlookers:
        """Let this many viewers in, who go on behind the message with the id `after`, or from now on."""
        headers = ["Accept: text/event-stream", *([f"Last-Event-ID: {after}"] if after else [])]
        return Onlookers(self.port, "/events", headers, count, marker, at_once)

    def ids(self) -> Iterator[str]:
        """The ids of all messages that are kept, oldest first; then it waits for more."""
        reader = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            reader.request("GET", "/all", headers={"Accept": "text/event-stream"})
            for line in reader.getresponse():
                if line.startswith(b"id:"):
                    yield line[3:].decode().strip()
        finally:
            reader.close()

    def _worker(self) -> int:
        pid_file = Path(self._folder.name) / "nginx.pid"
        master = pid_file.read_text().strip() if pid_file.exists() else ""
        if not master:
            return 0
        for child in Path(f"/proc/{master}/task/{master}/children").read_text().split():
            if b"worker process" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
        return 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._publisher.close()
        super().__exit__(kind, error, trace)
        self._folder.cleanup()
