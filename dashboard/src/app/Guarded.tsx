import { type ReactNode, Suspense } from "react";
import { useSession } from "@/api/session";
import { Waiting } from "@/ui/states";
import { NotFound } from "./NotFound";
import { open, type PageEntry } from "./pages";

/** A page that is not there for someone does not exist for them. */
export function Guarded({ page, children }: { page: PageEntry; children: ReactNode }) {
  return open(page, useSession()) ? <Suspense fallback={<Waiting />}>{children}</Suspense> : <NotFound />;
}
