"""Each role's way in, in a real browser: where it lands, what it may open, and what is left once it is out."""

# ruff: noqa: F811  (a test names the fixtures that it borrows)

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError

import pytest
from test_browser import App, app, browser, page, settled, sync_api  # noqa: F401

from trustsurvey.rights import Place
from trustsurvey.store import Store

pytestmark = pytest.mark.browser
PASSWORD = "three plain words"


@pytest.fixture
def people(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The sample study, with an account of each role; the app that starts after it asks for them."""
    monkeypatch.setenv("TRUSTSURVEY_SIGN_IN", "accounts")
    store = Store.open()
    north = Place("riverton-sample-study", "district", "Northside")
    for role, places in (("liaison", ()), ("commander", (north,)), ("analyst", ()), ("administrator", ())):
        store.accounts.add(role.title(), [role], places, PASSWORD)
    return store


def sign_in(page, name: str, password: str = PASSWORD) -> None:  # type: ignore[no-untyped-def]
    """Fill the form in."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_each_role_lands_where_its_work_is(people: Store, app: App, page) -> None:  # type: ignore[no-untyped-def]
    """One after the other at one browser, as at the desk of a station."""
    page.goto(f"{app.url}/files")
    sign_in(page, "Liaison", "not the password")
    page.get_by_role("alert").get_by_text("Name and password do not match").wait_for()
    sign_in(page, "Liaison")
    page.get_by_role("heading", name="Downloads").wait_for()  # on to where they wanted to go
    page.goto(app.url)
    page.get_by_role("heading", name="Next steps").wait_for()
    settled(page)
    titles = page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    assert {"Import", "Coding", "Trust"} <= set(titles)
    assert not {"For analysts", "Accounts", "Who did what", "Names taken out"} & set(titles)
    page.get_by_role("link", name="Sign out").click()

    sign_in(page, "commander")
    page.get_by_role("heading", name="Trust in the police").wait_for()
    settled(page)
    assert "Import" not in page.get_by_test_id("stSidebarNavLink").all_inner_texts()
    page.get_by_text("Signed in as Commander, commander.").wait_for()
    page.goto(f"{app.url}/area?areas=district")
    page.get_by_role("heading", name="Northside", exact=True).wait_for()
    page.get_by_label("Area", exact=True).click()
    assert page.get_by_role("option").all_inner_texts() == ["Northside"]
    page.goto(f"{app.url}/import")  # not among the pages of a commander
    settled(page)
    assert page.get_by_role("heading", name="Import a survey").count() == 0
    page.goto(f"{app.url}/sign-out")

    sign_in(page, "Administrator")
    page.get_by_role("heading", name="Accounts", exact=True).wait_for()
    page.get_by_test_id("stSidebarNavLink").get_by_text("Who did what").click()
    page.get_by_role("heading", name="Who did what").wait_for()
    page.get_by_text("All of them fit").wait_for()
    done = people.audit_trail()
    assert {"sign in", "sign out", "sign in refused"} <= set(done["action"])
    assert set(done["person"][done["action"] == "sign in"]) == {"Liaison", "Commander", "Administrator"}


def test_out_is_out(people: Store, app: App, page) -> None:  # type: ignore[no-untyped-def]
    """Signed out elsewhere, an open page says so; a download is nobody's any more; the cookie does not come back."""
    page.goto(app.url)
    sign_in(page, "analyst")
    page.get_by_role("heading", name="Trust in the police").wait_for()
    page.get_by_test_id("stSidebarNavLink").get_by_text("Downloads").click()
    page.get_by_role("button", name="Prepare the files").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Tables (.zip of CSV)").click()
    address, cookies = started.value.url, page.context.cookies()
    with pytest.raises(HTTPError, match="403"):
        urllib.request.urlopen(address)
    page.evaluate("fetch('/sign-out')")
    page.get_by_test_id("stSidebarNavLink").get_by_text("For analysts").click()
    page.get_by_text("You are signed out").wait_for()
    page.context.add_cookies(cookies)
    page.goto(f"{app.url}/results")
    page.get_by_role("heading", name="Sign in").wait_for()


@pytest.fixture
def provider(sample_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An identity provider on this machine that vouches for anybody, and an app that goes by it."""
    mock = pytest.importorskip("oidc_provider_mock", reason="needs the package oidc-provider-mock")
    with mock.run_server_in_thread() as server:
        issuer = f"http://localhost:{server.server_port}"
        (sample_home / "secrets.toml").write_text(
            f"""[auth]
redirect_uri = "http://localhost:{{port}}/oauth2callback"
cookie_secret = "a secret of this test that is long enough"
client_id = "trustsurvey"
client_secret = "secret of the client"
server_metadata_url = "{issuer}/.well-known/openid-configuration"
"""
        )
        monkeypatch.setenv("TRUSTSURVEY_SIGN_IN", "provider")
        Store.open().accounts.add("ada@town.example", ["commander"])
        for name in ("ada", "eve"):
            address = f"{issuer}/users/{name}"
            body = json.dumps({"email": f"{name}@town.example"}).encode()
            headers = {"content-type": "application/json"}
            urllib.request.urlopen(urllib.request.Request(address, body, headers, method="PUT")).close()
        yield issuer


def test_an_identity_provider_vouches(provider: str, app: App, page) -> None:  # type: ignore[no-untyped-def]
    """In with the provider, out for good; without an account nothing is shown."""
    page = page.context.browser.new_page()  # the page of the provider asks for a style sheet elsewhere

    def through(name: str) -> None:
        page.get_by_role("button", name="Sign in").click()
        page.locator("input[name=sub]").fill(name)
        page.get_by_role("button", name="Authorize").click()

    page.goto(f"{app.url}/results")
    through("ada")
    page.get_by_text(re.compile("Signed in as ada.*town.*, commander")).wait_for()
    page.get_by_role("heading", name="Trust in the police").wait_for()
    kept = page.context.cookies()
    page.get_by_role("button", name="Sign out").click()
    # The provider asks whether to sign out of everything.
    page.wait_for_url("**/oauth2/end_session*", wait_until="commit")
    page.context.add_cookies(kept)  # somebody kept the cookie, which the provider's library takes for thirty days
    page.goto(f"{app.url}/results")
    page.get_by_text("You are signed out").wait_for()
    assert page.get_by_text("Signed in as").count() == 0
    through("eve")
    page.get_by_text("There is no account here for eve").wait_for()
    assert page.get_by_test_id("stSidebarNavLink").count() == 0
