package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	Input: {Multi: true},
	Start: {Add: S{StepX}},
	StepX: {Remove: GroupSteps},
	Step0: {Remove: GroupSteps},
	Step1: {Remove: GroupSteps},
	Step2: {Remove: GroupSteps},
	Step3: {Remove: GroupSteps},
}

// Groups of states.
var (
	GroupSteps = S{StepX, Step0, Step1, Step2, Step3}
)

// The states by name.
const (
	Input = "Input"
	Start = "Start"
	StepX = "StepX"
	Step0 = "Step0"
	Step1 = "Step1"
	Step2 = "Step2"
	Step3 = "Step3"
)

// Names are the names of the states, in their order.
var Names = S{
	Input,
	Start,
	StepX,
	Step0,
	Step1,
	Step2,
	Step3,
	am.Exception,
}
