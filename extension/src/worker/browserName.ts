/** Which browser this is, as one word: the event's `application`. */
export function application(agent = navigator.userAgent): string {
  if (agent.includes("Firefox/")) return "Firefox";
  return agent.includes("Edg/") ? "Edge" : "Chrome";
}
