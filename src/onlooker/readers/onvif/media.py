"""What an ONVIF camera shows: its profiles, and where their streams and pictures are, by either media service."""

from __future__ import annotations

from dataclasses import replace

from onlooker.errors import SourceMissing, SourceRefused
from onlooker.formats import onvif_answers as answers
from onlooker.formats.onvif_answers import Profile
from onlooker.readers.onvif.connection import Connection
from onlooker.readers.onvif.failures import FaultAnswered
from onlooker.readers.rtsp import Transport


async def profiles(connection: Connection) -> tuple[Profile, ...]:
    """Everything it offers; at least one, SourceRefused if it has none.

    From the first media service, which all clients know; from the second where that is missing or empty (Profile T).
    """
    offered = await connection.services()
    refusal: FaultAnswered | None = None
    for namespace in (answers.MEDIA, answers.MEDIA2):
        if namespace not in offered:
            continue
        query = {"Type": "All"} if namespace == answers.MEDIA2 else {}
        try:
            found = answers.profiles(await connection.ask(namespace, "GetProfiles", query))
        except FaultAnswered as error:
            refusal = error
            continue
        if found:
            return tuple(replace(profile, service=namespace) for profile in found)
    raise refusal or SourceRefused(f"{connection.camera} offers no video. Set up a profile in its own pages.")


async def stream_url(connection: Connection, profile: Profile, transport: Transport) -> str:
    """Where the video of a profile is, with our credentials, at the host that worked."""
    if profile.service == answers.MEDIA2:
        setup: dict[str, object] = {"Protocol": "RTSP" if transport == "tcp" else "RtspUnicast"}
    else:
        protocol = {"Protocol": "RTSP" if transport == "tcp" else "UDP"}
        setup = {"StreamSetup": {"Stream": "RTP-Unicast", "Transport": protocol}}
    answer = await connection.ask(profile.service, "GetStreamUri", {**setup, "ProfileToken": profile.token})
    uri = answers.uri(answer)
    if not uri:
        raise SourceRefused(f"{connection.camera} does not say where its video is. Update its firmware.")
    return connection.address.with_login(uri, ("rtsp", "rtsps"))


async def snapshot_url(connection: Connection, profile: Profile) -> str:
    """Where single pictures are, likewise; SourceMissing if it gives none."""
    try:
        uri = answers.uri(await connection.ask(profile.service, "GetSnapshotUri", {"ProfileToken": profile.token}))
    except FaultAnswered:
        uri = ""
    if not uri:
        raise SourceMissing(f"{connection.camera} gives no single pictures.")
    return connection.address.with_login(uri, ("http", "https"))
