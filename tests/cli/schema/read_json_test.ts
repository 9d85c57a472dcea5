import { assertEquals, assertThrows } from "@std/assert";
import { toSchema } from "../../../cli/schema/model.ts";
import { readJson } from "../../../cli/schema/read_json.ts";

Deno.test("readJson() reads what new Machine() takes, with the place of each state and each name of a relation", () => {
  const text =
    '{\r\n  "B": { "auto": true, "timeoutMs": 1e3, "tags": ["a"] },\r\n  "__proto__": { "require": ["B", "é"] },\n  "1": {}}';
  const model = readJson(text, "Word");
  assertEquals(model.name, "Word");
  assertEquals(JSON.stringify(Object.entries(toSchema(model))), JSON.stringify(Object.entries(JSON.parse(text))));
  const proto = model.states.get("__proto__");
  assertEquals(proto?.position, { line: 3, column: 3 });
  assertEquals(proto?.relationPositions, { require: [{ line: 3, column: 30 }, { line: 3, column: 35 }] });
});

Deno.test("readJson() refuses what is no schema, with line and column", () => {
  const refused: [text: string, message: string][] = [
    ["", "line 1, column 1: no JSON: value expected"],
    ["{\n}x", "line 2, column 2: no JSON: invalid symbol"],
    ['{"A": {},}', "line 1, column 10: no JSON: property name expected"],
    ['{"A": {} /* a */}', "line 1, column 10: no JSON: invalid comment token"],
    ["[]", "line 1, column 1: a list is no object of states"],
    ["1", "line 1, column 1: 1 is no object of states"],
    ["null", "line 1, column 1: null has no meaning in a schema"],
    ['{"A": null}', "line 1, column 7: null has no meaning in a schema"],
    ['{"A": {},\n "A": {}}', 'line 2, column 2: "A" is there twice'],
    ['{"__proto__": {}, "\\u005f_proto__": {}}', 'line 1, column 19: "__proto__" is there twice'],
    ['{"A": {"auto": true, "auto": true}}', 'line 1, column 22: "auto" is there twice'],
    ['{"A": {"auto": 0}}', 'line 1, column 16: 0 is neither true nor false, for "auto"'],
    ['{"A": {"add": "B"}}', 'line 1, column 15: the text "B" is no list of states'],
    ['{"A": {"add": [["B"]]}}', "line 1, column 16: a list is no text, in a list of states"],
    [
      '{"A": {"timeoutMs": "1"}}',
      'line 1, column 21: the text "1" is not a finite number of 0 or more, for "timeoutMs"',
    ],
    ['{"A": {"timeoutMs": 1e400}}', 'line 1, column 21: Infinity is not a finite number of 0 or more, for "timeoutMs"'],
    ['{"A": {"__proto__": []}}', 'line 1, column 8: a state has no field "__proto__"'],
    ['{"A": {"args": {}}}', 'line 1, column 16: an object is no type of arguments, for "args"'],
    ['{"A\\u001b[31m": 1}', 'line 1, column 17: 1 is no state, for "A␛[31m"'],
    [`{"A": ${"[".repeat(200)}`, "line 1, column 106: it is nested too deeply"],
  ];
  for (const [text, message] of refused) {
    assertEquals(assertThrows(() => readJson(text, "Word"), SyntaxError).message, message);
  }
});
