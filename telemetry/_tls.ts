/**
 * What a server needs for TLS, checked before it listens: Deno's server takes anything and lets each connection fail, and
 * what Node's says differs from one version to the next.
 *
 * @module
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** A certificate and its key, as PEM. */
export interface TlsPair {
  /** The certificate; those that lead to it may follow. */
  readonly cert: string;
  /** Its private key. */
  readonly key: string;
}

/**
 * Take a certificate and a key for a pair.
 *
 * @returns The pair, or `undefined` if there is neither.
 *
 * @throws {TypeError} when one of them is missing or cannot be read, or they do not belong together.
 */
export function readTlsPair(
  { cert, key }: { readonly cert?: string | undefined; readonly key?: string | undefined },
): TlsPair | undefined {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) throw new TypeError("Cannot use TLS: it takes both cert and key");
  if (!readCertificate(cert).checkPrivateKey(readKey(key))) {
    throw new TypeError("Cannot use TLS: the key is not that of the certificate");
  }
  return { cert, key };
}

function readCertificate(cert: string): X509Certificate {
  try {
    return new X509Certificate(cert);
  } catch (cause) {
    throw new TypeError("Cannot use TLS: cert is no certificate in PEM", { cause });
  }
}

function readKey(key: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch (cause) {
    throw new TypeError("Cannot use TLS: key is no private key in PEM, or it asks for a password", { cause });
  }
}
