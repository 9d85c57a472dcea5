/**
 * Writes `INGEST.md`.
 *
 * @module
 */

import type { Lists, Memory, Paced, Rates, Spread } from "./_ingest_measure.ts";

/** All figures of a run of `deno task bench:ingest`. */
export interface IngestResults {
  /** What it ran on, in words. */
  readonly host: string;
  /** Transitions without steps. */
  readonly bare: Rates;
  /** Transitions with steps and log lines. */
  readonly steps: Rates;
  readonly paced: Paced;
  readonly lists: Lists;
  readonly memory: { readonly bare: Memory; readonly steps: Memory };
}

/** Write the figures down, each beside what it must be. */
export function formatIngest({ host, bare, steps, paced, lists, memory }: IngestResults): string {
  const growth = lists.manyMs / lists.fewMs;
  const rates = ([name, it]: [string, Rates]) =>
    `| ${name} | ${whole(it.lineBytes)} | ${whole(it.bare)} | ${whole(it.telemetry)} | ${spread(it.ratio)} | ` +
    `${it.completeReaders} of ${it.readers} | ${it.gaps} |`;
  const times = ([name, { cpu }]: [string, Rates]) =>
    `| ${name} | ${cpu.bare.toFixed(2)} | ${cpu.telemetry.toFixed(2)} | ${spread(cpu.ratio)} |`;
  return `# A telemetry server under load

What \`deno task bench:ingest\` measured: servers in processes of their own on loopback, records of real machines through a real
exporter, made before anything is timed. Machine: ${host}. The sender and the readers share the cores with the server.

| what | must | measured | reached |
| --- | --: | --: | --- |
| rate ÷ bare server, transitions alone | ≥ 0.25 | ${share(bare.ratio.median)} | ${yes(bare.ratio.median >= 0.25)} |
| rate ÷ bare server, with steps and log | ≥ 0.25 | ${share(steps.ratio.median)} | ${yes(steps.ratio.median >= 0.25)} |
| gaps of readers of one machine | 0 | ${bare.gaps + steps.gaps} | ${yes(bare.gaps + steps.gaps === 0)} |
| readers of everything that got all | ${paced.readers} | ${paced.complete} | ${yes(paced.complete === paced.readers)} |
| transitions a second meanwhile | ${whole(paced.perSecond)} | ${whole(paced.sentPerSecond)} | ${
    yes(paced.sentPerSecond >= 0.99 * paced.perSecond)
  } |
| list of ${whole(lists.many)} machines ÷ of ${lists.few}, p95 | ≤ 5 | ${growth.toFixed(2)} | ${yes(growth <= 5)} |
| bytes of a stored transition | ≤ 400 | ${whole(memory.bare.bytesPerTransition)} | ${
    yes(memory.bare.bytesPerTransition <= 400)
  } |
| bytes with steps and three log lines | ≤ 1,000 | ${whole(memory.steps.bytesPerTransition)} | ${
    yes(memory.steps.bytesPerTransition <= 1_000)
  } |

## Rates

200 machines of four exporters send ${
    whole(bare.transitions)
  } transitions a round, in batches of 1,000. The bare server reads
the same bodies, splits them, calls \`JSON.parse()\` for each line and forgets it. ${bare.rounds} rounds, every second one in the
other order; medians, and of the ratios the least and the most, too. 20 readers of one machine each read from ours all the while.

| | bytes a line | bare, 1/s | ours, 1/s | ratio | rounds | readers with all | gaps |
| --- | --: | --: | --: | --: | --: | --: | --: |
${rates(["transitions alone", bare])}
${rates(["with steps and log", steps])}

What else runs on the machine makes the rates smaller, of ours more than of the other. It adds less to the processor time
that the process of a server uses, in microseconds for a transition; that of ours with all that its readers cost.

| | bare, µs | ours, µs | ratio | rounds |
| --- | --: | --: | --: | --: |
${times(["transitions alone", bare])}
${times(["with steps and log", steps])}

## Readers of everything

${paced.readers} readers without a filter, ${whole(paced.expected)} events each at ${
    whole(paced.perSecond)
  } transitions a second:
${whole(paced.events)} events came in all, in order, with ${paced.gaps} gaps, the last ${
    whole(Math.max(0, paced.lagMs))
  } ms after
the last answer to the sender.

## Lists

The first page of machines, 95 of 100 answers: ${lists.fewMs.toFixed(2)} ms of ${lists.few} machines, ${
    lists.manyMs.toFixed(2)
  } ms of ${whole(lists.many)}, of which 100 are on it.

## Memory

Growth of the heap and of buffers over ${whole(memory.bare.transitions)} stored transitions.

| | bytes a line | bytes stored | appended, 1/s |
| --- | --: | --: | --: |
| transitions alone | ${whole(memory.bare.lineBytes)} | ${whole(memory.bare.bytesPerTransition)} | ${
    whole(memory.bare.appendedPerSecond)
  } |
| with steps and log | ${whole(memory.steps.lineBytes)} | ${whole(memory.steps.bytesPerTransition)} | ${
    whole(memory.steps.appendedPerSecond)
  } |
`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function share(value: number): string {
  return value.toFixed(2);
}

/** Two cells: the median, and the least and the most. */
function spread({ median, min, max }: Spread): string {
  return `${share(median)} | ${share(min)} to ${share(max)}`;
}

function yes(isReached: boolean): string {
  return isReached ? "yes" : "missed";
}
