package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	Start:                 {Add: S{PoolTimer}},
	PoolTimer:             {},
	RefreshingDiscoveries: {Require: S{Start}},
	DiscoveriesRefreshed:  {Require: S{Start}},
	DiscoveringTopic:      {Multi: true},
	TopicDiscovered:       {Multi: true},
	BootstrappingTopic:    {Multi: true},
	TopicBootstrapped:     {Multi: true},
	AdvertisingTopic:      {Multi: true},
	StopAdvertisingTopic:  {Multi: true},
}

// The states by name.
const (
	Start                 = "Start"
	PoolTimer             = "PoolTimer"
	RefreshingDiscoveries = "RefreshingDiscoveries"
	DiscoveriesRefreshed  = "DiscoveriesRefreshed"
	DiscoveringTopic      = "DiscoveringTopic"
	TopicDiscovered       = "TopicDiscovered"
	BootstrappingTopic    = "BootstrappingTopic"
	TopicBootstrapped     = "TopicBootstrapped"
	AdvertisingTopic      = "AdvertisingTopic"
	StopAdvertisingTopic  = "StopAdvertisingTopic"
)

// Names are the names of the states, in their order.
var Names = S{
	Start,
	PoolTimer,
	RefreshingDiscoveries,
	DiscoveriesRefreshed,
	DiscoveringTopic,
	TopicDiscovered,
	BootstrappingTopic,
	TopicBootstrapped,
	AdvertisingTopic,
	StopAdvertisingTopic,
	am.Exception,
}
