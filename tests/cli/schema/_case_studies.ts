/**
 * Schemas of programs that exist, to convert: automata, a watcher of files, workflows, a network and its simulation, and a
 * debugger. Run it to write `testdata/go` anew: `deno run -A tests/cli/schema/_case_studies.ts`. The files are read by eye
 * again then.
 *
 * @module
 */
import type { Relation, State } from "../../../mod.ts";
import type { SchemaModel } from "../../../cli/schema/model.ts";
import { type GoStyle, writeGo } from "../../../cli/schema/write_go.ts";

/** A state is `Name flags | relation Name, $Group`; a group is `$Group = Name, Name`. */
const NOTATION: Readonly<Record<string, string>> = {
  Fsm: `
    InputPush; InputCoin; Locked auto | remove $Unlocked; Unlocked | remove $Unlocked;
    $Unlocked = Locked, Unlocked`,
  Nfa: `
    Input multi; Start | add StepX; StepX | remove $Steps; Step0 | remove $Steps; Step1 | remove $Steps;
    Step2 | remove $Steps; Step3 | remove $Steps;
    $Steps = StepX, Step0, Step1, Step2, Step3`,
  Watcher: `
    Init | add Watching; Watching | add Init | after Init; ChangeEvent multi | require Watching;
    Refreshing multi | remove AllRefreshed; Refreshed multi; AllRefreshed`,
  Directory: `
    Refreshing | remove $R; Refreshed | remove $R; DirDebounced | remove $R; DirCached;
    $R = Refreshing, Refreshed, DirDebounced`,
  Expense: `
    CreatingExpense | remove $Expense; ExpenseCreated | remove $Expense;
    WaitingForApproval auto | require ExpenseCreated | remove $Approval; ApprovalGranted | remove $Approval;
    PaymentInProgress auto | require ApprovalGranted | remove $Payment; PaymentCompleted | remove $Payment;
    $Expense = CreatingExpense, ExpenseCreated; $Approval = WaitingForApproval, ApprovalGranted;
    $Payment = PaymentInProgress, PaymentCompleted`,
  File: `
    DownloadingFile | remove $Downloaded; FileDownloaded | remove $Downloaded;
    ProcessingFile auto | require FileDownloaded | remove $Processed; FileProcessed | remove $Processed;
    UploadingFile auto | require FileProcessed | remove $Uploaded; FileUploaded | remove $Uploaded;
    $Downloaded = DownloadingFile, FileDownloaded; $Processed = ProcessingFile, FileProcessed;
    $Uploaded = UploadingFile, FileUploaded`,
  Host: `
    PeersPending; PeersDead; GetPeers multi; PeerNewStream multi; PeerCloseStream multi; PeerError multi;
    PublishMessage multi; BlacklistPeer multi; GetTopics multi; AddTopic multi; RemoveTopic multi;
    AnnouncingTopic multi; TopicAnnounced multi; RemoveSubscription multi; AddSubscription multi; AddRelay multi;
    RemoveRelay multi; IncomingRPC multi; AddValidator multi; RemoveValidator multi`,
  Discovery: `
    Start | add PoolTimer; PoolTimer; RefreshingDiscoveries | require Start; DiscoveriesRefreshed | require Start;
    DiscoveringTopic multi; TopicDiscovered multi; BootstrappingTopic multi; TopicBootstrapped multi;
    AdvertisingTopic multi; StopAdvertisingTopic multi`,
  Bootstrap: `
    Start | add BootstrapChecking; BootstrapChecking | remove $B; DiscoveringTopic | remove $B;
    BootstrapDelay | remove $B; TopicBootstrapped | remove $B;
    $B = DiscoveringTopic, BootstrapDelay, BootstrapChecking, TopicBootstrapped`,
  Sim: `
    Start; Heartbeat | require Start; AddPeer | require Start; RemovePeer | require Start; AddTopic | require Start;
    RemoveTopic | require Start; PeakRandTopic | require Start; AddRandomFriend | require Start; GC | require Start;
    JoinRandomTopic | require Start; JoinFriendsTopic | require Start; MsgRandomTopic | require Start;
    VerifyMsgsRecv | require Start; RefreshMetrics | require Start`,
  Peer: `
    Start; IsDHT; Ready auto | require Start, Connected; IdentityReady | remove $Id; GenIdentity auto | remove $Id;
    BootstrapsConnected; EventHostConnected multi | require Start | add Connected;
    Connected | require Start | remove $C; Connecting auto | require Start, IdentityReady | remove $C;
    Disconnecting | remove $C, BootstrapsConnected; JoiningTopic multi | require Connected;
    TopicJoined multi | require Connected | add FwdToSim; LeavingTopic multi | require Connected;
    TopicLeft multi | require Connected | add FwdToSim; SendingMsgs multi | require Connected;
    MsgsSent multi | require Connected | add FwdToSim; FwdToSim;
    $C = Connecting, Connected, Disconnecting; $Id = GenIdentity, IdentityReady`,
  Topic: `
    Stale auto; HasPeers; Active | remove Stale; Peaking | require HasPeers | remove Stale; Exception multi`,
  Debugger: `
    ClientMsg multi; ConnectEvent multi; DisconnectEvent multi; UserFwd | add Fwd | remove $Playing;
    UserBack | add Back | remove $Playing;
    UserFwdStep | add FwdStep | require ClientSelected | remove $Playing, LogUserScrolled;
    UserBackStep | add BackStep | require ClientSelected | remove $Playing, LogUserScrolled;
    TreeFocused | remove $Focused; LogFocused | remove $Focused; SidebarFocused | remove $Focused;
    TimelineTxsFocused | remove $Focused; TimelineStepsFocused | remove $Focused; MatrixFocused | remove $Focused;
    DialogFocused | remove $Focused; StateNameSelected | require ClientSelected; HelpDialog | remove $Dialog;
    ExportDialog | require ClientSelected | remove $Dialog; LogUserScrolled; Ready | require Start;
    FilterAutoTx; FilterCanceledTx; FilterEmptyTx;
    Start; TreeLogView auto | remove $Views; MatrixView | remove $Views; TreeMatrixView | remove $Views;
    TailMode | require ClientSelected | remove $Playing;
    Playing | require ClientSelected | remove $Playing, LogUserScrolled;
    Paused auto | require ClientSelected | remove $Playing; ToggleFilter; Fwd | require ClientSelected;
    Back | require ClientSelected; FwdStep | require ClientSelected; BackStep | require ClientSelected;
    ScrollToTx | require ClientSelected; SelectingClient | require Start | remove ClientSelected;
    ClientSelected | require Start | remove SelectingClient, LogUserScrolled; RemoveClient | require ClientSelected;
    $Focused = TreeFocused, LogFocused, SidebarFocused, TimelineTxsFocused, TimelineStepsFocused, MatrixFocused,
      DialogFocused;
    $Playing = Playing, Paused, TailMode; $Dialog = HelpDialog, ExportDialog;
    $Views = MatrixView, TreeLogView, TreeMatrixView`,
};

