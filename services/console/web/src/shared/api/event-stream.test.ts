// @vitest-environment jsdom
import { expect, test, vi } from "vitest";
import { follow, MessageReader, type Message } from "./event-stream";

test("a message is whole however the text was cut", () => {
  const text = 'retry: 250\nid: a\n\n: still here\n\nid: b\r\nevent: event\r\ndata: {"x":\r\ndata: 1}\r\n\r\n';
  for (let cut = 0; cut <= text.length; cut += 1) {
    const reader = new MessageReader();
    const found = [...reader.push(text.slice(0, cut)), ...reader.push(text.slice(cut))];
    expect(found, String(cut)).toEqual([{ name: "event", data: '{"x":\n1}' }]);
    expect([reader.lastId, reader.retryMs]).toEqual(["b", 250]);
  }
});

test("an id counts only with the blank line that ends its message", () => {
  const reader = new MessageReader();
  reader.push("id: a\ndata: 1\n\nid: b\ndata: 2\n");
  expect(reader.lastId).toBe("a");
  reader.cut();
  expect(reader.push("id: b\ndata: 2\n\n")).toEqual([{ name: "message", data: "2" }]);
});

function streamed(...pieces: string[]): Response {
  return new Response(new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(new TextEncoder().encode(piece));
      controller.close();
    },
  }));
}

test("after a cut it goes on behind the last whole message, with neither gap nor double", async () => {
  const stop = new AbortController();
  const asked: (string | undefined)[] = [];
  const answers = [
    () => streamed("retry: 1\nid: 1\ndata: one\n\n", "id: 2\ndata: tw"),
    () => new Response(null, { status: 503 }),
    () => streamed("id: 2\ndata: two\n\n"),
  ];
  vi.stubGlobal("fetch", async (_: string, given: { headers: Record<string, string> }) => {
    asked.push(given.headers["last-event-id"]);
    const answer = answers.shift();
    if (answer === undefined) stop.abort();
    return await Promise.resolve(answer?.() ?? streamed());
  });
  const told: Message[] = [];
  const states: boolean[] = [];
  await follow("/stream", { signal: stop.signal, told: (message) => told.push(message), connected: (yes) => states.push(yes) });
  expect(told.map((one) => one.data)).toEqual(["one", "two"]);
  expect(asked).toEqual([undefined, "1", "1", "2"]);
  expect(states).toEqual([true, false, false, true, false, true]);
});

test("an ended session ends it", async () => {
  vi.stubGlobal("fetch", () => Promise.resolve(new Response("{}", { status: 401 })));
  const stop = new AbortController();
  await expect(follow("/stream", { signal: stop.signal, told: () => undefined, connected: () => undefined })).rejects.toMatchObject({ status: 401 });
});
