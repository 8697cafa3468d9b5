"""The server of the desk: who may ask, how much, and that nothing but the answer is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from judges import LengthJudge
from served import SECRET, picture
from serving_requests import HERE, client, form, refused, texts
from starlette.testclient import TestClient

from desk.ranking import Mark, Ranking
from desk.server.app import application
from desk.server.guard import POLICY, TOKEN

pytestmark = pytest.mark.usefixtures("temporary")


# What is answered


def test_texts_are_ranked() -> None:
    answer = client().post("/api/rank", **texts("short", "a longer caption?"))
    assert answer.status_code == 200
    ranking = Ranking.model_validate_json(answer.content)
    assert [one.draft.number for one in ranking.drafts] == [2, 1]
    assert ranking.drafts[1].draft.name == "draft 1"
    assert ranking.drafts[0].reasons[0].text == "asks a question"


def test_everything_that_a_draft_may_tell_reaches_the_judge() -> None:
    judge = LengthJudge()
    told = {
        "name": "launch",
        "account": "ada",
        "text": "Grüße 🚀",
        "at": "2026-05-01T20:00:00+02:00",
        "values": {"followers": 120, "topic": "news"},
    }
    assert client(judge).post("/api/rank", json={"drafts": [told]}).status_code == 200
    ((draft,),) = judge.asked
    assert (draft.name, draft.account, draft.text) == ("launch", "ada", "Grüße 🚀")
    assert draft.at.isoformat() == "2026-05-01T18:00:00+00:00"
    assert draft.values == {"followers": 120.0, "topic": "news"}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_images_reach_the_judge_whatever_they_are_called(kind: str) -> None:
    judge = LengthJudge()
    answer = client(judge).post(
        "/api/rank", **form([{"text": "a"}, {"text": "b"}], {"2": ("x.txt", picture(kind))})
    )
    assert answer.status_code == 200, answer.text
    assert judge.sizes == {2: (64, 48)}
    assert [draft.image for draft in judge.asked[0]] == [None, "x.txt"]
    assert [draft.name for draft in judge.asked[0]] == ["draft 1", "x.txt"]


def test_the_policy_of_a_client_marks_drafts() -> None:
    def policy(ranking: Ranking) -> Ranking:
        mark = Mark(rule="none_on_sundays", action="block", sentence="is planned for a Sunday")
        drafts = tuple(one.model_copy(update={"marks": (mark,)}) for one in ranking.drafts)
        return ranking.model_copy(update={"drafts": drafts})

    told = client(policy=policy).post("/api/rank", **texts("a")).json()
    assert told["drafts"][0]["marks"][0]["rule"] == "none_on_sundays"


def test_the_model_says_what_it_is_and_the_schema_what_may_be_asked() -> None:
    about = client().get("/api/model").json()
    assert about["model"]["baseline"] == "lightgbm:+history"
    assert about["columns"] == {"followers": "numeric", "topic": "category"}
    assert (about["limits"]["drafts"], about["policy"]) == (200, False)
    assert client().get("/healthz").json() == {"status": "ok"}
    told = client().get("/openapi.json").json()
    rank = told["paths"]["/api/rank"]["post"]
    body = rank["requestBody"]["content"]
    one = body["application/json"]["schema"]["properties"]["drafts"]["items"]
    assert one["properties"].keys() == {"name", "account", "text", "at", "values"}
    assert body["multipart/form-data"]["schema"]["required"] == ["drafts"]
    assert rank["responses"]["200"]["content"]["application/json"]["schema"]["$ref"].endswith("/Ranking")
    assert {"400", "403", "413", "415", "422", "429", "503"} <= rank["responses"].keys()
    references = set(_references(told))
    assert references and all(name in told["components"]["schemas"] for name in references)


def _references(told: object) -> Iterator[str]:
    if isinstance(told, dict):
        for name, value in told.items():
            if name == "$ref":
                yield str(value).removeprefix("#/components/schemas/")
            yield from _references(value)
    elif isinstance(told, list):
        for value in told:
            yield from _references(value)


# Who may ask


@pytest.mark.parametrize("path", ["/", "/site/page.js", "/api/model", "/nothing", "/api/rank"])
def test_every_answer_carries_the_headers(path: str) -> None:
    headers = client().get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "default-src 'none'" in POLICY and "unsafe" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cache-control"] == "no-store"
    assert not [name for name in headers if name.startswith(("access-control", "set-cookie", "server"))]


@pytest.mark.parametrize("host", ["127.0.0.1:8765", "localhost:9", "LOCALHOST", "[::1]:8765", "127.0.0.2"])
def test_it_answers_to_its_loopback_address(host: str) -> None:
    assert client().get("/healthz", headers={"host": host}).status_code == 200


HOSTS = [
    "evil.example",
    "evil.example:8765",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "127.0.0.1@evil.example",
    "192.168.1.7:8765",
    "0.0.0.0:8765",
    "[::]:8765",
    "127.0.0.1:",
    "127.0.0.1:x",
    "",
    "127.0.0.1:8765, evil.example",
    "localhost\u00ad",
]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_a_name_that_somebody_points_at_it_is_refused(host: str, path: str) -> None:
    answer = client().get(path, headers={"host": host.encode("latin-1")})
    assert "loopback" in refused(answer, 403)
    assert SECRET not in answer.text


def test_another_name_is_answered_where_it_was_asked_for() -> None:
    assert client(hosts=("desk.lan",)).get("/healthz", headers={"host": "desk.lan:80"}).status_code == 200
    anyone = client(hosts=("*",))
    assert anyone.get("/healthz", headers={"host": "192.168.1.7:8765"}).status_code == 200
    assert anyone.get("/healthz", headers={"host": "evil.example"}).status_code == 403, "numbers alone"


FOREIGN: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:3000"},
    {"origin": "https://127.0.0.1:8765"},
    {"origin": "http://localhost:8765"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": HERE, "sec-fetch-site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_requests_of_other_sites_are_refused(headers: dict[str, str]) -> None:
    judge = LengthJudge()
    assert "other sites" in refused(client(judge).post("/api/rank", **texts("a"), headers=headers), 403)
    assert "other sites" in refused(client().get("/api/model", headers=headers), 403)
    assert judge.asked == []


def test_a_link_to_the_page_is_followed_and_the_page_may_ask() -> None:
    link = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    assert client().get("/", headers=link).status_code == 200
    assert client().get("/api/model", headers=link).status_code == 403
    own = {"origin": HERE, "sec-fetch-site": "same-origin"}
    assert client().post("/api/rank", **texts("a"), headers=own).status_code == 200


@pytest.mark.parametrize("token", ["", "another", SECRET + "x", "é"])
def test_nothing_is_done_without_the_token_of_this_run(token: str) -> None:
    answer = client().post("/api/rank", **texts("a"), headers={TOKEN: token.encode("latin-1")})
    assert "token" in refused(answer, 403)
    assert SECRET in client().get("/").text, "the page has it"
    bare = TestClient(application(LengthJudge()), base_url=HERE)
    assert bare.post("/api/rank", **texts("a")).status_code == 403
    one, other = (application(LengthJudge()).state.token for _ in range(2))
    assert one != other and len(one) >= 32


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
def test_other_methods_are_refused_and_no_site_is_let_in(method: str) -> None:
    answer = client().request(method, "/api/rank")
    refused(answer, 405)
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/docs", "/redoc", "/docs/oauth2-redirect", "/site/", "/site/index.html"])
def test_there_is_nothing_else(path: str) -> None:
    refused(client().get(path), 404)


@pytest.mark.parametrize(
    "name", ["../app.py", "..%2fapp.py", "%2e%2e%2fapp.py", "/etc/passwd", "page.js%00", "page.js/"]
)
def test_no_path_is_made_of_what_is_asked_for(name: str) -> None:
    assert client().get(f"/site/{name}").status_code == 404
