package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	ClientMsg:       {Multi: true},
	ConnectEvent:    {Multi: true},
	DisconnectEvent: {Multi: true},
	UserFwd: {
		Add:    S{Fwd},
		Remove: GroupPlaying,
	},
	UserBack: {
		Add:    S{Back},
		Remove: GroupPlaying,
	},
	UserFwdStep: {
		Require: S{ClientSelected},
		Add:     S{FwdStep},
		Remove:  S{Playing, Paused, TailMode, LogUserScrolled},
	},
	UserBackStep: {
		Require: S{ClientSelected},
		Add:     S{BackStep},
		Remove:  S{Playing, Paused, TailMode, LogUserScrolled},
	},
	TreeFocused:          {Remove: GroupFocused},
	LogFocused:           {Remove: GroupFocused},
	SidebarFocused:       {Remove: GroupFocused},
	TimelineTxsFocused:   {Remove: GroupFocused},
	TimelineStepsFocused: {Remove: GroupFocused},
	MatrixFocused:        {Remove: GroupFocused},
	DialogFocused:        {Remove: GroupFocused},
	StateNameSelected:    {Require: S{ClientSelected}},
	HelpDialog:           {Remove: GroupDialog},
	ExportDialog: {
		Require: S{ClientSelected},
		Remove:  GroupDialog,
	},
	LogUserScrolled:  {},
	Ready:            {Require: S{Start}},
	FilterAutoTx:     {},
	FilterCanceledTx: {},
	FilterEmptyTx:    {},
	Start:            {},
	TreeLogView: {
		Auto:   true,
		Remove: GroupViews,
	},
	MatrixView:     {Remove: GroupViews},
	TreeMatrixView: {Remove: GroupViews},
	TailMode: {
		Require: S{ClientSelected},
		Remove:  GroupPlaying,
	},
	Playing: {
		Require: S{ClientSelected},
		Remove:  S{Playing, Paused, TailMode, LogUserScrolled},
	},
	Paused: {
		Auto:    true,
		Require: S{ClientSelected},
		Remove:  GroupPlaying,
	},
	ToggleFilter: {},
	Fwd:          {Require: S{ClientSelected}},
	Back:         {Require: S{ClientSelected}},
	FwdStep:      {Require: S{ClientSelected}},
	BackStep:     {Require: S{ClientSelected}},
	ScrollToTx:   {Require: S{ClientSelected}},
	SelectingClient: {
		Require: S{Start},
		Remove:  S{ClientSelected},
	},
	ClientSelected: {
		Require: S{Start},
		Remove:  S{SelectingClient, LogUserScrolled},
	},
	RemoveClient: {Require: S{ClientSelected}},
}

// Groups of states.
var (
	GroupFocused = S{
		TreeFocused,
		LogFocused,
		SidebarFocused,
		TimelineTxsFocused,
		TimelineStepsFocused,
		MatrixFocused,
		DialogFocused,
	}
	GroupPlaying = S{Playing, Paused, TailMode}
	GroupDialog  = S{HelpDialog, ExportDialog}
	GroupViews   = S{MatrixView, TreeLogView, TreeMatrixView}
)

// The states by name.
const (
	ClientMsg            = "ClientMsg"
	ConnectEvent         = "ConnectEvent"
	DisconnectEvent      = "DisconnectEvent"
	UserFwd              = "UserFwd"
	UserBack             = "UserBack"
	UserFwdStep          = "UserFwdStep"
	UserBackStep         = "UserBackStep"
	TreeFocused          = "TreeFocused"
	LogFocused           = "LogFocused"
	SidebarFocused       = "SidebarFocused"
	TimelineTxsFocused   = "TimelineTxsFocused"
	TimelineStepsFocused = "TimelineStepsFocused"
	MatrixFocused        = "MatrixFocused"
	DialogFocused        = "DialogFocused"
	StateNameSelected    = "StateNameSelected"
	HelpDialog           = "HelpDialog"
	ExportDialog         = "ExportDialog"
	LogUserScrolled      = "LogUserScrolled"
	Ready                = "Ready"
	FilterAutoTx         = "FilterAutoTx"
	FilterCanceledTx     = "FilterCanceledTx"
	FilterEmptyTx        = "FilterEmptyTx"
	Start                = "Start"
	TreeLogView          = "TreeLogView"
	MatrixView           = "MatrixView"
	TreeMatrixView       = "TreeMatrixView"
	TailMode             = "TailMode"
	Playing              = "Playing"
	Paused               = "Paused"
	ToggleFilter         = "ToggleFilter"
	Fwd                  = "Fwd"
	Back                 = "Back"
	FwdStep              = "FwdStep"
	BackStep             = "BackStep"
	ScrollToTx           = "ScrollToTx"
	SelectingClient      = "SelectingClient"
	ClientSelected       = "ClientSelected"
	RemoveClient         = "RemoveClient"
)

// Names are the names of the states, in their order.
var Names = S{
	ClientMsg,
	ConnectEvent,
	DisconnectEvent,
	UserFwd,
	UserBack,
	UserFwdStep,
	UserBackStep,
	TreeFocused,
	LogFocused,
	SidebarFocused,
	TimelineTxsFocused,
	TimelineStepsFocused,
	MatrixFocused,
	DialogFocused,
	StateNameSelected,
	HelpDialog,
	ExportDialog,
	LogUserScrolled,
	Ready,
	FilterAutoTx,
	FilterCanceledTx,
	FilterEmptyTx,
	Start,
	TreeLogView,
	MatrixView,
	TreeMatrixView,
	TailMode,
	Playing,
	Paused,
	ToggleFilter,
	Fwd,
	Back,
	FwdStep,
	BackStep,
	ScrollToTx,
	SelectingClient,
	ClientSelected,
	RemoveClient,
	am.Exception,
}
