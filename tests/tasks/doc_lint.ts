/**
 * Runs `deno doc --lint` on entry points, and lets through that public signatures name types of the packages whose types
 * they have to name: a Hono app is Hono's, a command Cliffy's. Nothing else is let through.
 *
 * Run it: `deno run --allow-run=deno tests/tasks/doc_lint.ts FILE…`
 *
 * @module
 */

/** The types of other packages that public signatures may name. */
const FOREIGN_TYPES: ReadonlySet<string> = new Set(["Command", "Hono"]);

/** Findings of `deno doc --lint` in what it prints, without those that are let through. */
export function readFindings(text: string): string[] {
  const findings = text.split(/^(?=error\[)/m).filter((part) => part.startsWith("error["));
  return findings.filter((finding) => {
    const [, name] = /^error\[private-type-ref\]: public type '.*' references private type '(\w+)'/.exec(finding) ?? [];
    return name === undefined || !FOREIGN_TYPES.has(name);
  });
}

if (import.meta.main) {
  const command = new Deno.Command("deno", { args: ["doc", "--lint", ...Deno.args], env: { NO_COLOR: "1" } });
  const { success, stdout, stderr } = await command.output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const findings = readFindings(text);
  const isUnread = !success && !/^error\[/m.test(text); // it failed before it could find anything
  if (isUnread || findings.length > 0) {
    console.error(isUnread ? text : findings.join(""));
    Deno.exit(1);
  }
}
