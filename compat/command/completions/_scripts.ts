import type { Command } from "../command.ts";
import type { Type } from "../type.ts";

// deno-lint-ignore no-explicit-any -- as in the real package, a command of any kind is a Command<any>
type AnyCommand = Command<any>;

/** What can follow after a path of commands. */
interface Place {
  /** Names of commands below the main one, joined by spaces. */
  readonly path: string;
  /** Commands and options, with what they are for. */
  readonly words: readonly (readonly [word: string, description: string])[];
  /** Values to choose from, by the name of the option. */
  readonly values: readonly (readonly [flag: string, values: readonly string[]])[];
  /** Options whose value is of any kind. */
  readonly taking: readonly string[];
}

/** Write the script for bash. */
export function writeBash(command: AnyCommand): string {
  const name = command.getName();
  const cases = listPlaces(command).flatMap(({ path, words, values }) => [
    ...values.map(([flag, list]) => `    ${quote(`${path}|${flag}`)}) words=${quote(list.join(" "))} ;;`),
    `    ${quote(path)}"|"*) words=${quote(words.map(([word]) => word).join(" "))} ;;`,
  ]);
  return [
    `# Completions of ${name} for bash: source <(${name} completions bash)`,
    `_${name}() {`,
    '  local current="${COMP_WORDS[COMP_CWORD]}" before="${COMP_WORDS[COMP_CWORD-1]}" path="" words="" word',
    '  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do',
    '    case "${path:+$path }$word" in',
    ...pathCases(command, (pattern) => `      ${pattern}) path="\${path:+$path }$word" ;;`),
    "    esac",
    "  done",
    '  case "$path|$before" in',
    ...cases,
    "  esac",
    "  # shellcheck disable=SC2207",
    '  COMPREPLY=($(compgen -W "$words" -- "$current"))',
    "}",
    `complete -F _${name} -o bashdefault -o default ${name}`,
  ].join("\n");
}

/** Write the script for zsh. */
export function writeZsh(command: AnyCommand): string {
  const name = command.getName();
  const cases = listPlaces(command).flatMap(({ path, words, values }) => [
    ...values.map(([flag, list]) => `    ${quote(`${path}|${flag}`)}) compadd -- ${list.map(quote).join(" ")} ;;`),
    `    ${quote(path)}"|"*) list=(${words.map((it) => quote(it.join(":"))).join(" ")}) ;;`,
  ]);
  return [
    `#compdef ${name}`,
    `# Completions of ${name} for zsh: source <(${name} completions zsh)`,
    `_${name}() {`,
    '  local before="${words[CURRENT-1]}" place="" word',
    "  local -a list",
    '  for word in "${(@)words[2,CURRENT-1]}"; do',
    '    case "${place:+$place }$word" in',
    ...pathCases(command, (pattern) => `      ${pattern}) place="\${place:+$place }$word" ;;`),
    "    esac",
    "  done",
    '  case "$place|$before" in',
    ...cases,
    "  esac",
    "  (( $#list )) && _describe 'command' list && return",
    "  _files",
    "}",
    `compdef _${name} ${name}`,
  ].join("\n");
}

/** Write the script for fish. */
export function writeFish(command: AnyCommand): string {
  const name = command.getName();
  const lines = listPlaces(command).flatMap(({ path, words, values, taking }) => {
    const isHere = `-n ${quote(`__${name}_is_at ${path === "" ? '""' : `"${path}"`}`)}`;
    return [
      ...words.map(([word, description]) =>
        word.startsWith("--")
          ? `complete -c ${name} ${isHere} -l ${word.slice(2)} -d ${quote(description)}`
          : `complete -c ${name} ${isHere} -f -a ${quote(word)} -d ${quote(description)}`
      ),
      ...values.map(([flag, list]) =>
        `complete -c ${name} ${isHere} -l ${flag.slice(2)} -x -a ${quote(list.join(" "))}`
      ),
      ...taking.map((flag) => `complete -c ${name} ${isHere} -l ${flag.slice(2)} -r`),
    ];
  });
  return [
    `# Completions of ${name} for fish: ${name} completions fish | source`,
    `function __${name}_is_at`,
    "  set -l place",
    "  for word in (commandline -opc)[2..]",
    '    if contains -- (string join -- " " $place $word) ' + listPaths(command).map(quote).join(" "),
    "      set -a place $word",
    "    end",
    "  end",
    '  test "$place" = "$argv[1]"',
    "end",
    ...lines,
  ].join("\n");
}

function listPlaces(command: AnyCommand, path = ""): Place[] {
  const children = command.getCommands();
  const options = command.getOptions();
  const typed = options.flatMap(({ name, args }) => {
    const values = listValues(command, args[0]?.type);
    return values.length === 0 ? [] : [[`--${name}`, values] as const];
  });
  const taking = options.filter(({ args }) => args[0] !== undefined && listValues(command, args[0].type).length === 0);
  const words = [
    ...command.getArguments().flatMap(({ type }) => listValues(command, type).map((value) => [value, ""] as const)),
    ...children.map((child) => [child.getName(), child.getShortDescription()] as const),
    ...options.map((option) => [`--${option.name}`, option.description] as const),
  ];
  return [
    { path, words, values: typed, taking: taking.map(({ name }) => `--${name}`) },
    ...children.flatMap((child) => listPlaces(child, path === "" ? child.getName() : `${path} ${child.getName()}`)),
  ];
}

function listValues(command: AnyCommand, type = ""): string[] {
  return findType(command, type)?.complete?.().map(String) ?? [];
}

function findType(command: AnyCommand, name: string): Type<unknown> | undefined {
  return command.definition.types.get(name) ??
    (command.getParent() === undefined ? undefined : findType(command.getParent()!, name));
}

function listPaths(command: AnyCommand): string[] {
  return listPlaces(command).map(({ path }) => path).filter(Boolean);
}

function pathCases(command: AnyCommand, write: (pattern: string) => string): string[] {
  const paths = listPaths(command);
  return paths.length === 0 ? [] : [write(paths.map(quote).join("|"))];
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
