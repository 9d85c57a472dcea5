/**
 * A program with a server that listens on all addresses of the machine, and what it answers on each: tests may use
 * loopback only. Its argument is the address that stands for all, and it prints an {@linkcode Everywhere} as JSON, or null
 * where the machine has no addresses of that kind.
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
  /** The statuses of reading without a token where `Deno.serve()` serves a server's fetch function, at each address. */
  readonly served: readonly number[];
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
  const [hostname = "0.0.0.0"] = Deno.args;
  const addresses = addressesOf(hostname === "::" ? "IPv6" : "IPv4");
  console.log(JSON.stringify(addresses[0] === undefined ? null : await listenEverywhere(hostname, addresses)));
}

async function listenEverywhere(hostname: string, addresses: readonly string[]): Promise<Everywhere> {
  await using server = createServer({
    hostname,
    port: 0,
    insecureHttp: true,
    tokens: TOKENS,
    allowedHosts: [LISTED],
    onListen: () => {},
  });
  const { port } = new URL(await server.listen());
  server.ingest(RECORDS);
  const answers: AnswersOfAddress[] = [];
  for (const address of addresses) {
    const place = { url: `http://${address}:${port}` };
    const hosts: Record<string, number> = {};
    for (const host of [`127.0.0.1:${port}`, "localhost", LISTED, `0.0.0.0:${port}`, `[::]:${port}`, ...addresses]) {
      hosts[host.replace(/:\d+$/, "")] =
        (await attempt(place, withHost(host)(goodRequest("GET /v1/machines", CONTROL))))
          .status;
    }
    answers.push({ address, routes: await statusesByToken(place, withHost(LISTED)), hosts });
  }
  return { url: server.url.replace(port, "PORT"), answers, served: await serveEverywhere(hostname, addresses) };
}

async function serveEverywhere(hostname: string, addresses: readonly string[]): Promise<number[]> {
  await using server = createServer();
  const served = Deno.serve({ hostname, port: 0, onListen: () => {} }, server.fetch);
  const asked = withHost("localhost")(goodRequest("GET /v1/machines"));
  const statuses: number[] = [];
  for (const address of addresses) {
    statuses.push((await attempt({ url: `http://${address}:${served.addr.port}` }, asked)).status);
  }
  await served.shutdown();
  return statuses;
}

/** Loopback first, as they stand in a URL; none that is of one network alone. */
function addressesOf(wanted: "IPv4" | "IPv6"): string[] {
  const found = Deno.networkInterfaces().filter(({ family, address }) =>
    family === wanted && !address.startsWith("169.254.") && !address.startsWith("fe80:")
  ).map(({ address }) => wanted === "IPv6" ? `[${address}]` : address);
  const isOwn = (address: string): boolean => address.startsWith("127.") || address === "[::1]";
  return [...found.filter(isOwn).slice(0, 1), ...found.filter((address) => !isOwn(address))];
}
