import { assertEquals } from "@std/assert";
import { runAm } from "./_run.ts";

const TRANSITIONS = 300_000;

/** A command that held what it reads would need several times as much. */
const PERMISSIONS = ["--allow-read", "--v8-flags=--max-old-space-size=64"];

Deno.test("am reads a recording of any length in the same memory", async (test) => {
  const path = await Deno.makeTempFile({ suffix: ".ndjson" });
  try {
    await writeRecording(path);
    for (
      const args of [["list"], ["stats"], ["inspect", "m"], ["matrix", "m"], ["show", "m"], ["diff", "m", "1", "2"]]
    ) {
      await test.step(`am ${args.join(" ")}`, async () => {
        const { code, err } = await runAm([...args, "--file", path], PERMISSIONS);
        assertEquals([code, err], [0, ""]);
      });
    }
    await test.step("am replay --verify", async () => {
      assertEquals(await runAm(["replay", path, "--verify"], PERMISSIONS), {
        code: 0,
        out: "Verified 300,000 transitions of 1 machine\n",
        err: "",
      });
    });
  } finally {
    await Deno.remove(path);
  }
});

/** A state that comes and goes. */
async function writeRecording(path: string): Promise<void> {
  using file = await Deno.open(path, { write: true });
  const head = { v: 1, instance: "a1", at: 0 };
  let text = `${
    JSON.stringify({
      ...head,
      seq: 1,
      kind: "machine",
      id: "m",
      stateNames: ["A", "Exception"],
      schema: { A: {}, Exception: { multi: true } },
      ticks: [0, 0],
      queueTick: 1,
      machineTick: 0,
    })
  }\n`;
  for (let tick = 1; tick <= TRANSITIONS; tick++) {
    const type = tick % 2 === 1 ? "add" : "remove";
    text += `{"v":1,"instance":"a1","at":${tick},"seq":${tick + 1},"kind":"tx","id":"a1-${tick}","type":"${type}",` +
      `"called":[0],"accepted":true,"queueTick":${tick},"queueLength":0,"ticks":[[0,${tick}]],"sum":${tick},` +
      `"steps":[[32,-1,0,0],[${tick % 2 === 1 ? 2 : 4},-1,0,0]]}\n`;
    if (tick % 10_000 > 0) continue;
    const bytes = new TextEncoder().encode(text);
    for (let i = 0; i < bytes.length;) i += await file.write(bytes.subarray(i));
    text = "";
  }
}
