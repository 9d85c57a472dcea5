package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// BootstrapStatesDef names the states, in their order.
type BootstrapStatesDef struct {
	*am.StatesBase

	Start             string
	BootstrapChecking string
	DiscoveringTopic  string
	BootstrapDelay    string
	TopicBootstrapped string
}

// BootstrapGroupsDef names the groups of states.
type BootstrapGroupsDef struct {
	B am.S
}

// BootstrapSchema is the states: what they are, and how they relate.
var BootstrapSchema = am.Schema{
	ssBootstrap.Start:             {Add: am.S{ssBootstrap.BootstrapChecking}},
	ssBootstrap.BootstrapChecking: {Remove: sgBootstrap.B},
	ssBootstrap.DiscoveringTopic:  {Remove: sgBootstrap.B},
	ssBootstrap.BootstrapDelay:    {Remove: sgBootstrap.B},
	ssBootstrap.TopicBootstrapped: {Remove: sgBootstrap.B},
}

var (
	ssBootstrap = am.NewStates(BootstrapStatesDef{})
	sgBootstrap = am.NewStateGroups(BootstrapGroupsDef{
		B: am.S{
			ssBootstrap.DiscoveringTopic,
			ssBootstrap.BootstrapDelay,
			ssBootstrap.BootstrapChecking,
			ssBootstrap.TopicBootstrapped,
		},
	})

	BootstrapStates = ssBootstrap
	BootstrapGroups = sgBootstrap
)
