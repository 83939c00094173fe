import { beforeAll, expect, test, vi } from "vitest";

vi.stubGlobal("window", { location: { origin: "http://localhost" } });
let pageChunk: typeof import("./pageChunk").pageChunk;
beforeAll(async () => {
  ({ pageChunk } = await import("./pageChunk"));
});

const gone = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

function browser({ back = true } = {}) {
  const kept = new Map<string, string>();
  return {
    at: 0,
    reloads: 0,
    isBack: async () => back,
    kept: {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    },
    now() {
      return this.at;
    },
    reload() {
      this.reloads += 1;
    },
  };
}

const soon = (ms = 20) => new Promise((done) => setTimeout(() => done("waiting"), ms));

test("what can be loaded is", async () => {
  expect(await pageChunk(async () => "page", browser())).toBe("page");
});

test("a file that is gone loads the page anew once, and fails the second time", async () => {
  const edge = browser();
  expect(await Promise.race([pageChunk(gone, edge), soon()])).toBe("waiting");
  await expect(pageChunk(gone, edge)).rejects.toThrow("dynamically imported");
  expect(edge.reloads).toBe(1);
});

test("the release after that is met the same way", async () => {
  const edge = browser();
  await Promise.race([pageChunk(gone, edge), soon()]);
  edge.at = 3_600_000;
  await Promise.race([pageChunk(gone, edge), soon()]);
  expect(edge.reloads).toBe(2);
});

test("without the server nothing is loaded anew: the browser would show its own error", async () => {
  const edge = browser({ back: false });
  await expect(pageChunk(gone, edge)).rejects.toMatchObject({ status: 0, code: "page_unreachable" });
  expect(edge.reloads).toBe(0);
});
