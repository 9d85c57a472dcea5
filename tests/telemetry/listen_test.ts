import { assertEquals } from "@std/assert";
import { listen } from "../../telemetry/_listen.ts";
import { connect, until } from "./_server.ts";

Deno.test("listen() lets go of an answer whose client was gone before there was one", async () => {
  const gone = Promise.withResolvers<void>();
  let isAsked = false, isCanceled = false;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new Uint8Array(1));
    },
    cancel() {
      isCanceled = true;
    },
  }, { highWaterMark: 0 });
  const answer = async (_: Request, env: unknown) => {
    const { outgoing } = env as { outgoing: { once(event: "close", listener: () => void): void } };
    outgoing.once("close", gone.resolve);
    isAsked = true;
    await gone.promise;
    return new Response(body);
  };
  const listener = await listen(answer, { hostname: "127.0.0.1", port: 0, writeTimeoutMs: 60_000 });
  const client = await connect({ url: `http://127.0.0.1:${listener.port}` });
  await client.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  await until("the request is there", () => isAsked);
  client.close();

  await until("the answer is canceled", () => isCanceled);
  await listener.close(1_000);
  assertEquals(isCanceled, true);
});
