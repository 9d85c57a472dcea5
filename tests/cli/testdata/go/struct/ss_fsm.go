package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	InputPush: {},
	InputCoin: {},
	Locked: {
		Auto:   true,
		Remove: GroupUnlocked,
	},
	Unlocked: {Remove: GroupUnlocked},
}

// Groups of states.
var (
	GroupUnlocked = S{Locked, Unlocked}
)

// The states by name.
const (
	InputPush = "InputPush"
	InputCoin = "InputCoin"
	Locked    = "Locked"
	Unlocked  = "Unlocked"
)

// Names are the names of the states, in their order.
var Names = S{
	InputPush,
	InputCoin,
	Locked,
	Unlocked,
	am.Exception,
}
