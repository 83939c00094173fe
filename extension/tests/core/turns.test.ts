import { expect, test } from "vitest";
import { turns } from "@/core/turns";

test("work is done in the order it was asked for, also behind work that failed", async () => {
  const inTurn = turns();
  const said: string[] = [];
  const slow = (name: string, steps: number) => async () => {
    said.push(`${name} begins`);
    for (let step = 0; step < steps; step++) await Promise.resolve();
    said.push(`${name} ends`);
    if (name === "close") throw new Error("no");
    return name;
  };
  const [closing, opening] = [inTurn(slow("close", 9)), inTurn(slow("open", 1))];
  await expect(closing).rejects.toThrow("no");
  expect(await opening).toBe("open");
  expect(said).toEqual(["close begins", "close ends", "open begins", "open ends"]);
});
