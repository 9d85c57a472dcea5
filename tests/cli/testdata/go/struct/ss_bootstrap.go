package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	Start:             {Add: S{BootstrapChecking}},
	BootstrapChecking: {Remove: GroupB},
	DiscoveringTopic:  {Remove: GroupB},
	BootstrapDelay:    {Remove: GroupB},
	TopicBootstrapped: {Remove: GroupB},
}

// Groups of states.
var (
	GroupB = S{DiscoveringTopic, BootstrapDelay, BootstrapChecking, TopicBootstrapped}
)

// The states by name.
const (
	Start             = "Start"
	BootstrapChecking = "BootstrapChecking"
	DiscoveringTopic  = "DiscoveringTopic"
	BootstrapDelay    = "BootstrapDelay"
	TopicBootstrapped = "TopicBootstrapped"
)

// Names are the names of the states, in their order.
var Names = S{
	Start,
	BootstrapChecking,
	DiscoveringTopic,
	BootstrapDelay,
	TopicBootstrapped,
	am.Exception,
}
