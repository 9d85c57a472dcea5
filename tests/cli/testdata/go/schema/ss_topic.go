package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// TopicStatesDef names the states, in their order.
type TopicStatesDef struct {
	Stale    string
	HasPeers string
	Active   string
	Peaking  string

	*am.StatesBase
}

// TopicSchema is the states: what they are, and how they relate.
var TopicSchema = am.Schema{
	ssTopic.Stale:    {Auto: true},
	ssTopic.HasPeers: {},
	ssTopic.Active:   {Remove: am.S{ssTopic.Stale}},
	ssTopic.Peaking: {
		Require: am.S{ssTopic.HasPeers},
		Remove:  am.S{ssTopic.Stale},
	},
	ssTopic.Exception: {Multi: true},
}

var (
	ssTopic = am.NewStates(TopicStatesDef{})

	TopicStates = ssTopic
)
