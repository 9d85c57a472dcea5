package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// WatcherStatesDef names the states, in their order.
type WatcherStatesDef struct {
	*am.StatesBase

	Init         string
	Watching     string
	ChangeEvent  string
	Refreshing   string
	Refreshed    string
	AllRefreshed string
}

// WatcherSchema is the states: what they are, and how they relate.
var WatcherSchema = am.Schema{
	ssWatcher.Init: {Add: am.S{ssWatcher.Watching}},
	ssWatcher.Watching: {
		Add:   am.S{ssWatcher.Init},
		After: am.S{ssWatcher.Init},
	},
	ssWatcher.ChangeEvent: {
		Multi:   true,
		Require: am.S{ssWatcher.Watching},
	},
	ssWatcher.Refreshing: {
		Multi:  true,
		Remove: am.S{ssWatcher.AllRefreshed},
	},
	ssWatcher.Refreshed:    {Multi: true},
	ssWatcher.AllRefreshed: {},
}

var (
	ssWatcher = am.NewStates(WatcherStatesDef{})

	WatcherStates = ssWatcher
)
