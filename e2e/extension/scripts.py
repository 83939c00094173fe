"""What pages do in these tests. Each script takes a list, and answers what came of it."""

SENT = """async ([url, body, headers]) => {
    performance.clearResourceTimings();
    const began = performance.now();
    try {
        const answer = await fetch(url, {method: "POST", body, headers: headers ?? {}});
        const text = await answer.text();
        const [entry] = performance.getEntriesByName(answer.url).slice(-1);
        return {status: answer.status, bytes: text.length, waited: entry.startTime - began};
    } catch (failed) {
        return {failed: failed.name, waited: performance.now() - began};
    }
}"""

BY_XHR = """([url, body]) => new Promise((done) => {
    const xhr = new XMLHttpRequest();
    xhr.open("POST", url);
    xhr.onloadend = () => done({status: xhr.status, bytes: xhr.responseText.length, state: xhr.readyState});
    xhr.send(body);
})"""

BY_SOCKET = """([url, message, copies]) => new Promise((done) => {
    const socket = new WebSocket(url);
    let got = 0;
    socket.onopen = () => socket.send(message);
    socket.onmessage = ({data}) => {
        got += data.length;
        if (got === message.length * copies) socket.close();
    };
    socket.onclose = ({code}) => done({bytes: got, code});
})"""

BY_EVENTS = """([url, many]) => new Promise((done) => {
    const source = new EventSource(url);
    let got = 0;
    source.onmessage = () => {
        got += 1;
        if (got === many) { source.close(); done({events: got}); }
    };
    source.onerror = () => { source.close(); done({events: got}); };
})"""

BY_WORKER = """([url, body]) => new Promise((done) => {
    const text = `fetch(${JSON.stringify(url)}, {method: "POST", body: ${JSON.stringify(body)}})
        .then((answer) => answer.text()).then((text) => postMessage(text.length), () => postMessage(-1))`;
    const worker = new Worker(URL.createObjectURL(new Blob([text])));
    worker.onmessage = ({data}) => done(data);
})"""

MANY = """async ([url, from, to, body]) => {
    let failed = 0;
    for (let number = from; number < to; number++) {
        const answer = await fetch(`${url}?bytes=${1000 + number}`, {method: "POST", body}).catch(() => null);
        if (answer === null) failed += 1;
        else await answer.arrayBuffer();
    }
    return failed;
}"""

KEPT = """async () => {
    const opened = await new Promise((done) => {
        const asking = indexedDB.open("toktra");
        asking.onsuccess = () => done(asking.result);
    });
    const all = {};
    for (const name of opened.objectStoreNames)
        all[name] = await new Promise((done) => {
            const asking = opened.transaction(name).objectStore(name).getAll();
            asking.onsuccess = () => done(asking.result);
        });
    opened.close();
    for (const area of ["local", "session", "sync"]) all[area] = await chrome.storage[area].get(null);
    return JSON.stringify(all);
}"""

LISTEN = """() => {
    self.heard = [];
    chrome.runtime.onMessage.addListener((said) => { self.heard.push(said); return false; });
}"""
