"""Attack a server of ours and watch it: `python dev/soak_server.py [--hostile 10000] [--minutes 5]`.

Good requests run all the time, and each answer is compared with the classifier's own. Beside them come
hostile ones: mutated pictures, forms and JSON, bombs, wrong types, odd paths, bytes that are no HTTP,
requests that break off. Counted are statuses, answers of 5xx, wrong answers, and the memory of the process:
the median of the second fifth of the time, the first being for warming up, beside that of the last.
"""

import argparse
import http.client
import io
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
import zlib
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from inkwise.handwriting.recogniser import load_recogniser

PATHS = ("/predict", "/read", "/activations", "/corrections")
TYPES = (
    "image/png", "image/jpeg", "image/gif", "image/tiff", "image/webp", "application/json",
    "application/octet-stream", "multipart/form-data; boundary=edge", "text/plain", "", "a/b; c=\"d",
)  # fmt: skip
FORMATS = ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP", "PPM", "TGA", "ICO", "PCX", "JPEG2000", "DDS", "SGI")
ODD_PATHS = (
    "/assets/../../etc/passwd", "/assets/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd",
    "/%00", "/classifiers/-1/x",
    "/classifiers/99999999999999999999/classifier.safetensors", "/predict?run=%00", "/read?images=maybe",
    "/?" + "a=1&" * 500,
    "/assets/" + "a/" * 1000, "/classifiers/0%2f..%2f0/classifier.safetensors", "*", "/predict/../metrics",
)  # fmt: skip


class Tally:
    """What was counted, by several threads."""

    def __init__(self) -> None:
        self.statuses: Counter[str] = Counter()
        self.faults: list[str] = []
        self.num_good = self.num_hostile = 0
        self.lock = threading.Lock()

    def count(self, status: object, *, is_good: bool, fault: str = "") -> None:
        with self.lock:
            self.statuses[str(status)] += 1
            self.num_good += is_good
            self.num_hostile += not is_good
            if fault:
                self.faults.append(fault)


def picture(generator: random.Random) -> bytes:
    """Return a whole picture of some size and format."""
    side = generator.choice((1, 5, 28, 28, 100, 400))
    pixels = np.random.default_rng(generator.randrange(2**32)).integers(
        0, 256, (side, side, 3), dtype=np.uint8
    )
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, generator.choice(FORMATS))
    return out.getvalue()


def spoilt(content: bytes, generator: random.Random) -> bytes:
    """Return content with some bytes changed, cut or doubled."""
    found = bytearray(content)
    for _ in range(generator.choice((0, 1, 3, 20))):
        if found:
            place = generator.randrange(len(found))
            match generator.randrange(4):
                case 0:
                    found[place] = generator.randrange(256)
                case 1:
                    del found[place : place + generator.randrange(1, 50)]
                case 2:
                    found[place:place] = generator.randbytes(generator.randrange(1, 50))
                case _:
                    found[place : place + 4] = generator.choice(
                        (b"\xff\xff\xff\xff", bytes(4), b"\x7f\xff\xff\xff")
                    )
    return bytes(found)


