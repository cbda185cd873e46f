"""Opening HTTP answers: log-ins of every kind, whom the password is told, and errors that name what to do."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from base64 import b64encode
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from aiohttp import web

from onlooker.errors import ConfigError, PasswordNeeded, SourceError, SourceLost, SourceMissing, SourceRefused
from onlooker.readers.http import HttpCamera, Words
from tests.readers.http_server import Basic, Digest, Handler, serve, serve_bytes

USER, PASSWORD = "wächter", 'p@s:s/"w\\rd #1%'
LOGIN = "w%C3%A4chter:p%40s%3As%2F%22w%5Crd%20%231%25@"
BASIC = "Basic " + b64encode(f"{USER}:{PASSWORD}".encode()).decode()
QUERY = "/video.cgi?pwd=hidden&x=a%2Fb"


async def hello(request: web.BaseRequest) -> web.Response:
    return web.Response(text=f"hello {request.headers.get('Authorization', 'stranger').partition(' ')[0]}")


async def fetch(url: str, *, patience: float = 5.0, verify_tls: bool = True, times: int = 1) -> str:
    body = ""
    async with HttpCamera(url, timeout=patience, verify_tls=verify_tls).session() as session:
        for _ in range(times):
            async with session.get() as answer:
                body = b"".join([chunk async for chunk in answer.chunks()]).decode()
    return body


async def refused(url: str, kind: type[SourceError], **options: float) -> str:
    """The error's text, checked for what every error must keep to."""
    with pytest.raises(kind) as caught:
        await fetch(url, **options)  # type: ignore[arg-type]
    error = caught.value
    assert type(error) is kind
    assert error.__cause__ is None
    text = str(error)
    assert text.startswith("The camera at ")
    assert text.endswith(".")
    for secret in (PASSWORD, "p%40s", USER, "w%C3%A4", "hidden", "pwd"):
        assert secret not in text
    return text


