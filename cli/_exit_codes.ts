/** What the command can end with, besides done, which is 0. */
export type ExitCode = 1 | 2 | 3 | 4;

/** Canceled by who started it, or two things differ that should not. */
export const CANCELED = 1;

/** Called in a wrong way, or with a file that is not what it should be. */
export const USAGE = 2;

/** Something did not come in time. */
export const TIMED_OUT = 3;

/** The server does not answer, or does not let in. */
export const UNREACHABLE = 4;

/** What each exit code means; lines of at most 50 characters. */
export const EXIT_CODES = `0  done
1  canceled, a difference, or errors in a schema
2  wrong use, or a file that cannot be used
3  something did not come in time
4  the server cannot be reached, or refuses`;

/** The command cannot go on. Its message is all that is shown: one line that says what to do. */
export class CommandFailure extends Error {
  /** With what the program ends. */
  readonly exitCode: ExitCode;

  /**
   * Make the failure.
   *
   * @param message What cannot be done, why, and what helps.
   * @param exitCode With what the program ends.
   * @param options The error behind it, if there is one; shown by `--debug`.
   */
  constructor(message: string, exitCode: ExitCode, options?: ErrorOptions) {
    super(message, options);
    this.name = "CommandFailure";
    this.exitCode = exitCode;
  }
}
