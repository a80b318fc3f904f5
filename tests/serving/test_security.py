"""Who is let in: keys, host names, pages of other sites."""

import base64

import pytest
from tests.serving.asking import RAW, Asker, asker, one, refusal

KEY = "correct horse battery".replace(" ", "-")
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})


@pytest.fixture(scope="module")
def locked() -> Asker:
    return asker(api_key=KEY)


@pytest.fixture(scope="module")
def local() -> Asker:
    return asker(hosts=LOCAL)


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"anyone:{password}".encode()).decode()


@pytest.mark.parametrize(
    "headers",
    [{"Authorization": f"Bearer {KEY}"}, {"authorization": f"bearer  {KEY} "}, {"X-API-Key": KEY},
     {"Authorization": basic(KEY)}],
)  # fmt: skip
def test_right_key_lets_in(locked: Asker, headers: dict[str, str]) -> None:
    assert locked.get("/classifiers", headers=headers).status_code == 200


WRONG = [
    {"Authorization": f"Bearer {KEY}x"}, {"Authorization": f"Bearer {KEY[:-1]}"}, {"Authorization": KEY},
    {"Authorization": "Bearer"}, {"Authorization": basic("wrong")}, {"Authorization": "Basic %%%"},
    {"Authorization": "Basic "}, {"X-API-Key": ""}, {"X-API-Key": KEY.upper()},
    {"Authorization": b"Bearer \xff\xfe"},
]  # fmt: skip


@pytest.mark.parametrize("headers", [{}, *WRONG])
@pytest.mark.parametrize(
    "path", ["/", "/predict", "/metrics", "/openapi.json", "/assets/style.css", "/nothing"]
)
def test_wrong_key_is_refused_everywhere(locked: Asker, path: str, headers: dict) -> None:
    answer = locked.get(path, headers=headers)
    status, detail = refusal(answer)
    assert status == 401
    assert "API key, expected the one the server was started with; send Authorization: Bearer KEY" in detail
    assert answer.headers["www-authenticate"].startswith("Basic realm=")
    assert KEY not in answer.text


def test_health_asks_for_no_key(locked: Asker) -> None:
    assert locked.get("/healthz").status_code == 200


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "[::1]:8000", "LOCALHOST"])
def test_own_name_is_answered(local: Asker, host: str) -> None:
    assert local.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example:8000", "", "localhost.", "[evil"])
def test_other_name_for_this_machine_is_refused(local: Asker, host: str) -> None:
    """A page elsewhere may call 127.0.0.1 by a name of its own and would then pass for the server's."""
    status, detail = refusal(local.get("/", headers={"Host": host}))
    assert status == 421
    assert "expected one of 127.0.0.1, ::1, localhost; start the server with --allow-host" in detail


def test_any_name_is_answered_where_none_is_set(reader: Asker) -> None:
    assert reader.get("/healthz", headers={"Host": "class-room.example"}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9000", "http://[", "x"])
def test_page_of_another_site_may_not_send(reader: Asker, origin: str) -> None:
    headers = {**RAW, "Origin": origin}
    status, detail = refusal(reader.post("/predict", content=one().tobytes(), headers=headers))
    assert status == 403
    assert "expected this server's own page; start the server with --allow-host" in detail


def test_own_page_may_send(reader: Asker) -> None:
    headers = {**RAW, "Origin": "http://127.0.0.1:8000"}
    assert reader.post("/predict", content=one().tobytes(), headers=headers).status_code == 200


def test_page_behind_a_proxy_may_send_when_named() -> None:
    """The proxy calls by its own name, the browser's page has the public one."""
    client = asker(hosts=LOCAL | {"digits.example"})
    headers = {**RAW, "Origin": "https://digits.example"}
    assert client.post("/predict", content=one().tobytes(), headers=headers).status_code == 200
    assert client.get("/", headers={"Host": "digits.example"}).status_code == 200
