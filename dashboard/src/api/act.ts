/** Doing something: the server's own words when it refuses, and every list it touches read again. */

import { notifications } from "@mantine/notifications";
import { type QueryKey, useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

type Options<Asked, Answered> = {
  act: (asked: Asked) => Promise<Answered>;
  /** Query keys, or beginnings of them, that are read again afterwards. */
  touches: readonly QueryKey[];
  /** What is said when it is done; nothing when the page shows it anyway. */
  done?: string | ((answered: Answered) => string);
  /** Set where a form shows the refusal itself. */
  quiet?: boolean;
};

export function useAct<Asked, Answered>({ act, touches, done, quiet = false }: Options<Asked, Answered>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: async (answered) => {
      await Promise.all(touches.map((queryKey) => client.invalidateQueries({ queryKey })));
      if (done)
        notifications.show({ message: typeof done === "string" ? done : done(answered), color: "teal" });
    },
    onError: (failed) => {
      if (!quiet) notifications.show({ message: reasonOf(failed), color: "red", autoClose: 10_000 });
    },
  });
}

/** Why something was refused, in words. */
export function reasonOf(failed: unknown): string {
  return failed instanceof Error ? failed.message : "Something failed. Try again.";
}

/** The refused field of a form, as Mantine's forms take it; "" is the form as a whole. */
export function fieldErrors(failed: unknown): Record<string, string> {
  const field = failed instanceof ApiError ? failed.details.field : undefined;
  return { [typeof field === "string" ? field : ""]: reasonOf(failed) };
}
