import type { Type } from "./type.ts";

/** Types of values by the names that every command knows. */
export type BaseTypes = { number: number; integer: number; string: string; boolean: boolean; file: string };

/** What two lists of options are together; `void` is none. */
export type Merge<Left, Right> = [Left] extends [void] ? Right : [Right] extends [void] ? Left : Left & Right;

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type ValueOf<Name, Types> = Name extends keyof Types ? Types[Name] extends Type<infer Value> ? Value : Types[Name]
  : unknown;

/** `name:type` */
type TypeOf<Text extends string, Types> = Text extends `${string}:${infer Name}` ? ValueOf<Name, Types> : string;

/** Types of arguments by a text such as `<id:string> [tx:string]`. */
export type ArgumentsOf<Text extends string, Types> = Text extends `${infer First} ${infer Rest}`
  ? [...ArgumentOf<First, Types>, ...ArgumentsOf<Rest, Types>]
  : ArgumentOf<Text, Types>;

type ArgumentOf<Text extends string, Types> = Text extends `[...${infer Inner}]` ? TypeOf<Inner, Types>[]
  : Text extends `<...${infer Inner}>` ? [TypeOf<Inner, Types>, ...TypeOf<Inner, Types>[]]
  : Text extends `[${infer Inner}]` ? [TypeOf<Inner, Types>?]
  : Text extends `<${infer Inner}>` ? [TypeOf<Inner, Types>]
  : [];

type Keyed<Name extends string, Value, IsThere> = IsThere extends true ? { [Key in CamelCase<Name>]: Value }
  : { [Key in CamelCase<Name>]?: Value };

/** As in the real package, the type of one that may be missing says `undefined`, too. */
type Flag<Name extends string, Default, IsThere> = Keyed<
  Name,
  IsThere extends true ? true | NonNullable<Default> : true | undefined,
  IsThere
>;

type IsThere<Required, Default> = Required extends true ? true : Default extends undefined ? false : true;

type Collected<Value, Collect> = Collect extends true ? Value[] : Value;

/** Type of an option by a text such as `-o, --out <file:file>`. */
export type OptionOf<Text extends string, Types, Required, Collect, Default> = Text extends
  `${string}--no-${infer Name}` ? { [Key in CamelCase<Name>]: boolean }
  : Text extends `${string}--${infer Name} <${infer Inner}>`
    ? Keyed<Name, Collected<NonNullable<Default> | TypeOf<Inner, Types>, Collect>, IsThere<Required, Default>>
  : Text extends `${string}--${infer Name}` ? Flag<Name, Default, IsThere<Required, Default>>
  : never;
