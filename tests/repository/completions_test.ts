// Holds for the stand-in alone: the scripts of the real package ask the program, which is not installed here.
import { assertEquals } from "@std/assert";
import { withFile } from "../cli/_record.ts";
import { runAm } from "../cli/_run.ts";
import { isInstalled } from "../_installed.ts";

const LEVELS = ["changes", "decisions", "everything", "external", "ops"];

Deno.test("The completions for fish list values behind an option, and names behind help", {
  ignore: !isInstalled("fish", "completions in fish"),
}, async () => {
  assertEquals(await completeInFish("am tail --level "), LEVELS);
  assertEquals(await completeInFish("am tail --steps --lev"), ["--level"]);
  assertEquals(await completeInFish("am help se"), ["serve"]);
});

Deno.test("The completions for bash list values behind an option, and names behind help", {
  ignore: !isInstalled("bash", "completions in bash"),
}, async () => {
  assertEquals(await completeInBash("am", "tail", "--level", ""), LEVELS);
  assertEquals(await completeInBash("am", "tail", "--steps", "--lev"), ["--level"]);
  assertEquals(await completeInBash("am", "help", "se"), ["serve"]);
});

async function completeInFish(line: string): Promise<string[]> {
  const { out } = await runAm(["completions", "fish"]);
  return await withFile(out, (path) => {
    const list = `source $argv[1]; complete -C '${line}' | string split -f 1 \\t`;
    return listLines("fish", ["-N", "-c", list, path]);
  });
}

async function completeInBash(...words: string[]): Promise<string[]> {
  const { out } = await runAm(["completions", "bash"]);
  const line = words.map((word) => `'${word}'`).join(" ");
  return await withFile(out, (path) => {
    const list = `source "$1"; COMP_WORDS=(${line}); COMP_CWORD=${
      words.length - 1
    }; _am; printf "%s\\n" "\${COMPREPLY[@]}"`;
    return listLines("bash", ["-c", list, "bash", path]);
  });
}

/** What a shell prints, in order; what it complains of, too. */
async function listLines(shell: string, args: readonly string[]): Promise<string[]> {
  const { stdout, stderr } = await new Deno.Command(shell, { args: [...args], env: { HOME: "/nonexistent" } }).output();
  const decoder = new TextDecoder();
  return `${decoder.decode(stdout)}${decoder.decode(stderr)}`.trimEnd().split("\n").sort();
}
