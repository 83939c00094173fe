/**
 * The hook, in the page's own world: requests to known endpoints are asked for before they go out.
 *
 * It takes lengths and times. It keeps no body, no header, no cookie, and looks at no page text.
 */

import { defineContentScript } from "wxt/utils/define-content-script";
import { matchPatterns } from "@/core/hosts";
import { asker } from "@/page/asker";
import { want } from "@/page/channel";
import { hookEventSource } from "@/page/eventSources";
import { hookFetch } from "@/page/fetching";
import { hookWebSocket } from "@/page/sockets";
import { hookXhr } from "@/page/xhr";

export default defineContentScript({
  matches: matchPatterns(),
  runAt: "document_start",
  world: "MAIN",
  allFrames: true,
  matchOriginAsFallback: true,
  main() {
    want((end) => {
      const ask = asker(end);
      hookFetch(ask);
      hookXhr(ask);
      hookWebSocket(ask);
      hookEventSource(ask);
    });
  },
});
