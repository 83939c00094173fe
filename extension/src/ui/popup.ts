/** The popup's parts, one function each. */

import { browser } from "wxt/browser";
import { inUse } from "@/core/privacyHours";
import { printWindow } from "@/core/windows";
import type { OwnMessage } from "@/worker/ownMessages";
import { el } from "./el";
import type { Shown } from "./own";
import { compact, exact, instant, relative } from "./words";

type Act = (message: OwnMessage) => void;

const HOUR_MS = 3_600_000;

export function parts(shown: Shown, act: Act, now: number): Node[] {
  if (shown.enrolled === null) return [el("h1", { textContent: "Toktra" }), ...notEnrolled()];
  return [
    el("h1", { textContent: "Toktra" }),
    el("p", { className: "quiet", textContent: `Signed in as ${shown.enrolled.email}` }),
    shown.trouble === null ? null : el("p", { className: "over", role: "alert", textContent: shown.trouble }),
    ...budget(shown, act, now),
    ...exemptions(shown, now),
    ...today(shown),
    ...privacy(shown, act, now),
    ...personalMode(),
    sent(shown),
  ].filter((part) => part !== null);
}

function notEnrolled(): Node[] {
  const open = () => void browser.runtime.openOptionsPage();
  return [
    el("p", { textContent: "This browser is not enrolled. Nothing is counted, and nothing is sent." }),
    button("Enrol this browser", open, true),
  ];
}

function budget({ preflight, standing, closed, enrolled }: Shown, act: Act, now: number): Node[] {
  const head = el("h2", { textContent: "Budget" });
  const check = button("Check again", () => act({ kind: "check" }), false);
  if (!preflight && !closed)
    return [head, el("p", { className: "quiet", textContent: "No hard cap stands above you." })];
  if (standing === null)
    return [
      head,
      el("p", { className: "quiet", textContent: "Not asked yet in this session." }),
      acts(check),
    ];
  const { answer } = standing;
  const left = answer.remaining_tokens;
  const url = answer.exemption_url ?? `${enrolled?.server}/budget/exemptions/new`;
  return [
    head,
    figure(left === null ? "no limit" : `${compact(left)} tokens`, left),
    el("p", { className: "quiet", textContent: aboutBudget(standing, closed, now) }),
    acts(
      el("a", { className: "button first", href: url, target: "_blank", textContent: "Ask for more tokens" }),
      check,
    ),
  ];
}

const STANDS = {
  pending: "waits for an answer",
  approved: "granted",
  denied: "denied",
  expired: "was not answered in time",
} as const;

function exemptions({ exemptions: asked }: Shown, now: number): Node[] {
  if (asked.length === 0) return [];
  const line = ({ tokens, status, used_tokens, ends_at, notes }: (typeof asked)[number]) =>
    el(
      "li",
      {},
      el(
        "div",
        { className: "row" },
        el("span", { textContent: `${compact(tokens)} tokens`, title: exact(tokens) }),
        el("span", { textContent: STANDS[status] }),
      ),
      el("p", {
        className: "quiet",
        textContent: [
          status === "approved" ? `${exact(used_tokens)} used` : null,
          ["approved", "pending"].includes(status) ? `ends ${relative(Date.parse(ends_at), now)}` : null,
          notes,
        ]
          .filter((part) => part !== null)
          .join(". "),
      }),
    );
  return [el("h2", { textContent: "More tokens you asked for" }), el("ul", {}, ...asked.map(line))];
}

function aboutBudget(
  { answer, askedAt }: NonNullable<Shown["standing"]>,
  closed: boolean,
  now: number,
): string {
  const left = closed ? "left: requests are stopped" : "left";
  const of = answer.budget_name === null ? "" : ` in ${answer.budget_name}`;
  const resets = answer.resets_at === null ? "" : `, resets ${relative(Date.parse(answer.resets_at), now)}`;
  return `${left}${of}${resets}. As of ${instant(askedAt)}.`;
}

function today({ todayTokens, waiting }: Shown): Node[] {
  return [
    el("h2", { textContent: "Today, in this browser" }),
    figure(`${compact(todayTokens)} tokens`, todayTokens),
    el("p", {
      className: "quiet",
      textContent:
        waiting === 0
          ? "Estimated. All of it is sent."
          : `Estimated. ${exact(waiting)} requests wait to be sent.`,
    }),
  ];
}

function privacy(shown: Shown, act: Act, now: number): Node[] {
  const { privacyHours: hours, covered, coveredUntil } = shown;
  const choose = (until: number | null) => act({ kind: "choose", hours: { ...hours, until } });
  const said = covered
    ? `In force${coveredUntil === null ? "" : ` until ${instant(coveredUntil)}`}: nothing is counted or sent.`
    : inUse(hours, now)
      ? `Next: ${hours.windows.map(printWindow).join("; ")}`
      : "Not in use.";
  const pause = hours.until !== null && hours.until > now;
  return [
    el("h2", { textContent: "Privacy Hours" }),
    el("p", { className: "quiet", textContent: said }),
    acts(
      pause
        ? button("End now", () => choose(null), false)
        : button("For the next hour", () => choose(now + HOUR_MS), false),
      button("Schedule", () => void browser.runtime.openOptionsPage(), false),
    ),
  ];
}

/** Token Perks will fill this; until then it says why it cannot be used. */
function personalMode(): Node[] {
  const why = "Token Perks is not set up in your organisation.";
  const toggle = button("Turn on", () => undefined, false);
  toggle.disabled = true;
  toggle.title = why;
  return [
    el("h2", { textContent: "Personal Mode" }),
    el("div", { className: "row" }, el("span", { className: "quiet", textContent: why }), toggle),
  ];
}

function sent({ sent: events, dropped }: Shown): HTMLElement {
  const lines = events.map(({ event, fate, reason, at }) =>
    el(
      "li",
      {},
      el(
        "div",
        { className: "row" },
        el("span", { textContent: event.provider_host }),
        el("span", { className: "quiet", textContent: instant(at) }),
      ),
      el("p", {
        className: "quiet",
        textContent:
          fate === "kept" ? "Kept by the server, exactly this:" : `Refused (${reason}), exactly this:`,
      }),
      el("pre", { textContent: JSON.stringify(event, null, 1) }),
    ),
  );
  const lost = Object.entries(dropped).map(([reason, many]) =>
    el("p", { className: "quiet", textContent: `Not counted, ${reason}: ${exact(many)}` }),
  );
  return el(
    "details",
    {},
    el("summary", { textContent: "What is sent" }),
    lines.length === 0
      ? el("p", { className: "quiet", textContent: "Nothing yet." })
      : el("ul", {}, ...lines),
    ...lost,
  );
}

function figure(text: string, exactly: number | null): HTMLElement {
  return el("p", { className: "figure", textContent: text, title: exactly === null ? "" : exact(exactly) });
}

function acts(...buttons: Node[]): HTMLElement {
  return el("div", { className: "acts" }, ...buttons);
}

function button(text: string, onclick: () => void, first: boolean): HTMLButtonElement {
  return el("button", { type: "button", className: first ? "first" : "", textContent: text, onclick });
}
