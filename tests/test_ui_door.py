"""The door of the server: what it lets through to whom, the form for signing in, and headers of safety."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import refusal
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from trustsurvey.store import Store
from trustsurvey.ui.door import Door, Entrance, _local
from trustsurvey.ui.serve import serve
from trustsurvey.ui.vouching import vouched
from trustsurvey.ui.ways import COOKIE, Way, roles_by_group, way

PASSWORD = "three plain words"


async def everything(request: object) -> PlainTextResponse:
    """What stands for the app."""
    return PlainTextResponse("inside")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


def entered(how: Way, base: str = "", host: str = "localhost:8501") -> tuple[TestClient, Entrance]:
    """A browser before the door of an app."""
    entrance = Entrance(how, base)
    inner = [WebSocketRoute(f"{base}/_stcore/stream", talk), Route(f"{base}/{{path:path}}", everything)]
    app = Starlette(routes=[*entrance.routes(), *inner], middleware=[Middleware(Door, way=how, base=base)])
    return TestClient(app, base_url=f"http://{host}", follow_redirects=False), entrance


@pytest.fixture
def store() -> Store:
    """The store of this test's home, with an analyst in it."""
    store = Store.open()
    store.accounts.add("Ada", ["analyst"], (), PASSWORD)
    return store


PAGE = {"accept": "text/html"}


@pytest.mark.parametrize("path", ["/", "/results?wave=2", "/media/abc.csv", "/_stcore/upload_file/a/b", "/component/x",
                                  "/_stcore/stream", "//static/../media/x"])  # fmt: skip
def test_nothing_is_given_to_those_who_have_not_signed_in(store: Store, path: str) -> None:
    browser, _ = entered("accounts")
    assert browser.get(path).status_code == 403
    assert browser.put(path).status_code == 403
    led = browser.get(path, headers=PAGE)
    assert led.status_code == 303
    assert led.headers["location"].startswith("/sign-in?to=")
    with pytest.raises(WebSocketDisconnect), browser.websocket_connect("/_stcore/stream"):
        pass


def test_whoever_signs_in_is_let_through_and_back_to_where_they_wanted_to_go(store: Store) -> None:
    browser, _ = entered("accounts")
    led = browser.get("/results?wave=2", headers=PAGE).headers["location"]
    form = browser.get(led)
    assert 'value="/results?wave=2"' in form.text
    wrong = browser.post("/sign-in", data={"name": "<b>Ada", "password": "no", "to": "/results"})
    assert wrong.status_code == 403
    assert "Name and password do not match" in wrong.text
    assert "<b>Ada" not in wrong.text
    right = browser.post("/sign-in", data={"name": "Ada", "password": PASSWORD, "to": "/results?wave=2"})
    assert (right.status_code, right.headers["location"]) == (303, "/results?wave=2")
    kept = right.headers["set-cookie"]
    assert "HttpOnly" in kept
    assert "SameSite=lax" in kept
    assert "Secure" not in kept  # this machine
    assert browser.get("/media/abc.csv").text == "inside"
    with browser.websocket_connect("/_stcore/stream", headers={"cookie": kept.split(";")[0]}) as socket:
        assert socket.receive_text() == "inside"
    out = browser.get("/sign-out")
    assert COOKIE in out.headers["set-cookie"]
    browser.cookies.set(COOKIE, kept.split("=", 1)[1].split(";")[0])  # somebody kept it
    assert browser.get("/media/abc.csv").status_code == 403


def test_elsewhere_the_cookie_is_for_https_alone_and_only_the_own_form_signs_in(store: Store) -> None:
    browser, _ = entered("accounts", host="trust.town.example")
    data = {"name": "Ada", "password": PASSWORD}
    assert "Secure" in browser.post("/sign-in", data=data).headers["set-cookie"]
    foreign = browser.post("/sign-in", data=data, headers={"origin": "https://evil.example"})
    assert foreign.status_code == 403
    assert "set-cookie" not in foreign.headers
    assert browser.post("/sign-in", content=b"x" * 5000).status_code == 413


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", None,
                                "/a\nb"])  # fmt: skip
def test_nobody_is_led_out_of_the_app(to: str | None) -> None:
    assert _local(to) == "/"


def test_the_first_account_needs_the_code_of_the_window() -> None:
    browser, entrance = entered("accounts")
    assert "Set up this app" in browser.get("/sign-in").text
    data = {"name": "Chief", "password": PASSWORD, "code": "00000000"}
    assert "The set-up code is another one" in browser.post("/sign-in", data=data).text
    weak = browser.post("/sign-in", data={"name": "Chief", "password": "short", "code": entrance.code})
    assert "too easily guessed" in weak.text
    assert browser.post("/sign-in", data=data | {"code": entrance.code}).status_code == 303
    assert "Set up this app" not in browser.get("/sign-in").text


def test_the_door_speaks_the_language_that_the_browser_asks_for(store: Store) -> None:
    browser, _ = entered("accounts")
    spanish = {"accept-language": "de, es-MX;q=0.9, en;q=0.8"}
    form = browser.get("/sign-in", headers=spanish)
    assert '<html lang="es">' in form.text
    assert "<button>Iniciar sesi\u00f3n</button>" in form.text
    assert form.headers["vary"] == "Accept-Language"
    wrong = browser.post("/sign-in", data={"name": "Ada", "password": "no"}, headers=spanish)
    assert "El nombre y la contrase\u00f1a no corresponden." in wrong.text
    assert browser.get("/media/abc.csv", headers=spanish).text == "Primero inicie sesi\u00f3n."
    for other in ({"accept-language": "de"}, {}):
        form = browser.get("/sign-in", headers=other)
        assert '<html lang="en">' in form.text
        assert "<button>Sign in</button>" in form.text


