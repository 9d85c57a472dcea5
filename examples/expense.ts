/**
 * An expense that is paid once somebody outside approves it, over HTTP.
 *
 * Shows auto states that open one after the other, a request as a mutation whose result is the answer, and negotiation that
 * rejects an approval that comes too early. One that comes twice changes nothing. The script sends the requests itself.
 *
 * Run it: `deno run --allow-net=127.0.0.1 examples/expense.ts [AMOUNT]` (120 by default)
 */
import { argsType, Canceled, defineSchema, type Event, type EventOf, Machine } from "@asyncmachine/asyncmachine";
import { waitForErrAll } from "@asyncmachine/asyncmachine/flow";

const EXPENSE_GROUP = ["CreatingExpense", "ExpenseCreated"] as const;
const APPROVAL_GROUP = ["WaitingForApproval", "ApprovalGranted"] as const;
const PAYMENT_GROUP = ["PaymentInProgress", "PaymentCompleted"] as const;

const schema = defineSchema({
  CreatingExpense: { remove: EXPENSE_GROUP, args: argsType<{ amount: number }>() },
  ExpenseCreated: { remove: EXPENSE_GROUP },
  WaitingForApproval: { auto: true, require: ["ExpenseCreated"], remove: APPROVAL_GROUP },
  ApprovalGranted: { remove: APPROVAL_GROUP },
  PaymentInProgress: { auto: true, require: ["ApprovalGranted"], remove: PAYMENT_GROUP },
  PaymentCompleted: { remove: PAYMENT_GROUP },
});

class Handlers {
  amount = 0;

  async CreatingExpenseState(event: EventOf<typeof schema, "CreatingExpense">): Promise<void> {
    this.amount = event.args.amount;
    await pause(event.signal); // a database would be asked here
    event.machine.add("ExpenseCreated");
  }

  ApprovalGrantedEnter(event: Event<typeof schema>): boolean {
    return event.machine.is("WaitingForApproval");
  }

  async PaymentInProgressState(event: EventOf<typeof schema, "PaymentInProgress">): Promise<void> {
    await pause(event.signal); // a bank would be asked here
    event.machine.add("PaymentCompleted");
  }
}

const amount = Number(Deno.args[0] ?? 120);
if (amount > 0 && amount < Infinity) await run(amount).catch((error: Error) => fail(error.message));
else fail(`Cannot create expense: amount "${Deno.args[0]}" is not a number of more than 0`);

async function run(amount: number): Promise<void> {
  await using machine = new Machine(schema, { id: "expense", logLevel: "changes", logId: false });
  const handlers = new Handlers();
  machine.bindHandlers(handlers, { id: "expense" });
  const done = waitForErrAll(machine, [(signal) => machine.when("PaymentCompleted", { signal })], { timeoutMs: 5_000 });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "POST" || pathname !== "/approve") return answer(404, "no such thing to do");
    return machine.add("ApprovalGranted") === Canceled ? answer(409, "nothing to approve") : answer(200, "approved");
  });
  const approve = async () => {
    const response = await fetch(`http://127.0.0.1:${server.addr.port}/approve`, { method: "POST" });
    await response.body?.cancel();
  };

  await approve(); // too early
  machine.add("CreatingExpense", { amount });
  await machine.when("WaitingForApproval", { timeoutMs: 5_000 });
  await approve();
  await done;
  await approve(); // twice: it is granted already
  console.log(`done: paid ${handlers.amount}`);
}

function answer(status: number, text: string): Response {
  console.log(`answer ${status}: ${text}`);
  return new Response(`${text}\n`, { status });
}

/** Resolves a little later, or rejects with the signal's reason. */
function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 20);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}

function fail(message: string): void {
  console.error(`error: ${message}`);
  Deno.exitCode = 1;
}
