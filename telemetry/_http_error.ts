/**
 * Answers that say no: JSON of one shape, `{ "error": { "code": …, "message": … } }`.
 *
 * @module
 */
import { StoreError } from "./_store.ts";

/** What may be wrong with a request, as programs tell it. */
export type ErrorCode =
  | "ambiguous"
  | "bad_body"
  | "bad_query"
  | "busy"
  | "closing"
  | "forbidden_host"
  | "forbidden_origin"
  | "forbidden_peer"
  | "forbidden_role"
  | "internal"
  | "not_found"
  | "store_failed"
  | "too_large"
  | "too_slow"
  | "unauthorized"
  | "unsupported_encoding"
  | "unsupported_type";

/** What else an answer may have. */
export interface HttpErrorOptions {
  /** More fields of `error`. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** What it comes from. */
  readonly cause?: unknown;
}

/** A request that is refused; the handler of errors turns it into the answer. */
export class HttpError extends Error {
  /** The HTTP status. */
  readonly status: number;
  /** What is wrong. */
  readonly code: ErrorCode;
  readonly #options: HttpErrorOptions;

  /** Refuse a request. */
  constructor(status: number, code: ErrorCode, message: string, options: HttpErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "HttpError";
    this.status = status;
    this.code = code;
    this.#options = options;
  }

  /** What {@linkcode errorBody} is made of, in one piece. */
  get body(): { error: Record<string, unknown> } {
    return errorBody(this.code, this.message, this.#options.details);
  }

  /** The headers that go with it. */
  get headers(): Readonly<Record<string, string>> {
    return this.#options.headers ?? {};
  }
}

/** What is answered to an error. What is no fault of the request is told without its text, which may name paths or data. */
export function asHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof StoreError) {
    const headers = { "retry-after": "5" };
    return new HttpError(503, "store_failed", "The server cannot store anything now", { headers, cause: error });
  }
  console.error(error);
  return new HttpError(500, "internal", "The server failed", { cause: error });
}

/** The body of an answer that says no. */
export function errorBody(
  code: ErrorCode,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
): { error: Record<string, unknown> } {
  return { error: { code, message, ...details } };
}
