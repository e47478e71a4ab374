"""The door of the server: who may fetch what, the page for signing in with a password, and headers of safety.

The pages guard themselves once more (``guard.py``); this keeps downloads, uploads and the socket from those who have
not signed in, which the pages cannot.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import anyio
import streamlit
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from trustsurvey.errors import SurveyError
from trustsurvey.language import _, preferred, speaking
from trustsurvey.present.entrance import sign_in_page
from trustsurvey.store.sessions import LONGEST, digest_of
from trustsurvey.ui import cache
from trustsurvey.ui.vouching import vouched
from trustsurvey.ui.ways import COOKIE, LOOPBACK, SIGN_IN, SIGN_OUT, Way

#: What anybody may fetch: Streamlit's own files, and whether the server is well.
OPEN = ("/static/", "/_stcore/health", "/_stcore/host-config", "/favicon", "/manifest.json", SIGN_IN, SIGN_OUT)
#: With an identity provider the sign-in itself is a page of the app, which needs its socket.
PROVIDER = ("/auth/", "/oauth2callback", "/_stcore/stream", "/_stcore/script-health-check")
#: What nobody may fetch: programs that drive the app, and what it tells of its load.
CLOSED = ("/_stcore/agent", "/_stcore/metrics")
#: Bytes of a form that are read.
MOST_FORM = 4096


def _inline_scripts() -> str:
    """The hashes of the scripts that stand in Streamlit's own page; no other inline script runs."""
    page = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
    found = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in found)


HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'self'; script-src 'self' {_inline_scripts()}; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
        "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Door:
    """ASGI middleware before everything of the app."""

    def __init__(self, app: ASGIApp, way: Way, base: str = "") -> None:
        self.app, self.way, self.base = app, way, f"/{base.strip('/')}".rstrip("/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let through, send to the sign-in, or refuse."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        path = scope["path"].removeprefix(self.base)
        if path.startswith(CLOSED):
            await self._refuse(scope, receive, send, 404)
        elif self.way == "open" and _host(Headers(scope=scope)) not in LOOPBACK:
            await self._refuse(scope, receive, send, 403)  # a page elsewhere may have led its own name to this machine
        elif self._free(path, scope) or await run_in_threadpool(_signed_in, Headers(scope=scope), self.way):
            await self.app(scope, receive, self._safe(send))
        elif scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", ""):
            wanted = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
            to = RedirectResponse(f"{self.base}{SIGN_IN}?to={quote(wanted)}", 303)
            await to(scope, receive, self._safe(send))
        else:
            await self._refuse(scope, receive, send, 403)

    def _free(self, path: str, scope: Scope) -> bool:
        if self.way == "open" or path.startswith(OPEN):
            return True
        if self.way != "provider":
            return False
        document = scope["type"] == "http" and not path.startswith(("/_stcore/", "/media/", "/component/", "/app/"))
        return document or path.startswith(PROVIDER)

    @staticmethod
    async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008})
        else:
            with speaking(_wished(Headers(scope=scope))):
                told = _("Sign in first.") if status == 403 else ""
            await PlainTextResponse(told, status)(scope, receive, send)

    @staticmethod
    def _safe(send: Send) -> Send:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        return with_headers


def _wished(headers: Headers) -> str:
    """The language that a browser asks for; the door is before the app, in which another one may be chosen."""
    return preferred(headers.get("accept-language"))


def _host(headers: Headers) -> str:
    return urlsplit(f"//{headers.get('host', '')}").hostname or ""


def _signed_in(headers: Headers, way: Way) -> bool:
    digest = digest_from(headers, way)
    return digest is not None and cache.store().sessions.whose(digest) is not None


