import { assertEquals, assertThrows } from "@std/assert";
import { type SchemaModel, toSchema } from "../../../cli/schema/model.ts";
import { readSchemaFile } from "../../../cli/schema/read.ts";
import { readGo } from "../../../cli/schema/read_go.ts";
import { BASIC_SCHEMA, CONNECTED_GROUP, CONNECTED_SCHEMA, mergeSchemas, type Schema } from "../../../mod.ts";
import { fileURLToPath } from "node:url";
import { CASE_STUDIES, goFileOf } from "./_case_studies.ts";

const HEAD = 'package states\n\nimport am "github.com/pancsta/asyncmachine-go/pkg/machine"\n\n';

function read(text: string, name?: string): SchemaModel {
  return readGo(text, "Word", { name });
}

function assertReads(text: string, schema: Schema): void {
  assertEquals(Object.entries(toSchema(read(text))), Object.entries(schema));
}

function assertRefuses(text: string, message: string, name?: string): void {
  assertEquals(assertThrows(() => read(text, name), SyntaxError).message, message);
}

for (const style of ["struct", "schema"] as const) {
  Deno.test(`readGo() reads each case study in the style ${style}`, async () => {
    for (const model of CASE_STUDIES) {
      const { name, states, groups } = await readSchemaFile(fileURLToPath(goFileOf(model, style)));
      assertEquals(name, model.name);
      assertEquals(Object.entries(toSchema({ name, states, groups })), Object.entries(toSchema(model)));
      assertEquals([...groups], [...model.groups]);
    }
  });
}

Deno.test("readGo() reads constants, groups and names of a file in the style of version 0.6", () => {
  const text = HEAD + `
type S = am.S

/* States has two lines,
   and a comment of two. */
var States = am.Struct{
	B: {Auto: true, Remove: GroupPlaying,}, // the comma stays
	A: {
		Multi: true, Add: am.SMerge(groupOther, S{C, am.Exception}), Tags: []string{\`raw\`, "a\\tb\\u00e9\\xc3\\xa9"},
	},
	"c d": {Require: S{}, After: nil, Auto: false},
	C: am.State{Add: []string{"B"}},
}

var (
	GroupPlaying = S{A, B}
	groupOther   = S{C}
)

const (
	A, B = "A", "B"
	C    string = "C"
)

func unrelated(a int) (r rune) {
	if a < 1 { return '}' }
	for i := range a { println("} {", \`}\`, i<<2&^1) }
	return '\\''
}

var Names = S{A, B, C, am.Exception}
`;
  assertReads(text, {
    A: { multi: true, add: ["C", "Exception"], tags: ["raw", "a\tbéé"] },
    B: { auto: true, remove: ["A", "B"] },
    C: { add: ["B"] },
    "c d": { require: [], auto: false },
  });
  assertEquals([...read(text).groups], [["Playing", ["A", "B"]], ["Other", ["C"]]]);
});

