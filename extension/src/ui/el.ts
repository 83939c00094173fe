/** Elements, made by hand: text is always text. */

type Child = Node | string | null;
type Properties<N extends keyof HTMLElementTagNameMap> = Partial<Omit<HTMLElementTagNameMap[N], "style">>;

export function el<N extends keyof HTMLElementTagNameMap>(
  name: N,
  properties: Properties<N> = {},
  ...children: Child[]
): HTMLElementTagNameMap[N] {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children.filter((child) => child !== null));
  return made;
}
