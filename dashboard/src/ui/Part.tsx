import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { CatchBoundary } from "@tanstack/react-router";
import { type ReactNode, Suspense } from "react";
import { forgetFailures } from "@/api/queryClient";
import { Failure, Waiting } from "./states";

type Props = { children: ReactNode; of?: string; waiting?: ReactNode };

/** A part of a page that waits and fails on its own. `of`: what it shows; after a change of it it is tried again. */
export function Part({ children, of = "", waiting = <Waiting /> }: Props) {
  const { reset: askAgain } = useQueryErrorResetBoundary();
  return (
    <CatchBoundary
      getResetKey={() => of}
      errorComponent={({ error, reset }) => (
        <Failure
          error={error}
          retry={() => {
            forgetFailures();
            askAgain();
            reset();
          }}
        />
      )}
    >
      <Suspense fallback={waiting}>{children}</Suspense>
    </CatchBoundary>
  );
}
