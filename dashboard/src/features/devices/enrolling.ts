/** What lets a device in, ready to be used: the agent's command, and the extension's link. Pure. */

/** A token that was just made; `email`: whom it is for, where it is for one person. */
export type Made = { id: string; token: string; email: string | null };

/** Where the e-mail goes while nobody is named. */
export const SOMEBODY = "EMAIL";

const PLAIN = /^[\w@%+=:,./-]+$/;

export function agentCommand(origin: string, { token, email }: Omit<Made, "id">): string {
  return ["toktra-agent enroll", origin, "--token", token, "--email", quoted(email ?? SOMEBODY)].join(" ");
}

/** Pasted into the extension's settings it fills the form. Nothing behind the # is ever sent to a server. */
export function extensionLink(
  origin: string,
  email: string | null,
  by: { token: string } | { code: string },
) {
  return `${origin}/#${new URLSearchParams(email ? { ...by, email } : by)}`;
}

/** As one word for a shell. */
function quoted(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
