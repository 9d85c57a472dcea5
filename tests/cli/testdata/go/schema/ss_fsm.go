package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// FsmStatesDef names the states, in their order.
type FsmStatesDef struct {
	*am.StatesBase

	InputPush string
	InputCoin string
	Locked    string
	Unlocked  string
}

// FsmGroupsDef names the groups of states.
type FsmGroupsDef struct {
	Unlocked am.S
}

// FsmSchema is the states: what they are, and how they relate.
var FsmSchema = am.Schema{
	ssFsm.InputPush: {},
	ssFsm.InputCoin: {},
	ssFsm.Locked: {
		Auto:   true,
		Remove: sgFsm.Unlocked,
	},
	ssFsm.Unlocked: {Remove: sgFsm.Unlocked},
}

var (
	ssFsm = am.NewStates(FsmStatesDef{})
	sgFsm = am.NewStateGroups(FsmGroupsDef{
		Unlocked: am.S{ssFsm.Locked, ssFsm.Unlocked},
	})

	FsmStates = ssFsm
	FsmGroups = sgFsm
)