def digest_from(headers: Headers, way: Way) -> str | None:
    """The digest of the session that the cookies of a request hold, None where they hold none."""
    try:
        cookies = {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return None
    if way == "accounts":
        return digest_of(cookies[COOKIE]) if COOKIE in cookies else None
    from streamlit.web.server.starlette import starlette_websocket as theirs

    try:
        told = theirs._get_signed_cookie_with_chunks(cookies, theirs.USER_COOKIE_NAME)
        claims: dict[str, Any] = {} if told is None else json.loads(told)
        return vouched(claims).digest if claims else None
    except (ValueError, SurveyError):
        return None


class Entrance:
    """The page for signing in with a password, and the first account of a new installation."""

    def __init__(self, way: Way, base: str = "") -> None:
        self.way, self.base = way, f"/{base.strip('/')}".rstrip("/")
        #: Only who sees the window in which the app was started may make the first account.
        self.code = secrets.token_hex(4)
        #: Checking a password is slow on purpose; no more than two at a time, so that guessing cannot fill the machine.
        self.turns = anyio.CapacityLimiter(2)

    def routes(self) -> list[Route]:
        """Where the page stands."""
        return [
            Route(f"{self.base}{SIGN_IN}", self.show, methods=["GET"]),
            Route(f"{self.base}{SIGN_IN}", self.take, methods=["POST"]),
            Route(f"{self.base}{SIGN_OUT}", self.leave, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """The form."""
        if self.way != "accounts":
            return RedirectResponse(f"{self.base}/", 303)
        with speaking(_wished(request.headers)):
            return self._form(to=_local(request.query_params.get("to")))

    async def take(self, request: Request) -> Response:
        """What was typed into it."""
        with speaking(_wished(request.headers)):
            return await self._taken(request)

    async def _taken(self, request: Request) -> Response:
        origin = request.headers.get("origin")
        if self.way != "accounts" or (origin and urlsplit(origin).netloc != request.headers.get("host")):
            return PlainTextResponse(_("Sign in from the page of this app."), 403)
        body = b""
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_FORM:
                return PlainTextResponse("Too long.", 413)
        form = {key: values[0] for key, values in parse_qs(body.decode("utf-8", "replace")).items()}
        name, password, to = form.get("name", ""), form.get("password", ""), _local(form.get("to"))
        try:
            if not cache.store().accounts.any():
                if not secrets.compare_digest(form.get("code", "").strip().encode(), self.code.encode()):
                    raise SurveyError("sign-in.code", "The set-up code is another one",
                                      hint="It stands in the window in which the app was started.")  # fmt: skip
                await anyio.to_thread.run_sync(cache.store().sessions.first_run, name, password, limiter=self.turns)
            secret = await anyio.to_thread.run_sync(cache.store().sessions.sign_in, name, password, limiter=self.turns)
        except SurveyError as error:
            return self._form(error, name, to, 403)
        answer = RedirectResponse(f"{self.base}{to}", 303)
        answer.set_cookie(
            COOKIE, secret, max_age=int(LONGEST.total_seconds()), path=f"{self.base}/", httponly=True, samesite="lax",
            # Over plain http no browser gives it back, but to the machine that it came from.
            secure=_host(request.headers) not in LOOPBACK,
        )  # fmt: skip
        return answer

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        digest = digest_from(request.headers, self.way) if self.way != "open" else None
        if digest is not None:
            await run_in_threadpool(cache.store().sessions.end, digest)
        answer = RedirectResponse(f"{self.base}{SIGN_IN}", 303)
        answer.delete_cookie(COOKIE, path=f"{self.base}/")
        return answer

    def _form(self, error: SurveyError | None = None, name: str = "", to: str = "/", status: int = 200) -> HTMLResponse:
        new = not cache.store().accounts.any()
        page = sign_in_page(error, name, to, new, self.base)
        return HTMLResponse(page, status, headers={"Vary": "Accept-Language"})


def _local(to: str | None) -> str:
    """Where to go on to: an address of this app, whatever was asked."""
    return to if to and re.fullmatch(r"/(?![/\\])[^\\\x00-\x20]*", to) else "/"
