import { createRootRoute, createRoute, createRouter } from "@tanstack/react-router";
import { lazy } from "react";
import { Waiting } from "@/ui/states";
import { Failed } from "./Failed";
import { Guarded } from "./Guarded";
import { NotFound } from "./NotFound";
import { pageChunk } from "./pageChunk";
import { PAGES, type PageEntry } from "./pages";
import { Root } from "./Root";
import { Welcome } from "./Welcome";

const root = createRootRoute({ component: Root, notFoundComponent: NotFound });

const welcome = createRoute({ getParentRoute: () => root, path: "/welcome", component: Welcome });

function routeOf(page: PageEntry) {
  const Content = lazy(() => pageChunk(page.load));
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

export const router = createRouter({
  routeTree: root.addChildren([welcome, ...PAGES.map(routeOf)]),
  defaultPreload: "intent",
  defaultPendingComponent: Waiting,
  defaultPendingMs: 0,
  defaultErrorComponent: Failed,
  scrollRestoration: true,
});
