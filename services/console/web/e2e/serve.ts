/** A real service with the demo plant, on a free port and in a folder of its own; one account of each role. */
import { spawn, type ChildProcess } from "node:child_process";
import { cp, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../../..", import.meta.url));
const STEMMA = process.env["STEMMA_BIN"] ?? join(ROOT, ".venv", "bin", "python");
export const PASSWORD = "a sentence that one remembers";
export const ROLES = ["quality_manager", "team_leader", "inspector", "warehouse_keeper", "auditor", "administrator"] as const;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

/** What the service prints until the pattern is in it. */
async function printed(service: ChildProcess, pattern: RegExp): Promise<RegExpExecArray> {
  let text = "";
  return await new Promise((found, failed) => {
    const read = (some: Buffer): void => {
      text += some.toString();
      const match = pattern.exec(text);
      if (match !== null) found(match);
    };
    service.stdout?.on("data", read);
    service.stderr?.on("data", read);
    service.once("exit", (code) => { failed(new Error(`the service ended with ${code ?? "a signal"}:\n${text}`)); });
  });
}

async function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const answer = await fetch(url, { method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  return answer;
}

/** What a browser holds of a session: its cookie and its token. */
async function held(answer: Response): Promise<{ cookie: string; csrf: string }> {
  const cookie = answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const told = (await answer.json()) as { csrf: string };
  return { cookie, csrf: told.csrf };
}

/** The first account, administrator and quality manager, by the printed link; then one of each role. */
async function people(origin: string, link: string): Promise<void> {
  const boss = await held(await post(`${origin}/api/v1/setup`, { link, name: "boss", password: PASSWORD }));
  const headers = { cookie: boss.cookie, "stemma-csrf": boss.csrf, origin };
  for (const role of ROLES) {
    const made = await post(`${origin}/api/v1/accounts`, { name: role, shown: role, roles: [role] }, headers);
    const invited = (await made.json()) as { invitation: { link: string } };
    await post(`${origin}/api/v1/setup`, { link: invited.invitation.link.split("#").pop(), password: PASSWORD });
  }
}

interface Served {
  service: ChildProcess;
  origin: string;
  end: () => Promise<void>;
}

/** A service on the demo plant in this folder, which is made where there is none. */
async function started(folder: string): Promise<Served> {
  const port = await freePort();
  const service = spawn(STEMMA, ["-m", "services.cli", "serve", "--demo", "--data", folder, "--listen", `127.0.0.1:${port}`], {
    cwd: ROOT,
    env: { ...process.env, PYTHONUNBUFFERED: "1" },
  });
  const end = async (): Promise<void> => {
    const ended = new Promise((done) => service.once("exit", done));
    if (service.exitCode === null && service.kill("SIGTERM")) await ended;
  };
  return { service, origin: `http://localhost:${port}`, end };
}

async function ready({ service, origin }: Served): Promise<void> {
  for (let tries = 0; !(await fetch(`${origin}/health/ready`).then((answer) => answer.ok, () => false)); tries += 1) {
    if (tries > 3_000 || service.exitCode !== null) throw new Error("the service did not become ready");
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** The plant with its people, made once for all services of a run (`globalSetup`); its way of being removed. */
export async function plant(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "stemma-e2e-plant-"));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  const served = await started(folder);
  try {
    const [, link] = await printed(served.service, /\/setup#([\w-]+)/);
    await ready(served);
    await people(served.origin, link ?? "");
  } catch (fault) {
    await served.end();
    await remove();
    throw fault;
  }
  await served.end();
  process.env["STEMMA_E2E_PLANT"] = folder;
  return remove;
}

/** A service of one's own on a copy of it. */
export default async function serve(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "stemma-e2e-"));
  await cp(process.env["STEMMA_E2E_PLANT"] ?? "", folder, { recursive: true });
  const served = await started(folder);
  // what nobody reads would fill the pipe, and the service would wait
  served.service.stdout?.resume();
  served.service.stderr?.resume();
  const end = async (): Promise<void> => {
    await served.end();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(served);
  } catch (fault) {
    await end();
    throw fault;
  }
  process.env["STEMMA_ORIGIN"] = served.origin;
  return end;
}
