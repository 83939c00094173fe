/** The popup: where the person stands, and what left the browser. */

import { own, Refused, type Shown } from "@/ui/own";
import { parts } from "@/ui/popup";

const main = document.querySelector("main") as HTMLElement;

function draw(shown: Shown): void {
  main.replaceChildren(...parts(shown, act, Date.now()));
}

function act(message: Parameters<typeof own>[0]): void {
  own(message).then(draw, (trouble) => {
    main.append(document.createTextNode(trouble instanceof Refused ? trouble.message : "Try again."));
  });
}

act({ kind: "state" });
own({ kind: "exemptions" }).then(draw, () => undefined);
