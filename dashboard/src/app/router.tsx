import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { createRootRoute, createRoute, createRouter, useRouter } from "@tanstack/react-router";
import { lazy } from "react";
import { Failure, Waiting } from "@/ui/states";
import { Guarded } from "./Guarded";
import { NotFound } from "./NotFound";
import { PAGES, type PageEntry } from "./pages";
import { Root } from "./Root";
import { Welcome } from "./Welcome";

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const welcome = createRoute({ getParentRoute: () => root, path: "/welcome", component: Welcome });

function routeOf(page: PageEntry) {
  const Content = lazy(page.load);
  return createRoute({
    getParentRoute: () => root,
    path: page.path,
    component: () => (
      <Guarded page={page}>
        <Content />
      </Guarded>
    ),
  });
}

/** What a page could not load; trying again asks the server again. */
function Failed({ error }: { error: unknown }) {
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  return (
    <Failure
      error={error}
      retry={() => {
        reset();
        void router.invalidate();
      }}
    />
  );
}

export const router = createRouter({
  routeTree: root.addChildren([welcome, ...PAGES.map(routeOf)]),
  defaultPreload: "intent",
  defaultPendingComponent: Waiting,
  defaultPendingMs: 0,
  defaultErrorComponent: Failed,
  scrollRestoration: true,
});
