"""What an ONVIF camera shows: its profiles, and where their streams and pictures are, by either media service."""

from __future__ import annotations

from onlooker.errors import SourceMissing, SourceRefused
from onlooker.formats import onvif_answers as answers
from onlooker.formats.onvif_answers import Profile
from onlooker.readers.onvif.connection import Connection
from onlooker.readers.onvif.failures import FaultAnswered
from onlooker.readers.rtsp import Transport


class MediaService:
    """The media service that a camera has: the first, which all clients know, else the second (Profile T)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._namespace = answers.MEDIA

    async def profiles(self) -> tuple[Profile, ...]:
        """Everything it offers; at least one, SourceRefused if it has none."""
        offered = await self._connection.services()
        found: tuple[Profile, ...] = ()
        refusal: FaultAnswered | None = None
        for namespace in (answers.MEDIA, answers.MEDIA2):
            if namespace not in offered or found:
                continue
            self._namespace = namespace
            query = {"Type": "All"} if namespace == answers.MEDIA2 else {}
            try:
                found = answers.profiles(await self._connection.ask(namespace, "GetProfiles", query))
            except FaultAnswered as error:
                refusal = error
        if not found and refusal is not None:
            raise refusal
        if not found:
            raise SourceRefused(f"{self._connection.camera} offers no video. Set up a profile in its own pages.")
        return found

    async def stream(self, profile: Profile, transport: Transport) -> str:
        """The RTSP URL of a profile, with our credentials, at the host that worked."""
        if self._namespace == answers.MEDIA2:
            setup: dict[str, object] = {"Protocol": "RTSP" if transport == "tcp" else "RtspUnicast"}
        else:
            protocol = {"Protocol": "RTSP" if transport == "tcp" else "UDP"}
            setup = {"StreamSetup": {"Stream": "RTP-Unicast", "Transport": protocol}}
        answer = await self._connection.ask(self._namespace, "GetStreamUri", {**setup, "ProfileToken": profile.token})
        uri = answers.uri(answer)
        if not uri:
            raise SourceRefused(f"{self._connection.camera} does not say where its video is. Update its firmware.")
        return self._connection.address.with_login(uri, ("rtsp", "rtsps"))

    async def snapshot(self, profile: Profile) -> str:
        """The URL of a single picture, likewise; SourceMissing if it gives none."""
        try:
            uri = answers.uri(
                await self._connection.ask(self._namespace, "GetSnapshotUri", {"ProfileToken": profile.token})
            )
        except FaultAnswered:
            uri = ""
        if not uri:
            raise SourceMissing(f"{self._connection.camera} gives no single pictures.")
        return self._connection.address.with_login(uri, ("http", "https"))
