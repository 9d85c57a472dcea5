import type { Argument, Option } from "./option.ts";
import type { Type } from "./type.ts";

/** What a command is made of. */
export interface Definition {
  name: string;
  version?: string;
  description: string | (() => string);
  isHidden: boolean;
  hasGlobals: boolean;
  throwsErrors?: boolean;
  exits?: boolean;
  // deno-lint-ignore no-explicit-any -- the types of options and arguments are known where the action is set
  action?: (options: any, ...args: any[]) => unknown;
  parent?: Defined;
  readonly types: Map<string, Type<unknown>>;
  options: Option[];
  arguments: Argument[];
  readonly examples: { name: string; description: string }[];
  readonly commands: Map<string, Defined>;
}

/** A command as those see it who run it. */
export interface Defined {
  readonly definition: Definition;
  getName(): string;
  getDescription(): string;
  getShortDescription(): string;
  getParent(): Defined | undefined;
  getCommands(hidden?: boolean): Defined[];
  showHelp(): void;
}
