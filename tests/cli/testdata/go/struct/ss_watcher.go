package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	Init: {Add: S{Watching}},
	Watching: {
		Add:   S{Init},
		After: S{Init},
	},
	ChangeEvent: {
		Multi:   true,
		Require: S{Watching},
	},
	Refreshing: {
		Multi:  true,
		Remove: S{AllRefreshed},
	},
	Refreshed:    {Multi: true},
	AllRefreshed: {},
}

// The states by name.
const (
	Init         = "Init"
	Watching     = "Watching"
	ChangeEvent  = "ChangeEvent"
	Refreshing   = "Refreshing"
	Refreshed    = "Refreshed"
	AllRefreshed = "AllRefreshed"
)

// Names are the names of the states, in their order.
var Names = S{
	Init,
	Watching,
	ChangeEvent,
	Refreshing,
	Refreshed,
	AllRefreshed,
	am.Exception,
}
