/** What a page of another origin cannot do with somebody's session, and what a session that ended no longer gives. */
import { createServer } from "node:http";
import { PASSWORD } from "./serve";
import { expect, test } from "./stemma";

/** An origin of its own on this machine, another site to the browser: 127.0.0.1 is not localhost. */
async function foreign(): Promise<{ origin: string; close: () => void }> {
  const server = createServer((_, response) => { response.setHeader("content-type", "text/html").end("<!doctype html><title>elsewhere</title>"); });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => { server.close(); } };
}

test.describe("a page of another origin", () => {
  test.use({ expected: [/./] });

  test("cannot read, change, sign in or listen with the session of whoever opens it", async ({ page, baseURL }) => {
    const other = await foreign();
    const own = baseURL ?? "";
    const before = await page.request.get("/api/v1/accounts");
    const count = ((await before.json()) as { accounts: unknown[] }).accounts.length;
    await page.goto(other.origin);
    const outcomes = await page.evaluate(async (target) => {
      const tried = async (path: string, init: RequestInit): Promise<string> => {
        try {
          const answer = await fetch(target + path, { credentials: "include", ...init });
          return answer.type === "opaque" ? "unread" : `read ${answer.status}`;
        } catch {
          return "refused";
        }
      };
      const json = { "content-type": "application/json" };
      const account = JSON.stringify({ name: "mallory", roles: ["administrator"] });
      return await Promise.all([
        tried("/api/v1/session", {}),
        tried("/api/v1/object?id=SESAME-0612", {}),
        tried("/api/v1/timeline/stream", {}),
        tried("/api/v1/accounts", { method: "POST", headers: json, body: account }),
        tried("/api/v1/accounts", { method: "POST", mode: "no-cors", body: account }),
        tried("/api/v1/session", { method: "DELETE" }),
      ]);
    }, own);
    expect(outcomes.filter((outcome) => outcome.startsWith("read"))).toEqual([]);
    const socket = await page.evaluate(
      (target) => new Promise<string>((told) => {
        const tried = new WebSocket(target.replace("http", "ws") + "/epcis/v2/queries/x/events");
        tried.onopen = () => { told("open"); };
        tried.onerror = () => { told("refused"); };
      }),
      own,
    );
    expect(socket).toBe("refused");
    const after = await page.request.get("/api/v1/accounts");
    expect(((await after.json()) as { accounts: unknown[] }).accounts.length).toBe(count);
    other.close();
  });

  test("cannot show the console within itself", async ({ page, baseURL }) => {
    const other = await foreign();
    await page.goto(other.origin);
    await page.evaluate((target) => {
      const frame = document.createElement("iframe");
      frame.src = target;
      document.body.append(frame);
    }, `${baseURL ?? ""}/`);
    await page.waitForTimeout(1_000);
    const shown = page.frames().filter((frame) => frame.url().startsWith(`${baseURL ?? ""}/`));
    expect(shown).toEqual([]);
    other.close();
  });
});

test.describe("a session that ended", () => {
  test.use({ role: null, expected: [/401|Failed to load|ERR_/] });

  test("ends its streams within seconds, and its page leads to the sign-in", async ({ page, baseURL }) => {
    const begun = await page.request.post("/api/v1/session", { data: { name: "inspector", password: PASSWORD } });
    const { csrf } = (await begun.json()) as { csrf: string };
    await page.goto("/names");
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    const stream = page.evaluate(async () => {
      const answer = await fetch("/api/v1/timeline/stream");
      const reader = answer.body?.getReader();
      const at = Date.now();
      try {
        while (!((await reader?.read())?.done ?? true));
      } catch { /* cut off is an end too */ }
      return { status: answer.status, seconds: (Date.now() - at) / 1000 };
    });
    await page.waitForTimeout(2_000);
    const out = await page.request.delete("/api/v1/session", { headers: { origin: baseURL ?? "", "stemma-csrf": csrf } });
    expect(out.ok()).toBe(true);
    const ended = await stream;
    expect(ended.status).toBe(200);
    expect(ended.seconds).toBeLessThan(60);
    await page.goto("/names");
    await expect(page).toHaveURL(/\/sign-in/);
  });
});
