/**
 * Schemas of real programs, to try the commands on that read schemas.
 *
 * @module
 */
import type { Schema } from "../../mod.ts";

/** Give several states the same flags and relations. Lists of states that exclude each other hold the state itself, too. */
function each(names: readonly string[], state: Schema[string] = {}): Record<string, Schema[string]> {
  return Object.fromEntries(names.map((name) => [name, state]));
}

const NFA_STEPS = ["StepX", "Step0", "Step1", "Step2", "Step3"];
const PROGRESS = ["Refreshing", "Refreshed", "DirDebounced"];
const CONNECTION = ["Connecting", "Connected", "Disconnecting"];
const IDENTITY = ["GenIdentity", "IdentityReady"];
const BOOTSTRAP = ["DiscoveringTopic", "BootstrapDelay", "BootstrapChecking", "TopicBootstrapped"];
const FOCUSED = [
  "TreeFocused",
  "LogFocused",
  "SidebarFocused",
  "TimelineTxsFocused",
  "TimelineStepsFocused",
  "MatrixFocused",
  "DialogFocused",
];
const PLAYING = ["Playing", "Paused", "TailMode"];
const VIEWS = ["MatrixView", "TreeLogView", "TreeMatrixView"];
const DIALOGS = ["HelpDialog", "ExportDialog"];

const HOST_EVENTS = [
  "GetPeers",
  "PeerNewStream",
  "PeerCloseStream",
  "PeerError",
  "PublishMessage",
  "BlacklistPeer",
  "GetTopics",
  "AddTopic",
  "RemoveTopic",
  "AnnouncingTopic",
  "TopicAnnounced",
  "RemoveSubscription",
  "AddSubscription",
  "AddRelay",
  "RemoveRelay",
  "IncomingRPC",
  "AddValidator",
  "RemoveValidator",
];

const SIMULATOR_EVENTS = [
  "Heartbeat",
  "AddPeer",
  "RemovePeer",
  "AddTopic",
  "RemoveTopic",
  "PeakRandTopic",
  "AddRandomFriend",
  "GC",
  "JoinRandomTopic",
  "JoinFriendsTopic",
  "MsgRandomTopic",
  "VerifyMsgsRecv",
  "RefreshMetrics",
];

