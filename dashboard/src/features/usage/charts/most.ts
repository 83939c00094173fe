/** What a chart has room for. Pure. */

type Named = { model: string; provider_name: string; total_tokens: number };
type Bar = { name: string; total_tokens: number };

/** The first few models, and all others together. A model of two providers says whose it is. */
export function most(models: readonly Named[], shown: number): Bar[] {
  const first = models.slice(0, shown);
  const others = models.slice(shown);
  const bars = first.map((one) => ({ name: nameOf(one, first), total_tokens: one.total_tokens }));
  if (others.length === 0) return bars;
  const rest = others.reduce((sum, one) => sum + one.total_tokens, 0);
  return [...bars, { name: `${others.length} others`, total_tokens: rest }];
}

function nameOf(one: Named, among: readonly Named[]): string {
  const twice = among.filter(({ model }) => model === one.model).length > 1;
  return twice ? `${one.model}, ${one.provider_name}` : one.model;
}