class TestBasic:
    async def test_is_given_when_asked_for_and_then_at_once(self) -> None:
        camera = Basic(hello, BASIC)
        async with serve(camera) as port:
            assert await fetch(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", times=3) == "hello Basic"
        assert camera.seen == [None, BASIC, BASIC, BASIC]

    @pytest.mark.parametrize("challenge", ["", "basic", 'Bearer realm="x", Basic realm="digest this"'])
    async def test_odd_challenges(self, challenge: str) -> None:
        async with serve(Basic(hello, BASIC, challenge)) as port:
            assert await fetch(f"http://{LOGIN}127.0.0.1:{port}/") == "hello Basic"

    async def test_without_a_password(self) -> None:
        async with serve(Basic(hello, "Basic " + b64encode(b"admin:").decode())) as port:
            assert await fetch(f"http://admin@127.0.0.1:{port}/") == "hello Basic"

    @pytest.mark.parametrize("login", ["", "wrong:hidden@"])
    async def test_wrong_or_missing(self, login: str) -> None:
        async with serve(Basic(hello, BASIC)) as port:
            text = await refused(f"http://{login}127.0.0.1:{port}{QUERY}", PasswordNeeded)
        assert text == (
            f"The camera at 127.0.0.1:{port} refuses the user name or password. Correct them in its source URL."
        )

    async def test_a_kind_of_log_in_we_do_not_have(self) -> None:
        camera = Basic(hello, BASIC, 'Bearer realm="x"')
        async with serve(camera) as port:
            await refused(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", PasswordNeeded)
        assert camera.seen == [None]

    async def test_not_sent_where_nobody_asks(self) -> None:
        async with serve(hello) as port:
            assert await fetch(f"http://{LOGIN}127.0.0.1:{port}/") == "hello stranger"


class TestDigest:
    @pytest.mark.parametrize("algorithm", ["MD5", "md5", "SHA-256", "sha-256", None])
    @pytest.mark.parametrize("qop", ['qop="auth"', "qop=auth", 'qop="auth-int,auth"', ""])
    async def test_every_algorithm(self, algorithm: str | None, qop: str) -> None:
        camera = Digest(hello, USER, PASSWORD, algorithm=algorithm, qop=qop)
        async with serve(camera) as port:
            assert await fetch(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", times=3) == "hello Digest"
        assert camera.refusals == ["none"]

    async def test_a_nonce_that_wears_out_is_renewed(self) -> None:
        camera = Digest(hello, USER, PASSWORD, uses=2)
        async with serve(camera) as port:
            await fetch(f"http://{LOGIN}127.0.0.1:{port}/", times=6)
        assert camera.refusals == ["none", "stale", "stale"]

    @pytest.mark.parametrize("beside", ['Basic realm="x"', 'Basic realm="digest, me", charset=UTF-8', "Negotiate"])
    async def test_is_preferred_to_what_is_offered_beside_it(self, beside: str) -> None:
        camera = Digest(hello, USER, PASSWORD, beside=(beside,))
        async with serve(camera) as port:
            assert await fetch(f"http://{LOGIN}127.0.0.1:{port}/") == "hello Digest"

    async def test_a_password_wrong_for_digest_is_not_sent_readable(self) -> None:
        camera = Digest(hello, USER, "another", beside=('Basic realm="x"',))
        async with serve(camera) as port:
            await refused(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", PasswordNeeded)
        assert camera.schemes == ["", "Digest"]
        assert camera.refusals == ["none", "response"]

    async def test_no_password_given(self) -> None:
        async with serve(Digest(hello, USER, PASSWORD)) as port:
            await refused(f"http://127.0.0.1:{port}/", PasswordNeeded)

    async def test_an_algorithm_nobody_has(self) -> None:
        async with serve(Digest(hello, USER, PASSWORD, algorithm="WHIRLPOOL")) as port:
            text = await refused(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", SourceRefused)
        assert "log-in that is not supported" in text


class TestRedirects:
    @pytest.mark.parametrize("kind", ["basic", "digest", "digest with a domain"])
    async def test_another_host_is_not_told_the_password(self, kind: str) -> None:
        """The first camera sends us, logged in, to a second server that asks for the password in every way."""
        thief = Basic(hello, "never", 'Basic realm="camera"')
        async with AsyncExitStack() as stack:
            elsewhere = await stack.enter_async_context(serve(thief))

            async def redirect(request: web.BaseRequest) -> web.Response:
                return web.Response(status=302, headers={"Location": f"http://127.0.0.1:{elsewhere}/"})

            domain = f', domain="http://127.0.0.1:{elsewhere}/"' if kind == "digest with a domain" else ""
            gate: Handler = (
                Basic(redirect, BASIC)
                if kind == "basic"
                else Digest(redirect, USER, PASSWORD, qop=f'qop="auth"{domain}')
            )
            port = await stack.enter_async_context(serve(gate))
            await refused(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", PasswordNeeded)
        assert thief.seen == [None]

    async def test_within_the_camera_it_is(self) -> None:
        async def camera(request: web.BaseRequest) -> web.StreamResponse:
            if request.path == "/new":
                return await Basic(hello, BASIC)(request)
            return web.Response(status=301, headers={"Location": "/new"})

        async with serve(camera) as port:
            assert await fetch(f"http://{LOGIN}127.0.0.1:{port}/old") == "hello Basic"

    async def test_in_a_circle(self) -> None:
        async def circle(request: web.BaseRequest) -> web.Response:
            return web.Response(status=302, headers={"Location": request.path_qs})

        async with serve(circle) as port:
            assert "in a circle" in await refused(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", SourceRefused)

    @pytest.mark.parametrize("location", ["http://", "ftp://elsewhere/", "http://[broken/"])
    async def test_to_nowhere(self, location: str) -> None:
        async def nowhere(request: web.BaseRequest) -> web.Response:
            return web.Response(status=302, headers={"Location": location})

        async with serve(nowhere) as port:
            assert "not a web address" in await refused(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", SourceRefused)


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "kind", "words"),
        [
            (401, PasswordNeeded, "user name or password"),
            (403, PasswordNeeded, "forbids"),
            (404, SourceMissing, "nothing at this path"),
            (410, SourceMissing, "nothing at this path"),
            (400, SourceRefused, "status 400"),
            (304, SourceRefused, "status 304"),
            (429, SourceLost, "cannot answer now"),
            (500, SourceLost, "cannot answer now (500)"),
            (503, SourceLost, "cannot answer now (503)"),
        ],
    )
    async def test_status(self, status: int, kind: type[SourceError], words: str) -> None:
        async def camera(request: web.BaseRequest) -> web.Response:
            return web.Response(status=status)

        async with serve(camera) as port:
            assert words in await refused(f"http://127.0.0.1:{port}{QUERY}", kind)

    async def test_nobody_there(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            text = await refused(f"http://{LOGIN}127.0.0.1:{port}{QUERY}", SourceLost)
        assert "cannot be reached" in text

    async def test_no_such_name(self) -> None:
        text = await refused(f"http://{LOGIN}camera.invalid{QUERY}", SourceLost, patience=10.0)
        assert "camera.invalid cannot be" in text or "has sent nothing" in text

    async def test_no_answer(self) -> None:
        async with serve_bytes(b"", then="stay") as port:
            assert "nothing for 0.2 s" in await refused(f"http://127.0.0.1:{port}{QUERY}", SourceLost, patience=0.2)

    async def test_headers_that_never_end(self) -> None:
        async with serve_bytes(b"HTTP/1.1 200 OK\r\nX: y\r\n", then="stay") as port:
            await refused(f"http://127.0.0.1:{port}{QUERY}", SourceLost, patience=0.2)

    async def test_silence_within_the_body(self) -> None:
        async with serve_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", then="stay") as port:
            assert "nothing for 0.2 s" in await refused(f"http://127.0.0.1:{port}{QUERY}", SourceLost, patience=0.2)

    @pytest.mark.parametrize("then", ["close", "reset"])
    @pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"])
    async def test_cut(self, reply: bytes, then: str) -> None:
        async with serve_bytes(reply, then=then) as port:
            assert "cut the connection" in await refused(f"http://127.0.0.1:{port}{QUERY}", SourceLost)

    @pytest.mark.parametrize("reply", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"\0\1\2\3\r\n\r\n"])
    async def test_another_protocol(self, reply: bytes) -> None:
        async with serve_bytes(reply) as port:
            assert "does not answer in HTTP" in await refused(f"http://127.0.0.1:{port}{QUERY}", SourceRefused)

    async def test_plain_where_tls_was_meant(self) -> None:
        async with serve(hello) as port:
            assert "does not speak TLS" in await refused(f"https://127.0.0.1:{port}{QUERY}", SourceRefused)

    @pytest.mark.parametrize(
        "url",
        [
            "http://",
            "http:///x",
            f"http://user:{PASSWORD}@camera/x",
            "http://h:99999/",
            "rtsp://h/",
            "http://a%3Ab:c@h/",
        ],
    )
    def test_urls_that_cannot_be(self, url: str) -> None:
        with pytest.raises(ConfigError) as caught:
            HttpCamera(url, timeout=1, verify_tls=True)
        assert PASSWORD not in str(caught.value)


class TestTls:
    @pytest.fixture
    def tls(self, tmp_path: Path) -> ssl.SSLContext:
        key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=camera"),
                *("-keyout", key, "-out", certificate),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        return context

    async def test_self_signed_is_refused_with_a_way_out(self, tls: ssl.SSLContext) -> None:
        async with serve(hello, tls=tls) as port:
            text = await refused(f"https://{LOGIN}127.0.0.1:{port}{QUERY}", SourceRefused)
            assert "verify_tls = false" in text
            assert await fetch(f"https://127.0.0.1:{port}/", verify_tls=False) == "hello stranger"


async def test_leaving_a_stream_closes_its_connection() -> None:
    gone = asyncio.Event()

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 1000)
                await asyncio.sleep(0.005)
        finally:
            gone.set()

    async with (
        serve(endless) as port,
        HttpCamera(f"http://127.0.0.1:{port}/", timeout=5, verify_tls=True).session() as session,
    ):
        async with session.get() as answer:
            chunks = answer.chunks()
            assert await anext(chunks)
            await chunks.aclose()
        await asyncio.wait_for(gone.wait(), 5)


class TestAsking:
    """Questions at other paths of one camera, with JSON."""

    @staticmethod
    async def asked(url: str, path: str, body: bytes | None = None, *, limit: int = 1000) -> tuple[int, bytes]:
        camera = HttpCamera(url, timeout=5.0, verify_tls=True, keep_alive=False)
        async with (
            camera.session() as session,
            session.ask("GET" if body is None else "POST", path, body=body, headers={"X-Mine": "1"}) as answer,
        ):
            return answer.status, await answer.read(limit)

    async def test_any_path_and_body_whatever_the_status(self) -> None:
        async def echo(request: web.BaseRequest) -> web.Response:
            said = f"{request.method} {request.raw_path} {request.headers['X-Mine']} ".encode()
            return web.Response(status=503, body=said + await request.read())

        async with serve(echo) as port:
            url = f"http://127.0.0.1:{port}/elsewhere?x=1"
            assert await self.asked(url, "/osc/info") == (503, b"GET /osc/info 1 ")
            assert await self.asked(url, "/a%20b?type=thumb", b"{}") == (503, b"POST /a%20b?type=thumb 1 {}")

    async def test_a_body_is_sent_again_when_a_nonce_is_renewed(self) -> None:
        async def echo(request: web.BaseRequest) -> web.Response:
            return web.Response(body=await request.read())

        camera = Digest(echo, USER, PASSWORD, uses=2)
        async with serve(camera) as port:
            made = HttpCamera(f"http://{LOGIN}127.0.0.1:{port}/", timeout=5.0, verify_tls=True, keep_alive=False)
            async with made.session() as session:
                for number in range(5):
                    async with session.ask("POST", "/osc/state", body=b"%d" % number) as answer:
                        assert await answer.read(100) == b"%d" % number
        assert camera.refusals == ["none", "stale", "stale"]

    @pytest.mark.parametrize("path", ["//elsewhere.example/x", "http://elsewhere.example/", "x", ""])
    async def test_never_another_host(self, path: str) -> None:
        async with serve(hello) as port:
            with pytest.raises(SourceRefused):
                await self.asked(f"http://127.0.0.1:{port}/", path)

    async def test_a_redirect_is_not_followed(self) -> None:
        async def away(request: web.BaseRequest) -> web.Response:
            return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"})

        async with serve(away) as port:
            assert (await self.asked(f"http://127.0.0.1:{port}/", "/x"))[0] == 302

    async def test_a_body_beyond_its_limit(self) -> None:
        async def much(request: web.BaseRequest) -> web.Response:
            return web.Response(body=bytes(2000))

        async with serve(much) as port:
            with pytest.raises(SourceRefused, match="more than 1000 bytes"):
                await self.asked(f"http://127.0.0.1:{port}/", "/x")

    async def test_a_camera_says_in_its_own_words_what_is_wrong(self) -> None:
        words = Words("sleeps.", "is gone.", "hangs for {timeout:g} s.", "stalls.")

        async def ask(port: int) -> bytes:
            camera = HttpCamera(f"http://127.0.0.1:{port}/", timeout=0.2, verify_tls=True, words=words)
            async with camera.session() as session, session.ask("GET", "/") as answer:
                return await answer.read(100)

        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            with pytest.raises(SourceLost, match=r"sleeps\.$"):
                await ask(unused.getsockname()[1])
        async with serve_bytes(b"", then="stay") as port:
            with pytest.raises(SourceLost, match=r"hangs for 0\.2 s\.$"):
                await ask(port)
        async with serve_bytes(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", then="stay") as port:
            with pytest.raises(SourceLost, match=r"stalls\.$"):
                await ask(port)
