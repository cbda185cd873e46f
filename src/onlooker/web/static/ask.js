// One question to the hub's API: JSON there and back; what goes wrong is an Error whose message is for people.

import { logIn, root, words } from "./page.js";

const PATIENCE = 20_000;

/** ask("PATCH", "albums/party/photos/abc", {state: "hidden"}); null for an empty answer. */
export async function ask(method, path, body) {
  let response;
  try {
    response = await fetch(`${root}api/v1/${path}`, {
      method,
      signal: AbortSignal.timeout(PATIENCE),
      cache: "no-store",
      credentials: "same-origin",
      headers: { Accept: "application/json", ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Error(words.noAnswer);
  }
  if (response.status === 401) logIn();
  if (response.status === 204) return null;
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  throw Object.assign(new Error(answer.detail ?? words.noAnswer), { status: response.status, answer });
}
