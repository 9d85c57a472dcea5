/**
 * Finds what the docs of public symbols lack, in what `deno doc --json` prints.
 *
 * @module
 */

/** What `deno doc --json` prints, as far as it is read here. */
export interface DocTree {
  readonly nodes: Readonly<Record<string, DocModule>>;
}

/** One entry point. */
export interface DocModule {
  readonly module_doc?: JsDoc;
  readonly symbols: readonly { readonly name: string; readonly declarations: readonly Declaration[] }[];
}

interface Declaration {
  readonly kind: string;
  readonly jsDoc?: JsDoc;
  readonly def: Definition;
}

interface Definition extends Signature {
  readonly constructors?: readonly Member[];
  readonly methods?: readonly Member[];
  readonly properties?: readonly Member[];
  readonly callSignatures?: readonly Member[];
  readonly indexSignatures?: readonly Member[];
  /** Of a type alias. */
  readonly tsType?: { readonly kind: string; readonly value?: unknown };
}

interface Member extends Signature {
  readonly name?: string;
  readonly jsDoc?: JsDoc;
  readonly accessibility?: "public" | "protected" | "private";
  /** Of the methods of a class. */
  readonly functionDef?: Signature;
}

interface Signature {
  readonly params?: readonly Parameter[];
  /** Set for what is implemented here: not for overloads. */
  readonly hasBody?: boolean;
}

/** `left` is what has a default, `arg` what is the rest. */
interface Parameter {
  readonly name?: string;
  readonly left?: Parameter;
  readonly arg?: Parameter;
}

interface JsDoc {
  readonly doc?: string;
  readonly tags?: readonly { readonly kind: string; readonly name?: string; readonly doc?: string }[];
}

/**
 * Find what the docs lack.
 *
 * - Everything has a text: symbols, members of classes and interfaces, parameters, modules.
 * - Each symbol and each method and getter of a class has an example that asserts something; a module may have one in its
 *   text. Overloads have a text each. What implements those of a method has one too, as the method's page shows nothing
 *   else; what implements those of a function is shown nowhere.
 * - Each link leads to a symbol of the same entry point, or to a member: `{@linkcode Foo.prototype.bar Foo.bar}`. Others are
 *   shown as code.
 *
 * @returns One line for each finding: `Machine.add: no example that asserts`.
 */
export function findLacks(tree: DocTree): string[] {
  const findings: string[] = [];
  for (const [url, { module_doc, symbols }] of Object.entries(tree.nodes)) {
    const path = url.split("/").slice(-2).join("/");
    const text = module_doc?.doc ?? "";
    if (text.trim() === "") findings.push(`${path}: no text`);
    if (!hasAssertion(text) && !hasExample(module_doc)) findings.push(`${path}: no example that asserts`);
    for (const { name, declarations } of symbols) findings.push(...findLacksOfSymbol(name, declarations));
    const names = listNames(symbols);
    const links = JSON.stringify([module_doc, symbols]).matchAll(/\{@link(?:code|plain)? +([^\s|}]+)/g);
    for (const target of new Set([...links].map(([, target]) => target!))) {
      if (!names.has(target) && !/^https?:/.test(target)) {
        findings.push(`${path}: a link to ${target}, which is not there`);
      }
    }
  }
  return findings;
}

/** What links can lead to: `Foo`, and `Foo.prototype.bar` of a class, or `Foo.bar` of an interface. */
function listNames(symbols: DocModule["symbols"]): Set<string> {
  const names = new Set<string>();
  for (const { name, declarations } of symbols) {
    names.add(name);
    for (const { kind, def: { methods = [], properties = [] } } of declarations) {
      const owner = kind === "class" ? `${name}.prototype` : name;
      for (const member of [...methods, ...properties]) names.add(nameOf(owner, member));
    }
  }
  return names;
}

function findLacksOfSymbol(name: string, declarations: readonly Declaration[]): string[] {
  const findings: string[] = [];
  const isOverloaded = declarations.some(({ kind, def }) => kind === "function" && def.hasBody !== true);
  for (const { kind, jsDoc, def } of declarations) {
    if (isOverloaded && def.hasBody === true) continue;
    findings.push(...findMissingTexts(name, jsDoc, def));
    findings.push(...findLacksOfMembers(name, kind, kind === "typeAlias" ? literalOf(def) : def));
  }
  if (!declarations.some(({ jsDoc }) => hasExample(jsDoc))) findings.push(`${name}: no example that asserts`);
  return findings;
}

function findLacksOfMembers(owner: string, kind: string, def: Definition): string[] {
  const { constructors = [], methods = [], properties = [], callSignatures = [], indexSignatures = [] } = def;
  const findings: string[] = [];
  const isSeen = ({ accessibility = "public" }: Member) => accessibility === "public";
  for (const member of [...constructors, ...properties, ...methods].filter(isSeen)) {
    // Parameters of an interface's methods may be told of in its text: who implements it has the names of the types.
    const signature = kind === "class" ? member.functionDef ?? member : {};
    findings.push(...findMissingTexts(nameOf(owner, member), member.jsDoc, signature));
  }
  for (const member of callSignatures) findings.push(...findMissingTexts(`${owner}()`, member.jsDoc, {}));
  for (const member of indexSignatures) findings.push(...findMissingTexts(`${owner}[]`, member.jsDoc, {}));
  if (kind !== "class") return findings;
  for (const [name, overloads] of Map.groupBy(methods.filter(isSeen), (member) => nameOf(owner, member))) {
    if (!overloads.some(({ jsDoc }) => hasExample(jsDoc))) findings.push(`${name}: no example that asserts`);
  }
  return findings;
}

function findMissingTexts(name: string, jsDoc: JsDoc | undefined, { params = [] }: Signature): string[] {
  const findings: string[] = [];
  if ((jsDoc?.doc ?? "").trim() === "") findings.push(`${name}: no text`);
  const told = (jsDoc?.tags ?? []).filter(({ kind }) => kind === "param");
  for (const [index, parameter] of params.entries()) {
    const parameterName = parameter.name ?? parameter.left?.name ?? parameter.arg?.name;
    if (parameterName === undefined) findings.push(`${name}: no name for parameter ${index}, which is taken apart`);
    if (parameterName === undefined) continue;
    const tag = told.find(({ name }) => name === parameterName);
    if ((tag?.doc ?? "").trim() === "") findings.push(`${name}: no text for the parameter ${parameterName}`);
  }
  return findings;
}

/** The members of `type Foo = { … }`; none of other types. */
function literalOf({ tsType }: Definition): Definition {
  return tsType?.kind === "typeLiteral" ? tsType.value as Definition : {};
}

function nameOf(owner: string, { name = "new" }: Member): string {
  return name.startsWith("[") ? `${owner}${name}` : `${owner}.${name}`;
}

function hasExample(jsDoc: JsDoc | undefined): boolean {
  return (jsDoc?.tags ?? []).some(({ kind, doc = "" }) => kind === "example" && hasAssertion(doc));
}

/** Whether a block of code calls one of the functions of `@std/assert`; `deno test --doc` runs it. */
function hasAssertion(text: string): boolean {
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].some(([, code]) => /\bassert\w*\(/.test(code!));
}
