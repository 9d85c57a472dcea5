/**
 * Reads the names of handlers, as the compiler does: in types.
 *
 * Nobody but the types of handlers names what is here, so it is public nowhere.
 *
 * @module
 */

/**
 * What the name of a handler ends in, behind the name of its state.
 *
 * @internal
 */
export type HandlerSuffix = "Enter" | "State" | "Exit" | "End";

/**
 * Whether a text is the names of two states. It is read letter by letter: all pairs are too many for the compiler.
 *
 * @typeParam State The machine's states.
 * @typeParam Rest What is not read yet.
 * @typeParam Head What is read.
 * @internal
 */
export type IsPair<State extends string, Rest extends string, Head extends string = ""> = Rest extends
  `${infer Letter}${infer Tail}`
  ? `${Head}${Letter}` extends State ? Tail extends State ? true : IsPair<State, Tail, `${Head}${Letter}`>
  : IsPair<State, Tail, `${Head}${Letter}`>
  : false;

/**
 * The names of handlers that are most like a name that is none: those that begin like it.
 *
 * @typeParam State The machine's states.
 * @typeParam Name The name.
 * @internal
 */
export type NearestHandler<State extends string, Name extends string> = Name extends `Any${string}`
  ? "AnyEnter" | "AnyState"
  : LongestHead<State, Name> extends infer Head extends string
    ? Head extends "" ? `${BeginsMostLike<State, Name>}${SuffixLike<Name>}`
    : Name extends `${Head}${infer Rest}` ? `${Head}${NearestTail<State, Rest>}`
    : never
  : never;

/**
 * What may stand behind the name of a state, most like what does.
 *
 * @typeParam State The machine's states.
 * @typeParam Rest What does.
 */
type NearestTail<State extends string, Rest extends string> = Rest extends `${infer Letter}${string}`
  ? Extract<State | HandlerSuffix, `${Letter}${string}`> extends infer Tail extends string
    ? [Tail] extends [never] ? HandlerSuffix : BeginsMostLike<Tail, Rest>
  : never
  : HandlerSuffix;

/**
 * The suffix that a name ends in; all of them for none.
 *
 * @typeParam Name The name.
 */
type SuffixLike<Name extends string> = Name extends `${string}Enter` ? "Enter"
  : Name extends `${string}State` ? "State"
  : Name extends `${string}Exit` ? "Exit"
  : Name extends `${string}End` ? "End"
  : HandlerSuffix;

/**
 * The longest name of a state that a text begins with, `""` for none.
 *
 * @typeParam State The machine's states.
 * @typeParam Rest What is not read yet.
 * @typeParam Head What is read.
 * @typeParam Best The longest so far.
 */
type LongestHead<State extends string, Rest extends string, Head extends string = "", Best extends string = ""> =
  Rest extends `${infer Letter}${infer Tail}`
    ? LongestHead<State, Tail, `${Head}${Letter}`, `${Head}${Letter}` extends State ? `${Head}${Letter}` : Best>
    : Best;

/**
 * The words that begin like a text for the most letters.
 *
 * @typeParam Word The words.
 * @typeParam Rest What is not read yet.
 * @typeParam Head What is read.
 */
type BeginsMostLike<Word extends string, Rest extends string, Head extends string = ""> = Rest extends
  `${infer Letter}${infer Tail}`
  ? Extract<Word, `${Head}${Letter}${string}`> extends infer Closer extends string
    ? [Closer] extends [never] ? Word : BeginsMostLike<Closer, Tail, `${Head}${Letter}`>
  : never
  : Word;
