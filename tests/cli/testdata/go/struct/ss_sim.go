package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// S is a list of states.
type S = am.S

// States are the states: what they are, and how they relate.
var States = am.Struct{
	Start:            {},
	Heartbeat:        {Require: S{Start}},
	AddPeer:          {Require: S{Start}},
	RemovePeer:       {Require: S{Start}},
	AddTopic:         {Require: S{Start}},
	RemoveTopic:      {Require: S{Start}},
	PeakRandTopic:    {Require: S{Start}},
	AddRandomFriend:  {Require: S{Start}},
	GC:               {Require: S{Start}},
	JoinRandomTopic:  {Require: S{Start}},
	JoinFriendsTopic: {Require: S{Start}},
	MsgRandomTopic:   {Require: S{Start}},
	VerifyMsgsRecv:   {Require: S{Start}},
	RefreshMetrics:   {Require: S{Start}},
}

// The states by name.
const (
	Start            = "Start"
	Heartbeat        = "Heartbeat"
	AddPeer          = "AddPeer"
	RemovePeer       = "RemovePeer"
	AddTopic         = "AddTopic"
	RemoveTopic      = "RemoveTopic"
	PeakRandTopic    = "PeakRandTopic"
	AddRandomFriend  = "AddRandomFriend"
	GC               = "GC"
	JoinRandomTopic  = "JoinRandomTopic"
	JoinFriendsTopic = "JoinFriendsTopic"
	MsgRandomTopic   = "MsgRandomTopic"
	VerifyMsgsRecv   = "VerifyMsgsRecv"
	RefreshMetrics   = "RefreshMetrics"
)

// Names are the names of the states, in their order.
var Names = S{
	Start,
	Heartbeat,
	AddPeer,
	RemovePeer,
	AddTopic,
	RemoveTopic,
	PeakRandTopic,
	AddRandomFriend,
	GC,
	JoinRandomTopic,
	JoinFriendsTopic,
	MsgRandomTopic,
	VerifyMsgsRecv,
	RefreshMetrics,
	am.Exception,
}
