import { type MachineRecord, nameStates, STEP_CODES, type TelemetryRecord, type TxRecord } from "../telemetry/mod.ts";

/** What a transition did to a state's tick. */
export interface Change {
  /** The state, by index. */
  readonly index: number;
  /** Its tick before. */
  readonly before: number;
  /** Its tick after. */
  readonly after: number;
}

/** Say what became of a state: it came, it went, or both. A multi state that is called again comes again. */
export function signOf({ before, after }: Pick<Change, "before" | "after">): "+" | "-" | "±" {
  if (after % 2 === 1) return "+";
  return before % 2 === 1 ? "-" : "±";
}

/** A machine as its records tell it, one after the other. */
export class MachineView {
  /** Its instance. */
  readonly instance: string;
  /** Its last machine record; `undefined` as long as none came. */
  machine: MachineRecord | undefined;
  /** Its ticks, in the order of the state names. */
  ticks: number[];
  /**
   * What the last record did to them. Where records before it are missing, as a filter has it, the tick before is the one
   * that fits.
   */
  changes: readonly Change[];
  /** Whether it is disposed. */
  isDisposed: boolean;
  #sum: number;
  /** Whether the ticks are those that the machine has here in the order of records. */
  #isExact: boolean;

  /** Begin a view of an instance. */
  constructor(instance: string) {
    this.instance = instance;
    this.machine = undefined;
    this.ticks = [];
    this.changes = [];
    this.isDisposed = false;
    this.#sum = 0;
    this.#isExact = false;
  }

  /** Begin with a machine as it is at some other place in the order of records, near this one. */
  meet(record: MachineRecord): void {
    this.apply(record);
    this.#isExact = false;
  }

  /** Its id; its instance as long as its machine record did not come. */
  get id(): string {
    return this.machine?.id ?? this.instance;
  }

  /** Names of its states, in index order. */
  get stateNames(): readonly string[] {
    return this.machine?.stateNames ?? [];
  }

  /** Go on by one record. */
  apply(record: TelemetryRecord): void {
    this.changes = [];
    if (record.kind === "machine") {
      this.machine = record;
      this.ticks = [...record.ticks];
      this.#sum = this.ticks.reduce((sum, tick) => sum + tick, 0);
      this.#isExact = true;
    } else if (record.kind === "tx") {
      this.#applyTx(record);
    } else if (record.kind === "dispose") {
      this.isDisposed = true;
    }
  }

  #applyTx(record: TxRecord): void {
    const changes = record.ticks.map(([index, after]) => ({ index, before: this.ticks[index] ?? 0, after }));
    for (const { index, before, after } of changes) {
      this.#sum += after - before;
      this.ticks[index] = after;
    }
    const wasExact = this.#isExact;
    this.#isExact = this.#sum === record.sum; // ticks only grow: with the same sum each is the same
    if (wasExact && this.#isExact) this.changes = changes;
    else this.changes = changes.map(({ index, after }) => ({ index, before: fitBefore(record, index, after), after }));
  }

  /** Names of states by their indexes. */
  names(indexes: readonly number[]): string[] {
    return nameStates(indexes, this.stateNames);
  }

  /** Name of one state. */
  nameOf(index: number): string {
    return this.names([index])[0]!;
  }

  /** Indexes of the active states. */
  active(): number[] {
    return this.ticks.flatMap((tick, index) => tick % 2 === 1 ? [index] : []);
  }
}

/** The tick before one that is known: states come and go by 1; one that was taken back came and went. */
function fitBefore({ accepted, steps }: TxRecord, index: number, after: number): number {
  if (after % 2 === 1 || accepted) return after - 1;
  const isBack = steps?.some(([type, , to]) => type === STEP_CODES.activate && to === index);
  return after - (isBack ? 2 : 1);
}

/** The machines of a stream of records. */
export class MachineViews {
  readonly #views: Map<string, MachineView>;

  /** Begin without machines. */
  constructor() {
    this.#views = new Map();
  }

  /** Take in a record, and return its machine as it is after it. */
  apply(record: TelemetryRecord): MachineView {
    const view = this.#viewOf(record.instance);
    view.apply(record);
    return view;
  }

  /** Begin with a machine as it is at some other place in the order of records, near this one. */
  meet(record: MachineRecord): void {
    this.#viewOf(record.instance).meet(record);
  }

  /** A machine, if a record of it came. */
  get(instance: string): MachineView | undefined {
    return this.#views.get(instance);
  }

  /** All machines, in the order in which they came. */
  list(): MachineView[] {
    return [...this.#views.values()];
  }

  #viewOf(instance: string): MachineView {
    let view = this.#views.get(instance);
    if (view === undefined) this.#views.set(instance, view = new MachineView(instance));
    return view;
  }
}

/** Whether a record is a transition that ran: no check, and no mutation on its way into the queue. */
export function isTransition(record: TelemetryRecord): record is TxRecord {
  return record.kind === "tx" && record.queued !== true && record.check !== true;
}
