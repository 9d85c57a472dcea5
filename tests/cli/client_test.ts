import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { createServer } from "../../telemetry/server.ts";
import { machineRecord } from "../telemetry/_store_support.ts";
import { assertGolden } from "./_golden.ts";
import { withFile } from "./_record.ts";
import { runAm } from "./_run.ts";

const RECORDING = "tests/cli/testdata/files.ndjson";

const PERMISSIONS = ["--allow-read", "--allow-net=127.0.0.1", "--allow-env=AM_TELEMETRY_URL,AM_TELEMETRY_TOKEN"];

Deno.test("am shows what a server has as it shows a recording of it", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  server.ingest(await Deno.readTextFile(RECORDING));
  const url = await server.listen();

  for (
    const args of [
      ["show", "worker"],
      ["show", "file-1"],
      ["show", "file-1", "5"],
      ["show", "a1", "8"],
      ["show", "a", "a1-b"],
      ["show", "file-1", "4"],
      ["show", "file-1", "1"],
      ["matrix", "file-1"],
      ["diff", "a1", "2", "b"],
      ["stats"],
      ["diagram", "file-1"],
      ["diagram", "a1", "8", "--format", "svg"],
      ["diagram", "file-1", "6", "--sequence"],
      ["diagram", "worker", "--sequence", "--format", "svg"],
    ]
  ) {
    const live = await runAm([...args, "--url", url], PERMISSIONS);
    assertEquals(live, await runAm([...args, "--file", RECORDING]), args.join(" "));
  }
});

Deno.test("am list and am inspect show what a server says of its machines, however many there are", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  server.ingest(await Deno.readTextFile(RECORDING));
  const many = Array.from({ length: 230 }, (_, i) => machineRecord(`m${i}`, 1));
  const url = await server.listen();

  const few = await runAm(["list", "--url", url], PERMISSIONS);
  server.ingest(many);
  const all = await runAm(["list", "--url", url], PERMISSIONS);
  const one = await runAm(["inspect", "file-1", "--url", url], PERMISSIONS);

  const timeless = (text: string) => text.replace(/\d\d:\d\d:\d\d\.\d{3}/g, "00:00:00.000");
  await assertGolden("list_server", timeless(few.out));
  await assertGolden("inspect_server", timeless(one.out));
  assertEquals(all.out.trimEnd().split("\n").length, 1 + 2 + 230);
  assertEquals([few.code, all.code, one.code], [0, 0, 0]);
});

Deno.test("am names machines of one id at a server by their instances, and finds them by their beginning", async () => {
  await using server = createServer({ port: 0, onListen: () => {} });
  const text = await Deno.readTextFile(RECORDING);
  server.ingest(text.replaceAll('"id":"worker"', '"id":"file-1"'));
  const url = await server.listen();

  const both = await runAm(["inspect", "file-1", "--url", url], PERMISSIONS);
  const none = await runAm(["show", "lost", "--url", url], PERMISSIONS);
  const gone = await runAm(["show", "a1", "99", "--url", url], PERMISSIONS);

  assertEquals([both.code, none.code, gone.code], [2, 2, 2]);
  assertStringIncludes(both.err, "name one of the instances a1, b2");
  assertStringIncludes(none.err, 'Cannot find machine "lost"');
  assertStringIncludes(gone.err, 'Cannot find transition "99" of machine "file-1"');
  assertStringIncludes((await runAm(["inspect", "b", "--url", url], PERMISSIONS)).out, "instance b2");
});

Deno.test("am ends with 3 when the server takes the request and says nothing", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const taking = listener.accept();
  const url = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}`;

  for (const args of [["list"], ["tail"]]) {
    const { code, out, err } = await runAm([...args, "--timeout", "0.3", "--url", url], PERMISSIONS);
    assertEquals([code, out], [3, ""]);
    assertMatch(err, /^am: Cannot read from .*: no answer in 0\.3 s, try again later\n$/);
  }
  (await taking).close();
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
    if (seen.at(-1) !== "Bearer secret-of-the-test") return new Response("", { status: 401 });
    return Response.json({ machines: [], next: null });
  });
  const args = ["list", "--url", `http://127.0.0.1:${server.addr.port}`];

  const without = await runAm(args, PERMISSIONS);
  const wanted = await withFile("secret-of-the-test\n", (path) => runAm([...args, "--token-file", path], PERMISSIONS));
  const wrong = await withFile("wrong\n", (path) => runAm([...args, "--token-file", path], PERMISSIONS));
  const empty = await withFile("\n", (path) => runAm([...args, "--token-file", path], PERMISSIONS));

  assertEquals([without.code, wanted.code, wrong.code, empty.code], [4, 0, 4, 2]);
  assertStringIncludes(without.err, "it wants a token: name its file with --token-file");
  assertStringIncludes(wrong.err, "it wants another token: ");
  assertStringIncludes(empty.err, "the file is empty");
  assertEquals(wanted.out, "No machines\n");
  assertEquals(seen, [null, "Bearer secret-of-the-test", "Bearer wrong"]);
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

  const { code, out, err } = await runAm(["stats", "--url", `http://127.0.0.1:${server.addr.port}`], PERMISSIONS);

  assertEquals([code, out], [4, ""]);
  assertMatch(err, /^am: Cannot read what .* has: the connection broke, try again\n$/);
});

/** An address at which nobody listens any more. */
async function unusedUrl(): Promise<string> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response());
  await server.shutdown();
  return `http://127.0.0.1:${server.addr.port}`;
}
