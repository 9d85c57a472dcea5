/**
 * A program with a server that listens on all addresses of the machine, and what it answers on each: tests may use
 * loopback only. It prints an {@linkcode Everywhere} as JSON.
 *
 * @module
 */
import { createServer } from "../../telemetry/server.ts";
import { attempt, CONTROL, goodRequest, RECORDS, statusesByToken, TOKENS, withHost } from "./_attempts.ts";

/** What the program prints. */
export interface Everywhere {
  /** The server's address. */
  readonly url: string;
  /** What it answers at each address, loopback first. */
  readonly answers: readonly AnswersOfAddress[];
}

/** What the server answers at one address. */
export interface AnswersOfAddress {
  /** The address. */
  readonly address: string;
  /** The statuses of each route under a listed name, by token. */
  readonly routes: Record<string, number[]>;
  /** The statuses of a request with the control token, by the host that it names. */
  readonly hosts: Record<string, number>;
}

/** The listed name. */
export const LISTED = "debug.example";

if (import.meta.main) {
  await using server = createServer({
    hostname: "0.0.0.0",
    port: 0,
    insecureHttp: true,
    tokens: TOKENS,
    allowedHosts: [LISTED],
    onListen: () => {},
  });
  const { port } = new URL(await server.listen());
  server.ingest(RECORDS);
  const own = Deno.networkInterfaces()
    .filter(({ family, address }) =>
      family === "IPv4" && !address.startsWith("127.") && !address.startsWith("169.254.")
    )
    .map(({ address }) => address);
  const answers: AnswersOfAddress[] = [];
  for (const address of ["127.0.0.1", ...own]) {
    const place = { url: `http://${address}:${port}` };
    const hosts: Record<string, number> = {};
    for (const host of [`127.0.0.1:${port}`, "localhost", LISTED, `0.0.0.0:${port}`, `[::]:${port}`, ...own]) {
      hosts[host.replace(/:\d+$/, "")] =
        (await attempt(place, withHost(host)(goodRequest("GET /v1/machines", CONTROL))))
          .status;
    }
    answers.push({ address, routes: await statusesByToken(place, withHost(LISTED)), hosts });
  }
  const printed: Everywhere = { url: server.url.replace(port, "PORT"), answers };
  console.log(JSON.stringify(printed));
}
