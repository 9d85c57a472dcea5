package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// SimStatesDef names the states, in their order.
type SimStatesDef struct {
	*am.StatesBase

	Start            string
	Heartbeat        string
	AddPeer          string
	RemovePeer       string
	AddTopic         string
	RemoveTopic      string
	PeakRandTopic    string
	AddRandomFriend  string
	GC               string
	JoinRandomTopic  string
	JoinFriendsTopic string
	MsgRandomTopic   string
	VerifyMsgsRecv   string
	RefreshMetrics   string
}

// SimSchema is the states: what they are, and how they relate.
var SimSchema = am.Schema{
	ssSim.Start:            {},
	ssSim.Heartbeat:        {Require: am.S{ssSim.Start}},
	ssSim.AddPeer:          {Require: am.S{ssSim.Start}},
	ssSim.RemovePeer:       {Require: am.S{ssSim.Start}},
	ssSim.AddTopic:         {Require: am.S{ssSim.Start}},
	ssSim.RemoveTopic:      {Require: am.S{ssSim.Start}},
	ssSim.PeakRandTopic:    {Require: am.S{ssSim.Start}},
	ssSim.AddRandomFriend:  {Require: am.S{ssSim.Start}},
	ssSim.GC:               {Require: am.S{ssSim.Start}},
	ssSim.JoinRandomTopic:  {Require: am.S{ssSim.Start}},
	ssSim.JoinFriendsTopic: {Require: am.S{ssSim.Start}},
	ssSim.MsgRandomTopic:   {Require: am.S{ssSim.Start}},
	ssSim.VerifyMsgsRecv:   {Require: am.S{ssSim.Start}},
	ssSim.RefreshMetrics:   {Require: am.S{ssSim.Start}},
}

var (
	ssSim = am.NewStates(SimStatesDef{})

	SimStates = ssSim
)
