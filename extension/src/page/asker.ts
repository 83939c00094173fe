/**
 * The hook's side of a request: asked before it goes out, told when it is over, each once.
 *
 * Q1: nobody waits longer than PAGE_LIMIT_MS.
 * Q2: every request that was asked for is told to be over, also when the page goes away.
 */

import type { Endpoint } from "@/core/hosts";
import type { Announced, Answer, Ended, Present } from "@/core/messages";
import type { Transport } from "@/core/requests";
import { uuid7 } from "@/core/uuid7";
import { PAGE_LIMIT_MS } from "@/core/verdicts";
import type { End } from "./channel";

/** A request under way: what it has carried so far. */
export interface Flight {
  readonly go: boolean;
  carried(requestBytes: number, responseBytes: number): void;
  /** A server-sent event of so many bytes. */
  event(bytes: number): void;
  end(how?: { sent?: boolean }): void;
}

export type Ask = (endpoint: Endpoint, transport: Transport, requestBytes: number) => Promise<Flight>;

/** A request that is not counted. */
const UNSEEN: Flight = { go: true, carried() {}, event() {}, end() {} };

export function asker(end: End): Ask {
  let present: Present = { active: true, whenUnsure: "allow" };
  const waiting = new Map<string, (answer: Answer) => void>();
  const under = new Set<Flight>();
  end.hear("present", (said) => {
    present = said as Present;
  });
  end.hear("answer", (said) => {
    const { id, ...answer } = said as Answer & { id: string };
    waiting.get(id)?.(answer);
  });
  addEventListener("pagehide", () => {
    for (const flight of under) flight.end();
  });

  function answered(id: string): Promise<Answer> {
    return new Promise((resolve) => {
      const done = (answer: Answer) => {
        clearTimeout(timer);
        waiting.delete(id);
        resolve(answer);
      };
      const timer = setTimeout(
        () => done({ go: present.whenUnsure !== "block", watch: true }),
        PAGE_LIMIT_MS,
      );
      waiting.set(id, done);
    });
  }

  return async ({ host, path, model }, transport, requestBytes) => {
    if (!present.active) return UNSEEN;
    const startedAt = Date.now();
    const named = model === undefined ? {} : { model };
    const request = { id: uuid7(startedAt), host, path, ...named, transport, startedAt, requestBytes };
    const answer = answered(request.id);
    end.say("ask", request);
    const { go, watch } = await answer;
    if (!watch) return UNSEEN;
    const flight = flying(request, go, (over) => {
      under.delete(flight);
      end.say("end", over);
    });
    if (go) under.add(flight);
    else flight.end({ sent: false });
    return flight;
  };
}

function flying(request: Announced, go: boolean, over: (ended: Ended) => void): Flight {
  let { requestBytes } = request;
  let responseBytes = 0;
  let responseEvents = 0;
  let ended = false;
  return {
    go,
    carried(sent, came) {
      requestBytes += sent;
      responseBytes += came;
    },
    event(bytes) {
      responseEvents += 1;
      responseBytes += bytes;
    },
    end({ sent = true } = {}) {
      if (ended) return;
      ended = true;
      const events = responseEvents > 0 ? { responseEvents } : {};
      over({ ...request, requestBytes, responseBytes, ...events, endedAt: Date.now(), sent });
    },
  };
}
