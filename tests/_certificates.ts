/**
 * Certificates for servers with TLS, made by openssl: see `isInstalled()`.
 *
 * @module
 */

/** What openssl is told to make: a certificate that stands for this machine, and can be trusted as it is. */
const REQUEST = `
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = telemetry of the tests
[extensions]
subjectAltName = IP:127.0.0.1, DNS:localhost
basicConstraints = critical, CA:FALSE
`;

const KEYS = {
  elliptic: ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
  rsa: ["rsa:2048"],
};

/** A certificate and its key, as PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** Make a certificate for this machine. */
export async function makePair(kind: keyof typeof KEYS): Promise<Pair> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/request.cnf`, REQUEST);
    const args = ["req", "-x509", "-config", "request.cnf", "-nodes", "-days", "2", "-newkey", ...KEYS[kind]];
    const files = ["-keyout", "pair.key", "-out", "pair.crt"];
    const { success, stderr } = await new Deno.Command("openssl", { args: [...args, ...files], cwd: folder }).output();
    if (!success) throw new Error(`openssl failed: ${new TextDecoder().decode(stderr)}`);
    const [cert, key] = await Promise.all(["crt", "key"].map((end) => Deno.readTextFile(`${folder}/pair.${end}`)));
    return { cert: cert!, key: key! };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
