/** What a program is asked to see that it is there, where it is not `--version`. */
const QUESTIONS: Readonly<Record<string, readonly string[]>> = { tmux: ["-V"], openssl: ["version"], gofmt: [] };

/** The Debian package of a program, where it has another name. */
const PACKAGES: Readonly<Record<string, string>> = { gofmt: "golang-go" };

/**
 * Whether a program is installed. If it is not, a test of it is skipped, and a line says what to install.
 *
 * @param program Its name.
 * @param what What is not tested without it.
 * @throws {Error} in CI, where nothing may be skipped.
 */
export function isInstalled(program: string, what: string): boolean {
  try {
    const args = [...QUESTIONS[program] ?? ["--version"]];
    return new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" }).outputSync().success;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    const advice = `Install ${program}: apt-get install ${PACKAGES[program] ?? program}`;
    if (Deno.env.get("CI") !== undefined) throw new Error(`Cannot test ${what} in CI. ${advice}`, { cause: error });
    console.log(`not checked: ${what}. ${advice}`);
    return false;
  }
}
