import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { isInstalled } from "../_installed.ts";
import { withFile } from "./_record.ts";
import { openTerminal } from "./_terminal.ts";

const TOKEN = "secret-of-the-test";

const ignore = !isInstalled("tmux", "am asks for a token");

Deno.test("am asks for a token that is not given, shows none of it, and writes nothing of that to its output", {
  ignore,
}, async () => {
  await using server = serveWithToken();

  await withFile("", async (path) => {
    await using terminal = await openTerminal(80, 10, ["list", "--url", server.url, ">", path]);
    await terminal.shows("Token for");
    await terminal.press("x");
    await terminal.press("BSpace");
    await terminal.press(TOKEN);
    const asked = await terminal.read();
    await terminal.press("Enter");
    await terminal.shows("exit code 0");

    assert(!asked.includes(TOKEN));
    assertEquals(await Deno.readTextFile(path), "No machines\n");
  });
});

Deno.test("am ends with 1 at Ctrl-C while it asks for a token, and leaves a terminal that shows what is typed", {
  ignore,
}, async () => {
  await using server = serveWithToken();
  await using terminal = await openTerminal(80, 10, ["list", "--url", server.url]);
  await terminal.shows("Token for");

  await terminal.press("C-c");
  await terminal.shows("exit code 1");
  await terminal.press("typed");

  assertStringIncludes(await terminal.shows("typed"), "typed");
});

function serveWithToken() {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    if (request.headers.get("authorization") !== `Bearer ${TOKEN}`) return new Response("", { status: 401 });
    return Response.json({ machines: [], next: null });
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, [Symbol.asyncDispose]: () => server.shutdown() };
}
