"""For a page nothing changes but the wait: answers, errors and objects are what they were."""

from e2e.extension.provider import MARKER
from e2e.extension.someone import API, ASKING, SITE, Someone

FETCHED = """async ([url]) => {
    const asked = new Request(url, {method: "POST", body: "in a Request", headers: {"X-Note": "1"}});
    const answer = await fetch(asked);
    const copy = answer.clone();
    const reader = answer.body.getReader({mode: "byob"});
    const first = await reader.read(new Uint8Array(13));
    return {
        same: answer instanceof Response && copy instanceof Response,
        url: answer.url === asked.url && copy.url === asked.url,
        said: [answer.status, answer.type, answer.redirected, answer.headers.get("content-type"), copy.ok],
        first: new TextDecoder().decode(first.value),
        whole: (await copy.text()).length,
    };
}"""

ABORTED = """async ([url]) => {
    const stop = new AbortController();
    const answer = await fetch(url, {method: "POST", body: "x", signal: stop.signal});
    const reader = answer.body.getReader();
    await reader.read();
    stop.abort();
    return reader.read().then(() => "went on", (failed) => failed.name);
}"""

WRONG = """() => Promise.all([
    fetch("/backend-api/conversation", {method: "POST", body: "x", headers: {"bad header": "1"}}),
    fetch("https://chatgpt.com:1/", {method: "POST", body: "x"}),
].map((each) => each.then(() => "answered", (failed) => failed.name)))"""

SOCKET = """([url]) => new Promise((done) => {
    const socket = new WebSocket(url);
    const seen = [socket instanceof WebSocket, socket.readyState, socket.OPEN, WebSocket.OPEN, socket.url];
    let early = null;
    try { socket.send("too early"); } catch (failed) { early = failed.name; }
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => { socket.send(new Uint8Array([104, 105])); });
    socket.onmessage = ({data, target}) => {
        seen.push(data, target === socket);
        socket.onmessage = null;
        socket.close(1000);
    };
    socket.onclose = ({wasClean}) => done([...seen, early, socket.readyState, wasClean]);
})"""


def test_an_answer_is_what_the_service_sent(someone: Someone) -> None:
    page = someone.browsing.open(SITE)
    found = page.evaluate(FETCHED, [f"{ASKING}?bytes=3000"])
    assert found == {
        "same": True,
        "url": True,
        "said": [200, "basic", False, "application/json", True],
        "first": MARKER,
        "whole": 3000,
    }
    (kept,) = someone.events(1)
    assert (kept["request_bytes"], kept["response_bytes"]) == (len("in a Request"), 3000)


def test_a_request_that_is_given_up_is_counted_as_far_as_it_came(someone: Someone) -> None:
    page = someone.browsing.open(SITE)
    assert page.evaluate(ABORTED, [f"{ASKING}?bytes=4000&pieces=4&pause=0.5"]) == "AbortError"
    (kept,) = someone.events(1)
    assert 0 < kept["response_bytes"] < 4000


def test_a_page_that_goes_away_has_said_how_far_it_came(someone: Someone) -> None:
    page = someone.browsing.open(SITE)
    page.evaluate(
        """([url]) => new Promise((done) => fetch(url, {method: "POST", body: "x"}).then(async (answer) => {
            const reader = answer.body.getReader();
            await reader.read();
            done();
        }))""",
        [f"{ASKING}?bytes=4000&pieces=4&pause=0.5"],
    )
    page.goto(f"https://{SITE}/elsewhere")
    (kept,) = someone.events(1)
    assert 0 < kept["response_bytes"] < 4000


def test_errors_are_the_page_s_own(someone: Someone) -> None:
    page = someone.browsing.open(SITE)
    assert page.evaluate(WRONG) == ["TypeError", "TypeError"]
    assert someone.events() == []


def test_a_socket_is_a_socket(someone: Someone) -> None:
    page = someone.browsing.open(SITE)
    url = f"wss://{API}/v1/realtime"
    found = page.evaluate(SOCKET, [url])
    assert found == [True, 0, 1, 1, url, "hi", True, "InvalidStateError", 3, True]


def test_a_frame_without_an_address_is_no_way_around(someone: Someone) -> None:
    someone.cap(10)
    page = someone.browsing.open(SITE)
    refused = page.evaluate(
        """async ([url]) => {
            const frame = document.createElement("iframe");
            document.body.append(frame);
            let found;
            for (let tried = 0; tried < 50 && found !== "TypeError"; tried++) {  // until the frame is reached
                await new Promise((done) => setTimeout(done, 100));
                found = await frame.contentWindow.fetch(url, {method: "POST", body: "x"})
                    .then(() => "answered", (failed) => failed.name);
            }
            return found;
        }""",
        [f"https://{SITE}{ASKING}"],
    )
    assert refused == "TypeError"