Deno.test("readGo() reads structs, merged schemas and groups of a file in the style of version 0.19", () => {
  const text = `
package states

import (
	"errors"

	am "github.com/pancsta/asyncmachine-go/pkg/machine"
	ss "github.com/pancsta/asyncmachine-go/pkg/states"
	. "github.com/pancsta/asyncmachine-go/pkg/states/global"
)

type PlayerState = string

type PlayerStatesDef struct {
	// the base brings names that are not in the schema
	*ss.BasicStatesDef
	Playing, Paused PlayerState
	Loaded string \`json:"loaded"\`
	*ss.ConnectedStatesDef
	*am.StatesBase
}

type PlayerGroupsDef struct {
	*ss.ConnectedGroupsDef
	Playback S
}

var PlayerSchema = ss.BasicSchema.Merge(ss.ConnectedSchema, am.Schema{
	ssP.Playing: {Require: S{Start, ssP.Loaded}, Remove: sgP.Playback},
	ssP.Paused:  State{Auto: true}.Extend(am.State{Remove: sgP.Playback}),
	ssP.Loaded:  {Add: SAdd(S{ssP.Connected}, sgP.Playback).Delete(S{ssP.Paused})},
	ssP.Heartbeat: ss.BasicSchema[ssP.Heartbeat].Set(false, true, State{Require: S{Start}}),
})

var (
	ssP = am.NewStates(PlayerStatesDef{})
	sgP = am.NewStateGroups(PlayerGroupsDef{Playback: S{ssP.Playing, ssP.Paused}}, ss.ConnectedGroups)

	PlayerStates = ssP
	PlayerGroups = sgP
)

var ErrPlayer = errors.New("error of the player")
`;
  const schema = mergeSchemas(
    BASIC_SCHEMA,
    {
      Playing: { require: ["Start", "Loaded"], remove: ["Playing", "Paused"] },
      Paused: { auto: true, remove: ["Playing", "Paused"] },
      Loaded: { add: ["Connected", "Playing"] },
    },
    CONNECTED_SCHEMA,
    { Heartbeat: { auto: false, multi: true, require: ["Start"] } },
  );
  assertReads(text, schema);
  const { name, groups, states } = read(text);
  assertEquals(name, "Player");
  assertEquals([...groups], [["Connected", [...CONNECTED_GROUP]], ["Playback", ["Playing", "Paused"]]]);
  assertEquals(states.get("Playing")?.position, { line: 29, column: 2 });
  assertEquals(states.get("Playing")?.relationPositions?.require, [{ line: 29, column: 27 }, { line: 29, column: 34 }]);
});

Deno.test("readGo() reads lines that end as on Windows", () => {
  const text = HEAD.replaceAll("\n", "\r\n") +
    "var Schema = am.Schema{\r\n\tA: {Tags: []string{`a\r\nb`}},\r\n}\r\n\r\nconst A = `A`\r\n";
  assertReads(text, { A: { tags: ["a\nb"] } });
  assertEquals(read(text).states.get("A")?.position, { line: 6, column: 2 });
});

Deno.test("readGo() takes the schema that is asked for, or the only exported one", () => {
  const two = `${HEAD}var A = "A"\nvar OneSchema = am.Schema{A: {}}\nvar StatesTwo = am.Struct{"B": {}}\n` +
    'var own = am.Schema{}\nvar NamesTwo = am.S{"B"}';
  assertEquals(read(two, "OneSchema").name, "One");
  assertEquals([...read(two, "two").states.keys()], ["B"]);
  assertEquals(read(`${HEAD}var Schema = am.Schema{}\nvar own = am.Schema{"A": {}}`).states.size, 0);
  assertEquals(read(`${HEAD}var own = map[string]am.State{"A": {}}`).states.size, 1);
  assertRefuses(two, 'it has more than one schema: --name says which of "OneSchema", "StatesTwo" is meant');
  assertRefuses(two, 'it has no schema "Three", but "OneSchema", "StatesTwo", "own"', "Three");
  assertRefuses(HEAD, "it has no schema");
});

