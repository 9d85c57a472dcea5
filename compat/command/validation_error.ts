/** Options of a {@linkcode ValidationError}. */
export interface ValidationErrorOptions extends ErrorOptions {
  /** With what the program is to end; 2 by default. */
  exitCode?: number;
}

/** The command was called in a wrong way. */
export class ValidationError extends Error {
  /** With what the program is to end. */
  readonly exitCode: number;

  /** Make one that says `message` to who called the command. */
  constructor(message: string, { exitCode, cause }: ValidationErrorOptions = {}) {
    super(message, { cause });
    this.exitCode = exitCode ?? 2;
  }
}
