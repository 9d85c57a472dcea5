package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// NfaStatesDef names the states, in their order.
type NfaStatesDef struct {
	*am.StatesBase

	Input string
	Start string
	StepX string
	Step0 string
	Step1 string
	Step2 string
	Step3 string
}

// NfaGroupsDef names the groups of states.
type NfaGroupsDef struct {
	Steps am.S
}

// NfaSchema is the states: what they are, and how they relate.
var NfaSchema = am.Schema{
	ssNfa.Input: {Multi: true},
	ssNfa.Start: {Add: am.S{ssNfa.StepX}},
	ssNfa.StepX: {Remove: sgNfa.Steps},
	ssNfa.Step0: {Remove: sgNfa.Steps},
	ssNfa.Step1: {Remove: sgNfa.Steps},
	ssNfa.Step2: {Remove: sgNfa.Steps},
	ssNfa.Step3: {Remove: sgNfa.Steps},
}

var (
	ssNfa = am.NewStates(NfaStatesDef{})
	sgNfa = am.NewStateGroups(NfaGroupsDef{
		Steps: am.S{ssNfa.StepX, ssNfa.Step0, ssNfa.Step1, ssNfa.Step2, ssNfa.Step3},
	})

	NfaStates = ssNfa
	NfaGroups = sgNfa
)
