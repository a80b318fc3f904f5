"""GET /healthz and /metrics."""

import re
from importlib.metadata import version

from tests.serving.asking import RAW, asker


def value(text: str, name: str) -> float:
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)[1])


def test_health_names_the_version() -> None:
    assert asker().get("/healthz").json() == {"status": "ok", "version": version("inkwise")}


def test_metrics_count_requests_and_images() -> None:
    client = asker()
    for count in (1, 1, 200):
        client.post("/predict", content=bytes(784 * count), headers=RAW)
    client.post("/predict", content=b"", headers=RAW)
    for path in ("/a", "/b", "/healthz"):
        client.get(path)
    client.get("/classifiers/0/classifier.safetensors")
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    shown = answer.text
    assert value(shown, 'inkwise_requests_total{route="/predict",status="200"}') == 3
    assert value(shown, 'inkwise_requests_total{route="/predict",status="422"}') == 1
    assert value(shown, 'inkwise_requests_total{route="other",status="404"}') == 2
    files = 'inkwise_requests_total{route="/classifiers/{number}/classifier.safetensors",status="200"}'
    assert value(shown, files) == 1
    assert value(shown, 'inkwise_request_seconds_count{route="/predict"}') == 4
    assert value(shown, "inkwise_batch_images_sum") == 202
    assert value(shown, "inkwise_batch_images_count") == 3
    assert value(shown, "inkwise_queue_depth") == 0
    assert value(shown, "inkwise_held_bytes") == 0
