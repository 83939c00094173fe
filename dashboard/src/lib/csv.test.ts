import { expect, test } from "vitest";
import { toCsv } from "./csv";

test("commas, quotes and line ends are kept", () => {
  expect(
    toCsv(
      ["a", "b"],
      [
        ['x,"y"', 1],
        ["two\nlines", null],
      ],
    ),
  ).toBe('a,b\r\n"x,""y""",1\r\n"two\nlines",\r\n');
});

test("nothing in it is run as a formula", () => {
  expect(toCsv(["a"], [["=1+1"], ["@x"], [-5]])).toBe("a\r\n'=1+1\r\n'@x\r\n-5\r\n");
});
