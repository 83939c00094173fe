import { afterEach, expect, test } from "vitest";
import { covers, endsAt, inUse, NONE, nextChange, touches } from "@/core/privacyHours";
import { NotAWindow, parseWindow, printWindow, stretches } from "@/core/windows";

const [BERLIN, NEW_YORK, APIA] = ["Europe/Berlin", "America/New_York", "Pacific/Apia"];
const ZONE = process.env.TZ;
const MINUTE = 60_000;

function inZone(zone: string | undefined): void {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
}
afterEach(() => inZone(ZONE));

test.each([
  ["Mon-Fri 12:00-13:00", "Mon-Fri 12:00-13:00"],
  ["mon-fri 12:00 - 13:00", "Mon-Fri 12:00-13:00"],
  ["12:00-13:00", "daily 12:00-13:00"],
  ["daily 12:00-13:00", "daily 12:00-13:00"],
  ["weekdays 9:05-9:10", "Mon-Fri 09:05-09:10"],
  ["weekend 00:00-24:00", "Sat-Sun 00:00-24:00"],
  ["Sat,Sun 00:00-24:00", "Sat-Sun 00:00-24:00"],
  ["Saturday, sunday 00:00-24:00", "Sat-Sun 00:00-24:00"],
  ["Fri-Mon 22:00-06:00", "Mon,Fri-Sun 22:00-06:00"],
  ["tue thurs 18:00 to 19:00", "Tue,Thu 18:00-19:00"],
  ["  Wed 18:00–19:00 ", "Wed 18:00-19:00"],
])("H3: %s is %s", (text, printed) => {
  expect(printWindow(parseWindow(text))).toBe(printed);
  expect(parseWindow(printed)).toEqual(parseWindow(text));
});

test.each([
  ["", "is not a window of time"],
  ["lunch", "is not a window of time"],
  ["Mon-Fri 12:00", "is not a window of time"],
  ["Mun 12:00-13:00", '"mun" is no day of the week'],
  ["Mon-Fri-Sun 12:00-13:00", '"fri-sun" is no day of the week'],
  ["Mon 12:60-13:00", "12:60 is no time of day"],
  ["Mon 12:00-24:01", "24:01 is no time of day"],
  ["Mon 12:00-12:00", "ends when it starts"],
  ["Mon 24:00-12:00", "not start there"],
])("%s is refused: %s", (text, said) => {
  expect(() => parseWindow(text)).toThrow(NotAWindow);
  expect(() => parseWindow(text)).toThrow(said);
});

test.each([
  ["Fri 22:00-06:00", BERLIN, "2026-11-27T21:00Z", "2026-11-28T05:00Z"],
  // Put back in Berlin on 25 October 2026: 02:00 to 03:00 comes twice.
  ["Sun 02:00-03:00", BERLIN, "2026-10-25T00:00Z", "2026-10-25T02:00Z"],
  ["Sun 01:30-02:30", BERLIN, "2026-10-24T23:30Z", "2026-10-25T01:30Z"],
  ["Sun 02:30-03:30", BERLIN, "2026-10-25T00:30Z", "2026-10-25T02:30Z"],
  ["Sat 22:00-06:00", BERLIN, "2026-10-24T20:00Z", "2026-10-25T05:00Z"],
  // Put forward in New York on 8 March 2026: 02:00 to 03:00 does not come.
  ["Sun 01:00-04:00", NEW_YORK, "2026-03-08T06:00Z", "2026-03-08T08:00Z"],
  ["Sun 01:30-02:30", NEW_YORK, "2026-03-08T06:30Z", "2026-03-08T07:30Z"],
  ["Sun 02:30-03:30", NEW_YORK, "2026-03-08T06:30Z", "2026-03-08T07:30Z"],
  ["Sun 02:15-02:45", NEW_YORK, "2026-03-08T06:15Z", "2026-03-08T07:45Z"],
  // Samoa had no Friday 30 December 2011.
  ["Fri 12:00-13:00", APIA, "2011-12-29T22:00Z", "2011-12-30T23:00Z"],
])("H1, H2: %s in %s is from %s to %s", (text, zone, first, end) => {
  inZone(zone);
  const [window, starts, ends] = [parseWindow(text), Date.parse(first), Date.parse(end)];
  const hours = { windows: [window], until: null };
  expect(stretches(window, starts)).toContainEqual({ starts, ends });
  expect([starts - 1, starts, ends - 1, ends].map((at) => covers(hours, at))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  expect(endsAt(hours, starts)).toBe(ends);
  expect(nextChange(hours, starts - MINUTE)).toBe(starts);
});

test("P2: windows and a pause add up", () => {
  inZone("UTC");
  const noon = Date.parse("2026-11-26T12:00Z");
  const hours = {
    windows: [parseWindow("daily 12:30-14:00"), parseWindow("Thu 13:00-15:00")],
    until: noon + 30 * MINUTE,
  };
  expect(endsAt(hours, noon)).toBe(Date.parse("2026-11-26T15:00Z"));
  expect(covers({ ...hours, until: null }, noon)).toBe(false);
});

test("a request that was in them for a moment was in them", () => {
  inZone("UTC");
  const hours = { windows: [parseWindow("daily 12:00-12:05")], until: null };
  const at = (text: string) => Date.parse(`2026-11-26T${text}Z`);
  expect(touches(hours, at("11:59"), at("12:00"))).toBe(true);
  expect(touches(hours, at("12:04"), at("12:10"))).toBe(true);
  expect(touches(hours, at("11:00"), at("13:00"))).toBe(true);
  expect(touches(hours, at("11:00"), at("11:59"))).toBe(false);
  expect(touches(hours, at("12:05"), at("13:00"))).toBe(false);
});

test("where no end is in sight none is said", () => {
  inZone(BERLIN);
  const always = { windows: [parseWindow("daily 00:00-24:00")], until: null };
  expect(covers(always, Date.now())).toBe(true);
  expect(endsAt(always, Date.now())).toBeNull();
  expect(nextChange(always, Date.now())).toBeNull();
});

test("P3: they are in use with a schedule, or while in force", () => {
  const now = Date.now();
  expect(inUse(NONE, now)).toBe(false);
  expect(inUse({ windows: [], until: now + 1 }, now)).toBe(true);
  expect(inUse({ windows: [], until: now }, now)).toBe(false);
  expect(inUse({ windows: [parseWindow("Mon 12:00-13:00")], until: null }, now)).toBe(true);
});
