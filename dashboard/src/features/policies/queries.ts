/** Policies, their firings, tests and blocks, as the server has them. */

import { queryOptions, useQuery } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type Policy = Schemas["PolicyAnswer"];
export type Firing = Schemas["FiringAnswer"];
export type Block = Schemas["BlockAnswer"];
export type PolicyTest = Schemas["PolicyTestAnswer"];
export type NewPolicy = Schemas["NewPolicyBody"];
export type Verb = "publish" | "shadow" | "disable";

const LIMIT = 50;
const TOUCHES = [["policies"], ["policy"], ["audit-log"]];

export const policiesQuery = listQuery<Policy>(["policies"], (cursor) =>
  answer(api.GET("/v1/policies", { params: { query: { cursor, limit: LIMIT } } })),
);

export const firingsQuery = (policy_id?: string) =>
  listQuery<Firing>(["firings", policy_id], (cursor) =>
    answer(api.GET("/v1/policy-firings", { params: { query: { policy_id, cursor, limit: 25 } } })),
  );

export const blocksQuery = listQuery<Block>(["blocks"], (cursor) =>
  answer(api.GET("/v1/blocks", { params: { query: { cursor, limit: 25 } } })),
);

export const policyQuery = (policy_id: string) =>
  queryOptions({
    queryKey: ["policy", policy_id],
    queryFn: () => answer(api.GET("/v1/policies/{policy_id}", { params: { path: { policy_id } } })),
  });

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: async () => (await answer(api.GET("/v1/webhooks", { params: { query: { limit: 100 } } }))).items,
});

export const useCreatePolicy = () =>
  useAct({
    act: (body: NewPolicy) => answer(api.POST("/v1/policies", { body })),
    touches: TOUCHES,
    done: "It is kept as a draft. It does nothing until it is published.",
    quiet: true,
  });

export const useChangePolicy = (policy_id: string) =>
  useAct({
    act: (body: Schemas["PolicyChangeBody"]) =>
      answer(api.PATCH("/v1/policies/{policy_id}", { params: { path: { policy_id } }, body })),
    touches: TOUCHES,
    done: "Kept.",
    quiet: true,
  });

const SAID: Record<Verb, string> = {
  publish: "It acts from now on.",
  shadow: "It fires on paper from now on.",
  disable: "It does nothing any more.",
};

export const useSetStatus = (policy_id: string, verb: Verb) =>
  useAct({
    act: (_: undefined) => {
      const params = { path: { policy_id } };
      if (verb === "publish") return answer(api.POST("/v1/policies/{policy_id}/publish", { params }));
      if (verb === "shadow") return answer(api.POST("/v1/policies/{policy_id}/shadow", { params }));
      return answer(api.POST("/v1/policies/{policy_id}/disable", { params }));
    },
    touches: TOUCHES,
    done: SAID[verb],
  });

export const useArchivePolicy = () =>
  useAct({
    act: (policy_id: string) =>
      answer(api.DELETE("/v1/policies/{policy_id}", { params: { path: { policy_id } } })),
    touches: TOUCHES,
    done: "The policy is archived.",
  });

export const useLift = () =>
  useAct({
    act: (block_id: string) =>
      answer(api.POST("/v1/blocks/{block_id}/lift", { params: { path: { block_id } } })),
    touches: [["blocks"], ["audit-log"]],
    done: "Their requests pass again.",
  });

export const useTryDraft = () =>
  useAct({
    act: (body: Schemas["DraftTestBody"]) => answer(api.POST("/v1/policy-tests", { body })),
    touches: [],
    quiet: true,
  });

/** A test, looked at until it is done. */
export const useTest = (test_id: string | undefined) =>
  useQuery({
    queryKey: ["policy-test", test_id],
    queryFn: () =>
      answer(api.GET("/v1/policy-tests/{test_id}", { params: { path: { test_id: test_id ?? "" } } })),
    enabled: test_id !== undefined,
    refetchInterval: ({ state }) =>
      state.data?.status === "done" || state.data?.status === "failed" ? false : 500,
  });