/** The schemas by name. */
export const CASE_STUDIES: Readonly<Record<string, Schema>> = {
  turnstile: {
    InputPush: {},
    InputCoin: {},
    Locked: { auto: true, remove: ["Locked", "Unlocked"] },
    Unlocked: { remove: ["Locked", "Unlocked"] },
  },
  nfa: {
    Input: { multi: true },
    Start: { add: ["StepX"] },
    ...each(NFA_STEPS, { remove: NFA_STEPS }),
  },
  pathWatcher: {
    Init: { add: ["Watching"] },
    Watching: { add: ["Init"], after: ["Init"] },
    ChangeEvent: { multi: true, require: ["Watching"] },
    Refreshing: { multi: true, remove: ["AllRefreshed"] },
    Refreshed: { multi: true },
    AllRefreshed: {},
  },
  watchedDirectory: { ...each(PROGRESS, { remove: PROGRESS }), DirCached: {} },
  expense: {
    CreatingExpense: { remove: ["CreatingExpense", "ExpenseCreated"] },
    ExpenseCreated: { remove: ["CreatingExpense", "ExpenseCreated"] },
    WaitingForApproval: {
      auto: true,
      require: ["ExpenseCreated"],
      remove: ["WaitingForApproval", "ApprovalGranted"],
    },
    ApprovalGranted: { remove: ["WaitingForApproval", "ApprovalGranted"] },
    PaymentInProgress: { auto: true, require: ["ApprovalGranted"], remove: ["PaymentInProgress", "PaymentCompleted"] },
    PaymentCompleted: { remove: ["PaymentInProgress", "PaymentCompleted"] },
  },
  fileProcessing: {
    DownloadingFile: { remove: ["DownloadingFile", "FileDownloaded"] },
    FileDownloaded: { remove: ["DownloadingFile", "FileDownloaded"] },
    ProcessingFile: { auto: true, require: ["FileDownloaded"], remove: ["ProcessingFile", "FileProcessed"] },
    FileProcessed: { remove: ["ProcessingFile", "FileProcessed"] },
    UploadingFile: { auto: true, require: ["FileProcessed"], remove: ["UploadingFile", "FileUploaded"] },
    FileUploaded: { remove: ["UploadingFile", "FileUploaded"] },
  },
  pubsubHost: { ...each(["PeersPending", "PeersDead"]), ...each(HOST_EVENTS, { multi: true }) },
  discovery: {
    Start: { add: ["PoolTimer"] },
    PoolTimer: {},
    RefreshingDiscoveries: { require: ["Start"] },
    DiscoveriesRefreshed: { require: ["Start"] },
    ...each(
      [
        "DiscoveringTopic",
        "TopicDiscovered",
        "BootstrappingTopic",
        "TopicBootstrapped",
        "AdvertisingTopic",
        "StopAdvertisingTopic",
      ],
      { multi: true },
    ),
  },
  discoveryBootstrap: { Start: { add: ["BootstrapChecking"] }, ...each(BOOTSTRAP, { remove: BOOTSTRAP }) },
  simulator: { Start: {}, ...each(SIMULATOR_EVENTS, { require: ["Start"] }) },
  simulatedPeer: {
    Start: {},
    IsDHT: {},
    Ready: { auto: true, require: ["Start", "Connected"] },
    IdentityReady: { remove: IDENTITY },
    GenIdentity: { auto: true, remove: IDENTITY },
    BootstrapsConnected: {},
    EventHostConnected: { multi: true, require: ["Start"], add: ["Connected"] },
    Connected: { require: ["Start"], remove: CONNECTION },
    Connecting: { auto: true, require: ["Start", "IdentityReady"], remove: CONNECTION },
    Disconnecting: { remove: [...CONNECTION, "BootstrapsConnected"] },
    ...each(["JoiningTopic", "LeavingTopic", "SendingMsgs"], { multi: true, require: ["Connected"] }),
    ...each(["TopicJoined", "TopicLeft", "MsgsSent"], { multi: true, require: ["Connected"], add: ["FwdToSim"] }),
    FwdToSim: {},
  },
  simulatedTopic: {
    Stale: { auto: true },
    HasPeers: {},
    Active: { remove: ["Stale"] },
    Peaking: { require: ["HasPeers"], remove: ["Stale"] },
  },
  debugger: {
    ...each(["ClientMsg", "ConnectEvent", "DisconnectEvent"], { multi: true }),
    UserFwd: { add: ["Fwd"], remove: PLAYING },
    UserBack: { add: ["Back"], remove: PLAYING },
    UserFwdStep: { add: ["FwdStep"], require: ["ClientSelected"], remove: [...PLAYING, "LogUserScrolled"] },
    UserBackStep: { add: ["BackStep"], require: ["ClientSelected"], remove: [...PLAYING, "LogUserScrolled"] },
    ...each(FOCUSED, { remove: FOCUSED }),
    StateNameSelected: { require: ["ClientSelected"] },
    HelpDialog: { remove: DIALOGS },
    ExportDialog: { require: ["ClientSelected"], remove: DIALOGS },
    LogUserScrolled: {},
    Ready: { require: ["Start"] },
    ...each(["FilterAutoTx", "FilterCanceledTx", "FilterEmptyTx", "Start"]),
    TreeLogView: { auto: true, remove: VIEWS },
    MatrixView: { remove: VIEWS },
    TreeMatrixView: { remove: VIEWS },
    TailMode: { require: ["ClientSelected"], remove: PLAYING },
    Playing: { require: ["ClientSelected"], remove: [...PLAYING, "LogUserScrolled"] },
    Paused: { auto: true, require: ["ClientSelected"], remove: PLAYING },
    ToggleFilter: {},
    ...each(["Fwd", "Back", "FwdStep", "BackStep", "ScrollToTx"], { require: ["ClientSelected"] }),
    SelectingClient: { require: ["Start"], remove: ["ClientSelected"] },
    ClientSelected: { require: ["Start"], remove: ["SelectingClient", "LogUserScrolled"] },
    RemoveClient: { require: ["ClientSelected"] },
  },
};
