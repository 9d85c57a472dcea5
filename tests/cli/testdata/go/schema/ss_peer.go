package states

import am "github.com/pancsta/asyncmachine-go/pkg/machine"

// PeerStatesDef names the states, in their order.
type PeerStatesDef struct {
	*am.StatesBase

	Start               string
	IsDHT               string
	Ready               string
	IdentityReady       string
	GenIdentity         string
	BootstrapsConnected string
	EventHostConnected  string
	Connected           string
	Connecting          string
	Disconnecting       string
	JoiningTopic        string
	TopicJoined         string
	LeavingTopic        string
	TopicLeft           string
	SendingMsgs         string
	MsgsSent            string
	FwdToSim            string
}

// PeerGroupsDef names the groups of states.
type PeerGroupsDef struct {
	C  am.S
	Id am.S
}

// PeerSchema is the states: what they are, and how they relate.
var PeerSchema = am.Schema{
	ssPeer.Start: {},
	ssPeer.IsDHT: {},
	ssPeer.Ready: {
		Auto:    true,
		Require: am.S{ssPeer.Start, ssPeer.Connected},
	},
	ssPeer.IdentityReady: {Remove: sgPeer.Id},
	ssPeer.GenIdentity: {
		Auto:   true,
		Remove: sgPeer.Id,
	},
	ssPeer.BootstrapsConnected: {},
	ssPeer.EventHostConnected: {
		Multi:   true,
		Require: am.S{ssPeer.Start},
		Add:     am.S{ssPeer.Connected},
	},
	ssPeer.Connected: {
		Require: am.S{ssPeer.Start},
		Remove:  sgPeer.C,
	},
	ssPeer.Connecting: {
		Auto:    true,
		Require: am.S{ssPeer.Start, ssPeer.IdentityReady},
		Remove:  sgPeer.C,
	},
	ssPeer.Disconnecting: {
		Remove: am.S{ssPeer.Connecting, ssPeer.Connected, ssPeer.Disconnecting, ssPeer.BootstrapsConnected},
	},
	ssPeer.JoiningTopic: {
		Multi:   true,
		Require: am.S{ssPeer.Connected},
	},
	ssPeer.TopicJoined: {
		Multi:   true,
		Require: am.S{ssPeer.Connected},
		Add:     am.S{ssPeer.FwdToSim},
	},
	ssPeer.LeavingTopic: {
		Multi:   true,
		Require: am.S{ssPeer.Connected},
	},
	ssPeer.TopicLeft: {
		Multi:   true,
		Require: am.S{ssPeer.Connected},
		Add:     am.S{ssPeer.FwdToSim},
	},
	ssPeer.SendingMsgs: {
		Multi:   true,
		Require: am.S{ssPeer.Connected},
	},
	ssPeer.MsgsSent: {
		Multi:   true,
		Require: am.S{ssPeer.Connected},
		Add:     am.S{ssPeer.FwdToSim},
	},
	ssPeer.FwdToSim: {},
}

var (
	ssPeer = am.NewStates(PeerStatesDef{})
	sgPeer = am.NewStateGroups(PeerGroupsDef{
		C:  am.S{ssPeer.Connecting, ssPeer.Connected, ssPeer.Disconnecting},
		Id: am.S{ssPeer.GenIdentity, ssPeer.IdentityReady},
	})

	PeerStates = ssPeer
	PeerGroups = sgPeer
)
