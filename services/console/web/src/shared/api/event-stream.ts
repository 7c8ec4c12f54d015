/**
 * Server-sent events by fetch, which carries our headers and can be told to stop. Broken off, it is taken up again after the
 * last id seen, so that nothing is missed and nothing comes twice. Source: HTML Living Standard, section 9.2.
 */
import { ownHeaders } from "./client";
import { ApiError, problemOf } from "./problem";

export interface Message {
  /** Name of the event; `message` where none is given. */
  name: string;
  data: string;
}

/** Reads a stream's text, in whatever pieces it comes. */
export class MessageReader {
  /** The last id that was whole, for `Last-Event-ID`. */
  lastId: string | null = null;
  retryMs = 1_000;
  private rest = "";
  private id: string | null = null;
  private name = "";
  private data: string[] = [];

  /** What is whole with this piece. */
  push(text: string): Message[] {
    const found: Message[] = [];
    const lines = (this.rest + text).split(/\r\n|\n|\r(?!$)/);
    this.rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line !== "") this.field(line);
      else {
        this.lastId = this.id ?? this.lastId;
        if (this.data.length > 0) found.push({ name: this.name || "message", data: this.data.join("\n") });
        this.forget();
      }
    }
    return found;
  }

  /** A message that was cut off is dropped: it comes again, whole. */
  cut(): void {
    this.rest = "";
    this.forget();
  }

  private forget(): void {
    this.id = null;
    this.name = "";
    this.data = [];
  }

  private field(line: string): void {
    const [, name, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (name === "data") this.data.push(value ?? "");
    else if (name === "event") this.name = value ?? "";
    else if (name === "id" && value?.includes("\0") !== true) this.id = value ?? "";
    else if (name === "retry" && /^\d+$/.test(value ?? "")) this.retryMs = Number(value);
  }
}

export interface Following {
  signal: AbortSignal;
  told: (message: Message) => void;
  /** Whether it is connected now. */
  connected: (yes: boolean) => void;
}

const LONGEST_MS = 15_000;

/** Follows until the signal says stop. Throws `ApiError` for what trying again cannot mend: a refusal, an ended session. */
export async function follow(url: string, { signal, told, connected }: Following): Promise<void> {
  const reader = new MessageReader();
  let failures = 0;
  while (!signal.aborted) {
    try {
      const headers = { ...ownHeaders("GET"), accept: "text/event-stream", ...(reader.lastId === null ? {} : { "last-event-id": reader.lastId }) };
      const answer = await fetch(url, { headers, signal, cache: "no-store" });
      if (!answer.ok || answer.body === null) throw new ApiError(await problemOf(answer));
      connected(true);
      failures = 0;
      await read(answer.body, reader, told);
    } catch (error) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500 && error.status !== 429) throw error;
      failures += 1;
    }
    reader.cut();
    if (stopped(signal)) return;
    connected(false);
    await pause(Math.min(reader.retryMs * 2 ** failures, LONGEST_MS), signal);
  }
}

function stopped(signal: AbortSignal): boolean {
  return signal.aborted;
}

async function read(body: ReadableStream<Uint8Array>, reader: MessageReader, told: (message: Message) => void): Promise<void> {
  const decoder = new TextDecoder();
  const pieces = body.getReader();
  for (let piece = await pieces.read(); !piece.done; piece = await pieces.read()) {
    for (const message of reader.push(decoder.decode(piece.value, { stream: true }))) told(message);
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((done) => {
    const over = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", over);
      done();
    };
    const timer = setTimeout(over, ms);
    signal.addEventListener("abort", over);
  });
}