Deno.test("readGo() refuses what it does not understand, with line and column", () => {
  const refused: [schema: string, message: string][] = [
    ["am.Schema{f(): {}}", 'line 5, column 25: "f" is declared nowhere in this file'],
    ["am.Schema{fmt.A: {}}", 'line 5, column 25: "fmt" is declared nowhere in this file'],
    ["am.Schema{am.New: {}}", 'line 5, column 28: "New" is of the package'],
    ["am.Schema{am.S: {}}", 'line 5, column 25: "am.S" is no data'],
    ['am.Schema{"A": {}, "A": {}}', 'line 5, column 34: "A" is there twice'],
    ['am.Schema{"A": {Drop: nil}}', 'line 5, column 31: a state has no field "Drop"'],
    ['am.Schema{"A": {Auto: 1}}', 'line 5, column 37: "1" cannot be told without running it'],
    ['am.Schema{"A": {Auto: "x"}}', 'line 5, column 37: the text "x" is neither true nor false, for "auto"'],
    ['am.Schema{"A": {Add: am.S{true}}}', "line 5, column 41: true is no text, in a list of states"],
    ['am.Schema{"A" + "B": {}}', 'line 5, column 29: "+" cannot be told without running it'],
    ['am.Schema{"A": {Add: am.S{"A"}[1:]}}', 'line 5, column 46: "1" cannot be told without running it'],
    ['am.Schema{"A": {Add: am.S{x...}}}', 'line 5, column 41: "x" is declared nowhere in this file'],
    [
      'am.Schema{"A": {Add: func() am.S { return nil }()}}',
      'line 5, column 36: "func" is declared nowhere in this file',
    ],
    ['am.Schema{"\\q": {}}', 'line 5, column 25: a text has the unknown escape "\\q"'],
    ['am.Schema{"\\xff": {}}', "line 5, column 25: a text is no UTF-8"],
    ['am.Schema{"\\ud800": {}}', "line 5, column 25: a text has the escape of no character"],
    ['am.Schema{"A: {}}', 'line 5, column 25: """ begins no word of Go'],
    ['am.Schema{"A": {}', "line 5, column 32: the file ends too early"],
    ['am.Schema{"A": {}]', 'line 5, column 32: "]" closes nothing'],
    ["am.Schema{A: {}}\nvar A = B\nvar B = A", 'line 6, column 5: "A" is made of itself'],
    ["am.Schema{A: {}}\nvar A string", 'line 5, column 25: "A" is a var without a value of its own, and no data'],
    ["am.Schema{A: {}}\nfunc A() {}", 'line 5, column 25: "A" is a function, and no data'],
    ["am.Schema{}\nimport ;", "line 6, column 8: there is nothing to declare here"],
    ["am.Schema{}\nx := 1", 'line 6, column 1: "x" begins no declaration of Go'],
    [
      "am.Schema{}\ntype XStatesDef struct { A string }",
      'line 6, column 26: "A" is named as a state, but the schema does not have it',
    ],
    [
      "am.Schema{}\ntype XStatesDef struct { A int }",
      'line 6, column 26: the field "A" is no name of a state: it is no string',
    ],
    ["am.Schema{}\ntype XStatesDef struct { *XStatesDef }", "line 6, column 26: structs are embedded too deeply"],
    [
      "am.Schema{}\ntype XStatesDef struct { *other.Def }",
      'line 6, column 27: "other" is declared nowhere in this file',
    ],
  ];
  for (const [schema, message] of refused) {
    const error = assertThrows(() => read(`${HEAD}var XSchema = ${schema}`), SyntaxError);
    assertEquals(error.message.slice(0, message.length), message);
  }
});

Deno.test("readGo() gives up on what is too deep or too much", () => {
  const deep = `${HEAD}var Schema = am.Schema{"A": ${"(".repeat(50_000)}${")".repeat(50_000)}}`;
  assertRefuses(deep, "line 1, column 1: it is nested too deeply");
  const lists = Array.from({ length: 40 }, (_, i) => `var l${i + 1} = am.SAdd(l${i}, l${i})`).join("\n");
  assertEquals(read(`${HEAD}var Schema = am.Schema{"A": {Add: l40}}\nvar l0 = am.S{"A"}\n${lists}`).states.size, 1);
  const structs = Array.from({ length: 40 }, (_, i) => `type D${i + 1} struct { *D${i}; *D${i} }`).slice(0, 19).join(
    "\n",
  );
  assertRefuses(
    `${HEAD}type D0 struct { A string }\n${structs}\nvar XSchema = am.Schema{"A": {}}\ntype XStatesDef struct { *D19; *D19; *D19; *D19 }`,
    "line 6, column 23: it comes to more than 1000000 values",
  );
});
