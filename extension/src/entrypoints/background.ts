/**
 * The worker. It may be ended at any moment and is started by whatever happens next: so every listener is
 * registered on the first tick, and nothing is kept in it that matters.
 */

import { browser } from "wxt/browser";
import { defineBackground } from "wxt/utils/define-background";
import { register } from "@/worker/register";

export default defineBackground(() => register(browser));
