/** What a page shows lives in the URL: deep links work, and so does the back button. */

import { useNavigate, useSearch } from "@tanstack/react-router";

export type Raw = Record<string, unknown>;
type Field<T> = (raw: unknown) => T;
type View = Record<string, unknown>;

/** One of some values; the first when it is anything else. */
export function oneOf<const T extends readonly (string | number)[]>(values: T): Field<T[number]> {
  return (raw) => values.find((value) => String(value) === String(raw)) ?? (values[0] as T[number]);
}

/** One of some values, or nothing. */
export function maybeOneOf<const T extends readonly string[]>(values: T): Field<T[number] | undefined> {
  return (raw) => values.find((value) => value === raw);
}

/** A text, or nothing. */
export const text: Field<string | undefined> = (raw) =>
  typeof raw === "string" && raw !== "" ? raw : typeof raw === "number" ? String(raw) : undefined;

/** A day such as 2026-01-31, or nothing. */
export const isoDay: Field<string | undefined> = (raw) =>
  typeof raw === "string" && /^\d{4}-\d{2}-\d{2}$/.test(raw) ? raw : undefined;

export const flag: Field<boolean> = (raw) => raw === true || raw === "true";

/** A reader of a page's view from its fields. Whatever the URL says, it answers a view. */
export function viewOf<T extends View>(fields: { [K in keyof T]: Field<T[K]> }) {
  return (raw: Raw): T => {
    const entries = Object.entries(fields) as [keyof T, Field<unknown>][];
    return Object.fromEntries(entries.map(([name, read]) => [name, read(raw[name as string])])) as T;
  };
}

/** The page's view, and how to change some of it. `replace`: without a step for the back button. */
export function useView<T extends View>(read: (raw: Raw) => T) {
  const view = read(useSearch({ strict: false }) as Raw);
  const navigate = useNavigate();
  const change = (changes: Partial<T>, { replace = false } = {}) =>
    void navigate({
      to: ".",
      replace,
      resetScroll: false,
      search: ((before: Raw) => withoutDefaults({ ...before, ...changes }, read)) as never,
    });
  return [view, change] as const;
}

/** What the page would show anyway need not stand in the URL. */
export function withoutDefaults<T extends View>(raw: Raw, read: (raw: Raw) => T): Raw {
  const plain = read({});
  return Object.fromEntries(
    Object.entries(raw).filter(
      ([name, value]) => value !== undefined && value !== "" && value !== plain[name],
    ),
  );
}

/** What a link to another page asks it to show. The router's types know no page's search, so `never`. */
export function searchFor(values: Raw) {
  return (() => values) as never;
}
