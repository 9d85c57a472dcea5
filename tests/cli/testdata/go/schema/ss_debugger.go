package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// DebuggerStatesDef names the states, in their order.
type DebuggerStatesDef struct {
	*am.StatesBase

	ClientMsg            string
	ConnectEvent         string
	DisconnectEvent      string
	UserFwd              string
	UserBack             string
	UserFwdStep          string
	UserBackStep         string
	TreeFocused          string
	LogFocused           string
	SidebarFocused       string
	TimelineTxsFocused   string
	TimelineStepsFocused string
	MatrixFocused        string
	DialogFocused        string
	StateNameSelected    string
	HelpDialog           string
	ExportDialog         string
	LogUserScrolled      string
	Ready                string
	FilterAutoTx         string
	FilterCanceledTx     string
	FilterEmptyTx        string
	Start                string
	TreeLogView          string
	MatrixView           string
	TreeMatrixView       string
	TailMode             string
	Playing              string
	Paused               string
	ToggleFilter         string
	Fwd                  string
	Back                 string
	FwdStep              string
	BackStep             string
	ScrollToTx           string
	SelectingClient      string
	ClientSelected       string
	RemoveClient         string
}

// DebuggerGroupsDef names the groups of states.
type DebuggerGroupsDef struct {
	Focused am.S
	Playing am.S
	Dialog  am.S
	Views   am.S
}

// DebuggerSchema is the states: what they are, and how they relate.
var DebuggerSchema = am.Schema{
	ssDebugger.ClientMsg:       {Multi: true},
	ssDebugger.ConnectEvent:    {Multi: true},
	ssDebugger.DisconnectEvent: {Multi: true},
	ssDebugger.UserFwd: {
		Add:    am.S{ssDebugger.Fwd},
		Remove: sgDebugger.Playing,
	},
	ssDebugger.UserBack: {
		Add:    am.S{ssDebugger.Back},
		Remove: sgDebugger.Playing,
	},
	ssDebugger.UserFwdStep: {
		Require: am.S{ssDebugger.ClientSelected},
		Add:     am.S{ssDebugger.FwdStep},
		Remove:  am.S{ssDebugger.Playing, ssDebugger.Paused, ssDebugger.TailMode, ssDebugger.LogUserScrolled},
	},
	ssDebugger.UserBackStep: {
		Require: am.S{ssDebugger.ClientSelected},
		Add:     am.S{ssDebugger.BackStep},
		Remove:  am.S{ssDebugger.Playing, ssDebugger.Paused, ssDebugger.TailMode, ssDebugger.LogUserScrolled},
	},
	ssDebugger.TreeFocused:          {Remove: sgDebugger.Focused},
	ssDebugger.LogFocused:           {Remove: sgDebugger.Focused},
	ssDebugger.SidebarFocused:       {Remove: sgDebugger.Focused},
	ssDebugger.TimelineTxsFocused:   {Remove: sgDebugger.Focused},
	ssDebugger.TimelineStepsFocused: {Remove: sgDebugger.Focused},
	ssDebugger.MatrixFocused:        {Remove: sgDebugger.Focused},
	ssDebugger.DialogFocused:        {Remove: sgDebugger.Focused},
	ssDebugger.StateNameSelected:    {Require: am.S{ssDebugger.ClientSelected}},
	ssDebugger.HelpDialog:           {Remove: sgDebugger.Dialog},
	ssDebugger.ExportDialog: {
		Require: am.S{ssDebugger.ClientSelected},
		Remove:  sgDebugger.Dialog,
	},
	ssDebugger.LogUserScrolled:  {},
	ssDebugger.Ready:            {Require: am.S{ssDebugger.Start}},
	ssDebugger.FilterAutoTx:     {},
	ssDebugger.FilterCanceledTx: {},
	ssDebugger.FilterEmptyTx:    {},
	ssDebugger.Start:            {},
	ssDebugger.TreeLogView: {
		Auto:   true,
		Remove: sgDebugger.Views,
	},
	ssDebugger.MatrixView:     {Remove: sgDebugger.Views},
	ssDebugger.TreeMatrixView: {Remove: sgDebugger.Views},
	ssDebugger.TailMode: {
		Require: am.S{ssDebugger.ClientSelected},
		Remove:  sgDebugger.Playing,
	},
	ssDebugger.Playing: {
		Require: am.S{ssDebugger.ClientSelected},
		Remove:  am.S{ssDebugger.Playing, ssDebugger.Paused, ssDebugger.TailMode, ssDebugger.LogUserScrolled},
	},
	ssDebugger.Paused: {
		Auto:    true,
		Require: am.S{ssDebugger.ClientSelected},
		Remove:  sgDebugger.Playing,
	},
	ssDebugger.ToggleFilter: {},
	ssDebugger.Fwd:          {Require: am.S{ssDebugger.ClientSelected}},
	ssDebugger.Back:         {Require: am.S{ssDebugger.ClientSelected}},
	ssDebugger.FwdStep:      {Require: am.S{ssDebugger.ClientSelected}},
	ssDebugger.BackStep:     {Require: am.S{ssDebugger.ClientSelected}},
	ssDebugger.ScrollToTx:   {Require: am.S{ssDebugger.ClientSelected}},
	ssDebugger.SelectingClient: {
		Require: am.S{ssDebugger.Start},
		Remove:  am.S{ssDebugger.ClientSelected},
	},
	ssDebugger.ClientSelected: {
		Require: am.S{ssDebugger.Start},
		Remove:  am.S{ssDebugger.SelectingClient, ssDebugger.LogUserScrolled},
	},
	ssDebugger.RemoveClient: {Require: am.S{ssDebugger.ClientSelected}},
}

var (
	ssDebugger = am.NewStates(DebuggerStatesDef{})
	sgDebugger = am.NewStateGroups(DebuggerGroupsDef{
		Focused: am.S{
			ssDebugger.TreeFocused,
			ssDebugger.LogFocused,
			ssDebugger.SidebarFocused,
			ssDebugger.TimelineTxsFocused,
			ssDebugger.TimelineStepsFocused,
			ssDebugger.MatrixFocused,
			ssDebugger.DialogFocused,
		},
		Playing: am.S{ssDebugger.Playing, ssDebugger.Paused, ssDebugger.TailMode},
		Dialog:  am.S{ssDebugger.HelpDialog, ssDebugger.ExportDialog},
		Views:   am.S{ssDebugger.MatrixView, ssDebugger.TreeLogView, ssDebugger.TreeMatrixView},
	})

	DebuggerStates = ssDebugger
	DebuggerGroups = sgDebugger
)
