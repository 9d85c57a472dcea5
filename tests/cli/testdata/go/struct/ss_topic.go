package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	Stale:    {Auto: true},
	HasPeers: {},
	Active:   {Remove: S{Stale}},
	Peaking: {
		Require: S{HasPeers},
		Remove:  S{Stale},
	},
	am.Exception: {Multi: true},
}

// The states by name.
const (
	Stale    = "Stale"
	HasPeers = "HasPeers"
	Active   = "Active"
	Peaking  = "Peaking"
)

// Names are the names of the states, in their order.
var Names = S{
	Stale,
	HasPeers,
	Active,
	Peaking,
	am.Exception,
}
