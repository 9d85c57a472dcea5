package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// DiscoveryStatesDef names the states, in their order.
type DiscoveryStatesDef struct {
	*am.StatesBase

	Start                 string
	PoolTimer             string
	RefreshingDiscoveries string
	DiscoveriesRefreshed  string
	DiscoveringTopic      string
	TopicDiscovered       string
	BootstrappingTopic    string
	TopicBootstrapped     string
	AdvertisingTopic      string
	StopAdvertisingTopic  string
}

// DiscoverySchema is the states: what they are, and how they relate.
var DiscoverySchema = am.Schema{
	ssDiscovery.Start:                 {Add: am.S{ssDiscovery.PoolTimer}},
	ssDiscovery.PoolTimer:             {},
	ssDiscovery.RefreshingDiscoveries: {Require: am.S{ssDiscovery.Start}},
	ssDiscovery.DiscoveriesRefreshed:  {Require: am.S{ssDiscovery.Start}},
	ssDiscovery.DiscoveringTopic:      {Multi: true},
	ssDiscovery.TopicDiscovered:       {Multi: true},
	ssDiscovery.BootstrappingTopic:    {Multi: true},
	ssDiscovery.TopicBootstrapped:     {Multi: true},
	ssDiscovery.AdvertisingTopic:      {Multi: true},
	ssDiscovery.StopAdvertisingTopic:  {Multi: true},
}

var (
	ssDiscovery = am.NewStates(DiscoveryStatesDef{})

	DiscoveryStates = ssDiscovery
)
