import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createServer } from "../../telemetry/server.ts";
import { withFile } from "./_record.ts";
import { runAm } from "./_run.ts";

const RECORDING = "tests/cli/testdata/files.ndjson";

const PERMISSIONS = ["--allow-read", "--allow-net=127.0.0.1", "--allow-env=AM_TELEMETRY_URL,AM_TELEMETRY_TOKEN"];

Deno.test("am shows what a server has as it shows a recording of it", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  server.ingest(await Deno.readTextFile(RECORDING));
  const url = await server.listen();

  for (
    const args of [["list"], ["inspect", "file-1"], ["show", "worker"], ["matrix", "file-1"], ["diff", "a1", "2", "b"]]
  ) {
    const live = await runAm([...args, "--url", url], PERMISSIONS);
    assertEquals(live, await runAm([...args, "--file", RECORDING]), args.join(" "));
  }
});

Deno.test("am ends with 4 and what to do when nobody listens", async () => {
  const { code, out, err } = await runAm(["list", "--url", await unusedUrl()], PERMISSIONS);

  assertEquals([code, out], [4, ""]);
  assertMatch(err, /^am: Cannot reach http:\/\/127\.0\.0\.1:\d+\/: start a server there, .* --url\n$/);
});

Deno.test("am ends with 4 at a server of something else", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("", { status: 404 }),
  );

  const { code, err } = await runAm(["list", "--url", `http://127.0.0.1:${server.addr.port}`], PERMISSIONS);

  assertEquals(code, 4);
  assertMatch(err, /^am: Cannot read from .*: it answers 404: .* --url .*\n$/);
});

Deno.test("am sends the token of --token-file, and ends with 4 without one", async () => {
  const seen: (string | null)[] = [];
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    seen.push(request.headers.get("authorization"));
    return new Response("", { status: seen.at(-1) === "Bearer secret-of-the-test" ? 200 : 401 });
  });
  const args = ["list", "--url", `http://127.0.0.1:${server.addr.port}`];

  const without = await runAm(args, PERMISSIONS);
  const wanted = await withFile("secret-of-the-test\n", (path) => runAm([...args, "--token-file", path], PERMISSIONS));
  const empty = await withFile("\n", (path) => runAm([...args, "--token-file", path], PERMISSIONS));

  assertEquals([without.code, wanted.code, empty.code], [4, 0, 2]);
  assertStringIncludes(without.err, "--token-file");
  assertStringIncludes(empty.err, "the file is empty");
  assertEquals(wanted.out, "No machines\n");
  assertEquals(seen, [null, "Bearer secret-of-the-test"]);
});

Deno.test("am ends with 2 for an address that is none", async () => {
  for (const url of ["127.0.0.1:6841", "ftp://127.0.0.1", "nonsense"]) {
    const { code, err } = await runAm(["list", "--url", url], PERMISSIONS);
    assertEquals(code, 2, url);
    assertMatch(err, /^am: Cannot use address ".*": it is no http or https URL, such as http:.*\n$/);
  }
});

Deno.test("am says when the server goes away in the middle", async () => {
  const [line] = (await Deno.readTextFile(RECORDING)).split("\n");
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(`${line}\n`));
        setTimeout(() => controller.error(new Error("gone, as the test wants")), 100);
      },
    });
    return new Response(body);
  });

  const { code, out, err } = await runAm(["list", "--url", `http://127.0.0.1:${server.addr.port}`], PERMISSIONS);

  assertEquals([code, out], [4, ""]);
  assertMatch(err, /^am: Cannot read what .* has: the connection broke, try again\n$/);
});

/** An address at which nobody listens any more. */
async function unusedUrl(): Promise<string> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response());
  await server.shutdown();
  return `http://127.0.0.1:${server.addr.port}`;
}
