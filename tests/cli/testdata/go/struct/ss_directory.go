package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	Refreshing:   {Remove: GroupR},
	Refreshed:    {Remove: GroupR},
	DirDebounced: {Remove: GroupR},
	DirCached:    {},
}

// Groups of states.
var (
	GroupR = S{Refreshing, Refreshed, DirDebounced}
)

// The states by name.
const (
	Refreshing   = "Refreshing"
	Refreshed    = "Refreshed"
	DirDebounced = "DirDebounced"
	DirCached    = "DirCached"
)

// Names are the names of the states, in their order.
var Names = S{
	Refreshing,
	Refreshed,
	DirDebounced,
	DirCached,
	am.Exception,
}
