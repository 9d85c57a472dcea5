/**
 * Runs the command in a terminal: tmux.
 *
 * @module
 */

/** A terminal with the command in it; it is closed at the end of the test. */
export interface Terminal extends AsyncDisposable {
  /** Read the screen, with options of `tmux capture-pane`. */
  read(...options: string[]): Promise<string>;
  /** Wait until a text is on the screen. */
  shows(text: string): Promise<string>;
  /** Press a key, or type a text. */
  press(key: string): Promise<string>;
  /** Let the terminal take nothing, until it goes on. */
  stop(): void;
  /** Go on. */
  go(): void;
}

/** Run the command in a terminal of its own. */
export async function openTerminal(columns: number, lines: number, args: readonly string[]): Promise<Terminal> {
  const name = `am-${crypto.randomUUID()}`;
  const command = `${Deno.execPath()} run --quiet --no-check --no-prompt -A cli/main.ts ${args.join(" ")}`;
  const shell = `env -u NO_COLOR TZ=UTC LANG=C.UTF-8 ${command}; echo "exit code $?"; sleep 60`;
  const tmux = async (...words: string[]) => {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-L", name, "-u", ...words],
      env: { TERM: "xterm-256color", LANG: "C.UTF-8" },
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  };
  await tmux("-f", "/dev/null", "new-session", "-d", "-x", `${columns}`, "-y", `${lines}`, shell);
  const read = (...options: string[]) => tmux("capture-pane", "-p", ...options);
  const server = Number(await tmux("display-message", "-p", "#{pid}"));
  return {
    read,
    async shows(text) {
      const deadline = performance.now() + 60_000;
      for (;;) {
        const screen = await read();
        if (screen.replaceAll("\n", "").includes(text)) return screen;
        if (performance.now() > deadline) throw new Error(`Expected ${text} on the screen:\n${screen}`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    press: (key) => tmux("send-keys", key),
    stop: () => Deno.kill(server, "SIGSTOP"),
    go: () => Deno.kill(server, "SIGCONT"),
    async [Symbol.asyncDispose]() {
      Deno.kill(server, "SIGCONT");
      await tmux("kill-server");
    },
  };
}
