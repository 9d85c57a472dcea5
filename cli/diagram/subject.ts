/**
 * Finds what is drawn: the schema of a file, or a machine with its ticks.
 *
 * @module
 */
import type { MachineRecord } from "../../telemetry/mod.ts";
import { Client } from "../_client.ts";
import type { CommandContext } from "../_context.ts";
import { findTransitions } from "../_find_transition.ts";
import type { FoundTransition } from "../_found_transition.ts";
import { CommandFailure, USAGE } from "../_exit_codes.ts";
import { findMachine, findTransition } from "../_server_machines.ts";
import { findInstance, openSource, type SourceOptions, visitRecords } from "../_source.ts";
import { type SchemaModel, toModel } from "../schema/model.ts";
import { isSchemaPath, readSchemaFile } from "../schema/read.ts";

/** What is drawn. */
export interface Subject {
  readonly model: SchemaModel;
  /** Ticks by name; missing when it is a file. */
  readonly ticks?: ReadonlyMap<string, number>;
}

/** Where it is looked for. */
export interface SubjectOptions extends SourceOptions {
  /** Which schema of the file is meant. The only one by default. */
  readonly name?: string;
}

/**
 * Find what is drawn.
 *
 * @param text A file with a schema, if its ending says so and no recording is read; else a machine.
 * @param tx A transition of the machine, after which it is drawn. The machine as it is last by default.
 * @param options Where machines are.
 *
 * @throws {CommandFailure} when it is not there.
 */
export async function findSubject(
  text: string,
  tx: string | undefined,
  options: SubjectOptions,
  context: CommandContext,
): Promise<Subject> {
  const isMachine = options.file !== undefined || !isSchemaPath(text);
  if (isMachine && options.name !== undefined) {
    throw new CommandFailure(`Cannot choose a schema of "${text}": it is a machine, --name is for files`, USAGE);
  }
  if (options.file !== undefined) return await findInFile(text, tx, options, context);
  if (isMachine) return await findOnServer(text, tx, new Client(options, context));
  if (tx === undefined) return { model: await readSchemaFile(text, { name: options.name }) };
  throw new CommandFailure(`Cannot draw "${text}" after transition "${tx}": it is a file, name a machine`, USAGE);
}

async function findOnServer(id: string, tx: string | undefined, client: Client): Promise<Subject> {
  const machine = await findMachine(client, id);
  if (tx === undefined) return toSubject(machine.record, machine.record.stateNames, machine.ticks);
  return afterTransition(machine.record, await findTransition(client, machine, tx));
}

async function findInFile(
  id: string,
  tx: string | undefined,
  options: SourceOptions,
  context: CommandContext,
): Promise<Subject> {
  const source = openSource(options, context);
  const instance = await findInstance(source, id);
  const view = (await visitRecords(source, () => {}, instance)).get(instance);
  if (view?.machine === undefined) {
    throw new CommandFailure(`Cannot draw machine "${id}": its schema is not in ${source.name}`, USAGE);
  }
  if (tx === undefined) return toSubject(view.machine, view.stateNames, view.ticks);
  const [found] = await findTransitions(source, instance, [tx]);
  return afterTransition(view.machine, found!);
}

function afterTransition(record: MachineRecord, { stateNames, after }: FoundTransition): Subject {
  return toSubject(record, stateNames, after);
}

/** The states come in the order of their indexes, which that of the schema need not be. */
function toSubject(record: MachineRecord, stateNames: readonly string[], ticks: readonly number[]): Subject {
  const { states, ...rest } = toModel(record.id, record.schema, groupsOf(record));
  return {
    model: { ...rest, states: new Map(record.stateNames.map((name) => [name, states.get(name) ?? {}])) },
    ticks: new Map(stateNames.map((name, index) => [name, ticks[index] ?? 0])),
  };
}

function groupsOf({ groups = [], stateNames }: MachineRecord): Record<string, string[]> {
  return Object.fromEntries(
    groups.map(([name, states]) => [name, states.flatMap((index) => stateNames[index] ?? [])]),
  );
}
