import { queryOptions, useQuery } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";

/** Kinds of things whose ids come without a name in some answers. */
export type NamedKind = "user" | "budget" | "device" | "department";

type Names = Record<string, string | undefined>;

const NAMES: Record<NamedKind, (id: string) => Promise<Names>> = {
  user: async (user_id) => {
    const { name } = await answer(api.GET("/v1/users/{user_id}", { params: { path: { user_id } } }));
    return { [user_id]: name };
  },
  budget: async (budget_id) => {
    const { name } = await answer(api.GET("/v1/budgets/{budget_id}", { params: { path: { budget_id } } }));
    return { [budget_id]: name };
  },
  device: async (device_id) => {
    const asked = api.GET("/v1/devices/{device_id}", { params: { path: { device_id } } });
    return { [device_id]: (await answer(asked)).hostname };
  },
  department: async () => namesBelow((await answer(api.GET("/v1/departments"))).root),
};

function namesBelow({ id, name, children }: Schemas["DepartmentNode"]): Names {
  return Object.assign({ [id]: name }, ...children.map(namesBelow));
}

/** One answer has the whole tree of departments; all else is asked for one by one. */
function namesQuery(kind: NamedKind, id: string) {
  return queryOptions({
    queryKey: [`${kind}s`, "names", kind === "department" ? null : id],
    queryFn: () => NAMES[kind](id),
    staleTime: 300_000,
    select: (names) => names[id],
  });
}

/** The name behind an id; the id's end while it is not known, or where the thing is gone. */
export function Named({ kind, id }: { kind: NamedKind; id: string }) {
  const { data: name } = useQuery(namesQuery(kind, id));
  return (
    <span dir="auto" title={id}>
      {name || shortId(id)}
    </span>
  );
}

/** Enough to tell ids apart: UUIDv7 of one moment begin alike. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}
