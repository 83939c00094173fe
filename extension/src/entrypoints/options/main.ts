/** The settings page: enrolment, and the schedule of Privacy Hours. */

import { readLink } from "@/core/enrolling";
import { NotAWindow, parseWindow, printWindow, type Window } from "@/core/windows";
import { el } from "@/ui/el";
import { own, type Shown } from "@/ui/own";

const find = <E extends Element>(selector: string) => document.querySelector(selector) as E;
const standing = find<HTMLElement>("#standing");
const enrolling = find<HTMLFormElement>("#enrol");
const hours = find<HTMLFormElement>("#hours");
const list = find<HTMLElement>("#windows");

let last: Shown | undefined;

function draw(shown: Shown): void {
  last = shown;
  standing.textContent =
    shown.enrolled === null
      ? "Not enrolled: nothing is counted, and nothing is sent."
      : `Enrolled at ${shown.enrolled.server} for ${shown.enrolled.email}.`;
  list.replaceChildren(...shown.privacyHours.windows.map(row));
}

function row(window: Window): HTMLElement {
  const remove = () => choose((windows) => windows.filter((each) => each !== window));
  return el(
    "li",
    { className: "row" },
    el("span", { textContent: printWindow(window) }),
    el("button", {
      type: "button",
      textContent: "Remove",
      ariaLabel: `Remove ${printWindow(window)}`,
      onclick: remove,
    }),
  );
}

async function follow(work: () => Promise<Shown>): Promise<boolean> {
  try {
    draw(await work());
    return true;
  } catch (trouble) {
    standing.textContent = trouble instanceof Error ? trouble.message : "Try again.";
    return false;
  }
}

async function choose(change: (windows: Window[]) => Window[]): Promise<boolean> {
  return follow(async () => {
    const { windows, until } = (last ?? (await own({ kind: "state" }))).privacyHours;
    return own({ kind: "choose", hours: { windows: change(windows), until } });
  });
}

function text(form: HTMLFormElement, name: string): string {
  return (form.elements.namedItem(name) as HTMLInputElement).value;
}

enrolling.addEventListener("input", () => {
  const found = Object.entries(
    text(enrolling, "server").includes("#") ? readLink(text(enrolling, "server")) : {},
  );
  for (const [name, value] of found) (enrolling.elements.namedItem(name) as HTMLInputElement).value = value;
});

enrolling.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [server, token, email] = ["server", "token", "email"].map((name) => text(enrolling, name));
  const done = await follow(() =>
    own({ kind: "enrol", server: server ?? "", token: token ?? "", email: email ?? "" }),
  );
  if (done) enrolling.reset();
});

hours.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const added = parseWindow(text(hours, "window"));
    if (await choose((windows) => [...windows, added])) hours.reset();
  } catch (trouble) {
    standing.textContent = trouble instanceof NotAWindow ? trouble.message : "Try again.";
  }
});

void follow(() => own({ kind: "state" }));
