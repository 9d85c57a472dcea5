import { Client } from "./_client.ts";
import type { CommandContext } from "./_context.ts";
import { findTransitions } from "./_find_transition.ts";
import type { FoundTransition } from "./_found_transition.ts";
import { findMachine, findTransition } from "./_server_machines.ts";
import { findInstance, openSource, type SourceOptions } from "./_source.ts";

/**
 * Find a transition where the options say: on the server, which is asked for no more than it, or in a recording.
 *
 * @param id The machine.
 * @param tx Id of the transition, or what is behind the dash in it; the last one that ran by default.
 * @param options Where to look.
 *
 * @throws {CommandFailure} when it is not there.
 */
export async function openTransition(
  id: string,
  tx: string | undefined,
  options: SourceOptions,
  context: CommandContext,
): Promise<FoundTransition> {
  if (options.file === undefined) {
    const client = new Client(options, context);
    return await findTransition(client, await findMachine(client, id), tx);
  }
  const source = openSource(options, context);
  const [found] = await findTransitions(source, await findInstance(source, id), [tx]);
  return found!;
}
