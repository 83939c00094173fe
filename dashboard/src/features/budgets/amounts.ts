/** Limits as people write them: 10M, 2.5k, 1,000,000 tokens, $500. Pure; digits are never lost to a float. */

import { exact, type Unit } from "@/lib/format";

export type Typed = { value: number; unit: Unit } | { wrong: string };

/** The most the server takes. */
const MOST = 1e15;
const STEPS = [
  ["B", 1e9],
  ["M", 1e6],
  ["k", 1e3],
] as const;
const ZEROS: Record<string, number> = { k: 3, m: 6, b: 9, bn: 9, g: 9, t: 12 };
const WORDS: Record<string, string> = { thousand: "k", million: "m", billion: "b", trillion: "t" };
const FORM =
  /^(?<dollar>\$)?\s*(?<digits>\d{1,3}(?:[, _']\d{3})+|\d+)?(?:\.(?<rest>\d+))?\s*(?<step>k|m|bn|b|g|t|thousand|million|billion|trillion)?\s*(?<noun>tokens?|tok|usd|dollars?|\$)?$/i;
const HOW = "Write it like 10M, 2.5k or 1,000,000.";

/** An amount in the unit it is written in; `expected` when it is written in none. */
export function typedAmount(text: string, expected: Unit = "tokens"): Typed {
  const found = FORM.exec(text.trim())?.groups;
  if (!found || (found.digits === undefined && found.rest === undefined)) return { wrong: HOW };
  const unit = unitOf(found.dollar ?? found.noun, expected);
  if (unit === null || (found.dollar && found.noun && unitOf(found.noun, "micros") !== "micros"))
    return { wrong: "This has two units. Write tokens or dollars." };
  const step = (found.step ?? "").toLowerCase();
  const zeros = (ZEROS[WORDS[step] ?? step] ?? 0) + (unit === "micros" ? 6 : 0);
  return whole((found.digits ?? "0").replace(/\D/g, ""), found.rest ?? "", zeros, unit);
}

function unitOf(mark: string | undefined, expected: Unit): Unit | null {
  if (mark === undefined) return expected;
  return /^tok/i.test(mark) ? "tokens" : "micros";
}

function whole(digits: string, rest: string, zeros: number, unit: Unit): Typed {
  const fraction = rest.replace(/0+$/, "");
  if (fraction.length > zeros)
    return {
      wrong: unit === "tokens" ? "Tokens are whole." : "A millionth of a dollar is the smallest amount.",
    };
  const value = Number(digits + fraction.padEnd(zeros, "0"));
  return value > MOST ? { wrong: "This is more than can be counted." } : { value, unit };
}

/** An amount as someone would type it, without losing any of it. */
export function asTyped(value: number, unit: Unit): string {
  if (unit === "micros") return `$${dollars(value)}`;
  const step = STEPS.find(([, size]) => value >= size);
  if (step && value % (step[1] / 1000) === 0) return `${value / step[1]}${step[0]}`;
  return exact(value);
}

function dollars(micros: number): string {
  const text = (micros / 1e6).toFixed(6).replace(/0{1,4}$/, "");
  return text.replace(/\.00$/, "");
}
