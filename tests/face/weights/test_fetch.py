"""A file comes from the network only by https and SHA-256, whole, or nothing is left."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from phenojax.errors import WeightsError
from phenojax.face.weights.fetch import fetch

BODY = b"weights" * 100_000
DIGEST = hashlib.sha256(BODY).hexdigest()
REDIRECTIONS = {"/moved": "/weights", "/away": "http://example.invalid/weights", "/file": "file:///etc/hostname"}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path in REDIRECTIONS:
            self.send_response(302)
            self.send_header("Location", REDIRECTIONS[self.path])
            self.end_headers()
            return
        if self.path not in ("/weights", "/short", "/unknown-length"):
            self.send_error(404)
            return
        self.send_response(200)
        if self.path != "/unknown-length":
            self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY[:1000] if self.path == "/short" else BODY)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.server_address[1]}"
        listening.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.mark.parametrize("path", ["/weights", "/moved", "/unknown-length"])
def test_the_right_file_is_kept(server: str, path: str, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    n_bytes = fetch(
        server + path, DIGEST.upper(), tmp_path / "w.dat", progress=lambda done, total: seen.append((done, total))
    )
    assert n_bytes == len(BODY)
    assert (tmp_path / "w.dat").read_bytes() == BODY
    assert seen[-1] == (len(BODY), None if path == "/unknown-length" else len(BODY))


@pytest.mark.parametrize(
    ("path", "digest", "words"),
    [
        ("/weights", "0" * 64, f"SHA-256 is {DIGEST}, expected 0000"),
        ("/short", DIGEST, "broke off after 1,000 of 700,000 bytes|could not be fetched"),
        ("/absent", DIGEST, "could not be fetched"),
        ("/away", DIGEST, "http://example.invalid/weights: is not an https address"),
        ("/file", DIGEST, "file:///etc/hostname: is not an https address|could not be fetched"),
    ],
)
def test_anything_else_leaves_nothing(server: str, path: str, digest: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=words):
        fetch(server + path, digest, tmp_path / "w.dat")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["/weights", "/unknown-length"])
def test_a_file_beyond_the_limit_is_not_kept(server: str, path: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is larger than 1,000 bytes"):
        fetch(server + path, DIGEST, tmp_path / "w.dat", max_bytes=1000)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url", ["http://example.org/w", "ftp://example.org/w", "file:///etc/hostname", "w.dat", "https://", ""]
)
def test_only_https_is_asked(url: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="is not an https address"):
        fetch(url, DIGEST, tmp_path / "w.dat")


@pytest.mark.parametrize("digest", ["", "abc", "g" * 64, DIGEST + "0"])
def test_without_a_whole_sha256_nothing_is_asked(digest: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="expected 64 hexadecimal digits"):
        fetch("https://example.invalid/w", digest, tmp_path / "w.dat")


def test_what_exists_is_not_overwritten(server: str, tmp_path: Path) -> None:
    (tmp_path / "w.dat").write_text("mine")
    with pytest.raises(WeightsError, match="exists already"):
        fetch(f"{server}/weights", DIGEST, tmp_path / "w.dat")
    assert (tmp_path / "w.dat").read_text() == "mine"


def test_a_folder_that_is_not_there_is_named(server: str, tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="could not be fetched to"):
        fetch(f"{server}/weights", DIGEST, tmp_path / "absent" / "w.dat")
