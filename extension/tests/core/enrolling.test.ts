import { expect, test } from "vitest";
import { checkedAsk, readLink, readManaged } from "@/core/enrolling";
import { waitAfter } from "@/core/retry";

const ASK = { server: "https://toktra.example.com", token: "tk_enr_1", email: "ada@example.com" };

test("a link holds all three", () => {
  expect(readLink("https://toktra.example.com/devices#token=tk_enr_1&email=ada%40example.com")).toEqual(ASK);
  expect(readLink("https://toktra.example.com")).toEqual({ server: "https://toktra.example.com" });
  expect(readLink("https://toktra.example.com/#code=K7QM2-XHD4T")).toMatchObject({ token: "K7QM2-XHD4T" });
  expect(readLink("no link")).toEqual({});
});

test.each([
  [{ server: "toktra" }, "address"],
  [{ server: "http://toktra.example.com" }, "https://"],
  [{ token: " " }, "token or code is missing"],
  [{ email: "ada" }, "e-mail is missing"],
])("%o is not enough: %s", (wrong, said) => {
  expect(() => checkedAsk({ ...ASK, ...wrong })).toThrow(said);
});

test("only this machine may be spoken to without encryption", () => {
  expect(checkedAsk({ ...ASK, server: "http://127.0.0.1:8000/x" }).server).toBe("http://127.0.0.1:8000");
});

test("a policy counts when it says all three", () => {
  const policy = { server_url: ASK.server, enrollment_token: ASK.token, user_email: ASK.email };
  expect(readManaged(policy)).toEqual(ASK);
  expect(readManaged({ ...policy, user_email: undefined })).toBeNull();
  expect(readManaged({ ...policy, server_url: "http://toktra.example.com" })).toBeNull();
  expect(readManaged({})).toBeNull();
});

test("failures wait longer and longer, up to five minutes, and as long as the server asks", () => {
  expect([1, 2, 3, 7, 100].map((failures) => waitAfter(failures))).toEqual([
    5_000, 10_000, 20_000, 300_000, 300_000,
  ]);
  expect(waitAfter(1, { retryAfterSeconds: 30 })).toBe(30_000);
  expect(waitAfter(1, { retryAfterSeconds: 86_400 })).toBe(300_000);
  expect(waitAfter(1, { random: 0 })).toBeLessThan(waitAfter(1, { random: 1 }));
});
