/**
 * The message in the page: what happened, what is left, when it changes, what can be done now.
 *
 * It is in a closed shadow root over the page, takes no room of it, and goes when it is dismissed or old.
 */

import type { Notice } from "@/core/verdicts";
import { el } from "./el";
import { instant, relative } from "./words";

const HOST = "toktra-message";
const WARNING_SHOWN_MS = 15_000;
const STYLE = `
:host { all: initial; position: fixed; inset: auto 16px 16px auto; z-index: 2147483647; color-scheme: light dark; }
.box { --ground: #fbfbfc; --ink: #1b1e24; --quiet: #5c6370; --line: #d9dce3; --accent: #2f5bd8; --on: #fff;
  --edge: #b3261e; box-sizing: border-box; width: min(400px, calc(100vw - 32px)); padding: 16px 16px 14px;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; color: var(--ink);
  font-variant-numeric: tabular-nums; background: var(--ground); border: 1px solid var(--line);
  border-inline-start: 4px solid var(--edge); border-radius: 8px; box-shadow: 0 8px 28px rgb(0 0 0 / .18); }
.warn { --edge: #8a5a00; }
h2 { margin: 0 28px 6px 0; font-size: 15px; font-weight: 620; overflow-wrap: anywhere; }
p { margin: 0 0 6px; overflow-wrap: anywhere; }
.quiet { color: var(--quiet); }
.acts { display: flex; gap: 8px; margin-top: 12px; }
button, a { font: inherit; cursor: pointer; border-radius: 8px; }
a { padding: 6px 14px; color: var(--on); background: var(--accent); text-decoration: none; }
.later { padding: 6px 12px; color: var(--ink); background: none; border: 1px solid var(--line); }
.x { position: absolute; top: 10px; right: 10px; width: 28px; height: 28px; border: 0; font-size: 18px;
  line-height: 1; color: var(--quiet); background: none; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (prefers-color-scheme: dark) { .box { --ground: #1b1d22; --ink: #e8eaee; --quiet: #a3a9b4;
  --line: #3a3e47; --accent: #86a2ec; --on: #10131a; --edge: #f2867d; } .warn { --edge: #e0b25c; } }
`;

let shown: HTMLElement | undefined;

export function showNotice(notice: Notice): void {
  shown?.remove();
  const host = document.createElement(HOST);
  const close = () => host.remove();
  const box = boxOf(notice, close);
  host.attachShadow({ mode: "closed" }).append(el("style", { textContent: STYLE }), box);
  document.documentElement.append(host);
  shown = host;
  if (notice.decision === "warn") setTimeout(close, WARNING_SHOWN_MS);
}

function boxOf(notice: Notice, close: () => void): HTMLElement {
  const box = el(
    "div",
    { className: `box ${notice.decision}`, role: "alert", lang: "en", dir: "auto" },
    el("h2", { textContent: notice.title }),
    el("p", { textContent: notice.text }),
    resets(notice.resetsAt),
    who(notice.approvers),
    acts(notice, close),
    el("button", {
      className: "x",
      type: "button",
      ariaLabel: "Dismiss",
      textContent: "\u00d7",
      onclick: close,
    }),
  );
  box.addEventListener("keydown", (event) => event.key === "Escape" && close());
  return box;
}

function resets(at: string | null): HTMLElement | null {
  if (at === null) return null;
  const when = Date.parse(at);
  const text = `It resets ${relative(when, Date.now())}, on ${instant(when)}.`;
  return el("p", { className: "quiet", textContent: text });
}

function who(approvers: string[]): HTMLElement | null {
  if (approvers.length === 0) return null;
  return el("p", { className: "quiet", textContent: `${approvers.join(", ")} can grant an exemption.` });
}

function acts({ exemptionUrl }: Notice, close: () => void): HTMLElement {
  const ask =
    exemptionUrl === null
      ? null
      : el("a", {
          href: exemptionUrl,
          target: "_blank",
          rel: "noopener noreferrer",
          textContent: "Ask for more tokens",
        });
  const later = el("button", { className: "later", type: "button", textContent: "Dismiss", onclick: close });
  return el("div", { className: "acts" }, ask, later);
}
