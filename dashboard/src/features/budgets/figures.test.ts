import { expect, test } from "vitest";
import type { Node } from "@/lib/departments";
import { ownBudget, topDepartment, totalOf } from "./figures";
import type { Budget } from "./queries";

function node(id: string, ...children: Node[]): Node {
  return { id, name: id, parent_id: null, path: id, people: 1, children };
}

function budget(
  department_id: string | null,
  limit: number,
  used: number,
  more: Partial<Budget> = {},
): Budget {
  return { department_id, limit, used, rolled_over: 0, period: "monthly", unit: "tokens", ...more } as Budget;
}

const ROOT = node("acme", node("eng", node("web"), node("data")), node("sales"), node("legal"));

test("the organisation's own budget is its total", () => {
  const budgets = [budget("acme", 100, 40), budget("eng", 60, 30)];
  expect(totalOf(ROOT, budgets)).toEqual({ tokens: 100, used: 40, of: "organisation", count: 1 });
});

test("without one, departments add up, and none is counted twice", () => {
  const budgets = [budget("eng", 60, 30, { rolled_over: 5 }), budget("web", 50, 20), budget("sales", 20, 10)];
  expect(totalOf(ROOT, budgets)).toEqual({ tokens: 85, used: 40, of: "departments", count: 2 });
});

test("money and other periods are not added to monthly tokens", () => {
  const budgets = [budget("eng", 60, 30, { unit: "micros" }), budget("sales", 20, 10, { period: "daily" })];
  expect(totalOf(ROOT, budgets)).toBeNull();
});

test("the top department is one of those beside each other", () => {
  const budgets = [
    budget("acme", 200, 90),
    budget("web", 50, 20),
    budget("data", 9, 8),
    budget("sales", 90, 60),
  ];
  expect(topDepartment(ROOT, budgets)?.department_id).toBe("sales");
  expect(topDepartment(ROOT, [budget("sales", 90, 0)])).toBeNull();
  expect(topDepartment(node("web"), [budget("web", 50, 20)])?.department_id).toBe("web");
});

test("one's own budget: monthly tokens first, then the tightest", () => {
  const own = (id: string, used_percent: number, more: Partial<Budget> = {}) =>
    budget(null, 10, 1, { id, user_id: "me", used_percent, ...more });
  expect(ownBudget("me", [own("a", 90, { period: "daily" }), own("b", 10)])?.id).toBe("b");
  expect(ownBudget("me", [own("a", 10, { unit: "micros" }), own("b", 90, { unit: "micros" })])?.id).toBe("b");
  expect(ownBudget("you", [own("a", 90)])).toBeNull();
});
