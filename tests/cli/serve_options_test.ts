import { assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { FileStore } from "../../telemetry/_file_store.ts";
import { sendRaw } from "../telemetry/_server.ts";
import { batchOf, disposeRecord, machineRecord, txRecord } from "../telemetry/_store_support.ts";
import { makePair } from "../_certificates.ts";
import { isInstalled } from "../_installed.ts";
import { startAm } from "./_live.ts";
import { HAS_NO_SIGNALS, runAm } from "./_run.ts";

const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-net=127.0.0.1", "--allow-env=AM_TELEMETRY_URL"];

const TOKENS = { ingest: "ingest-token-of-a-test", control: "control-token-of-a-test" };

Deno.test(
  "am serve --store keeps events in a file, with the tokens that files name",
  { ignore: HAS_NO_SIGNALS },
  () =>
    withFolder(async (folder) => {
      const args = ["--store", `${folder}/events.db`, ...tokenArgs(folder)];
      let epoch: string | undefined;
      for (let round = 0; round < 2; round++) {
        await using server = startAm(["serve", "--port", "0", ...args], PERMISSIONS);
        const { url, said } = await addressOf(server);
        if (round === 0) await ingest(url, [machineRecord("one", 1), txRecord("one", 2)]);
        const { machines, after } = await (await fetch(`${url}/v1/machines`)).json();
        const { code } = await server.end("SIGTERM");

        assertEquals(code, 0);
        assertMatch(said, /^Listening, events are kept in .*events\.db: .*#token=control-token-of-a-test\n$/);
        assertEquals([machines[0].id, machines[0].events], ["id-one", 2]);
        assertEquals(after, epoch ?? after);
        epoch = after;
      }
    }),
);

Deno.test(
  "am serve --max-age-hours drops what is older",
  { ignore: HAS_NO_SIGNALS },
  () =>
    withFolder(async (folder) => {
      const path = `${folder}/events.db`;
      const store = new FileStore(path);
      store.append(batchOf(machineRecord("old", 1), disposeRecord("old", 2)), Date.now() - 2 * 3_600_000);
      store.close();
      const args = ["--store", path, "--max-age-hours", "1", ...tokenArgs(folder)];
      await using server = startAm(["serve", "--port", "0", ...args], PERMISSIONS);
      const { url } = await addressOf(server);
      await ingest(url, [machineRecord("new", 1)]);
      const { machines } = await (await fetch(`${url}/v1/machines`)).json();

      assertEquals(machines.map(({ id, events }: { id: string; events: number }) => [id, events]), [["id-new", 1]]);
      assertEquals((await server.end("SIGTERM")).code, 0);
    }),
);

Deno.test("am serve --allow-host --allow-origin answers to the names and pages that they list, and to no others", {
  ignore: HAS_NO_SIGNALS,
}, async () => {
  const hosts = ["--allow-host", "debug.example", "--allow-host", "other.example:81"];
  await using server = startAm(
    ["serve", "--port", "0", ...hosts, "--allow-origin", "https://app.example"],
    PERMISSIONS,
  );
  const { url } = await addressOf(server);
  const statusOf = async (host: string, ...headers: string[]) => {
    const lines = ["GET /v1/machines HTTP/1.1", `Host: ${host}`, "Connection: close", ...headers];
    return (await sendRaw({ url }, lines)).status;
  };

  assertEquals([await statusOf("debug.example"), await statusOf("other.example:81")], [200, 200]);
  assertEquals([await statusOf("other.example"), await statusOf("evil.example")], [403, 403]);
  assertEquals(await statusOf("localhost", "Origin: https://app.example"), 200);
  assertEquals(await statusOf("localhost", "Origin: https://evil.example"), 403);
  const refused = await runAm(["serve", "--allow-host", "http://debug.example"], PERMISSIONS);
  assertEquals([refused.code, refused.err.split(": it")[0]], [2, 'am: Cannot allow the host "http://debug.example"']);
  assertEquals((await server.end("SIGTERM")).code, 0);
});

Deno.test(
  "am serve ends within 5 s of SIGTERM, though readers are there, who get to know",
  { ignore: HAS_NO_SIGNALS },
  async () => {
    await using server = startAm(["serve", "--port", "0"], PERMISSIONS);
    const { url } = await addressOf(server);
    const reading = fetch(`${url}/v1/events`).then((response) => response.text());
    await using tail = startAm(["tail", "--url", url]);
    await tail.err.includes("following");

    const { code, ms } = await server.end("SIGTERM");

    assertEquals(code, 0);
    assertLess(ms, 5_000);
    assertStringIncludes(await reading, "event: bye");
    await tail.err.includes("is lost, trying again");
  },
);

Deno.test({
  name: "am serve --cert --key serves TLS, and am reads from there what the control token lets it",
  ignore: HAS_NO_SIGNALS || !isInstalled("openssl", "am serve with TLS"),
  fn: () =>
    withFolder(async (folder) => {
      const [cert, key] = [`${folder}/cert.pem`, `${folder}/key.pem`];
      const pair = await makePair("rsa");
      await Promise.all([Deno.writeTextFile(cert, pair.cert), Deno.writeTextFile(key, pair.key)]);
      await using server = startAm(
        ["serve", "--port", "0", "--cert", cert, "--key", key, ...tokenArgs(folder)],
        PERMISSIONS,
      );
      const { url } = await addressOf(server);

      const trusting = [...PERMISSIONS, `--cert=${cert}`];
      const list = ["list", "--url", url, "--token-file"];
      const { code, out, err } = await runAm([...list, `${folder}/control`], trusting);
      const stranger = await runAm([...list, `${folder}/control`], PERMISSIONS);
      await Deno.writeTextFile(`${folder}/wrong`, "not-a-token-of-this-server");
      const refused = await runAm([...list, `${folder}/wrong`], trusting);

      assertMatch(url, /^https:/);
      assertEquals({ code, out, err }, { code: 0, out: "No machines\n", err: "" });
      assertEquals([stranger.code, refused.code], [4, 4]);
      assertStringIncludes(refused.err, "--token-file");
      assertEquals((await server.end("SIGTERM")).code, 0);
    }),
});

function tokenArgs(folder: string): string[] {
  return ["--ingest-token-file", `${folder}/ingest`, "--control-token-file", `${folder}/control`];
}

async function withFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, token] of Object.entries(TOKENS)) await Deno.writeTextFile(`${folder}/${name}`, `${token}\n`);
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function addressOf({ out }: { out: { includes(what: RegExp): Promise<string> } }) {
  const pattern = /(https?:\/\/127\.0\.0\.1:\d+)\/#token=\S+\n/;
  const said = await out.includes(pattern);
  return { url: pattern.exec(said)![1]!, said };
}

async function ingest(url: string, records: readonly unknown[]): Promise<void> {
  const headers = { authorization: `Bearer ${TOKENS.ingest}`, "content-type": "application/x-ndjson" };
  const body = records.map((it) => JSON.stringify(it)).join("\n");
  assertEquals(
    (await (await fetch(`${url}/v1/ingest`, { method: "POST", headers, body })).json()).accepted,
    records.length,
  );
}
