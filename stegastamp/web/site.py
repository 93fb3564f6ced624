"""The command `web`: a folder that is a page which stamps and reads pictures in the browser."""

import functools
import http.server
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from longrun.errors import UserError
from longrun.run.output import check_folder
from stegastamp.detector.finding import geometry
from stegastamp.message.formats import FORMATS, Format
from stegastamp.pictures import codec

PAGE = Path(__file__).parent / "page"
STATIC = ("index.html", "style.css")
RUNTIME = ("ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")
"""Files of onnxruntime-web that it fetches when it starts."""
STAMPERS = {"text": "", "uuid": "uuid"}
"""Name in the page -> format whose released network it uses."""
LONGEST = 600
"""Seconds that npm may take."""


def web(folder: str, /, *, serve: bool = False, port: int = 8000, overwrite: bool = False) -> None:
    """Build a page that stamps pictures, reads them, and reads prints before a camera, in the browser.

    The folder holds everything and needs no server of its own: any host of static files will do. Pictures never leave the browser.
    Building needs Node.js with npm, which fetches onnxruntime-web; threads, and so speed, need a host that sends the headers
    Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp, as --serve does.

    folder: Where the page goes.
    serve: Show the page at http://localhost:PORT afterwards, until Ctrl-C.
    port: Of --serve; 0: any that is free.
    overwrite: Replace what is in the folder.

    Raises UserError where npm is missing or fails, or the folder is not empty.

    Example:
        python -m stegastamp web page --serve
    """
    target = Path(folder)
    if target.exists() and not target.is_dir():
        raise UserError(f"{target} is no folder")
    if target.is_dir() and any(target.iterdir()):
        if not overwrite:
            raise UserError(f"{target} is not empty; --overwrite replaces what is in it")
        if not (target / "site.json").is_file():
            raise UserError(f"{target} holds something else than a page made by this command; it is left alone")
        shutil.rmtree(target)
    if not 0 <= port < 2**16:
        raise UserError(f"port is 0 to 65535, not {port}")
    check_folder(target)
    build(target)
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    print(f"{target}: a page of {size / 1e6:.0f} MB")
    if serve:
        with server(target, port) as running:
            print(f"http://localhost:{running.server_port} - Ctrl-C ends", flush=True)
            running.serve_forever()


def build(target: Path) -> None:
    """Write the page into a folder that does not exist or is empty. Raises UserError or OSError."""
    with tempfile.TemporaryDirectory(prefix="stegastamp-web-") as scratch:
        work = Path(scratch) / "page"
        shutil.copytree(PAGE, work, ignore=shutil.ignore_patterns("node_modules", "dist"))
        npm(work, "ci", "--no-audit", "--no-fund")
        npm(work, "run", "build")
        (target / "networks").mkdir(parents=True, exist_ok=True)
        (target / "ort").mkdir(exist_ok=True)
        for name in STATIC:
            shutil.copyfile(work / name, target / name)
        for script in (work / "dist").glob("*.js"):
            shutil.copyfile(script, target / script.name)
        for name in RUNTIME:
            shutil.copyfile(work / "node_modules" / "onnxruntime-web" / "dist" / name, target / "ort" / name)
    facts = {"formats": [facts_of(one) for one in FORMATS.values()], **_networks(target)}
    (target / "site.json").write_text(json.dumps(facts) + "\n", encoding="utf-8")


def facts_of(form: Format) -> dict:
    """A format as the page knows it: the code as a matrix, so that the page needs no algebra."""
    return {
        "name": form.name,
        "bits": form.bits,
        "dataBits": form.code.data_bits,
        "correctable": form.code.correctable,
        "generator": ["".join(map(str, row)) for row in form.generator],
        "offset": "".join(map(str, form.offset)),
        "share": form.share,
        "messages": form.messages,
    }


def server(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """A server of this machine alone that isolates the page, so that it may use threads. Raises OSError where the port is taken."""
    return http.server.ThreadingHTTPServer(("127.0.0.1", port), functools.partial(_Isolated, directory=str(folder)))


def npm(folder: Path, *words: str) -> None:
    """`npm WORDS` in a folder. Raises UserError where npm is missing or fails."""
    npm = shutil.which("npm")
    if npm is None:
        raise UserError("npm is not installed; the page is built with Node.js 20 or newer")
    done = subprocess.run([npm, *words], cwd=folder, capture_output=True, text=True, timeout=LONGEST)
    if done.returncode:
        said = " ".join((done.stderr or done.stdout).split())[-300:]
        raise UserError(f"npm {' '.join(words)} ended with exit code {done.returncode}: {said}")


class _Isolated(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".mjs": "text/javascript", ".wasm": "application/wasm"}

    def end_headers(self):
        self.send_header("Cross-Origin-Opener-Policy", "same-origin")
        self.send_header("Cross-Origin-Embedder-Policy", "require-corp")
        super().end_headers()

    def log_message(self, *_):
        pass


def _networks(target):
    """Copies the released networks; what the page has to know of them."""
    stampers = {}
    for name, form in STAMPERS.items():
        released = codec.released(form)
        manifest = json.loads((released / "manifest.json").read_text(encoding="utf-8"))
        parts = {part: _copied(released, f"{part}.onnx.gz", target, name) for part in ("encoder", "decoder")}
        config = manifest["config"]
        stampers[name] = {"size": config["size"], "bits": config["bits"], "strength": config["strength"], **parts}
        stampers[name]["bytes"] = sum((target / file).stat().st_size for file in parts.values())
    found = codec.RELEASED / "detector"
    config = json.loads((found / "manifest.json").read_text(encoding="utf-8"))["config"]
    file = _copied(found, "detector.onnx.gz", target, "detector")
    detector = {"view": config["view"], "size": config["size"], "margin": geometry.MARGIN, "file": file}
    detector["bytes"] = (target / file).stat().st_size
    return {"stampers": stampers, "detector": detector}


def _copied(source, name, target, prefix):
    if not (source / name).is_file():
        raise UserError(f"{source} has no {name}; python -m stegastamp export {source} writes it")
    file = f"networks/{name}" if name.startswith(prefix) else f"networks/{prefix}-{name}"
    shutil.copyfile(source / name, target / file)
    return file
