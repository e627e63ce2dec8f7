"""The one place that uses the network: a file that its user names by address and by SHA-256."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from phenojax._files import written_whole
from phenojax.errors import WeightsError

MAX_BYTES = 2 << 30
TIMEOUT_S = 60.0
_CHUNK = 1 << 18
_LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def fetch(
    url: str,
    sha256: str,
    out: Path,
    *,
    max_bytes: int = MAX_BYTES,
    progress: Callable[[int, int | None], None] | None = None,
) -> int:
    """Download a file and keep it only if it is the one that was meant.

    Args:
        url: an https address; http is taken from this machine itself only. Redirections must be such, too.
        sha256: of the file, 64 hexadecimal digits. A file with another one is thrown away.
        out: what the file will be called; it must not exist.
        max_bytes: a larger file is not read to its end.
        progress: called with the bytes so far, and all of them where the server says so.

    Returns:
        Size of the file, bytes.

    Raises:
        WeightsError: an address of another kind, no answer, too large, another SHA-256, or `out` exists or cannot be
            written. Nothing is left behind.
    """
    wanted = _checked_digest(sha256)
    _check_address(url)
    if out.exists():
        raise WeightsError(f"{out}: exists already; remove it or give another name")
    try:
        with written_whole(out) as temporary:
            return _download(url, wanted, temporary, max_bytes, progress)
    except (URLError, HTTPException, OSError) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise WeightsError(f"{url}: could not be fetched to {out} ({reason})") from error


def _download(
    url: str, wanted: str, path: Path, max_bytes: int, progress: Callable[[int, int | None], None] | None
) -> int:
    digest, n_bytes = hashlib.sha256(), 0
    opener = build_opener(_SafeRedirects())
    request = Request(url, headers={"User-Agent": "phenojax", "Accept-Encoding": "identity"})
    with opener.open(request, timeout=TIMEOUT_S) as answer, path.open("wb") as stream:
        length = answer.headers.get("Content-Length")
        total = int(length) if length and length.isdecimal() else None
        while chunk := answer.read(_CHUNK):
            n_bytes += len(chunk)
            if max(n_bytes, total or 0) > max_bytes:
                raise WeightsError(f"{url}: is larger than {max_bytes:,} bytes, the limit; raise it with --max-bytes")
            digest.update(chunk)
            stream.write(chunk)
            if progress is not None:
                progress(n_bytes, total)
    if total is not None and n_bytes != total:
        raise WeightsError(f"{url}: broke off after {n_bytes:,} of {total:,} bytes; try again")
    if digest.hexdigest() != wanted:
        raise WeightsError(f"{url}: SHA-256 is {digest.hexdigest()}, expected {wanted}; the file was not kept")
    return n_bytes


class _SafeRedirects(HTTPRedirectHandler):
    """Follows a redirection only to an address that would itself have been accepted."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Any:  # the signature is that of the standard library
        _check_address(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return
    raise WeightsError(f"{url}: is not an https address")


def _checked_digest(sha256: str) -> str:
    digest = sha256.strip().lower()
    if not re.fullmatch("[0-9a-f]{64}", digest):
        raise WeightsError(f"--sha256 {sha256!r}: expected 64 hexadecimal digits, as the makers of the file state them")
    return digest