def bomb(generator: random.Random) -> bytes:
    """Return a small PNG of very many pixels."""
    side = generator.choice((6000, 8000, 30_000, 2**31 - 1))

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content).to_bytes(4)
        return len(content).to_bytes(4) + kind + content + check

    head = side.to_bytes(4) * 2 + bytes((8, 0, 0, 0, 0))
    rows = zlib.compress(bytes(8_000_000), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def odd_json(generator: random.Random) -> bytes:
    """Return JSON, or nearly, that asks for trouble."""
    image = [[generator.randrange(256)] * 28 for _ in range(28)]
    correction = {"image": image, "label": generator.randrange(-1, 11), "read_as": 3, "probability": 0.5}
    return generator.choice((
        lambda: json.dumps({"images": image}).encode(),
        lambda: json.dumps({"images": [image] * generator.choice((2, 40))}).encode(),
        lambda: json.dumps(correction).encode(),
        lambda: b'{"images": [[NaN]]}',
        lambda: b'{"images": Infinity}',
        lambda: b"[" * generator.choice((100, 10_000, 1_000_000)),
        lambda: b'{"a":' * 50_000,
        lambda: b"9" * generator.choice((10, 4301, 100_000)),
        lambda: b'{"images": [' + b"1e999," * 1000 + b"1]}",
        lambda: b'{"images": [' + b"[]," * 100_000 + b"[]]}",
        lambda: json.dumps({"images": [[generator.choice((None, True, "1", 10**40))] * 28] * 28}).encode(),
        lambda: b'"\\ud800\\udc00\\u0000"',
        lambda: generator.randbytes(200),
    ))()  # fmt: skip


def form(generator: random.Random) -> bytes:
    """Return a form of pictures, or of very many parts."""
    parts = [
        b'--edge\r\nContent-Disposition: form-data; name="picture"; filename="../\x00a.png"\r\n\r\n'
        + spoilt(picture(generator), generator) + b"\r\n"
        for _ in range(generator.choice((0, 1, 3)))
    ]  # fmt: skip
    many = b"--edge\r\n\r\n\r\n" * generator.choice((0, 0, 20_000))
    return b"".join(parts) + many + generator.choice((b"--edge--\r\n", b"--edge--", b"", b"--ed"))


BODIES: tuple[Callable[[random.Random], bytes], ...] = (
    lambda generator: spoilt(picture(generator), generator),
    lambda generator: spoilt(picture(generator), generator),
    bomb,
    odd_json,
    form,
    lambda generator: spoilt(form(generator), generator),
    lambda generator: generator.randbytes(generator.choice((0, 1, 783, 784, 785, 7840, 100_000))),
)


def ask_hostile(port: int, generator: random.Random) -> tuple[object, str]:
    """Send one hostile request; return the status, or what happened, and a fault if it is one."""
    if generator.random() < 0.05:
        return ask_noise(port, generator)
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    path = generator.choice(ODD_PATHS if generator.random() < 0.1 else PATHS)
    method = (
        "POST" if generator.random() < 0.9 else generator.choice(("GET", "PUT", "HEAD", "OPTIONS", "PATCH"))
    )
    body, kind = generator.choice(BODIES)(generator), generator.choice(TYPES)
    try:
        connection.request(method, path, body=body, headers={"Content-Type": kind})
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__, ""
    finally:
        connection.close()
    if answer.status >= 500:
        return answer.status, f"{method} {path} {kind} {len(body)} bytes: {content[:300]!r}"
    is_problem = answer.headers.get_content_type() == "application/problem+json"
    if answer.status >= 400 and not is_problem:
        return answer.status, f"{method} {path}: {answer.status} is no problem document: {content[:200]!r}"
    return answer.status, ""


def ask_noise(port: int, generator: random.Random) -> tuple[object, str]:
    """Send what is no HTTP, or breaks off, or claims another length."""
    noise = generator.choice((
        generator.randbytes(300), b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n",
        b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99\r\n\r\nx",
        b"POST /read HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
        b"GET /" + b"%" * 3000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 500 + b"\r\n",
        b"\x16\x03\x01" + generator.randbytes(100), b"GET http://[ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    ))  # fmt: skip
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(noise)
            connection.shutdown(socket.SHUT_WR)
            head = connection.recv(200)
    except OSError as error:
        return type(error).__name__, ""
    status = head[9:12].decode("latin-1") or "closed"
    return status, f"{noise[:80]!r}: {head!r}" if status.startswith("5") else ""


def attack(port: int, *, seed: int, tally: Tally, is_over: Callable[[], bool]) -> None:
    """Send hostile requests until it is over."""
    generator = random.Random(seed)
    while not is_over():
        status, fault = ask_hostile(port, generator)
        tally.count(status, is_good=False, fault=fault)


def ask_well(port: int, *, seed: int, tally: Tally, is_over: Callable[[], bool]) -> None:
    """Send good requests until it is over, and compare each answer."""
    generator = np.random.default_rng(seed)
    recogniser, drawn = load_recogniser(), strokes(1000)
    while not is_over():
        images = drawn[generator.integers(0, len(drawn), generator.choice((1, 1, 3, 300)))]
        expected = recogniser.probabilities(images)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            headers = {"Content-Type": "application/octet-stream"}
            connection.request("POST", "/predict", body=images.tobytes(), headers=headers)
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            tally.count(type(error).__name__, is_good=True, fault=f"a good request failed: {error!r}")
            continue
        finally:
            connection.close()
        fault = ""
        if answer.status == 200:
            found = np.array([row["probabilities"] for row in json.loads(content)])
            if found.shape != expected.shape or np.abs(found - expected).max() > 1e-4:
                fault = "a wrong answer"
        elif answer.status != 429:
            fault = f"a good request was refused: {answer.status} {content[:200]!r}"
        tally.count(f"good {answer.status}", is_good=True, fault=fault)
        time.sleep(0.005)


def strokes(count: int) -> NDArray[np.uint8]:
    """Return (count, 28, 28) uint8: lines by chance, of which the reader says different things."""
    generator, images = random.Random(0), []
    for _ in range(count):
        image = Image.new("L", (28, 28))
        points = [(generator.randrange(4, 24), generator.randrange(4, 24)) for _ in range(3)]
        ImageDraw.Draw(image).line(points, fill=255, width=3)
        images.append(np.asarray(image))
    return np.stack(images)


def memory_mebibytes(process: int) -> float:
    """Return the resident memory of a process."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(text.split("VmRSS:")[1].split()[0]) / 1024


def wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    """Return once the server listens."""
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except OSError:
            time.sleep(0.05)


def main() -> int:
    """Run it and print what was counted; return 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hostile", type=int, default=10_000, help="at least so many hostile requests")
    parser.add_argument("--minutes", type=float, default=5.0, help="at least so long")
    parser.add_argument("--threads", type=int, default=4, help="that attack")
    given = parser.parse_args()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    store = Path(f"/tmp/soak-{os.getpid()}.sqlite")
    command = [sys.executable, "-m", "inkwise", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env={**os.environ, "INKWISE_CORRECTIONS": str(store)})
    wait_for(port, server)
    tally, started = Tally(), time.monotonic()

    def is_over() -> bool:
        long_enough = time.monotonic() - started > 60 * given.minutes
        return server.poll() is not None or (long_enough and tally.num_hostile >= given.hostile)

    workers = [(attack, seed) for seed in range(given.threads)] + [(ask_well, 99)]
    threads = [
        threading.Thread(target=work, args=(port,), kwargs={"seed": seed, "tally": tally, "is_over": is_over})
        for work, seed in workers
    ]
    for thread in threads:
        thread.start()
    seen = []
    while any(thread.is_alive() for thread in threads):
        time.sleep(60 * given.minutes / 20)
        if server.poll() is None:
            seen.append(memory_mebibytes(server.pid))
            print(
                f"{time.monotonic() - started:5.0f} s  {tally.num_hostile:6} hostile  {seen[-1]:6.1f} MiB",
                flush=True,
            )
    server.terminate()
    code = server.wait(timeout=60)
    store.unlink(missing_ok=True)
    return report(tally, seen, code)


def report(tally: Tally, seen: list[float], code: int) -> int:
    """Print the counts; return 1 if anything was wrong."""
    quarter = max(1, len(seen) // 5)
    begin, end = np.median(seen[quarter : 2 * quarter]), np.median(seen[-quarter:])
    print(f"{tally.num_hostile} hostile requests, {tally.num_good} good ones; server ended with {code}")
    print("  ".join(f"{status}: {count}" for status, count in sorted(tally.statuses.items())))
    print(f"memory {begin:.1f} MiB after warming up, {end:.1f} MiB at the end: {end / begin - 1:+.1%}")
    num_5xx = sum(count for status, count in tally.statuses.items() if status.startswith("5"))
    print(f"answers of 5xx: {num_5xx}; faults: {len(tally.faults)}")
    print("\n".join(tally.faults[:20]))
    return int(bool(tally.faults) or code != 0)


if __name__ == "__main__":
    sys.exit(main())