/** The schemas. */
export const CASE_STUDIES: readonly SchemaModel[] = Object.entries(NOTATION).map(([name, text]) => parse(name, text));

/** Where the file of a schema is, as Go. */
export function goFileOf({ name }: SchemaModel, style: GoStyle): URL {
  return new URL(`../testdata/go/${style}/ss_${name.toLowerCase()}.go`, import.meta.url);
}

function parse(name: string, text: string): SchemaModel {
  const entries = text.split(";").map((entry) => entry.trim().replace(/\s+/g, " "));
  const groups = new Map<string, string[]>();
  for (const entry of entries) {
    const [, group, list] = /^\$(\w+) = (.+)$/.exec(entry) ?? [];
    if (group !== undefined) groups.set(group, list!.split(", "));
  }
  const states = entries.filter((entry) => !entry.startsWith("$")).map((entry): [string, State] => {
    const [head = "", ...relations] = entry.split(" | ");
    const [state = "", ...flags] = head.split(" ");
    const pairs = relations.map((relation): [Relation, string[]] => {
      const [, kind, list] = /^(\w+) (.+)$/.exec(relation)!;
      const names = list!.split(", ").flatMap((it) => it.startsWith("$") ? groups.get(it.slice(1))! : it);
      return [kind as Relation, names];
    });
    return [state, Object.fromEntries<unknown>([...flags.map((flag) => [flag, true] as const), ...pairs])];
  });
  return { name, states: new Map(states), groups };
}

if (import.meta.main) {
  for (const model of CASE_STUDIES) {
    for (const style of ["struct", "schema"] as const) {
      await Deno.mkdir(new URL("./", goFileOf(model, style)), { recursive: true });
      await Deno.writeTextFile(goFileOf(model, style), writeGo(model, style));
    }
  }
}
