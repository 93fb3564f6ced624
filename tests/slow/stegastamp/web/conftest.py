"""The page, built once, in a real browser: needs Node.js with npm and Chromium on the machine."""

import functools
import http.server
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


class Plain(http.server.SimpleHTTPRequestHandler):
    """A host of static files that sends no headers of its own, as GitHub Pages: the page has one thread there."""

    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def plain_address(page_folder):
    """Where the page is served by such a host."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Plain, directory=str(page_folder))) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://localhost:{running.server_port}/"
        running.shutdown()


@pytest.fixture(scope="session")
def chromium():
    """Starts Chromium with further arguments."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, f"none of {', '.join(BROWSERS)} is installed"
    with sync_playwright() as playwright:
        yield functools.partial(playwright.chromium.launch, executable_path=path)


@pytest.fixture
def open_page(chromium, address):
    """Opens the page in a browser of its own until the test ends. Gives the page and what it said in the console.

    film: what its camera sees, a .y4m file. at: another address than that of the server with all headers.
    """
    browsers = []

    def opened(film=None, at=address, **context):
        arguments = ["--no-sandbox", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        arguments += [f"--use-file-for-fake-video-capture={film}"] if film else []
        browsers.append(chromium(args=arguments))
        page = browsers[-1].new_context(accept_downloads=True, **context).new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(f"error: {error}"))
        page.goto(at)
        return page, said

    yield opened
    for browser in browsers:
        browser.close()
