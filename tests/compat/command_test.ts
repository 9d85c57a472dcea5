// Holds for the stand-in and for the real package alike: `deno task check:real` runs this file against the latter.
import { assert, assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { Command, EnumType, Type, ValidationError } from "@cliffy/command";
import type { ArgumentValue } from "@cliffy/command";
import { HelpCommand } from "@cliffy/command/help";
import { CompletionsCommand } from "@cliffy/command/completions";
import { isInstalled } from "../_installed.ts";

Deno.test("Command.option() and arguments() give values their types", async () => {
  const seen: unknown[] = [];
  const command = new Command()
    .noExit()
    .type("level", new EnumType(["ops", "changes"]))
    .option("-o, --out-file <path:file>", "Where to.")
    .option("--limit <limit:integer>", "How many.", { default: 20 })
    .option("--ratio <ratio:number>", "How much.", { required: true })
    .option("--level <level:level>", "Which.")
    .option("--state <name:string>", "Which ones.", { collect: true })
    .option("--steps", "Whether steps are shown.")
    .option("--no-color", "Whether it has colour.")
    .arguments("<id:string> [tx:integer]")
    .action((options, id, tx) => {
      const out: string | undefined = options.outFile;
      const limit: number = options.limit;
      const ratio: number = options.ratio;
      const level: "ops" | "changes" | undefined = options.level;
      const states: string[] | undefined = options.state;
      const flags: [true | undefined, boolean] = [options.steps, options.color];
      const rest: [string, number | undefined] = [id, tx];
      // @ts-expect-error: an option without default may be missing
      const missing: string = options.outFile;
      // @ts-expect-error: a flag that is not given may be there as undefined
      const flag: { steps?: true } = options;
      // @ts-expect-error: there is no such option
      const unknown: unknown = options.unknown;
      seen.push([out, limit, ratio, level, states, flags, rest, missing, flag.steps, unknown]);
    });

  await command.parse(
    ["a", "7", "-o", "x", "--limit=3", "--ratio", "0.5", "--level", "ops", "--state", "A", "--state", "B", "--steps"],
  );
  await command.parse(["a", "--ratio", "1", "--no-color"]);

  assertEquals(seen, [
    ["x", 3, 0.5, "ops", ["A", "B"], [true, true], ["a", 7], "x", true, undefined],
    [undefined, 20, 1, undefined, undefined, [undefined, false], ["a", undefined], undefined, undefined, undefined],
  ]);
});

Deno.test("Command.arguments() collects the arguments that have dots", async () => {
  let seen: unknown;
  const command = new Command().noExit().arguments("<first:string> [...more:integer]").action((_options, ...args) => {
    const typed: [string, ...number[]] = args;
    seen = typed;
  });

  await command.parse(["a", "1", "2"]);

  assertEquals(seen, ["a", 1, 2]);
});

Deno.test("Command.globalOption() is known below, in front of the command's name and behind it", async () => {
  const { command, calls } = nested();

  await command.parse(["--url", "one", "list", "--all"]);
  await command.parse(["list", "--url", "two"]);
  await command.parse(["list"]);

  assertEquals(calls, [
    { url: "one", all: true },
    { url: "two" },
    {},
  ]);
});

Deno.test("Command.parse() runs one command, and waits for it", async () => {
  const calls: string[] = [];
  const root = new Command().noExit().name("program");
  root.command("list", new Command().action(() => void calls.push("list")));
  root.command(
    "show",
    new Command().action(async () => {
      await Promise.resolve();
      calls.push("show");
    }),
  );
  await root.reset().parse(["show"]);

  assertEquals(calls, ["show"]);
});

const WRONG: readonly (readonly [name: string, args: string[]])[] = [
  ["an unknown option", ["list", "--nothing"]],
  ["an unknown command", ["lost"]],
  ["a missing argument", ["show"]],
  ["too many arguments", ["show", "1", "2"]],
  ["an argument where none is", ["list", "more"]],
  ["a word that is no number", ["show", "one"]],
  ["a number that is not whole", ["show", "1.5"]],
  ["a value that is not in the list", ["show", "1", "--level", "none"]],
  ["an option without its value", ["show", "1", "--level"]],
  ["an option that is given twice", ["show", "1", "--level", "ops", "--level", "ops"]],
  ["a flag that is given twice", ["list", "--all", "--all"]],
  ["two options that exclude each other", ["show", "1", "--level", "ops", "--all"]],
  ["a missing option that is required", ["make"]],
  ["what its type refuses", ["make", "--even", "3"]],
];

for (const [name, args] of WRONG) {
  Deno.test(`Command.parse() throws a ValidationError for ${name}`, async () => {
    const { command, calls } = nested();

    const error = await command.parse(args).then(() => undefined, (error: unknown) => error);

    assertInstanceOf(error, ValidationError);
    assertEquals(error.exitCode, 2);
    assert(error.message.length > 0);
    assertEquals(calls, []);
  });
}

Deno.test("Command.parse() passes on what an action throws, as it is", async () => {
  const thrown = new RangeError("mine");
  const command = new Command().noExit().action(() => Promise.reject(thrown));

  assertEquals(await command.parse([]).catch((error) => error), thrown);
});

Deno.test("Command.parse() prints help and version, and goes on", async () => {
  const calls: unknown[][] = [];
  const print = (...args: string[]) => {
    const made = nested();
    calls.push(made.calls);
    return printed(() => made.command.parse(args));
  };

  const help = await print("list", "--help");
  const version = await print("--version");
  const own = await print("help");
  const other = await print("help", "show");

  assertStringIncludes(help, "List what is there");
  assertStringIncludes(help, "--all");
  assertStringIncludes(help, "--url");
  assertStringIncludes(version, "1.2.3");
  assertStringIncludes(own, "List what is there");
  assertStringIncludes(other, "Show one thing");
  assertStringIncludes(other, "with all that belongs to it");
  assertEquals(calls, [[], [], [], []]);
});

Deno.test("HelpCommand throws a ValidationError for a command that is not there", async () => {
  const { command } = nested();

  assertInstanceOf(await command.parse(["help", "lost"]).catch((error) => error), ValidationError);
});

Deno.test("Command tells what it is made of", () => {
  const { command } = nested();
  const show = command.getCommand("show");

  assertEquals(command.getName(), "program");
  assertEquals(command.getCommands().map((it) => it.getName()), ["list", "show", "make", "help", "completions"]);
  assertEquals(show?.getShortDescription(), "Show one thing.");
  assertStringIncludes(show?.getDescription() ?? "", "\n");
  assertEquals(show?.getArguments().map(({ name, type }) => [name, type]), [["id", "integer"]]);
  const own = show?.getOptions().filter(({ name }) => name !== "help");
  assertEquals(own?.map(({ name }) => name).sort(), ["all", "level", "url"]);
});

const SHELLS: readonly (readonly [shell: string, check: string[], list: string])[] = [
  [
    "bash",
    ["-n"],
    'source "$1"; COMP_WORDS=(program li); COMP_CWORD=1; f=$(complete -p program | sed "s/.*-F \\([^ ]*\\) .*/\\1/"); ' +
    '$f; printf "%s\\n" "${COMPREPLY[@]}"',
  ],
  [
    "zsh",
    ["-n"],
    'autoload -U compinit; compinit -u -D; source "$1"; (( $+functions[${_comps[program]}] )) && print list',
  ],
  ["fish", ["-n"], "source $argv[1]; complete -C 'program li' | string split -f 1 \\t"],
];

for (const [shell, check, list] of SHELLS) {
  Deno.test({
    name: `CompletionsCommand prints what ${shell} reads`,
    ignore: !isInstalled(shell, `completions in ${shell}`),
    async fn() {
      const file = await Deno.makeTempFile({ suffix: `.${shell}` });
      try {
        const { command } = nested();
        await Deno.writeTextFile(file, await printed(() => command.parse(["completions", shell])));

        assertEquals(await runShell(shell, [...check, file]), { code: 0, text: "" });
        const args = shell === "fish" ? ["-N", "-c", list, file] : ["-c", list, shell, file];
        assertEquals(await runShell(shell, args), { code: 0, text: "list\n" });
      } finally {
        await Deno.remove(file);
      }
    },
  });
}

class EvenType extends Type<number> {
  override parse({ value }: ArgumentValue): number {
    if (Number(value) % 2 !== 0) throw new ValidationError(`${value} is odd`);
    return Number(value);
  }
}

/** A command with others below it, and the options with which they were called. */
function nested() {
  const calls: unknown[] = [];
  const root = new Command()
    .noExit()
    .name("program")
    .version("1.2.3")
    .description("Do things.")
    .globalOption("--url <url:string>", "Where it is.")
    .example("All", "program list --all");
  root.command(
    "list",
    new Command<{ url?: string }>()
      .description("List what is there.")
      .option("--all", "Leave nothing out.")
      .action(({ url, all }) => {
        const typed: { url?: string; all?: true } = { ...(url && { url }), ...(all && { all }) };
        calls.push(typed);
      }),
  );
  root.command(
    "show",
    new Command()
      .description("Show one thing.\n\nShows it with all that belongs to it.")
      .type("level", new EnumType(["ops", "changes"]))
      .option("--level <level:level>", "Which.", { conflicts: ["all"] })
      .option("--all", "Leave nothing out.")
      .arguments("<id:integer>")
      .action((options) => void calls.push(options)),
  );
  root.command(
    "make",
    new Command()
      .description("Make one.")
      .type("even", new EvenType())
      .option("--even <even:even>", "How many.", { required: true })
      .action((options) => void calls.push(options)),
  );
  root.command("help", new HelpCommand());
  root.command("completions", new CompletionsCommand());
  return { command: root.reset(), calls };
}

/** What a function prints on standard output, without colour. */
async function printed(fn: () => Promise<unknown>): Promise<string> {
  const { log } = console;
  const lines: unknown[] = [];
  console.log = (line: unknown) => lines.push(line);
  try {
    await fn();
  } finally {
    console.log = log;
  }
  // deno-lint-ignore no-control-regex
  return lines.join("\n").replace(/\x1b\[[0-9;]*m/g, "");
}

async function runShell(shell: string, args: string[]): Promise<{ code: number; text: string }> {
  const env = { HOME: "/nonexistent", XDG_CONFIG_HOME: "/nonexistent" };
  const { code, stdout, stderr } = await new Deno.Command(shell, { args, env }).output();
  return { code, text: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}
