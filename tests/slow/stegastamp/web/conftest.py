"""The page, built once, in a real browser: needs Node.js with npm and Chromium on the machine."""

import shutil
import threading

import pytest
from playwright.sync_api import sync_playwright

from stegastamp.web import site

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def page_folder(tmp_path_factory):
    """The built page."""
    folder = tmp_path_factory.mktemp("web") / "page"
    site.build(folder)
    return folder


@pytest.fixture(scope="session")
def address(page_folder):
    """Where the page is served."""
    with site.server(page_folder, 0) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://localhost:{running.server_port}/"
        running.shutdown()


@pytest.fixture(scope="session")
def open_page(address):
    """Opens the page in a browser of its own; film: what its camera sees, a .y4m file. Gives the page and what it said in the console."""
    browser_path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert browser_path, f"none of {', '.join(BROWSERS)} is installed"
    with sync_playwright() as playwright:
        browsers = []

        def opened(film=None, **context):
            arguments = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
            arguments += [f"--use-file-for-fake-video-capture={film}"] if film else []
            browsers.append(playwright.chromium.launch(executable_path=browser_path, args=arguments))
            page = browsers[-1].new_context(accept_downloads=True, **context).new_page()
            said: list[str] = []
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(f"error: {error}"))
            page.goto(address)
            return page, said

        yield opened
        for browser in browsers:
            browser.close()
