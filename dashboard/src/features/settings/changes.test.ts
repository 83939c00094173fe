import { expect, test, vi } from "vitest";

vi.stubGlobal("window", { location: { origin: "http://localhost" } });
const { ApiError } = await import("@/api/client");
const { changesOf, refusals, timeZones } = await import("./changes");

const ACME = { name: "Acme", time_zone: "Europe/Berlin" };

test("only what differs is asked for", () => {
  expect(changesOf(ACME, { ...ACME, name: " Acme " })).toEqual({});
  expect(changesOf(ACME, { ...ACME, name: "Ajax" })).toEqual({ name: "Ajax" });
  expect(changesOf(ACME, { ...ACME, time_zone: "UTC" })).toEqual({ time_zone: "UTC" });
});

test("that the time zone stays is said at the time zone, all else where the server says", () => {
  const fixed = new ApiError(409, "conflict", "It stays.", { time_zone: "Europe/Berlin" });
  expect(refusals(fixed)).toEqual({ time_zone: "It stays." });
  expect(refusals(new ApiError(422, "invalid", "Too long.", { field: "name" }))).toEqual({
    name: "Too long.",
  });
  expect(refusals(new ApiError(409, "conflict", "Somebody else did."))).toEqual({ "": "Somebody else did." });
});

test("the present time zone can be chosen even where the browser does not know it", () => {
  expect(timeZones("Mars/Olympus")).toEqual(expect.arrayContaining(["Mars/Olympus", "UTC", "Europe/Berlin"]));
  expect(new Set(timeZones("UTC")).size).toBe(timeZones("UTC").length);
});
