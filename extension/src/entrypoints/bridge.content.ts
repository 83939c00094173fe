/** The bridge, in a world that the page cannot reach: between the hook and the worker, and the message. */

import { defineContentScript } from "wxt/utils/define-content-script";
import { matchPatterns } from "@/core/hosts";
import { bridge } from "@/page/bridge";

export default defineContentScript({
  matches: matchPatterns(),
  runAt: "document_start",
  allFrames: true,
  matchOriginAsFallback: true,
  main: bridge,
});