def test_the_first_account_is_asked_for_in_spanish() -> None:
    browser, entrance = entered("accounts")
    spanish = {"accept-language": "es"}
    form = browser.get("/sign-in", headers=spanish).text
    assert "Configurar esta aplicaci\u00f3n" in form
    assert "Set-up" not in form
    assert "Password" not in form
    weak = {"name": "Chief", "password": "short", "code": entrance.code}
    told = browser.post("/sign-in", data=weak, headers=spanish).text
    assert "demasiado f\u00e1cil de adivinar" in told
    assert "Se esperaba: de 12 a 200 letras" in told
    other = browser.post("/sign-in", data=weak | {"code": "0"}, headers=spanish).text
    assert "El c\u00f3digo de configuraci\u00f3n es otro." in other


def test_in_open_mode_this_machine_alone_is_answered() -> None:
    assert entered("open")[0].get("/media/x").text == "inside"
    assert entered("open", host="127.0.0.1:8501")[0].get("/").text == "inside"
    # A page elsewhere may lead a name of its own to this machine.
    assert entered("open", host="rebound.example:8501")[0].get("/").status_code == 403
    for browser in (entered("open")[0], entered("accounts")[0]):
        assert browser.get("/_stcore/metrics").status_code == 404
        assert browser.post("/_stcore/agent/interact").status_code == 404


def test_headers_keep_foreign_scripts_pictures_and_frames_out(store: Store) -> None:
    for how in ("open", "accounts"):
        headers = entered(how)[0].get("/sign-in" if how == "accounts" else "/").headers
        policy = headers["content-security-policy"]
        assert "img-src 'self' data: blob:" in policy
        assert "unsafe-eval" not in policy
        assert "script-src 'self' 'sha256-" in policy
        assert headers["x-frame-options"] == "DENY"


def test_under_a_path_of_its_own(store: Store) -> None:
    browser, _ = entered("accounts", "/trust")
    assert browser.get("/trust/results", headers=PAGE).headers["location"] == "/trust/sign-in?to=/results"
    right = browser.post("/trust/sign-in", data={"name": "Ada", "password": PASSWORD, "to": "/results"})
    assert right.headers["location"] == "/trust/results"
    assert browser.get("/trust/media/x").text == "inside"
    assert browser.get("/trust/media/x", headers={"cookie": f"{COOKIE}=other"}).status_code == 403


def test_with_a_provider_the_page_is_open_and_what_it_gives_out_is_not(store: Store) -> None:
    browser, _ = entered("provider")
    assert browser.get("/results", headers=PAGE).text == "inside"  # where the button for signing in is
    with browser.websocket_connect("/_stcore/stream") as socket:
        assert socket.receive_text() == "inside"
    for path in ("/media/abc.csv", "/_stcore/upload_file/a/b"):
        assert browser.get(path).status_code == 403
        assert browser.get(path, headers={"cookie": "_streamlit_user=forged"}).status_code == 403
    assert browser.post("/sign-in", data={"name": "Ada", "password": PASSWORD}).status_code == 403


CLAIMS = {"iss": "https://id.example", "sub": "7", "iat": 1_790_000_000, "nonce": "n", "email": " ada@town.example "}


def test_what_a_provider_tells_is_a_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    told = vouched(CLAIMS)
    assert (told.name, told.roles) == ("ada@town.example", None)
    assert told.at == datetime.fromtimestamp(1_790_000_000, UTC).replace(tzinfo=None)
    assert vouched(dict(reversed(CLAIMS.items())) | {"name": "Ada"}).digest == told.digest
    assert len({vouched(CLAIMS | {key: value}).digest for key, value in
                (("iss", "x"), ("sub", "8"), ("iat", 1), ("nonce", "m"))} | {told.digest}) == 5  # fmt: skip
    for missing in ("email", "iat", "sub"):
        with refusal("sign-in.claims"):
            vouched({key: value for key, value in CLAIMS.items() if key != missing})
    with refusal("sign-in.claims"):
        vouched(CLAIMS | {"email_verified": False})
    monkeypatch.setenv("TRUSTSURVEY_GROUPS", "chiefs=commander; research = analyst;chiefs=liaison")
    assert vouched(CLAIMS).roles == frozenset()
    assert vouched(CLAIMS | {"groups": ["chiefs", "others"]}).roles == {"commander", "liaison"}
    assert vouched(json.loads(json.dumps(CLAIMS | {"groups": "research"}))).roles == {"analyst"}


def test_settings_that_are_unsound_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert way() == "open"
    with refusal("app.open", "0.0.0.0"):
        serve(Path("app.py"), 8501, "0.0.0.0")
    monkeypatch.setenv("TRUSTSURVEY_SIGN_IN", "acounts")
    with refusal("sign-in.way", "acounts"):
        way()
    for groups in ("chiefs", "=analyst"):
        monkeypatch.setenv("TRUSTSURVEY_GROUPS", groups)
        with refusal("sign-in.groups"):
            roles_by_group()
    monkeypatch.setenv("TRUSTSURVEY_GROUPS", "chiefs=king")
    with refusal("rights.role"):
        roles_by_group()
