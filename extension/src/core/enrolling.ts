/** What enrolment asks for, and where it comes from: three fields, one link that holds them, or a policy. Pure. */

export interface Asked {
  server: string;
  token: string;
  email: string;
}

export class NotEnough extends Error {}

/** `https://toktra.example.com/#code=K7QM2-XHD4T&email=ada@example.com` as its three parts; or with `token=`. */
export function readLink(text: string): Partial<Asked> {
  if (!URL.canParse(text.trim())) return {};
  const { origin, hash } = new URL(text.trim());
  const said = new URLSearchParams(hash.slice(1));
  const [token, email] = [said.get("token") ?? said.get("code"), said.get("email")];
  return { server: origin, ...(token ? { token } : {}), ...(email ? { email } : {}) };
}

/** The managed storage's three fields; null unless all are there. */
export function readManaged(managed: Record<string, unknown>): Asked | null {
  const { server_url: server, enrollment_token: token, user_email: email } = managed;
  if (typeof server !== "string" || typeof token !== "string" || typeof email !== "string") return null;
  try {
    return checkedAsk({ server, token, email });
  } catch {
    return null;
  }
}

/** All three in order, or a sentence that says what is missing. */
export function checkedAsk({ server, token, email }: Asked): Asked {
  if (!URL.canParse(server))
    throw new NotEnough("The server is an address such as https://toktra.example.com.");
  const { origin, protocol, hostname } = new URL(server);
  const local = ["localhost", "127.0.0.1", "[::1]"].includes(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && local))
    throw new NotEnough("The server's address must begin with https://.");
  if (token.trim() === "")
    throw new NotEnough("The enrolment token or code is missing. Ask an admin for one.");
  if (!/^\S+@\S+$/.test(email.trim())) throw new NotEnough("The e-mail is missing: whose usage is it?");
  return { server: origin, token: token.trim(), email: email.trim() };
}
