/**
 * Runs the TypeScript compiler on programs that use the package, as an editor does.
 *
 * @module
 */
import ts from "typescript";
import { ROOT } from "./_project.ts";

/** What the compiler did. */
export interface Checked {
  /** Its messages, each with all its lines. */
  readonly messages: readonly string[];
  /** Milliseconds of the check: reading and parsing files is not in it. */
  readonly ms: number;
  /** How many types were made from generic ones. */
  readonly instantiations: number;
}

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  target: ts.ScriptTarget.ESNext,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts"],
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  types: [],
};

const PROGRAM = new URL("program.ts", ROOT).pathname;

/** Check a program, together with the sources of `machine/` that it imports from `./mod.ts`. */
export function checkProgram(text: string): Checked {
  const program = ts.createProgram([PROGRAM], OPTIONS, makeHost(text));
  const start = performance.now();
  const diagnostics = program.getSemanticDiagnostics();
  const ms = performance.now() - start;
  const messages = diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
  return { messages, ms, instantiations: program.getInstantiationCount() };
}

/** List what the compiler says of a program, each message with all its lines. */
export function listMessages(text: string): string[] {
  const program = ts.createProgram([PROGRAM], OPTIONS, makeHost(text));
  const diagnostics = program.getSemanticDiagnostics(program.getSourceFile(PROGRAM));
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n"));
}

/** List the names that an editor offers at the place of `|`. */
export function listCompletions(text: string): string[] {
  const { service, position } = openEditor(text);
  const completions = service.getCompletionsAtPosition(PROGRAM, position, {});
  return completions?.entries.map(({ name }) => name) ?? [];
}

/** List what an editor goes to from the place of `|`, each as the rest of the line there. */
export function listDefinitions(text: string): string[] {
  const { service, position, readFile } = openEditor(text);
  const definitions = service.getDefinitionAtPosition(PROGRAM, position) ?? [];
  return definitions.map(({ fileName, textSpan }) => readFile(fileName)?.slice(textSpan.start).split("\n")[0] ?? "");
}

/** An editor with a program, in which `|` is where the cursor is. */
function openEditor(
  text: string,
): { service: ts.LanguageService; position: number; readFile: (file: string) => string | undefined } {
  const host = makeHost(text.replace("|", ""));
  const readFile = (file: string) => host.readFile(file);
  const service = ts.createLanguageService({
    getScriptFileNames: () => [PROGRAM],
    getScriptVersion: () => "1",
    getScriptSnapshot: (file) => {
      const source = readFile(file);
      return source === undefined ? undefined : ts.ScriptSnapshot.fromString(source);
    },
    getCurrentDirectory: () => ROOT.pathname,
    getCompilationSettings: () => OPTIONS,
    getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
    fileExists: (file) => host.fileExists(file),
    readFile,
  });
  return { service, position: text.indexOf("|"), readFile };
}

function makeHost(text: string): ts.CompilerHost {
  const host = ts.createCompilerHost(OPTIONS);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (file) => file === PROGRAM || fileExists(file);
  host.readFile = (file) => file === PROGRAM ? text : readFile(file);
  host.getSourceFile = (file, options) => {
    if (file === PROGRAM) return ts.createSourceFile(file, text, options);
    if (!SOURCES.has(file)) SOURCES.set(file, getSourceFile(file, options));
    return SOURCES.get(file);
  };
  return host;
}

/** What all programs share: read once. */
const SOURCES = new Map<string, ts.SourceFile | undefined>();
