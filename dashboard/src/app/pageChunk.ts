/** Loads a page's code. After a new release the old files are gone: then the whole page is loaded anew, once. */

import { ApiError } from "@/api/client";
import { isBack, noteFailure } from "@/api/reach";

/** The code of the failure: what a browser could not import it may never try again, so the page is loaded anew. */
export const PAGE_AWAY = "page_unreachable";
const MARK = "toktra.loaded-anew";
/** Someone who stays that long may well meet the next release. */
const ONCE_IN_MS = 60_000;

type Edge = {
  isBack: () => Promise<boolean>;
  kept: Pick<Storage, "getItem" | "setItem">;
  now: () => number;
  reload: () => void;
};

const BROWSER: Edge = {
  isBack,
  kept: sessionStorageOrNothing(),
  now: () => Date.now(),
  reload: () => window.location.reload(),
};

export async function pageChunk<T>(load: () => Promise<T>, edge: Edge = BROWSER): Promise<T> {
  try {
    return await load();
  } catch (failed) {
    if (!(await edge.isBack())) throw away();
    if (!mayReload(edge)) throw failed;
    edge.kept.setItem(MARK, String(edge.now()));
    edge.reload();
    return new Promise(() => {});
  }
}

function away(): ApiError {
  const failed = new ApiError(0, PAGE_AWAY, "This page could not be loaded. Check your connection.");
  noteFailure(failed);
  return failed;
}

function mayReload(edge: Edge): boolean {
  return edge.now() - Number(edge.kept.getItem(MARK) ?? Number.NEGATIVE_INFINITY) > ONCE_IN_MS;
}

/** A browser may refuse storage altogether; then nothing is loaded anew, rather than for ever. */
function sessionStorageOrNothing(): Edge["kept"] {
  try {
    return window.sessionStorage;
  } catch {
    return { getItem: () => String(Number.MAX_SAFE_INTEGER), setItem: () => {} };
  }
}
