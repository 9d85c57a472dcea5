import { type MachineRecord, nameStates, type TelemetryRecord, type TxRecord } from "../telemetry/mod.ts";

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
  /** What the last record did to them. */
  changes: readonly Change[];
  /** Whether it is disposed. */
  isDisposed: boolean;

  /** Begin a view of an instance. */
  constructor(instance: string) {
    this.instance = instance;
    this.machine = undefined;
    this.ticks = [];
    this.changes = [];
    this.isDisposed = false;
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
    } else if (record.kind === "tx") {
      this.changes = record.ticks.map(([index, after]) => ({ index, before: this.ticks[index] ?? 0, after }));
      for (const { index, after } of this.changes) this.ticks[index] = after;
    } else if (record.kind === "dispose") {
      this.isDisposed = true;
    }
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

/** The machines of a stream of records. */
export class MachineViews {
  readonly #views: Map<string, MachineView>;

  /** Begin without machines. */
  constructor() {
    this.#views = new Map();
  }

  /** Take in a record, and return its machine as it is after it. */
  apply(record: TelemetryRecord): MachineView {
    let view = this.#views.get(record.instance);
    if (view === undefined) this.#views.set(record.instance, view = new MachineView(record.instance));
    view.apply(record);
    return view;
  }

  /** All machines, in the order in which they came. */
  list(): MachineView[] {
    return [...this.#views.values()];
  }
}

/** Whether a record is a transition that ran: no check, and no mutation on its way into the queue. */
export function isTransition(record: TelemetryRecord): record is TxRecord {
  return record.kind === "tx" && record.queued !== true && record.check !== true;
}
